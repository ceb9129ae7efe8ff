"""The one question of perturbation methods: what does the model say when these regions are hidden."""

from collections.abc import Callable, Iterator

import numpy as np
from array_api_compat import array_namespace
from jaxtyping import Bool, Float32

from axolens.classifiers.counted import Counted
from axolens.maths.array import Array, to_numpy
from axolens.methods.passes import in_passes, pass_size
from axolens.records.segments import Segments

Masks = Callable[[int, int], Array]


def masked_scores(
    model: Counted, image: Float32[Array, "h w 3"], filled: Array, masks: Masks, total: int, chunk: int = 0
) -> Iterator[tuple[Array, Float32[Array, "n k"]]]:
    """Yield the masks of a pass and all classes' scores under them, until ``total`` images were asked.

    Parameters
    ----------
    model
        The classifier that is asked.
    image, filled
        (h, w, 3) on the model's device: the photo on the network grid, and what is shown where it is hidden.
    masks
        Given start and stop, makes that part of the masks on the device, (n, h, w): True, False or a share that is
        visible. The same call gives the same masks, since a pass that memory does not hold is asked again in parts.
    total, chunk
        Images in all and a pass; 0 is what suits the device.
    """

    def ask(start: int, stop: int) -> tuple[Array, Array]:
        visible = masks(start, stop)
        return visible, model.blended_scores(image, filled, visible)

    return in_passes(total, pass_size(image, chunk), ask)


def hidden_scores(
    model: Counted,
    image: Float32[Array, "h w 3"],
    filled: Float32[np.ndarray, "h w 3"],
    segments: Segments,
    keep: Bool[np.ndarray, "t s"],
    chunk: int = 0,
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
        Images a pass; masks and blended images exist for one pass at a time.
    """
    labels = model.asarray(segments.labels.astype(np.int64).ravel())
    xp = array_namespace(labels)

    def masks(start: int, stop: int) -> Array:
        part = model.asarray(keep[start:stop])
        return xp.reshape(part[:, labels], (stop - start, *segments.labels.shape))

    passes = masked_scores(model, image, model.asarray(filled), masks, len(keep), chunk)
    return np.concatenate([to_numpy(scores) for _, scores in passes]).astype(np.float32)
