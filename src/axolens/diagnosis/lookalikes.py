"""Look-alikes: places of a photo that are read like places of photos of the class it was taken for, and of its own."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import zip_longest

import numpy as np
from jaxtyping import Bool, Float32
from numpy.typing import NDArray

from axolens.classifiers.counted import Counted
from axolens.diagnosis.part_layer import PartLayer, part_layer
from axolens.errors import LabelError
from axolens.maths.array import Array, to_numpy
from axolens.maths.likeness import apart, best_in_each, mutual, readings
from axolens.photos.resize import frame_of
from axolens.records.diagnosis import Match
from axolens.records.frame import Frame
from axolens.records.labels import Labels
from axolens.records.photo import Photo
from axolens.records.preprocess import Preprocess
from axolens.records.target import Target

Asked = tuple[Photo, Array]
"""A photo, and the photo on the network grid as a batch of one."""
PASS = 16  # images
INSIDE = 0.25  # of a place's own cell must lie in the mask


@dataclass(frozen=True, slots=True)
class LookAlikes:
    """The matches in order, and in a sentence how they were found or why there are none."""

    matches: tuple[Match, ...]
    sentence: str


@dataclass(frozen=True, slots=True, eq=False)
class _Read:
    """What one photo is read as: (p, c) directions and (p,) strengths at the places of a layer."""

    photo: Photo
    index: int | None
    directions: Float32[np.ndarray, "p c"]
    strength: Float32[np.ndarray, "p"]


def lookalikes(
    model: Counted,
    photo: Photo,
    batch: Array,
    references: Sequence[Asked],
    others: Sequence[Asked] = (),
    *,
    answered: str | int,
    mask: Bool[np.ndarray, "h w"] | None = None,
    count: int = 5,
) -> LookAlikes:
    """Match places of a photo with places of reference photos that the model reads in the same way.

    Parameters
    ----------
    model
        Counts what it is asked: one image forward, and one back for each of the two classes, a photo.
    photo, batch
        The photo, with its true class where that is known, and (1, h', w', 3) of it.
    references
        Photos of the class that was answered and of the true class, each with its ``truth`` and its batch.
    others
        Photos of other classes, for the floor; the references of one class serve the other as well.
    answered
        The class that the model named.
    mask
        (h, w) on the photo's grid: only places inside are matched. None is the whole photo.
    count
        How many matches to return, at least 1.

    Returns
    -------
    found
        At most ``count`` matches. ``similarity`` is the cosine of the channels that speak for the class at the two
        places; ``floor`` is that of the place's best one in a photo of another class, on average over these photos, so
        that ground and sky, which are everywhere, have a floor as high as their similarity. A match is mutual (each
        place is the other's nearest, give or take one place) and lies above its floor. The two classes take turns, the
        answered one first, each heaviest first: how much more alike the place is to the class's photos than to others,
        on average, times what it adds to the score. Two of one class are at least half a region apart.

    Notes
    -----
    Read for: the log-odds of the class against the other of the two, by activation times gradient at a layer whose
    places see a part of the picture (``part_layer``). A look-alike says where the model reads the same thing, not that
    this made the answer. Related: Chen et al. 2019, https://arxiv.org/abs/1806.10574 ("this looks like that", by
    training); Goyal et al. 2019, https://arxiv.org/abs/1904.07451 (which part to swap).
    """
    if model.preprocess is None:
        return LookAlikes((), f"No look-alikes: {model.name} takes no photos.")
    chosen = part_layer(model)
    if chosen is None:
        return LookAlikes(
            (), f"No look-alikes: {model.name} has no layer that can be read and whose places see a part."
        )
    asked = _classes(model.labels, photo, answered)
    pool = [(one, each) for one, each in (*references, *others)]
    read = _readings(model, chosen, [(photo, batch), *pool], list(asked.values()))
    place = _Places(chosen, model.preprocess)
    found: list[list[Match]] = []
    for number, index in enumerate(asked):
        own, rest = read[number][0], read[number][1:]
        alike = [one for one in rest[: len(references)] if one.index == index]
        different = [one for one in rest if one.index != index]
        found.append(_matches(own, alike, different, place, mask) if alike and different else [])
    matches = tuple(match for turn in zip_longest(*found) for match in turn if match is not None)
    if not matches:
        return LookAlikes(
            (), "No look-alikes: no place is read more like the references than like photos of other classes."
        )
    return LookAlikes(matches[:count], chosen.sentence())


@dataclass(frozen=True, slots=True)
class _Places:
    """Where the places of a layer lie on a photo."""

    chosen: PartLayer
    preprocess: Preprocess

    def box(
        self, place: int, photo: Photo, region: tuple[float, float] | None = None
    ) -> tuple[float, float, float, float]:
        """Return x0, y0, x1, y1 in photo pixels of a region around a place, cut off at the network grid's border."""
        frame, (rows, columns) = self._frame(photo), self.chosen.layer.grid
        (high, wide), (row, column) = region or self.chosen.region, divmod(place, columns)
        left, right = max(0.0, column + 0.5 - wide / 2), min(float(columns), column + 0.5 + wide / 2)
        top, bottom = max(0.0, row + 0.5 - high / 2), min(float(rows), row + 0.5 + high / 2)
        down, across = frame.size[0] / rows, frame.size[1] / columns
        x0, y0 = frame.to_photo(left * across, top * down)
        x1, y1 = frame.to_photo(right * across, bottom * down)
        return x0, y0, x1, y1

    def inside(self, photo: Photo, mask: Bool[np.ndarray, "h w"]) -> Bool[np.ndarray, "p"]:
        """Return which places lie in a mask on the photo's grid."""
        rows, columns = self.chosen.layer.grid
        found = np.zeros(rows * columns, bool)
        for place in range(len(found)):
            x0, y0, x1, y1 = self.box(place, photo, (1.0, 1.0))
            cell = mask[int(y0) : max(int(y0) + 1, round(y1)), int(x0) : max(int(x0) + 1, round(x1))]
            found[place] = cell.size > 0 and float(cell.mean()) >= INSIDE
        return found

    def _frame(self, photo: Photo) -> Frame:
        return frame_of(photo.size, self.preprocess)


def _classes(labels: Labels, photo: Photo, answered: str | int) -> dict[int, Target]:
    """Return what is read for each of the two classes: its lead over the other, or its own log-odds."""
    named, truth = labels.find(answered), _index(labels, photo)
    if truth is None or truth == named:
        return {named: labels.resolve(Target(named))}
    return {
        named: labels.resolve(Target(named, against=truth)),
        truth: labels.resolve(Target(truth, against=named)),
    }


def _index(labels: Labels, photo: Photo) -> int | None:
    try:
        return None if photo.truth is None else labels.find(photo.truth)
    except LabelError:
        return None


def _readings(
    model: Counted, chosen: PartLayer, asked: Sequence[Asked], targets: Sequence[Target]
) -> list[list[_Read]]:
    """Return for each target what every photo is read as."""
    found: list[list[_Read]] = [[] for _ in targets]
    for start in range(0, len(asked), PASS):
        part = asked[start : start + PASS]
        batch = np.concatenate([to_numpy(each) for _, each in part])
        _, activations, gradients = model.trace(model.asarray(batch), [targets] * len(part), chosen.layer.name)
        seen, slopes = to_numpy(activations), to_numpy(gradients)
        for number, rows in enumerate(found):
            for (one, _), direction, strength in zip(part, *readings(seen, slopes[:, number]), strict=True):
                rows.append(_Read(one, _index(model.labels, one), direction, strength))
    return found


def _matches(
    own: _Read, alike: Sequence[_Read], different: Sequence[_Read], place: _Places, mask: NDArray[np.bool_] | None
) -> list[Match]:
    """Return the matches of one class, heaviest first."""
    width = place.chosen.layer.grid[1]
    pairs = [mutual(own.directions @ one.directions.T, width) for one in alike]
    nearest = best_in_each(own.directions, np.stack([one.directions for one in alike]))
    floor = best_in_each(own.directions, np.stack([one.directions for one in different])).mean(axis=1)
    both = np.where(np.stack([ok for _, ok in pairs], axis=1), nearest, np.float32(-1))
    weights = (nearest.mean(axis=1) - floor) * own.strength
    weights = np.where(both.max(axis=1) > floor, weights, np.float32(0))
    if mask is not None:
        weights = np.where(place.inside(own.photo, mask), weights, np.float32(0))
    found = []
    for here in apart(weights, width, max(place.chosen.region) / 2):
        best = int(both[here].argmax())
        reference, there = alike[best].photo, int(pairs[best][0][here])
        found.append(
            Match(
                box=place.box(here, own.photo),
                reference=reference.name,
                label=str(reference.truth),
                reference_box=place.box(there, reference),
                similarity=float(nearest[here, best]),
                floor=float(floor[here]),
            )
        )
    return found
