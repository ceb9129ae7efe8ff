"""Quickshift, with the settings of the lime package, which the notebook used."""

import numpy as np
from jaxtyping import Float32
from skimage.segmentation import quickshift

from axolens.records.segments import Segments

SETTINGS = {"kernel_size": 4.0, "max_dist": 200.0, "ratio": 0.2}


def segment(image: Float32[np.ndarray, "h w 3"], seed: int) -> Segments:
    """Return regions of similar colour (Vedaldi and Soatto, ECCV 2008).

    Parameters
    ----------
    image
        (h, w, 3) sRGB in [0, 1].
    seed
        Breaks ties between equally dense places.

    Examples
    --------
    >>> halves = np.zeros((24, 24, 3), np.float32)
    >>> halves[:, 12:] = 1.0
    >>> found = segment(halves, 0)
    >>> bool(np.intersect1d(found.labels[:, :12], found.labels[:, 12:]).size)
    False
    """
    labels = quickshift(image.astype(np.float64), rng=seed, **SETTINGS)  # type: ignore[no-untyped-call]
    closed = np.unique(labels, return_inverse=True)[1].reshape(labels.shape)
    return Segments(closed.astype(np.int32), "quickshift", {**SETTINGS, "seed": seed})
