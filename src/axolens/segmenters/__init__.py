"""Superpixels: one partition a file, labels 0 to s - 1 without gaps."""

import numpy as np
from jaxtyping import Float32

from axolens.errors import InputError
from axolens.records.segments import Segments

SEGMENTERS = ("slic", "felzenszwalb", "quickshift")


def segment(image: Float32[np.ndarray, "h w 3"], name: str, seed: int) -> Segments:
    """Return the regions of an image by the segmenter of this name.

    Raises
    ------
    InputError
        If there is no such segmenter.
    """
    if name == "quickshift":
        from axolens.segmenters.quickshift import segment as chosen
    elif name == "slic":
        from axolens.segmenters.slic import segment as chosen
    elif name == "felzenszwalb":
        from axolens.segmenters.felzenszwalb import segment as chosen
    else:
        raise InputError("segmenter", expected=f"one of {', '.join(SEGMENTERS)}", got=repr(name))
    return chosen(image, seed)
