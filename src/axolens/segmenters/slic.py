"""SLIC: compact superpixels of similar size."""

import numpy as np
from jaxtyping import Float32
from skimage.segmentation import slic

from axolens.records.segments import Segments

SETTINGS = {"n_segments": 50, "compactness": 10.0, "sigma": 1.0}


def segment(image: Float32[np.ndarray, "h w 3"], seed: int) -> Segments:
    """Return compact regions (Achanta et al., TPAMI 2012); the result does not depend on the seed.

    Parameters
    ----------
    image
        (h, w, 3) sRGB in [0, 1].
    seed
        Not used; every segmenter takes one.

    Examples
    --------
    >>> int(segment(np.random.default_rng(0).random((32, 48, 3), np.float32), 0).labels.min())
    0
    """
    del seed
    labels = slic(image, start_label=0, channel_axis=-1, **SETTINGS)
    closed = np.unique(labels, return_inverse=True)[1].reshape(labels.shape)
    return Segments(closed.astype(np.int32), "slic", SETTINGS)
