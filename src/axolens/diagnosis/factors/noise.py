"""Noise: smoothed away by total variation."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.ndimage import convolve
from skimage.restoration import denoise_tv_chambolle

from axolens.diagnosis.factors.factor import Edit, Picture, Pixels, clipped, misplaced
from axolens.diagnosis.natural import compare, quantile
from axolens.records.diagnosis import Measured

LAPLACES = np.array([[1, -2, 1], [-2, 4, -2], [1, -2, 1]], np.float32)
"""The difference of two Laplace operators, blind to slopes and curves; its weights' root of squares is 6."""


@dataclass(frozen=True, slots=True)
class Noise:
    """Denoise as much as the picture is noisy, and more."""

    name: str = "noise"
    strengths: tuple[float, ...] = (0.7, 1.5)

    def measure(self, picture: Picture) -> Measured:
        """Measure the noise by the median of second differences (after Immerkær 1996, doi:10.1006/cviu.1996.0060)."""
        return compare("noise", _sigma(picture.pixels), "of full brightness", ("clean", "noisy"))

    def edits(self, picture: Picture) -> tuple[Edit, ...]:
        """Return the picture denoised, one a strength."""
        sigma = max(_sigma(picture.pixels), quantile("noise", 0.5))
        found = []
        for weight in (strength * sigma for strength in self.strengths):
            smooth = denoise_tv_chambolle(picture.pixels, weight=weight, channel_axis=-1, max_num_iter=60)  # type: ignore[no-untyped-call]
            found.append(Edit(f"denoised (total variation, weight {weight:.3f})", weight, clipped(smooth)))
        return tuple(found)

    def sham(self, picture: Picture, edits: Sequence[Edit], rng: np.random.Generator) -> tuple[Pixels, ...]:
        """Take away what denoising takes away, at other places."""
        return misplaced(picture, edits, rng)


def _sigma(pixels: Pixels) -> float:
    curved = convolve(pixels, LAPLACES[..., None], mode="reflect")
    return float(np.median(np.abs(curved)) / 0.6745 / 6)
