"""Expected gradients."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import ClassVar, NamedTuple

import numpy as np
from array_api_compat import array_namespace

from axolens.classifiers.counted import Counted
from axolens.classifiers.protocols import Targets
from axolens.errors import InputError
from axolens.maths.array import Array, to_numpy
from axolens.maths.moments import Moments, moments, noise_share, pooled
from axolens.maths.scores import score_each
from axolens.methods.emptiness import why_empty
from axolens.methods.gradient.integratedgradients import check_ends, compared, path_maps
from axolens.methods.method import Card, Raw, check_whole
from axolens.methods.noisiness import noise_note
from axolens.records.target import Target

BASELINES = {
    "colours": "pictures of one colour each, taken from random places of the photo",
    "shuffled": "pictures of the photo's own pixels in random order",
}


class Answer(NamedTuple):
    """A photo's maps with their spread over the baselines, and the scores (2, m) of the photo and of their mean."""

    maps: Moments
    ends: Array


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpectedGradients:
    """Integrated gradients, averaged over baselines that are drawn (arXiv:1906.10670, equation 4).

    The paper draws other photos. None need be had here: the baselines are made of the photo's own colours, so that no
    one colour is taken for nothing. The values sum to the score's difference from the mean score of the baselines.

    Parameters
    ----------
    draws
        Baselines, at least 2.
    steps
        Points on the straight line from each baseline to the photo, by Gauss-Legendre quadrature.
    baseline
        "colours": each is one colour all over, that of a random place of the photo. "shuffled": each has all the
        photo's pixels in random order, and so its colours without its shapes.
    chunk
        Images a pass, whatever the number of photos.

    Examples
    --------
    >>> ExpectedGradients(draws=10, steps=4).images  # four steps from each of ten, the ten, and the photo
    51
    """

    draws: int = 16
    steps: int = 8
    baseline: str = "colours"
    chunk: int = 8
    card: ClassVar[Card] = Card(
        name="expectedgradients",
        title="Expected gradients",
        family="gradient",
        needs="gradients",
        unit="score",
        contrast="exact",
        source="arXiv:1906.10670",
        reading="Compares the photo with many pictures made of its own colours (one colour each, unless the note says "
        "otherwise), and shares out the difference between its score and their mean score among the pixels: all values "
        "together sum to it. No single colour counts as nothing, so a black animal is seen as well as a white one.",
    )

    def __post_init__(self) -> None:
        """Refuse settings that mean nothing."""
        for name, least in (("draws", 2), ("steps", 1), ("chunk", 1)):
            check_whole(f"expectedgradients.{name}", getattr(self, name), least)
        if self.baseline not in BASELINES:
            expected = f"one of {', '.join(BASELINES)}"
            raise InputError("expectedgradients.baseline", expected=expected, got=repr(self.baseline))

    @property
    def images(self) -> int:
        """One image forward a step from each baseline, each baseline, and the photo."""
        return self.draws * (self.steps + 1) + 1

    def attribute(self, model: Counted, batch: Array, targets: Targets, rngs: Sequence[np.random.Generator]) -> Raw:
        """Return maps that sum to the scores' differences from the baselines' mean scores but for the residual.

        Raises
        ------
        ModelError
            If the score of the photo or of a baseline is not finite.
        """
        xp = array_namespace(batch)
        found = [self._one(model, batch[i, ...], targets[i], rngs[i]) for i in range(batch.shape[0])]
        return Raw(
            maps=xp.stack([one.maps.mean for one in found]),
            residual=xp.stack(
                [one.ends[0, :] - one.ends[1, :] - xp.sum(one.maps.mean, axis=(-2, -1)) for one in found]
            ),
            notes=tuple(self._notes(one, asked) for one, asked in zip(found, targets, strict=True)),
        )

    def _one(self, model: Counted, image: Array, targets: Sequence[Target], rng: np.random.Generator) -> Answer:
        here = score_each(model.scores(image[None, ...]), [targets], model.kind)
        drawn = self._drawn(model, image, here, targets, rng)
        there, maps = reduce(lambda one, other: (one[0] + other[0], pooled(one[1], other[1])), drawn)
        return Answer(maps, array_namespace(image).concat([here, there / self.draws]))

    def _drawn(
        self, model: Counted, image: Array, here: Array, targets: Sequence[Target], rng: np.random.Generator
    ) -> Iterator[tuple[Array, Moments]]:
        """Yield each baseline's scores (1, m), and its own maps as the moments of one."""
        xp, against = array_namespace(image), f"one of the {BASELINES[self.baseline]}"
        for host in self._baselines(to_numpy(image), model.channel_axis, rng):
            start = model.asarray(host)
            there = score_each(model.scores(start[None, ...]), [targets], model.kind)
            check_ends(model.name, to_numpy(xp.concat([here, there])), targets, against)
            maps = path_maps(model, start, image, targets, self.steps, self.chunk)
            yield there, moments(maps[None, ...])

    def _baselines(self, image: np.ndarray, channel_axis: int, rng: np.random.Generator) -> Iterator[np.ndarray]:
        """Yield one baseline after another, of the image's shape."""
        last = np.moveaxis(image, channel_axis, -1)
        places = last.reshape(-1, last.shape[-1])
        for _ in range(self.draws):
            drawn = rng.integers(len(places)) if self.baseline == "colours" else rng.permutation(len(places))
            made = np.broadcast_to(places[drawn], places.shape).reshape(last.shape)
            yield np.moveaxis(made, -1, channel_axis).astype(np.float32)

    def _notes(self, one: Answer, targets: Sequence[Target]) -> tuple[tuple[str, ...], ...]:
        against = f"the mean of {self.draws} {BASELINES[self.baseline]}"
        numbers = (*to_numpy(one.ends).tolist(), to_numpy(noise_share(one.maps)).tolist())
        rows = zip(to_numpy(one.maps.mean), *numbers, targets, strict=True)
        return tuple(_said(against, *row) for row in rows)


def _said(against: str, values: np.ndarray, here: float, there: float, share: float, target: Target) -> tuple[str, ...]:
    said = compared(against, here, there, here - there - float(values.sum()), target)
    return (said, *(why_empty(values, dead=not values.any()) or (noise_note(share),)))
