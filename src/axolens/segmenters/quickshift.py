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
    >>> blocks = np.kron(np.random.default_rng(0).random((4, 4, 3), np.float32), np.ones((16, 16, 1), np.float32))
    >>> found = segment(blocks, 0)
    >>> int(found.labels.min()), found.count == np.unique(found.labels).size
    (0, True)
    """
    labels = quickshift(image.astype(np.float64), rng=seed, **SETTINGS)  # type: ignore[no-untyped-call]
    closed = np.unique(labels, return_inverse=True)[1].reshape(labels.shape)
    return Segments(closed.astype(np.int32), "quickshift", {**SETTINGS, "seed": seed})
