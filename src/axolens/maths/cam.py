"""Class activation maps: channels of a layer, weighed by what the score's gradient says of them."""

from array_api_compat import array_namespace
from jaxtyping import Float

from axolens.maths.array import Array


def grad_cam(activations: Float[Array, "n c h w"], gradients: Float[Array, "n m c h w"]) -> Float[Array, "n m h w"]:
    """Return the signed Grad-CAM: each channel weighed by the mean of its gradient over the places.

    Parameters
    ----------
    activations
        What the layer gives.
    gradients
        Of m targets' scores with respect to it.

    Returns
    -------
    maps
        Σ_c mean(gradient_c) · activation_c. The paper's ReLU is a view of this signed map.

    Notes
    -----
    Selvaraju et al., "Grad-CAM", equations 1 and 2 (arXiv:1610.02391).

    Examples
    --------
    Two channels with mean gradients 1 and −0.5:

    >>> import numpy as np
    >>> activations = np.array([[[[1.0, 2.0]], [[2.0, 8.0]]]], np.float32)
    >>> gradients = np.array([[[[[0.0, 2.0]], [[-0.5, -0.5]]]]], np.float32)
    >>> grad_cam(activations, gradients)[0, 0]
    array([[ 0., -2.]], dtype=float32)
    """
    xp = array_namespace(activations, gradients)
    n, c, h, w = activations.shape
    weights = xp.mean(gradients, axis=(-2, -1))
    return xp.reshape(xp.matmul(weights, xp.reshape(activations, (n, c, h * w))), (n, gradients.shape[1], h, w))
