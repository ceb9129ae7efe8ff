"""The one question of perturbation methods: what does the model say when these regions are hidden."""

import numpy as np
from array_api_compat import array_namespace
from jaxtyping import Bool, Float32

from axolens.classifiers.counted import Counted
from axolens.maths.array import Array, to_numpy
from axolens.records.segments import Segments


def hide(
    image: Float32[Array, "h w c"], filled: Float32[Array, "h w c"], keep: Bool[Array, "n h w"]
) -> Float32[Array, "n h w c"]:
    """Return copies of an image in which everything outside ``keep`` shows ``filled`` instead.

    Examples
    --------
    >>> keep = np.array([[[True, False]]])
    >>> hide(np.ones((1, 2, 1), np.float32), np.zeros((1, 2, 1), np.float32), keep)[0, 0, :, 0]
    array([1., 0.], dtype=float32)
    """
    xp = array_namespace(image, filled, keep)
    return xp.where(keep[..., None], image[None, ...], filled[None, ...])


def hidden_scores(
    model: Counted,
    image: Float32[Array, "h w 3"],
    filled: Float32[np.ndarray, "h w 3"],
    segments: Segments,
    keep: Bool[np.ndarray, "t s"],
    chunk: int,
) -> Float32[np.ndarray, "t k"]:
    """Return all classes' scores with regions hidden, one row a mask.

    Parameters
    ----------
    model
        The classifier that is asked, t images forward.
    image
        On the network grid, on the model's device.
    filled
        What a hidden region shows.
    segments
        The regions.
    keep
        (t, s), True where a region is visible.
    chunk
        Images a pass; masks and blended images exist for one chunk at a time.
    """
    behind, labels = model.asarray(filled), model.asarray(segments.labels.astype(np.int64).ravel())
    xp = array_namespace(behind)
    rows = []
    for start in range(0, len(keep), chunk):
        part = model.asarray(keep[start : start + chunk])
        visible = xp.reshape(xp.take(part, labels, axis=1), (part.shape[0], *segments.labels.shape))
        rows.append(to_numpy(model.scores(hide(image, behind, visible))))
    return np.concatenate(rows).astype(np.float32)
