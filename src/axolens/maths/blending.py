"""Two pictures, and how much of the first is seen at each place."""

from array_api_compat import array_namespace
from jaxtyping import Bool, Float32

from axolens.maths.array import Array


def blend(
    image: Float32[Array, "h w c"],
    filled: Float32[Array, "h w c"],
    visible: Bool[Array, "n h w"] | Float32[Array, "n h w"],
) -> Float32[Array, "n h w c"]:
    """Return copies of an image in which everything that is not visible shows ``filled`` instead.

    Parameters
    ----------
    image, filled
        (h, w, c), of one framework and device.
    visible
        (n, h, w): True or False, or a share in [0, 1].

    Examples
    --------
    >>> import numpy as np
    >>> one, zero = np.ones((1, 2, 1), np.float32), np.zeros((1, 2, 1), np.float32)
    >>> blend(one, zero, np.array([[[True, False]]]))[0, 0, :, 0].tolist()
    [1.0, 0.0]
    >>> blend(one, zero, np.array([[[0.25, 1.0]]], np.float32))[0, 0, :, 0].tolist()
    [0.25, 1.0]
    """
    xp = array_namespace(image, filled, visible)
    if xp.isdtype(visible.dtype, "bool"):
        return xp.where(visible[..., None], image[None, ...], filled[None, ...])
    return filled[None, ...] + visible[..., None] * (image - filled)[None, ...]
