"""Scale: looked at more closely, or from farther away."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float
from PIL import Image
from scipy.ndimage import gaussian_filter

from axolens.diagnosis.factors.factor import Edit, Picture, Pixels, clipped, detail_box
from axolens.diagnosis.factors.noise import quiet
from axolens.diagnosis.factors.placing import length, scaled_to, stretched
from axolens.diagnosis.natural import compare
from axolens.records.diagnosis import Measured

MIDDLE: Float[np.ndarray, "2"] = np.array([0.5, 0.5])


@dataclass(frozen=True, slots=True)
class Scale:
    """Bring the object to the length of the references' on its own ground, where both have masks.

    Else enlarge the middle of the picture, or shrink the picture onto its own blurred surround.
    """

    name: str = "scale"
    zooms: tuple[float, ...] = (1.5, 2.25, 3.4, 0.67)
    quantiles: tuple[float, ...] = (0.25, 0.75)

    def measure(self, picture: Picture) -> Measured:
        """Measure the object beside the references, where both have masks; else where the detail lies."""
        others = [length(one.mask) for one in picture.guides if one.mask is not None]
        if picture.mask is None or not others:
            return compare(
                "scale", detail_box(quiet(picture)).side, "of the picture's side hold its detail", ("small", "")
            )
        own = length(picture.mask)
        place = float(np.mean([other < own for other in others]))
        word = {0.0: "smaller than any reference", 1.0: "larger than any reference"}.get(place, "")
        return Measured(own, "of the shorter side", words=word)

    def edits(self, picture: Picture) -> tuple[Edit, ...]:
        """Return the object, or the picture, at other scales."""
        if picture.guides:
            return scaled_to(picture, self.quantiles)
        box = detail_box(quiet(picture))
        aims = [(1 / box.side, box.middle)] if box.side < 0.85 else []
        aims += [(zoom, MIDDLE) for zoom in self.zooms]
        return tuple(
            Edit(f"{'enlarged' if zoom > 1 else 'shrunk'} {zoom:.2f} times", zoom, zoomed(picture.pixels, zoom, middle))
            for zoom, middle in aims
        )

    def sham(self, picture: Picture, edits: Sequence[Edit], rng: np.random.Generator) -> tuple[Pixels, ...]:
        """Stretch the object as much at the same share; or enlarge the picture as much away from its middle."""
        if picture.guides:
            return stretched(picture, edits, rng)
        angle = rng.uniform(0, 2 * np.pi)
        way = np.array([np.sin(angle), np.cos(angle)])
        way = way / np.abs(way).max() * rng.uniform(0.7, 1)
        found = []
        for edit in edits:
            room = abs(1 - 1 / edit.dose) / 2 if edit.dose > 1 else (1 - edit.dose) / 2
            found.append(zoomed(picture.pixels, edit.dose, 0.5 + room * way))
        return tuple(found)


def zoomed(pixels: Pixels, zoom: float, middle: Float[np.ndarray, "2"]) -> Pixels:
    """Return the picture enlarged about a place (row, column in shares), or shrunk to lie there."""
    height, width = pixels.shape[:2]
    image = Image.fromarray(np.round(pixels * 255).astype(np.uint8))
    if zoom > 1:
        top, left = (middle[0] - 0.5 / zoom) * height, (middle[1] - 0.5 / zoom) * width
        box = (max(left, 0), max(top, 0), min(left + width / zoom, width), min(top + height / zoom, height))
        return (np.asarray(image.resize((width, height), Image.Resampling.BICUBIC, box=box)) / 255).astype(np.float32)
    ground = gaussian_filter(pixels, (height / 8, width / 8, 0), mode="nearest", truncate=2)
    small = image.resize((round(width * zoom), round(height * zoom)), Image.Resampling.BICUBIC)
    top, left = round(middle[0] * height - small.height / 2), round(middle[1] * width - small.width / 2)
    top, left = min(max(top, 0), height - small.height), min(max(left, 0), width - small.width)
    found = ground.copy()
    found[top : top + small.height, left : left + small.width] = np.asarray(small) / 255
    return clipped(found)
