"""KernelSHAP on superpixels."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, NamedTuple

import numpy as np
from jaxtyping import Float, Float32, Int

from axolens.classifiers.counted import Counted
from axolens.classifiers.protocols import Targets
from axolens.errors import InputError
from axolens.maths.array import Array, to_numpy
from axolens.maths.blocks import fit_blocks
from axolens.maths.designs import Design
from axolens.maths.scores import score
from axolens.maths.shapley import every_coalition, fit_shapley, paired_coalitions, pseudo_values
from axolens.maths.surrogate import Fit
from axolens.methods.emptiness import why_empty
from axolens.methods.method import Card, Raw, check_whole
from axolens.methods.perturbation.hiding import hidden_scores
from axolens.methods.perturbation.lime import ROUNDING, largest, regions_of
from axolens.photos.fill import check_fill, fill_image
from axolens.records.attribution import Regions
from axolens.records.segments import Segments
from axolens.records.target import Target
from axolens.segmenters import SEGMENTERS, segment

BLOCKS = 8
FEWEST = 4  # coalitions a region, without which a fit that lacks a block says too little


class Answer(NamedTuple):
    """A photo's fit, its segments, the scores (2, q) with everything visible and hidden, and what was asked."""

    segments: Segments
    fit: Fit
    ends: Float32[np.ndarray, "2 q"]
    asked: int
    exact: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class KernelShap:
    """The score's difference from the photo with all regions hidden, shared out fairly among them (arXiv:1705.07874).

    A region gets its Shapley value: how much it raises the score when it is shown, averaged over all orders in which
    the regions may appear. The values sum to the difference exactly; each is spread evenly over the region's pixels.

    Parameters
    ----------
    samples
        Coalitions (sets of visible regions), and so images forward, besides the whole photo and the hidden one; an even
        number, as each is asked with its complement. Where there are no more in all, 2^s − 2, each is asked once and
        the values are exact; otherwise they are drawn by the Shapley kernel.
    segmenter
        "slic", "felzenszwalb" or "quickshift"; other segments are another question.
    fill
        What a hidden region shows: "mean" (its mean colour), "blur", a colour, or "network-zero" (parity only).
    chunk
        Images a pass; 0 is what suits the device.

    Examples
    --------
    The photo whole and hidden are asked besides:

    >>> KernelShap(samples=500).images
    502
    """

    samples: int = 1000
    segmenter: str = "slic"
    fill: str = "mean"
    chunk: int = 0
    card: ClassVar[Card] = Card(
        name="kernelshap",
        title="KernelSHAP",
        family="perturbation",
        needs="predictions",
        unit="score",
        contrast="exact",
        source="arXiv:1705.07874",
        reading="Looks from outside: the photo is cut into regions, and the difference between the score of the photo "
        "and that with all regions hidden is shared out among them, each region counting as much as it adds on average "
        "over all orders in which they may appear. All values together sum to the difference. An interval that "
        "includes 0 means that the sign of the region is not certain.",
    )

    def __post_init__(self) -> None:
        """Refuse settings that mean nothing."""
        check_whole("kernelshap.samples", self.samples, 2)
        check_whole("kernelshap.chunk", self.chunk, 0)
        if self.samples % 2:
            raise InputError("kernelshap.samples", expected="an even number, as masks come in pairs", got=self.samples)
        if self.segmenter not in SEGMENTERS:
            expected = f"one of {', '.join(SEGMENTERS)}"
            raise InputError("kernelshap.segmenter", expected=expected, got=repr(self.segmenter))
        check_fill(self.fill)

    @property
    def images(self) -> int:
        """As many images forward as samples, at most, and the photo whole and hidden."""
        return self.samples + 2

    def attribute(self, model: Counted, batch: Array, targets: Targets, rngs: Sequence[np.random.Generator]) -> Raw:
        """Return maps that sum to the scores' differences from the hidden photo; every target has the same masks."""
        found = [self._one(model, batch[i, ...], targets[i], rngs[i]) for i in range(batch.shape[0])]
        rows = tuple(regions_of(one.segments, one.fit) for one in found)
        maps = np.stack([[spread(part) for part in row] for row in rows])
        rises = np.stack([one.ends[0] - one.ends[1] for one in found])
        notes = tuple(
            tuple(_said(one, q, target, maps[i, q]) for q, target in enumerate(targets[i]))
            for i, one in enumerate(found)
        )
        residual = rises - maps.sum(axis=(-2, -1), dtype=np.float64).astype(np.float32)
        return Raw(maps=model.asarray(maps), residual=model.asarray(residual), regions=rows, notes=notes)

    def _one(self, model: Counted, image: Array, targets: Sequence[Target], rng: np.random.Generator) -> Answer:
        shown = to_numpy(image).astype(np.float32)
        segments = segment(shown, self.segmenter, int(rng.integers(2**31)))
        filled = fill_image(shown, segments, self.fill, model.preprocess)
        exact = 2**segments.count - 2 <= self.samples
        keep, weights, block = self._coalitions(segments.count, exact, rng)
        ends = np.array([[True], [False]]).repeat(segments.count, axis=1)
        scores = hidden_scores(model, image, filled, segments, np.concatenate([ends, keep]), self.chunk)
        said = np.stack([score(scores, target, model.kind) for target in targets], axis=1)

        def fit_to(used: np.ndarray) -> Fit:
            return fit_shapley(keep[used], said[2:][used], weights[used], said[:2], ROUNDING * largest(said))

        fit = fit_to(block >= 0)
        if exact:
            fit = fit._replace(half_width=np.zeros_like(fit.coefficients))
        elif len(keep) >= FEWEST * segments.count:
            left = np.stack([fit_to(block != i).coefficients for i in range(BLOCKS)])
            fit = fit_blocks(fit, pseudo_values(fit.coefficients, left))
        return Answer(segments, fit, said[:2], len(keep), exact)

    def _coalitions(
        self, regions: int, exact: bool, rng: np.random.Generator
    ) -> tuple[Design, Float[np.ndarray, "t"], Int[np.ndarray, "t"]]:
        """Return coalitions, how each weighs, and in which of the blocks, drawn one by one, it is."""
        if exact:
            keep, weights = every_coalition(regions)
            return keep, weights, np.zeros(len(keep), np.int64)
        sizes = [len(part) for part in np.array_split(np.empty(self.samples // 2), BLOCKS)]
        keep = np.concatenate([paired_coalitions(rng, pairs, regions) for pairs in sizes])
        return keep, np.ones(len(keep)), np.repeat(np.arange(BLOCKS), 2 * np.array(sizes))


def spread(regions: Regions) -> Float32[np.ndarray, "h w"]:
    """Return each region's coefficient spread evenly over its pixels, so that a region sums to it.

    Examples
    --------
    >>> two = Segments(np.array([[0, 0, 1]], np.int32), "by hand")
    >>> spread(Regions(two, np.array([1.0, 3.0], np.float32), None, None, 0.0, 1.0)).tolist()
    [[0.5, 0.5, 3.0]]
    """
    labels = regions.segments.labels
    return (regions.coefficients / np.bincount(labels.ravel()).astype(np.float32))[labels]


def _said(one: Answer, q: int, target: Target, values: Float32[np.ndarray, "h w"]) -> tuple[str, ...]:
    """Return what a reader needs to know of one map."""
    count = one.segments.count
    if not np.isfinite(values).all():
        return why_empty(values, dead=False)
    here, there = one.ends[:, q].tolist()
    notes = [
        f"Shared out among {count} regions: {target.score} {here:+.2f} on the photo, {there:+.2f} with all of them "
        f"hidden. As a plain sum the values explain R² = {one.fit.r2[q]:.3f} of what the coalitions' scores vary by."
    ]
    if count == 1:
        notes.append("Only one region was found, so the map cannot tell places apart; try another segmenter.")
    elif one.exact:
        notes.append(f"All {one.asked} coalitions were asked, so the values are exact for these regions and this fill.")
    elif one.fit.half_width is None:
        least = FEWEST * count
        notes.append(f"Too few coalitions for the regions: {one.asked}, where intervals want {least}. Ask for more.")
    else:
        notes.append("The intervals cover which coalitions were drawn, not the choice of regions or what hides them.")
    if not values.any():
        return (*notes, "Hiding regions changes nothing: the score is the same for every coalition.")
    return (*notes, *why_empty(values, dead=False))
