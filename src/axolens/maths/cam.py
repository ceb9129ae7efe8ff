"""Class activation maps: what a layer gives, weighed by what the score's gradient says of it."""

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


def hires_cam(activations: Float[Array, "n c h w"], gradients: Float[Array, "n m c h w"]) -> Float[Array, "n m h w"]:
    """Return the signed HiResCAM: what each place gives, weighed by the gradient at that very place.

    Parameters
    ----------
    activations
        What the layer gives.
    gradients
        Of m targets' scores with respect to it.

    Returns
    -------
    maps
        Σ_c gradient_c · activation_c at each place. Where the score is linear from the layer on, a map sums to the
        score without its constant part.

    Notes
    -----
    Draelos and Carin, "Use HiResCAM instead of Grad-CAM for faithful explanations" (arXiv:2011.08891).

    Examples
    --------
    Gradients 0 and 2 of one channel, which Grad-CAM would take for 1 and 1:

    >>> import numpy as np
    >>> activations = np.array([[[[3.0, 4.0]]]], np.float32)
    >>> gradients = np.array([[[[[0.0, 2.0]]]]], np.float32)
    >>> hires_cam(activations, gradients)[0, 0]
    array([[0., 8.]], dtype=float32)
    """
    xp = array_namespace(activations, gradients)
    return xp.sum(gradients * activations[:, None, ...], axis=2)


def layer_cam(activations: Float[Array, "n c h w"], gradients: Float[Array, "n m c h w"]) -> Float[Array, "n m h w"]:
    """Return the LayerCAM: what each place gives, weighed by the gradient there where it is positive.

    Parameters
    ----------
    activations
        What the layer gives.
    gradients
        Of m targets' scores with respect to it.

    Returns
    -------
    maps
        Σ_c max(gradient_c, 0) · activation_c at each place. The paper's last ReLU is a view of this map, which is
        negative only where the layer itself is. Not linear in the score.

    Notes
    -----
    Jiang et al., "LayerCAM", equations 4 to 6 (doi:10.1109/TIP.2021.3089943).

    Examples
    --------
    >>> import numpy as np
    >>> activations = np.array([[[[3.0, 4.0]]]], np.float32)
    >>> gradients = np.array([[[[[-1.0, 2.0]]]]], np.float32)
    >>> layer_cam(activations, gradients)[0, 0]
    array([[0., 8.]], dtype=float32)
    """
    xp = array_namespace(activations, gradients)
    return hires_cam(activations, xp.where(gradients < 0, xp.zeros_like(gradients), gradients))
