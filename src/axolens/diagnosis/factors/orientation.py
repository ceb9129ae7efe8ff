"""Orientation in the plane: turned by quarters and a little."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float32
from kornia.geometry.transform import remap
from kornia.image import image_to_tensor, tensor_to_image

from axolens.diagnosis.factors.factor import Edit, Picture, Pixels, clipped, smooth_field
from axolens.diagnosis.factors.placing import turned_elsewhere, turned_to, turns
from axolens.records.diagnosis import Measured


@dataclass(frozen=True, slots=True)
class Orientation:
    """Turn the object on its own ground to lie as the references do, where both have masks.

    Else turn the picture; quarters keep all of it, other angles lose the corners.
    """

    name: str = "orientation"
    angles: tuple[float, ...] = (90.0, 180.0, 270.0)
    ways: int = 2

    def measure(self, picture: Picture) -> Measured:
        """Measure the turn from the references' lie; without masks which way is up cannot be read from pixels."""
        found = turns(picture, 1)
        return Measured(abs(found[0]), "degrees from how the references lie") if found else Measured(0.0, "")

    def edits(self, picture: Picture) -> tuple[Edit, ...]:
        """Return the object, or the picture, turned, one an angle."""
        if picture.guides:
            return turned_to(picture, self.ways)
        return tuple(Edit(f"turned by {angle:g}°", angle, turned(picture.pixels, angle)) for angle in self.angles)

    def sham(self, picture: Picture, edits: Sequence[Edit], rng: np.random.Generator) -> tuple[Pixels, ...]:
        """Turn the object by other angles; or every place of the picture by as much, under one smooth random field."""
        if picture.guides:
            return turned_elsewhere(picture, edits, rng)
        field = smooth_field(rng, picture.pixels.shape[:2])
        far = [min(abs(edit.dose), 360 - abs(edit.dose)) for edit in edits]
        found = {angle: swirled(picture.pixels, angle * field) for angle in dict.fromkeys(far)}
        return tuple(found[angle] for angle in far)


def turned(pixels: Pixels, angle: float) -> Float32[np.ndarray, "h2 w2 3"]:
    """Return a picture turned against the clock, mirrored at its edges."""
    if angle % 90 == 0:
        return np.ascontiguousarray(np.rot90(pixels, int(angle // 90)))
    return swirled(pixels, np.full(pixels.shape[:2], angle, np.float32))


def swirled(pixels: Pixels, degrees: Float32[np.ndarray, "h w"]) -> Pixels:
    """Return a picture of which each place is turned about the middle by its own angle, mirrored at its edges."""
    height, width = pixels.shape[:2]
    y = np.arange(height, dtype=np.float32)[:, None] - (height - 1) / 2
    x = np.arange(width, dtype=np.float32) - (width - 1) / 2
    cosine, sine = np.cos(np.deg2rad(degrees)), np.sin(np.deg2rad(degrees))
    down, across = (height - 1) / 2 + cosine * y + sine * x, (width - 1) / 2 + cosine * x - sine * y
    image, to_x, to_y = (image_to_tensor(one, keepdim=one.ndim == 2) for one in (pixels.copy(), across, down))
    return clipped(tensor_to_image(remap(image, to_x, to_y, padding_mode="reflection", align_corners=True)))
