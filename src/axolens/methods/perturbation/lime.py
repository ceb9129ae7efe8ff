"""LIME on superpixels, without the lime package's defects."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from jaxtyping import Bool, Float32

from axolens.classifiers.counted import Counted
from axolens.classifiers.protocols import Targets
from axolens.errors import InputError
from axolens.maths.array import Array, to_numpy
from axolens.maths.scores import score
from axolens.maths.surrogate import Fit, cosine_kernel, fit_linear
from axolens.methods.emptiness import why_empty
from axolens.methods.method import Card, Raw
from axolens.methods.perturbation.hiding import hidden_scores
from axolens.photos.fill import check_fill, fill_image
from axolens.records.attribution import Regions
from axolens.records.segments import Segments
from axolens.segmenters import SEGMENTERS, segment

ROUNDING = 1e-5  # of a float32 score that went through a network in batches of another size


@dataclass(frozen=True, slots=True, kw_only=True)
class Lime:
    """A linear model of the score on which superpixels are visible (arXiv:1602.04938).

    The estimand: the weighted least-squares limit under independent fair coin flips a region and the cosine kernel.
    The superpixels are those of the photo itself; every target asked for is explained, from the same masks.

    Parameters
    ----------
    samples
        Masks, and so images forward.
    segmenter
        "quickshift" with the notebook's settings, "slic" or "felzenszwalb"; other segments are another question.
    fill
        What a hidden region shows: "mean" (its mean colour), "blur", a colour, or "network-zero" (parity only).
    kernel_width
        In cosine distance.
    ridge
        Penalty a unit of total weight, so that more samples do not change what is estimated; 0 is none.
    chunk
        Images a pass.
    """

    samples: int = 1000
    segmenter: str = "quickshift"
    fill: str = "mean"
    kernel_width: float = 0.25
    ridge: float = 0.0
    chunk: int = 32
    card: ClassVar[Card] = Card(
        name="lime",
        title="LIME",
        family="perturbation",
        needs="predictions",
        unit="relative",
        contrast="exact",
        source="arXiv:1602.04938",
        reading="Looks from outside: the photo is cut into regions, some are hidden many times over, and a simple "
        "weighted sum is fitted to the model's answers. The coloured regions weigh most. R² says how well the sum "
        "fits: near 1 the regions tell the story, near 0 they do not. An interval that includes 0 means that the sign "
        "of the region is not certain.",
    )

    def __post_init__(self) -> None:
        """Refuse settings that mean nothing."""
        for name, least in (("samples", 2), ("chunk", 1)):
            value = getattr(self, name)
            if value != int(value) or value < least:
                raise InputError(f"lime.{name}", expected=f"a whole number of at least {least}", got=value)
        if self.kernel_width <= 0 or self.ridge < 0:
            raise InputError(
                "lime", expected="kernel_width above 0 and ridge of at least 0", got=(self.kernel_width, self.ridge)
            )
        if self.segmenter not in SEGMENTERS:
            raise InputError("lime.segmenter", expected=f"one of {', '.join(SEGMENTERS)}", got=repr(self.segmenter))
        check_fill(self.fill)

    @property
    def images(self) -> int:
        """As many images forward as samples."""
        return self.samples

    def attribute(self, model: Counted, batch: Array, targets: Targets, rngs: Sequence[np.random.Generator]) -> Raw:
        """Return each region's coefficient at each of its pixels, with intervals and fit quality."""
        rows = [self._one(model, batch[i], targets[i], rngs[i]) for i in range(batch.shape[0])]
        maps = np.stack([[painted(part) for part in row] for row in rows])
        notes = tuple(tuple(self._notes(part) for part in row) for row in rows)
        return Raw(maps=model.asarray(maps), regions=tuple(rows), notes=notes)

    def _one(
        self, model: Counted, image: Array, targets: Sequence[object], rng: np.random.Generator
    ) -> tuple[Regions, ...]:
        shown = to_numpy(image).astype(np.float32)
        segments = segment(shown, self.segmenter, int(rng.integers(2**31)))
        keep = coin_flips(rng, self.samples, segments.count)
        filled = fill_image(shown, segments, self.fill, model.preprocess)
        scores = hidden_scores(model, image, filled, segments, keep, self.chunk)
        responses = np.stack([score(scores, target, model.kind) for target in targets], axis=1)  # type: ignore[arg-type]
        weights = cosine_kernel(keep, self.kernel_width)
        alpha = self.ridge * float(weights.sum())
        return regions_of(segments, fit_linear(keep, responses, weights, alpha, ROUNDING * largest(responses)))

    def _notes(self, regions: Regions) -> tuple[str, ...]:
        count, values = regions.segments.count, regions.coefficients[None]
        if not np.isfinite(values).all():
            return why_empty(values, dead=False)
        notes = [f"The linear model of {count} regions explains R² = {regions.fit:.3f} of the score's variation."]
        if count == 1:
            notes.append("Only one region was found, so the map cannot tell places apart; try another segmenter.")
        if count >= self.samples:
            notes.append(
                f"More regions ({count}) than samples ({self.samples}): the fit is perfect and means nothing. "
                "Ask for more samples or larger regions."
            )
        elif regions.low is None:
            notes.append("No intervals: with a ridge, or too few samples for the regions, they cannot be had.")
        if not values.any():
            return (*notes, "Hiding regions changes nothing: the score is the same for every mask.")
        return (*notes, *why_empty(values, dead=False))


def largest(responses: Float32[np.ndarray, "t q"]) -> float:
    """Return the largest score by size, at least 1; what is no number does not count."""
    return max(1.0, float(np.abs(np.nan_to_num(responses, nan=0.0, posinf=0.0, neginf=0.0)).max()))


def coin_flips(rng: np.random.Generator, samples: int, regions: int) -> Bool[np.ndarray, "t s"]:
    """Return masks in which every region is visible by an independent fair coin."""
    return rng.random((samples, regions)) < 0.5


def regions_of(segments: Segments, fit: Fit) -> tuple[Regions, ...]:
    """Return one ``Regions`` a target."""
    half = fit.half_width
    return tuple(
        Regions(
            segments,
            row.astype(np.float32),
            None if half is None else (row - half[q]).astype(np.float32),
            None if half is None else (row + half[q]).astype(np.float32),
            float(fit.intercept[q]),
            float(fit.r2[q]),
        )
        for q, row in enumerate(fit.coefficients)
    )


def painted(regions: Regions) -> Float32[np.ndarray, "h w"]:
    """Return each region's coefficient at each of its pixels, by one gather."""
    return regions.coefficients[regions.segments.labels]
