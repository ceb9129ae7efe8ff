"""LIME on superpixels, without the lime package's defects."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar, NamedTuple

import numpy as np
from jaxtyping import Float32

from axolens.classifiers.counted import Counted
from axolens.classifiers.protocols import Targets
from axolens.errors import InputError
from axolens.maths.array import Array, to_numpy
from axolens.maths.blocks import disagreement, fit_blocks
from axolens.maths.designs import Design, balanced_block, block_order, coin_flips
from axolens.maths.scores import score
from axolens.maths.surrogate import Fit, cosine_kernel, fit_linear
from axolens.methods.emptiness import why_empty
from axolens.methods.method import Card, Raw, check_whole
from axolens.methods.perturbation.hiding import hidden_scores
from axolens.methods.perturbation.settling import LEAST_BLOCKS, looks, settled_note
from axolens.photos.fill import check_fill, fill_image
from axolens.records.attribution import Regions
from axolens.records.segments import Segments
from axolens.records.target import Target
from axolens.segmenters import SEGMENTERS, segment

ROUNDING = 1e-5  # of a float32 score that went through a network in batches of another size
DESIGNS = ("balanced", "coins")

Ask = Callable[[Design], Float32[np.ndarray, "t q"]]


class Answer(NamedTuple):
    """A photo's fit, the segments it is about, and what its notes say of the sampling."""

    segments: Segments
    fit: Fit
    images: int
    sampling: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Lime:
    """A linear model of the score on which superpixels are visible (arXiv:1602.04938).

    The estimand: the least-squares limit under independent fair coin flips a region, that is how much a region raises
    the score, averaged over which others are visible (its Banzhaf value); with a kernel, the weighted limit. The
    superpixels are those of the photo itself; every target asked for is explained, from the same masks.

    Parameters
    ----------
    samples
        Masks, and so images forward, at most.
    segmenter
        "slic", "felzenszwalb", or "quickshift" with the notebook's settings; other segments are another question.
    fill
        What a hidden region shows: "mean" (its mean colour), "blur", a colour, or "network-zero" (parity only).
    kernel_width
        In cosine distance, 0.25 in the lime package; 0 is no kernel: every mask counts alike.
    ridge
        Penalty a unit of total weight, so that more samples do not change what is estimated; 0 is none.
    chunk
        Images a pass; 0 is what suits the device.
    design
        "balanced" takes folded-over Plackett-Burman designs in at least four blocks, which err less than as many
        "coins", independent flips. Where ``samples`` hold no four blocks, coins are taken.
    settle
        The chance, at which a balanced design may stop early, that another seed would name fewer than four of the same
        five strongest regions; shared out among the looks. 0 takes all samples.
    """

    samples: int = 1000
    segmenter: str = "slic"
    fill: str = "mean"
    kernel_width: float = 0.0
    ridge: float = 0.0
    chunk: int = 0
    design: str = "balanced"
    settle: float = 0.1
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
        check_whole("lime.samples", self.samples, 2)
        check_whole("lime.chunk", self.chunk, 0)
        if self.kernel_width < 0 or self.ridge < 0:
            raise InputError(
                "lime", expected="kernel_width and ridge of at least 0", got=(self.kernel_width, self.ridge)
            )
        for name, known in (("segmenter", SEGMENTERS), ("design", DESIGNS)):
            if getattr(self, name) not in known:
                raise InputError(f"lime.{name}", expected=f"one of {', '.join(known)}", got=repr(getattr(self, name)))
        if not 0 <= self.settle <= 1:
            raise InputError("lime.settle", expected="a chance from 0 to 1", got=self.settle)
        check_fill(self.fill)

    @property
    def images(self) -> int:
        """As many images forward as samples, at most."""
        return self.samples

    def attribute(self, model: Counted, batch: Array, targets: Targets, rngs: Sequence[np.random.Generator]) -> Raw:
        """Return each region's coefficient at each of its pixels, with intervals and fit quality."""
        found = [self._one(model, batch[i, ...], targets[i], rngs[i]) for i in range(batch.shape[0])]
        rows = tuple(regions_of(one.segments, one.fit) for one in found)
        maps = np.stack([[painted(part) for part in row] for row in rows])
        notes = tuple(
            tuple((*self._notes(part, one.images), *one.sampling[q : q + 1]) for q, part in enumerate(row))
            for one, row in zip(found, rows, strict=True)
        )
        return Raw(maps=model.asarray(maps), regions=rows, notes=notes)

    def _one(self, model: Counted, image: Array, targets: Sequence[Target], rng: np.random.Generator) -> Answer:
        shown = to_numpy(image).astype(np.float32)
        segments = segment(shown, self.segmenter, int(rng.integers(2**31)))
        filled = fill_image(shown, segments, self.fill, model.preprocess)

        def ask(keep: Design) -> Float32[np.ndarray, "t q"]:
            scores = hidden_scores(model, image, filled, segments, keep, self.chunk)
            return np.stack([score(scores, target, model.kind) for target in targets], axis=1)

        block = 2 * block_order(segments.count)
        if self.design == "balanced" and self.samples >= LEAST_BLOCKS * block:
            return self._balanced(segments, ask, rng)
        keep = coin_flips(rng, self.samples, segments.count)
        short = f"Coin flips were taken: {LEAST_BLOCKS} balanced blocks want {LEAST_BLOCKS * block} samples."
        said = (short,) * len(targets) if self.design == "balanced" else ()
        return Answer(segments, self._fit(keep, ask(keep)), self.samples, said)

    def _balanced(self, segments: Segments, ask: Ask, rng: np.random.Generator) -> Answer:
        """Ask block after block; at each look that was planned, stop where another seed would find the same."""
        block = 2 * block_order(segments.count)
        planned = looks(self.samples // block)
        level = self.settle / len(planned)
        keep, said = np.empty((0, segments.count), bool), np.empty((0, 0), np.float32)
        for look in planned:
            more = np.concatenate([balanced_block(rng, segments.count) for _ in range(look - len(keep) // block)])
            answers = ask(more)
            keep, said = np.concatenate([keep, more]), np.concatenate([said.reshape(-1, answers.shape[1]), answers])
            fit = self._fit_blocks(keep, said, block)
            chances = disagreement(fit, np.random.default_rng(look))
            if (chances <= level).all() and self.settle:
                break
        notes = tuple(settled_note(float(chance), len(keep), self.samples, block) for chance in chances)
        return Answer(segments, fit, len(keep), notes)

    def _fit(self, keep: Design, responses: Float32[np.ndarray, "t q"]) -> Fit:
        weights = cosine_kernel(keep, self.kernel_width) if self.kernel_width else np.ones(len(keep))
        return fit_linear(keep, responses, weights, self.ridge * float(weights.sum()), ROUNDING * largest(responses))

    def _fit_blocks(self, keep: Design, responses: Float32[np.ndarray, "t q"], block: int) -> Fit:
        parts = [self._fit(keep[i : i + block], responses[i : i + block]) for i in range(0, len(keep), block)]
        return fit_blocks(self._fit(keep, responses), np.stack([part.coefficients for part in parts]))

    def _notes(self, regions: Regions, images: int) -> tuple[str, ...]:
        count, values = regions.segments.count, regions.coefficients[None]
        if not np.isfinite(values).all():
            return why_empty(values, dead=False)
        notes = [f"The linear model of {count} regions explains R² = {regions.fit:.3f} of the score's variation."]
        if count == 1:
            notes.append("Only one region was found, so the map cannot tell places apart; try another segmenter.")
        if count >= images:
            notes.append(
                f"More regions ({count}) than samples ({images}): the fit is perfect and means nothing. "
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
