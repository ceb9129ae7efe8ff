"""Edits that should change nothing: each pipeline there and back."""

import numpy as np
from skimage.color import lab2rgb, rgb2lab

from axolens.diagnosis.factors.cutout import pasted
from axolens.diagnosis.factors.factor import Picture, Pixels, clipped
from axolens.diagnosis.factors.orientation import swirled
from axolens.diagnosis.variations import Variation

HARMLESS = 0.1
"""Log-odds by which a round trip may move the true class without being a warning."""


def round_trips(picture: Picture) -> dict[str, Pixels]:
    """Return the picture after each pipeline's empty edit.

    Examples
    --------
    >>> sorted(round_trips(Picture(np.full((16, 16, 3), 0.5, np.float32))))
    ['JPEG at 98', 'Lab there and back', 'turned and turned back']
    """
    pixels = picture.pixels
    height, width = pixels.shape[:2]
    top, left = height // 4, width // 4
    wide = np.pad(pixels, ((top, top), (left, left), (0, 0)), mode="symmetric")
    away = swirled(wide, np.full(wide.shape[:2], 10.0, np.float32))
    back = swirled(away, np.full(wide.shape[:2], -10.0, np.float32))
    found = {
        "Lab there and back": clipped(lab2rgb(rgb2lab(pixels))),
        "turned and turned back": np.ascontiguousarray(back[top : top + height, left : left + width]),
        "JPEG at 98": Variation(quality=98).apply(pixels),
    }
    if picture.mask is not None:
        found["cut and pasted back"] = pasted(picture, pixels)
    return found
