"""Noise: smoothed away by total variation."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
from scipy.ndimage import convolve, gaussian_filter
from skimage.restoration import denoise_tv_chambolle

from axolens.diagnosis.factors.factor import Edit, Picture, Pixels, clipped, coarse, misplaced
from axolens.diagnosis.natural import compare, quantile
from axolens.records.diagnosis import Measured

LAPLACES = np.array([[1, -2, 1], [-2, 4, -2], [1, -2, 1]], np.float32)
"""The difference of two Laplace operators, blind to slopes and curves; its weights' root of squares is 6."""
CLEANER = 2.0
"""References have so many times the noise of a picture that is made as noisy as they are."""
COARSE = 1.5
"""Standard deviation of the grain of placebos, in pixels that the network sees."""


@dataclass(frozen=True, slots=True)
class Noise:
    """Denoise as much as the picture is noisy, and more; or make it as noisy as references with masks, first of all."""

    name: str = "noise"
    strengths: tuple[float, ...] = (0.7, 1.5)

    def measure(self, picture: Picture) -> Measured:
        """Measure the noise by the median of second differences (after Immerkær 1996, doi:10.1006/cviu.1996.0060)."""
        return compare("noise", _sigma(picture.pixels), "of full brightness", ("clean", "noisy"))

    def edits(self, picture: Picture) -> tuple[Edit, ...]:
        """Return the picture with its references' noise where it has less than half of it; and denoised."""
        own = _sigma(picture.pixels)
        found, sigma = _as_noisy(picture, own), max(own, quantile("noise", 0.5))
        for weight in (strength * sigma for strength in self.strengths):
            found.append(
                Edit(f"denoised (total variation, weight {weight:.3f})", weight, smoothed(picture.pixels, weight))
            )
        return tuple(found)

    def sham(self, picture: Picture, edits: Sequence[Edit], rng: np.random.Generator) -> tuple[Pixels, ...]:
        """Take away what denoising takes away, at other places; or add coarser grain for noise."""
        beside = misplaced(picture, edits, rng)
        return tuple(
            _coarse_grained(picture, -edit.dose, rng) if edit.dose < 0 else other
            for edit, other in zip(edits, beside, strict=True)
        )


def _coarse_grained(picture: Picture, sigma: float, rng: np.random.Generator) -> Pixels:
    """Return the picture with coarser grain, as strong as noise of this deviation once the network sees it smaller."""
    width, block = COARSE * picture.unit, max(1, round(picture.unit))
    noise = rng.standard_normal(picture.pixels.shape).astype(np.float32)
    grain = gaussian_filter(noise, (width, width, 0), mode="wrap")
    seen, wanted = (float(coarse(one, block).std()) for one in (grain, noise))
    return clipped(picture.pixels + sigma * wanted / max(seen, 1e-6) * grain)


def _as_noisy(picture: Picture, own: float) -> list[Edit]:
    """Return the picture as noisy as its references in the middle; the dose is the noise put on, below 0."""
    theirs = float(np.median([_sigma(one.pixels) for one in picture.guides])) if picture.guides else 0.0
    if theirs < CLEANER * own or theirs <= quantile("noise", 0.5):
        return []
    added = float(np.sqrt(theirs**2 - own**2))
    return [Edit(f"made as noisy as its references (by {added:.3f})", -added, grained(picture.pixels, added))]


def grained(pixels: Pixels, sigma: float) -> Pixels:
    """Return the picture with noise of this standard deviation, the same every time."""
    return clipped(pixels + np.random.default_rng(0).normal(0, sigma, pixels.shape))


def smoothed(pixels: Pixels, weight: float) -> Pixels:
    """Return the picture without its noise (total variation)."""
    return clipped(denoise_tv_chambolle(pixels, weight=weight, channel_axis=-1, max_num_iter=60))  # type: ignore[no-untyped-call]


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
    return picture if sigma <= quantile("noise", 0.95) else replace(picture, pixels=smoothed(picture.pixels, sigma))


def _sigma(pixels: Pixels) -> float:
    curved = convolve(pixels, LAPLACES[..., None], mode="reflect")
    return float(np.median(np.abs(curved)) / 0.6745 / 6)
