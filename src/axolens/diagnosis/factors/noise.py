"""Noise: smoothed away by total variation."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

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
            found.append(
                Edit(f"denoised (total variation, weight {weight:.3f})", weight, _smooth(picture.pixels, weight))
            )
        return tuple(found)

    def sham(self, picture: Picture, edits: Sequence[Edit], rng: np.random.Generator) -> tuple[Pixels, ...]:
        """Take away what denoising takes away, at other places."""
        return misplaced(picture, edits, rng)


@lru_cache(maxsize=4)  # asked for again by every sham
def quiet(picture: Picture) -> Picture:
    """Return a noisy picture without its noise, and any other as it is: what other factors measure and edit beneath it.

    Noisy is one that has more noise than 95 of 100 ordinary photos.

    Examples
    --------
    >>> flat = Picture(np.full((32, 32, 3), 0.5, np.float32))
    >>> quiet(flat) is flat
    True
    >>> grains = np.random.default_rng(0).normal(0, 0.2, (32, 32, 3))
    >>> noisy = Picture(clipped(flat.pixels + grains))
    >>> bool(quiet(noisy).pixels.std() < noisy.pixels.std() / 3)
    True
    """
    sigma = _sigma(picture.pixels)
    return picture if sigma <= quantile("noise", 0.95) else replace(picture, pixels=_smooth(picture.pixels, sigma))


def _smooth(pixels: Pixels, weight: float) -> Pixels:
    return clipped(denoise_tv_chambolle(pixels, weight=weight, channel_axis=-1, max_num_iter=60))  # type: ignore[no-untyped-call]


def _sigma(pixels: Pixels) -> float:
    curved = convolve(pixels, LAPLACES[..., None], mode="reflect")
    return float(np.median(np.abs(curved)) / 0.6745 / 6)
