"""Integrated gradients."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import add
from typing import ClassVar

import numpy as np
from array_api_compat import array_namespace
from jaxtyping import Float

from axolens.classifiers.counted import Counted
from axolens.classifiers.protocols import Targets
from axolens.errors import ModelError
from axolens.maths.array import Array, to_numpy
from axolens.maths.integral import gauss_legendre, points_between, weighed_sum
from axolens.maths.scores import score_each
from axolens.methods.baseline import baseline_image, in_words
from axolens.methods.emptiness import why_empty
from axolens.methods.method import Card, Raw, check_whole
from axolens.methods.passes import in_passes
from axolens.photos.fill import check_fill
from axolens.records.target import Target

COARSE = 0.05  # share of the difference that the map may miss before more steps are advised


@dataclass(frozen=True, slots=True, kw_only=True)
class IntegratedGradients:
    """The score's difference from a baseline picture, shared out among the pixels (arXiv:1703.01365, equation 1).

    Parameters
    ----------
    steps
        Points on the straight line from the baseline to the photo, by Gauss-Legendre quadrature.
    baseline
        What the photo is compared with: "black" or any other colour, "mean" (its own mean colour), "blur" (the photo
        blurred), or "network-zero" (the colour that becomes zero after preprocessing; the only one without one).
    chunk
        Images a pass, whatever the number of photos.
    """

    steps: int = 32
    baseline: str = "black"
    chunk: int = 8
    card: ClassVar[Card] = Card(
        name="integratedgradients",
        title="Integrated gradients",
        family="gradient",
        needs="gradients",
        unit="score",
        contrast="exact",
        source="arXiv:1703.01365",
        reading="Compares the photo with another picture, the baseline (black, unless the note says otherwise), and "
        "shares out the difference of the two scores among the pixels: all values together sum to it. Where the photo "
        "looks like the baseline a pixel gets nothing, whatever it means; so a black animal wants another baseline.",
    )

    def __post_init__(self) -> None:
        """Refuse settings that mean nothing."""
        check_whole("integratedgradients.steps", self.steps, 1)
        check_whole("integratedgradients.chunk", self.chunk, 1)
        check_fill(self.baseline)

    @property
    def images(self) -> int:
        """One image forward a step, and the photo and its baseline."""
        return self.steps + 2

    def attribute(self, model: Counted, batch: Array, targets: Targets, rngs: Sequence[np.random.Generator]) -> Raw:
        """Return maps that sum to the scores' differences from the baseline but for the residual."""
        del rngs
        xp = array_namespace(batch)
        found = [self._one(model, batch[i, ...], targets[i]) for i in range(batch.shape[0])]
        return Raw(
            maps=xp.stack([maps for maps, _, _ in found]),
            residual=xp.stack([ends[0, :] - ends[1, :] - xp.sum(maps, axis=(-2, -1)) for maps, ends, _ in found]),
            notes=tuple(self._notes(*one, asked) for one, asked in zip(found, targets, strict=True)),
        )

    def _one(self, model: Counted, image: Array, targets: Sequence[Target]) -> tuple[Array, Array, bool]:
        """Return the maps, the scores of the photo and of its baseline, and whether these are the same picture."""
        xp = array_namespace(image)
        start = baseline_image(model, image, self.baseline)
        ends = score_each(model.scores(xp.stack([image, start])), [targets, targets], model.kind)
        check_ends(model.name, to_numpy(ends), targets, in_words(self.baseline))
        maps = path_maps(model, start, image, targets, self.steps, self.chunk)
        return maps, ends, bool(xp.all(image == start))

    def _notes(self, maps: Array, ends: Array, same: bool, targets: Sequence[Target]) -> tuple[tuple[str, ...], ...]:
        against = in_words(self.baseline)
        if same:
            return ((f"The photo is {against} itself, so there is no difference to share out.",),) * len(targets)
        rows = zip(to_numpy(maps), *to_numpy(ends).tolist(), targets, strict=True)
        return tuple(_said(against, here, there, values, target) for values, here, there, target in rows)


def path_maps(
    model: Counted, start: Array, image: Array, targets: Sequence[Target], steps: int, chunk: int
) -> Float[Array, "m h w"]:
    """Return what each pixel contributes on the straight line from ``start`` to the image, summed over the channels.

    Parameters
    ----------
    model
        The classifier, asked ``steps`` images forward.
    start, image
        The two ends, one image each.
    targets
        Whose scores are followed.
    steps, chunk
        Points on the line, and how many of them make a pass.
    """
    slopes = reduce(add, _slopes(model, start, image, targets, steps, chunk))
    return array_namespace(slopes).sum(slopes * (image - start)[None, ...], axis=model.channel_axis)


def _slopes(
    model: Counted, start: Array, image: Array, targets: Sequence[Target], steps: int, chunk: int
) -> Iterator[Array]:
    """Yield each pass's part of the mean gradient on the way."""
    nodes, weights = (values.astype(np.float32) for values in gauss_legendre(steps))

    def ask(low: int, high: int) -> Array:
        points = points_between(start, image, model.asarray(nodes[low:high]))
        slopes = model.gradient(points, [targets] * points.shape[0])
        return weighed_sum(model.asarray(weights[low:high]), slopes)

    return in_passes(steps, chunk, ask)


def compared(against: str, here: float, there: float, missed: float, target: Target) -> str:
    """Say what the photo is compared with, and how much of the scores' difference the map misses.

    Examples
    --------
    >>> compared("the photo blurred", 3.2, -2.1, 0.5, Target("newt"))
    'Compared with the photo blurred: log-odds +3.20 on the photo, -2.10 there; of this difference the map misses \
+0.5. More steps miss less.'
    """
    more = " More steps miss less." if abs(missed) > COARSE * abs(here - there) else ""
    scores = f"{target.score} {here:+.2f} on the photo, {there:+.2f} there"
    return f"Compared with {against}: {scores}; of this difference the map misses {missed:+.2g}.{more}"


def _said(against: str, here: float, there: float, values: np.ndarray, target: Target) -> tuple[str, ...]:
    missed, empty = here - there - float(values.sum()), why_empty(values, dead=not values.any())
    return (compared(against, here, there, missed, target), *empty) if np.isfinite(missed) else empty


def check_ends(name: str, ends: np.ndarray, targets: Sequence[Target], against: str) -> None:
    """Refuse scores that no difference can be taken of, before anything is asked about the way between them.

    Raises
    ------
    ModelError
        If a score of the photo or of what it is compared with is not finite.
    """
    for where, scores in zip(("the photo", against), ends, strict=True):
        for value, target in zip(scores.tolist(), targets, strict=True):
            if not np.isfinite(value):
                raise ModelError(
                    f"model {name}", expected="finite scores on the photo and on what it is compared with",
                    got=f"{target.score} {value} on {where}",
                    hint="Integrated gradients shares out their difference: try another baseline or another score.",
                )  # fmt: skip
