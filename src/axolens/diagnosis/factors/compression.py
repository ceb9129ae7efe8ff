"""Compression: blocks of 8 × 8 smoothed by compressing again on shifted grids."""

import io
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float
from PIL import Image

from axolens.diagnosis.factors.factor import Edit, Picture, Pixels, clipped, luma, misplaced
from axolens.diagnosis.natural import compare
from axolens.records.diagnosis import Measured

Levels = Float[np.ndarray, "..."]
BLOCK = 8


@dataclass(frozen=True, slots=True)
class Compression:
    """Smooth the blocks of a JPEG (Nosratinia 2001, doi:10.1023/A:1011149928541): mean over shifts of recompression."""

    name: str = "compression"
    qualities: tuple[int, ...] = (5, 15)

    def measure(self, picture: Picture) -> Measured:
        """Measure how much stronger steps are at one of eight columns and rows than between."""
        return compare(
            "compression", blockiness(luma(picture.pixels)), "times the steps elsewhere", ("smooth", "blocky")
        )

    def edits(self, picture: Picture) -> tuple[Edit, ...]:
        """Return the picture deblocked, one a quality."""
        return tuple(
            Edit(f"deblocked (as for JPEG at quality {quality})", float(quality), deblocked(picture.pixels, quality))
            for quality in self.qualities
        )

    def sham(self, picture: Picture, edits: Sequence[Edit], rng: np.random.Generator) -> tuple[Pixels, ...]:
        """Take away what deblocking takes away, at other places."""
        return misplaced(picture, edits, rng)


def blockiness(levels: Levels) -> float:
    """Return the mean step at the strongest of eight columns and rows beside the mean of the other seven.

    1 where there are too few columns and rows to compare.
    """
    found = []
    for axis in (0, 1):
        if levels.shape[axis] < 3:
            continue
        step = np.abs(np.diff(levels, axis=axis)).mean(axis=1 - axis)
        phases = np.array([step[phase::BLOCK].mean() for phase in range(min(BLOCK, len(step)))])
        rest = (phases.sum() - phases.max()) / max(len(phases) - 1, 1)
        found.append(float(phases.max() / max(rest, 1e-6)))
    return float(np.mean(found)) if found else 1.0


def deblocked(pixels: Pixels, quality: int) -> Pixels:
    """Return the mean of recompressions over 16 shifts of the grid."""
    levels = np.round(pixels * 255).astype(np.uint8)
    total = np.zeros(pixels.shape, np.float64)
    for down in range(0, BLOCK, 2):
        for across in range(0, BLOCK, 2):
            held = io.BytesIO()
            moved = np.pad(levels, ((down, 0), (across, 0), (0, 0)), mode="edge")
            Image.fromarray(moved).save(held, "JPEG", quality=quality, subsampling=0)
            total += np.asarray(Image.open(held))[down:, across:]
    return clipped(total / 16 / 255)
