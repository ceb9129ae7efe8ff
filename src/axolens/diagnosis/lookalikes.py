"""Look-alikes: places of a photo that are read like places of photos of the class it was taken for, and of its own."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import zip_longest

import numpy as np
from jaxtyping import Bool, Float, Float32
from numpy.typing import NDArray

from axolens.classifiers.counted import Counted
from axolens.diagnosis.part_layer import PartLayer, part_layer
from axolens.diagnosis.places import Places
from axolens.errors import LabelError
from axolens.maths.array import Array, to_numpy
from axolens.maths.likeness import apart, best_in_each, mutual, peaks, readings, speaking
from axolens.records.diagnosis import Match
from axolens.records.labels import Labels
from axolens.records.photo import Photo
from axolens.records.target import Target

Asked = tuple[Photo, Array]
"""A photo, and the photo on the network grid as a batch of one."""
PASS = 16  # images


@dataclass(frozen=True, slots=True)
class LookAlikes:
    """The matches in order, and in a sentence how they were found or why there are none."""

    matches: tuple[Match, ...]
    sentence: str


@dataclass(frozen=True, slots=True, eq=False)
class _Read:
    """What one photo is read as at the places of a layer: (p, c) directions."""

    asked: Asked
    index: int | None
    directions: Float32[np.ndarray, "p c"]


@dataclass(frozen=True, slots=True, eq=False)
class _Peaks:
    """(p,) the strongest evidence inside each place, and (p, 2) where it lies, in places."""

    strength: Float32[np.ndarray, "p"]
    middle: Float[np.ndarray, "p 2"]

    def beside(self, place: int, width: int) -> int:
        """Return the place of the strongest evidence among a place and those around it, itself where all are equal."""
        row, column = divmod(place, width)
        rows = [one for one in (row, row - 1, row + 1) if 0 <= one < len(self.strength) // width]
        columns = [one for one in (column, column - 1, column + 1) if 0 <= one < width]
        return max((y * width + x for y in rows for x in columns), key=lambda one: float(self.strength[one]))


@dataclass(frozen=True, slots=True)
class _Pair:
    """A place of the photo and the place of a reference that it is like, read for the target of this number."""

    number: int
    here: int
    reference: Asked
    there: int
    similarity: float
    floor: float


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
        Counts what it is asked: one image forward, and one back for each of the two classes, a photo; once more for the
        photo itself and for each reference with a match, to see where in a region the evidence lies.
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
        on average, times the strongest evidence in it, at a finer layer. The box is half as high and wide as what the
        place sees, around that evidence. Two of one class are at least half a region apart.

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
    place, targets = Places(chosen, model.preprocess), list(asked.values())
    own_peaks = _peaks(model, chosen, [(photo, batch)], targets)[0]
    found: list[list[_Pair]] = []
    for number, index in enumerate(asked):
        own, rest = read[number][0], read[number][1:]
        alike = [one for one in rest[: len(references)] if one.index == index]
        different = [one for one in rest if one.index != index]
        strength = own_peaks[number].strength
        found.append(_pairs(number, own, strength, alike, different, place, mask) if alike and different else [])
    pairs = [pair for turn in zip_longest(*found) for pair in turn if pair is not None][:count]
    if not pairs:
        return LookAlikes(
            (), "No look-alikes: no place is read more like the references than like photos of other classes."
        )
    return LookAlikes(_matches(model, photo, pairs, own_peaks, place, targets), chosen.sentence())


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
            for one, direction in zip(part, readings(seen, slopes[:, number]), strict=True):
                rows.append(_Read(one, _index(model.labels, one[0]), direction))
    return found


def _peaks(model: Counted, chosen: PartLayer, asked: Sequence[Asked], targets: Sequence[Target]) -> list[list[_Peaks]]:
    """Return for each photo and each target where in every place the evidence lies."""
    batch = np.concatenate([to_numpy(each) for _, each in asked])
    _, activations, gradients = model.trace(model.asarray(batch), [targets] * len(asked), chosen.fine.name)
    seen, slopes = to_numpy(activations), to_numpy(gradients)
    evidence = [speaking(seen, slopes[:, number]) for number in range(len(targets))]
    return [[_Peaks(*peaks(one[k], chosen.layer.grid)) for one in evidence] for k in range(len(asked))]


def _pairs(
    number: int,
    own: _Read,
    strength: Float32[np.ndarray, "p"],
    alike: Sequence[_Read],
    different: Sequence[_Read],
    place: Places,
    mask: NDArray[np.bool_] | None,
) -> list[_Pair]:
    """Return the pairs of places of one class, heaviest first."""
    width = place.chosen.layer.grid[1]
    pairs = [mutual(own.directions @ one.directions.T, width) for one in alike]
    nearest = best_in_each(own.directions, np.stack([one.directions for one in alike]))
    floor = best_in_each(own.directions, np.stack([one.directions for one in different])).mean(axis=1)
    both = np.where(np.stack([ok for _, ok in pairs], axis=1), nearest, np.float32(-1))
    weights = (nearest.mean(axis=1) - floor) * strength
    weights = np.where(both.max(axis=1) > floor, weights, np.float32(0))
    if mask is not None:
        weights = np.where(place.inside(own.asked[0], mask), weights, np.float32(0))
    found = []
    for here in apart(weights, width, max(place.chosen.region) / 2):
        best = int(both[here].argmax())
        there = int(pairs[best][0][here])
        found.append(_Pair(number, here, alike[best].asked, there, float(nearest[here, best]), float(floor[here])))
    return found


def _matches(
    model: Counted,
    photo: Photo,
    pairs: Sequence[_Pair],
    own: Sequence[_Peaks],
    place: Places,
    targets: Sequence[Target],
) -> tuple[Match, ...]:
    """Return the pairs as regions around the evidence in both photos."""
    matched = {id(pair.reference[0]): pair.reference for pair in pairs}
    seen = dict(zip(matched, _peaks(model, place.chosen, list(matched.values()), targets), strict=True))
    high, wide = place.chosen.region
    region, found = (high / 2, wide / 2), []
    for pair in pairs:
        reference = pair.reference[0]
        here = own[pair.number].middle[pair.here]
        beside = seen[id(reference)][pair.number]
        there = beside.middle[beside.beside(pair.there, place.chosen.layer.grid[1])]
        found.append(
            Match(
                box=place.box((float(here[0]), float(here[1])), photo, region),
                reference=reference.name,
                label=str(reference.truth),
                reference_box=place.box((float(there[0]), float(there[1])), reference, region),
                similarity=pair.similarity,
                floor=pair.floor,
            )
        )
    return tuple(found)
