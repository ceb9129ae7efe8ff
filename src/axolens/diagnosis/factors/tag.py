"""Tag: a corner, bar or frame at the border, taken off, or replaced by that of a reference."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool

from axolens.diagnosis.factors.cutout import filled, fitted
from axolens.diagnosis.factors.factor import Edit, Picture, Pixels, clipped, misplaced
from axolens.diagnosis.factors.marks import marked, marks
from axolens.records.diagnosis import Measured

Region = Bool[np.ndarray, "h w"]
STRIP = 1 / 12
"""Width of the border that is filled in where no mark is found, as a share of each side."""
FEWEST = 6
"""Marked photos of other classes from which placebos are taken; with fewer they come from the picture itself."""
DRAWS = 4
CLEARED, GIVEN = 1.0, 2.0
"""The doses: without marks, and with those of references."""


@dataclass(frozen=True, slots=True)
class Tag:
    """Fill in the marks at the border, and put a reference's marks in their place.

    Where no mark is found, the whole border is filled in all the same: a mark that is not flat, such as text, is not
    seen by its pixels.
    """

    name: str = "tag"

    def measure(self, picture: Picture) -> Measured:
        """Measure the share of the picture that marks at its border cover."""
        share = float(marked(picture).mean())
        return Measured(share, "of the picture", words="marked at its border") if share else Measured(0.0, "")

    def edits(self, picture: Picture) -> tuple[Edit, ...]:
        """Return the picture without its marks, and with those that most references have."""
        words = "cleared of the marks at its border" if marks(picture) else "filled in along its border"
        bare = _bare(picture)
        found = [Edit(words, CLEARED, bare)]
        lenders = [one for one in picture.references if marks(one)]
        if 2 * len(lenders) > len(picture.references):
            found.append(Edit("given the marks that references of its class have", GIVEN, _lent(bare, lenders[0])))
        return tuple(found)

    def sham(self, picture: Picture, edits: Sequence[Edit], rng: np.random.Generator) -> tuple[Pixels, ...]:
        """Put what taking off changes onto other ground, and marks of other classes in place of the picture's own."""
        lenders = [one for one in (*picture.others, *picture.unrelated) if marks(one)]
        shams = []
        for edit in edits:
            if edit.dose == GIVEN and len(lenders) >= FEWEST:
                shams.append(_lent(_bare(picture), lenders[int(rng.integers(len(lenders)))]))
            else:
                shams.append(_beside(picture, edit, rng))
        return tuple(shams)


def marked_as(one: Picture, lender: Picture) -> Pixels | None:
    """Return a picture with the marks of another one in place of its own; None where neither has any.

    Examples
    --------
    >>> plain = Picture(np.full((48, 48, 3), 0.5, np.float32))
    >>> marked_as(plain, plain) is None
    True
    """
    if not (marks(one) or marks(lender)):
        return None
    return _lent(_bare(one) if marks(one) else one.pixels, lender)


def _bare(picture: Picture) -> Pixels:
    """Return a picture with its marks filled in, or all of its border where none are found."""
    hole = marked(picture) if marks(picture) else _border(picture.pixels.shape[:2])
    return filled(picture.pixels, hole if picture.mask is None else hole & ~picture.mask)


def _lent(bare: Pixels, lender: Picture) -> Pixels:
    """Return a picture with the marks of another one put on."""
    here = fitted(np.repeat(marked(lender)[..., None], 3, -1).astype(np.float32), bare.shape[:2]) > 0.5
    return np.where(here, fitted(lender.pixels, bare.shape[:2]), bare)


def _beside(picture: Picture, edit: Edit, rng: np.random.Generator) -> Pixels:
    """Return the picture with the edit's change moved to where it hides the object least, of a few draws."""
    free = 1.0 if picture.mask is None else 1.0 - picture.mask[..., None].astype(np.float32)
    moved = [misplaced(picture, [edit], rng)[0] - picture.pixels for _ in range(DRAWS)]
    best = max(moved, key=lambda change: float(np.abs(change * free).sum()))
    return clipped(picture.pixels + best * free)


def _border(size: tuple[int, int]) -> Region:
    down, across = (max(1, round(STRIP * side)) for side in size)
    found = np.ones(size, bool)
    found[down:-down, across:-across] = False
    return found
