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
    return _weighed(xp.mean(gradients, axis=(-2, -1)), activations)


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


def grad_cam_plus_plus(
    activations: Float[Array, "n c h w"], gradients: Float[Array, "n m c h w"]
) -> Float[Array, "n m h w"]:
    """Return the Grad-CAM++: each channel weighed by its positive gradients, which count more where they are alone.

    Parameters
    ----------
    activations
        What the layer gives.
    gradients
        Of m targets' scores with respect to it.

    Returns
    -------
    maps
        Σ_c w_c · activation_c with w_c = Σ_ij α_ij · max(gradient_ij, 0) and
        α_ij = g² / (2·g² + g³·Σ_ab activation_ab), 0 where g or the denominator is 0: the paper's weights for
        exp(score), without the factor exp(score) that all places share. Not linear in the score.

    Notes
    -----
    Chattopadhyay et al., "Grad-CAM++", equations 5, 10 and 19 (arXiv:1710.11063).

    Examples
    --------
    One channel that sums to 3, gradients 2 and 0: α = 4/(8 + 24) = 1/8, so the weight is 1/4.

    >>> import numpy as np
    >>> activations = np.array([[[[1.0, 2.0]]]], np.float32)
    >>> grad_cam_plus_plus(activations, np.array([[[[[2.0, 0.0]]]]], np.float32))[0, 0]
    array([[0.25, 0.5 ]], dtype=float32)
    """
    xp = array_namespace(activations, gradients)
    zero = xp.zeros_like(gradients)
    squared = gradients * gradients
    below = 2 * squared + squared * gradients * xp.sum(activations, axis=(-2, -1), keepdims=True)[:, None, ...]
    flat = below == 0
    alpha = xp.where(flat, zero, squared / xp.where(flat, zero + 1, below))
    positive = xp.where(gradients > 0, gradients, zero)
    return _weighed(xp.sum(alpha * positive, axis=(-2, -1)), activations)


def xgrad_cam(activations: Float[Array, "n c h w"], gradients: Float[Array, "n m c h w"]) -> Float[Array, "n m h w"]:
    """Return the XGrad-CAM: each channel weighed by the mean of its gradient, weighed by what the channel gives.

    Parameters
    ----------
    activations
        What the layer gives.
    gradients
        Of m targets' scores with respect to it.

    Returns
    -------
    maps
        Σ_c w_c · activation_c with w_c = Σ_ij gradient · activation / Σ_ij activation, 0 for a channel that sums to 0;
        so each channel's part, and the map, sums to what it does in HiResCAM.

    Notes
    -----
    Fu et al., "Axiom-based Grad-CAM", equation 8 (arXiv:2008.02312).

    Examples
    --------
    Gradients 0 and 2 where the channel gives 3 and 1: the weight is 2/4, not the mean of 1.

    >>> import numpy as np
    >>> activations = np.array([[[[3.0, 1.0]]]], np.float32)
    >>> xgrad_cam(activations, np.array([[[[[0.0, 2.0]]]]], np.float32))[0, 0]
    array([[1.5, 0.5]], dtype=float32)
    """
    xp = array_namespace(activations, gradients)
    sums = xp.sum(activations, axis=(-2, -1))[:, None, :]
    met = xp.sum(gradients * activations[:, None, ...], axis=(-2, -1))
    silent = sums == 0
    return _weighed(xp.where(silent, xp.zeros_like(met), met / xp.where(silent, xp.ones_like(sums), sums)), activations)


def eigen_cam(activations: Float[Array, "n c h w"], gradients: Float[Array, "n m c h w"]) -> Float[Array, "n m h w"]:
    """Return the Eigen-CAM: how much of the layer's strongest pattern of channels is at each place.

    Parameters
    ----------
    activations
        What the layer gives.
    gradients
        Of m targets; only their number counts.

    Returns
    -------
    maps
        The places by channels, not centred, on their first right singular vector; the same for every target. A singular
        vector has no sign of its own: the map sums to 0 or more.

    Notes
    -----
    Muhammad and Yeasin, "Eigen-CAM", section III (arXiv:2008.00299).

    Examples
    --------
    Channels (3, 0) and (4, 0): one pattern, of length 5 at the first place.

    >>> import numpy as np
    >>> activations = np.array([[[[3.0, 0.0]], [[4.0, 0.0]]]], np.float32)
    >>> eigen_cam(activations, np.zeros((1, 1, 2, 1, 2), np.float32)).round(5)[0, 0]
    array([[5., 0.]], dtype=float32)
    """
    xp = array_namespace(activations, gradients)
    n, c, h, w = activations.shape
    left, values, _ = xp.linalg.svd(
        xp.permute_dims(xp.reshape(activations, (n, c, h * w)), (0, 2, 1)), full_matrices=False
    )
    strongest = left[:, :, 0] * values[:, :1]
    turned = xp.where(xp.sum(strongest, axis=1, keepdims=True) < 0, -strongest, strongest)
    return xp.stack([xp.reshape(turned, (n, h, w))] * gradients.shape[1], axis=1)


def _weighed(weights: Float[Array, "n m c"], activations: Float[Array, "n c h w"]) -> Float[Array, "n m h w"]:
    """Return each target's sum of channels."""
    xp = array_namespace(weights, activations)
    n, c, h, w = activations.shape
    return xp.reshape(xp.matmul(weights, xp.reshape(activations, (n, c, h * w))), (n, weights.shape[1], h, w))
