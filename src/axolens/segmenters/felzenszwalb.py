"""Felzenszwalb and Huttenlocher's graph-based regions."""

import numpy as np
from jaxtyping import Float32
from skimage.segmentation import felzenszwalb

from axolens.records.segments import Segments

SETTINGS = {"scale": 100.0, "sigma": 0.8, "min_size": 100}


def segment(image: Float32[np.ndarray, "h w 3"], seed: int) -> Segments:
    """Return regions of similar colour (IJCV 2004); the result does not depend on the seed.

    Parameters
    ----------
    image
        (h, w, 3) sRGB in [0, 1].
    seed
        Not used; every segmenter takes one.

    Examples
    --------
    >>> segment(np.zeros((16, 16, 3), np.float32), 0).count
    1
    """
    del seed
    labels = felzenszwalb(image, channel_axis=-1, **SETTINGS)
    closed = np.unique(labels, return_inverse=True)[1].reshape(labels.shape)
    return Segments(closed.astype(np.int32), "felzenszwalb", SETTINGS)
