"""Blur: undone by Wiener's filter for a Gaussian."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.ndimage import median_filter
from skimage.measure import blur_effect

from axolens.diagnosis.factors.factor import Edit, Picture, Pixels, clipped, coarse, detail_box, luma, misplaced
from axolens.diagnosis.factors.noise import quiet
from axolens.diagnosis.natural import compare
from axolens.records.diagnosis import Measured

FLOOR = 0.02  # of the noise beside the signal; less sharpens noise
FEWEST = 4
"""Pixels a side from which the blur can be measured."""


@dataclass(frozen=True, slots=True)
class Blur:
    """Sharpen by undoing a Gaussian blur of given widths, in pixels that the network sees."""

    name: str = "blur"
    widths: tuple[float, ...] = (0.8, 1.6, 3.0)

    def measure(self, picture: Picture) -> Measured:
        """Measure the blur (Crété-Roffet and others 2007)."""
        bare = quiet(picture)
        box, (height, width) = detail_box(bare), bare.pixels.shape[:2]
        rows, columns = (slice(int(low * side), int(np.ceil(high * side))) for low, high, side in
                         ((box.top, box.bottom, height), (box.left, box.right, width)))  # fmt: skip
        smooth = median_filter(luma(coarse(bare.pixels[rows, columns], max(1, round(picture.unit)))), 3)
        if min(smooth.shape) < FEWEST:
            return Measured(0.0, "")
        blur = float(blur_effect(smooth, h_size=9))  # type: ignore[no-untyped-call]
        return compare("blur", blur, "of the blur scale", ("sharp", "blurred"))

    def edits(self, picture: Picture) -> tuple[Edit, ...]:
        """Return the picture sharpened, one a width."""
        undone = ((width, sharpened(picture.pixels, width * picture.unit)) for width in self.widths)
        return tuple(
            Edit(f"sharpened (a blur of {width:g} network pixels undone)", width, pixels) for width, pixels in undone
        )

    def sham(self, picture: Picture, edits: Sequence[Edit], rng: np.random.Generator) -> tuple[Pixels, ...]:
        """Add what sharpening adds, at other places."""
        return misplaced(picture, edits, rng)


def sharpened(pixels: Pixels, width: float, floor: float = FLOOR) -> Pixels:
    """Undo a Gaussian blur of ``width`` pixels by Wiener's filter on a mirrored picture."""
    rows, columns = pixels.shape[:2]
    edge = min(int(4 * width) + 1, rows - 1, columns - 1)
    wide = np.pad(pixels, ((edge, edge), (edge, edge), (0, 0)), mode="reflect")
    down = np.fft.fftfreq(wide.shape[0])[:, None]
    across = np.fft.rfftfreq(wide.shape[1])[None]
    passed = np.exp(-2 * (np.pi * width) ** 2 * (down**2 + across**2))
    wiener = (passed * (1 + floor) / (passed**2 + floor))[..., None]
    found = np.fft.irfft2(np.fft.rfft2(wide, axes=(0, 1)) * wiener, wide.shape[:2], axes=(0, 1))
    return clipped(found[edge : edge + rows, edge : edge + columns])
