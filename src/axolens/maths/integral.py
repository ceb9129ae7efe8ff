"""Integrals along the straight line between two images, by Gauss-Legendre quadrature."""

import numpy as np
from array_api_compat import array_namespace
from jaxtyping import Float, Float64

from axolens.errors import InputError
from axolens.maths.array import Array


def gauss_legendre(steps: int) -> tuple[Float64[np.ndarray, "t"], Float64[np.ndarray, "t"]]:
    """Return nodes in (0, 1) and weights that sum to 1, exact for polynomials of degree 2·steps − 1.

    Parameters
    ----------
    steps
        Number of nodes t, at least 1.

    Returns
    -------
    nodes, weights
        Each (t,), the nodes ascending.

    Raises
    ------
    InputError
        If ``steps`` is below 1.

    Notes
    -----
    Abramowitz and Stegun, Handbook of Mathematical Functions, 25.4.29, moved from [−1, 1] to [0, 1]. A mean over
    ``linspace(0, 1, t)`` is no quadrature: with 25 points it is 2.1 % too high on a cubic.

    Examples
    --------
    >>> nodes, weights = gauss_legendre(3)
    >>> round(float(weights @ nodes**5), 12)  # the integral of x⁵ over [0, 1] is 1/6
    0.166666666667
    """
    if steps < 1:
        raise InputError("steps", expected="a whole number of at least 1", got=steps)
    nodes, weights = np.polynomial.legendre.leggauss(steps)
    return (nodes + 1) / 2, weights / 2


def points_between(
    start: Float[Array, "*image"], end: Float[Array, "*image"], nodes: Float[Array, "t"]
) -> Float[Array, "t *image"]:
    """Return the images on the straight line at these shares of the way.

    Examples
    --------
    >>> points_between(np.array([0.0, 2.0]), np.array([4.0, 2.0]), np.array([0.25, 1.0]))
    array([[1., 2.],
           [4., 2.]])
    """
    xp = array_namespace(start, end, nodes)
    return start[None, ...] + xp.reshape(nodes, (-1, *(1,) * start.ndim)) * (end - start)[None, ...]


def weighed_sum(weights: Float[Array, "t"], values: Float[Array, "t *rest"]) -> Float[Array, "*rest"]:
    """Return Σ_t weight_t · value_t.

    Examples
    --------
    >>> weighed_sum(np.array([0.25, 0.75]), np.array([[4.0, 0.0], [0.0, 4.0]]))
    array([1., 3.])
    """
    xp = array_namespace(weights, values)
    return xp.tensordot(weights, values, axes=1)
