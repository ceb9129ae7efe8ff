"""A layer's channels as masks over the photo, and what each is then worth: Score-CAM's arithmetic."""

import numpy as np
from array_api_compat import array_namespace
from jaxtyping import Float, Float32

from axolens.maths.array import Array


def bilinear(size: int, cells: int) -> Float32[np.ndarray, "l c"]:
    """Return the weight of each of ``cells`` at each of ``size`` pixels along a side: rows sum to 1.

    A pixel and a cell are read at their middles; beyond the outer cells' middles nothing changes.

    Examples
    --------
    >>> bilinear(4, 2).tolist()
    [[1.0, 0.0], [0.75, 0.25], [0.25, 0.75], [0.0, 1.0]]
    """
    places = np.clip((np.arange(size) + 0.5) * cells / size - 0.5, 0, cells - 1)
    return np.maximum(0, 1 - np.abs(places[:, None] - np.arange(cells))).astype(np.float32)


def as_masks(
    channels: Float[Array, "n h w"], rows: Float[Array, "H h"], columns: Float[Array, "W w"]
) -> Float[Array, "n H W"]:
    """Return channels enlarged to the photo and stretched to [0, 1] one by one; zeros for one that is flat.

    Notes
    -----
    Wang et al., "Score-CAM", equation 6 (arXiv:1910.01279): first enlarged, then stretched.

    Examples
    --------
    >>> channels = np.array([[[2.0, 6.0]], [[5.0, 5.0]]], np.float32)
    >>> as_masks(channels, bilinear(1, 1), bilinear(4, 2)).tolist()
    [[[0.0, 0.25, 0.75, 1.0]], [[0.0, 0.0, 0.0, 0.0]]]
    """
    xp = array_namespace(channels, rows, columns)
    large = xp.matmul(xp.matmul(rows[None, ...], channels), xp.permute_dims(columns, (1, 0))[None, ...])
    lowest = xp.min(large, axis=(-2, -1), keepdims=True)
    range_ = xp.max(large, axis=(-2, -1), keepdims=True) - lowest
    return (large - lowest) / xp.where(range_ > 0, range_, xp.ones_like(range_))


def softmax(values: Float[Array, "c m"]) -> Float[Array, "c m"]:
    """Return each column's exponentials as shares of their sum.

    Examples
    --------
    >>> softmax(np.log(np.array([[1.0], [3.0]]))).round(6).tolist()
    [[0.25], [0.75]]
    """
    xp = array_namespace(values)
    raised = xp.exp(values - xp.max(values, axis=0, keepdims=True))
    return raised / xp.sum(raised, axis=0, keepdims=True)
