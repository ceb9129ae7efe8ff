"""RISE: randomised input sampling."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import ClassVar

import numpy as np
from array_api_compat import array_namespace

from axolens.classifiers.counted import Counted
from axolens.classifiers.protocols import Targets
from axolens.errors import InputError
from axolens.maths.array import Array, to_numpy
from axolens.maths.moments import Moments, moments, noise_share, pooled
from axolens.maths.rise import Sums, added, covariance_form, gathered, interpolation, paper_form, stretched
from axolens.maths.scores import score_each
from axolens.methods.baseline import baseline_image, in_words
from axolens.methods.emptiness import why_each_is_empty
from axolens.methods.method import Card, Raw, check_whole
from axolens.methods.noisiness import noise_note
from axolens.methods.perturbation.hiding import masked_scores
from axolens.photos.fill import check_fill
from axolens.records.target import Target

GROUP = 128  # masks at most whose grids are drawn at once; the map's noise is read from how groups differ
FORMS = ("covariance", "paper")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rise:
    """The slope of the score on how visible each place is, over smooth random masks (arXiv:1806.07421).

    Parameters
    ----------
    samples
        Masks, and so images forward; an even number, as every mask has its complement.
    cells
        Cells a side of the random grid that is enlarged; each mask is shifted by its own share of a cell.
    visible
        Chance that a cell is visible. Complements are drawn for one half only.
    fill
        What a hidden place shows: "mean" (the photo's mean colour), "blur", a colour, or "network-zero" (the paper's).
    form
        "covariance", which gives a constant model no map, or "paper", Σ f·m/(N·p), for parity.
    chunk
        Images a pass; 0 is what suits the device.
    """

    samples: int = 2000
    cells: int = 7
    visible: float = 0.5
    fill: str = "mean"
    form: str = "covariance"
    chunk: int = 0
    card: ClassVar[Card] = Card(
        name="rise",
        title="RISE",
        family="perturbation",
        needs="predictions",
        unit="relative",
        contrast="exact",
        source="arXiv:1806.07421",
        reading="Hides random soft blots of the photo many times over: orange where the score is higher while the "
        "place is visible, blue where it is lower. It needs no regions, and is as coarse as the blots.",
    )

    def __post_init__(self) -> None:
        """Refuse settings that mean nothing."""
        for name, least in (("samples", 4), ("cells", 1), ("chunk", 0)):
            check_whole(f"rise.{name}", getattr(self, name), least)
        if self.samples % 2:
            raise InputError("rise.samples", expected="an even number, as masks come in pairs", got=self.samples)
        if not 0 < self.visible < 1:
            raise InputError("rise.visible", expected="a chance between 0 and 1", got=self.visible)
        if self.form not in FORMS:
            raise InputError("rise.form", expected=f"one of {', '.join(FORMS)}", got=repr(self.form))
        check_fill(self.fill)

    @property
    def images(self) -> int:
        """As many images forward as samples."""
        return self.samples

    def attribute(self, model: Counted, batch: Array, targets: Targets, rngs: Sequence[np.random.Generator]) -> Raw:
        """Return maps at the network's own size; every target sees the same masks."""
        found = [self._one(model, batch[i, ...], targets[i], rngs[i]) for i in range(batch.shape[0])]
        maps = array_namespace(batch).stack([one for one, _ in found])
        said = f"Hidden places show {in_words(self.fill)}."
        notes = tuple(
            tuple((said, *(empty or (noise_note(float(share)),))) for empty, share in zip(row, shares, strict=True))
            for row, (_, shares) in zip(why_each_is_empty(maps, maps), found, strict=True)
        )
        return Raw(maps=maps, notes=notes)

    def _one(
        self, model: Counted, image: Array, targets: Sequence[Target], rng: np.random.Generator
    ) -> tuple[Array, np.ndarray]:
        """Return the maps, and which share of what differs between their places is noise."""
        filled = baseline_image(model, image, self.fill)
        groups = self._groups(model, image, filled, targets, rng)
        total, spread = reduce(lambda one, other: (added(one[0], other[0]), pooled(one[1], other[1])), groups)
        shares = to_numpy(noise_share(spread)) if spread.number > 1 else np.ones(len(targets))
        return self._formed(total, image), shares

    def _groups(
        self, model: Counted, image: Array, filled: Array, targets: Sequence[Target], rng: np.random.Generator
    ) -> Iterator[tuple[Sums, Moments]]:
        """Yield the sums of each group of masks, and its own map."""
        for count in even_groups(self.samples, GROUP):
            drawn = self._drawn(rng, count, image.shape[0], image.shape[1])
            sums = self._group(model, image, filled, targets, drawn)
            yield sums, moments(self._formed(sums, image)[None, ...])

    def _group(
        self, model: Counted, image: Array, filled: Array, targets: Sequence[Target], drawn: tuple[np.ndarray, ...]
    ) -> Sums:
        grids, rows, columns = (model.asarray(part) for part in drawn)
        count = grids.shape[0]

        def masks(start: int, stop: int) -> Array:
            return stretched(grids[start:stop, ...], rows[start:stop, ...], columns[start:stop, ...])

        return reduce(
            added,
            (
                gathered(visible, score_each(scores, [targets] * visible.shape[0], model.kind))
                for visible, scores in masked_scores(model, image, filled, masks, count, self.chunk)
            ),
        )

    def _drawn(self, rng: np.random.Generator, count: int, height: int, width: int) -> tuple[np.ndarray, ...]:
        """Return grids (n, c, c) of 0 and 1 and the weights of their rows and columns, a shift a mask."""
        pairs = self.visible == 0.5 and self.form == "covariance"
        drawn = count // 2 if pairs else count
        points = self.cells + 2
        grids = (rng.random((drawn, points, points)) < self.visible).astype(np.float32)
        shifts = rng.random((2, drawn))
        if pairs:
            grids, shifts = np.concatenate([grids, 1 - grids]), np.concatenate([shifts, shifts], axis=1)
        sides = (interpolation(size, self.cells, own) for size, own in zip((height, width), shifts, strict=True))
        return grids, *sides

    def _formed(self, sums: Sums, image: Array) -> Array:
        flat = covariance_form(sums) if self.form == "covariance" else paper_form(sums, self.visible)
        return array_namespace(flat).reshape(flat, (flat.shape[0], image.shape[0], image.shape[1]))


def even_groups(samples: int, most: int) -> list[int]:
    """Return even sizes that sum to ``samples``, as alike as can be: a small last group would be noise alone.

    Examples
    --------
    >>> even_groups(130, 128), even_groups(20, 128)
    ([66, 64], [20])
    """
    pairs = samples // 2
    groups = -(-samples // most)
    return [2 * (pairs // groups + (i < pairs % groups)) for i in range(groups)]
