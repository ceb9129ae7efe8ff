"""Mean and spread of many maps, gathered part by part."""

from typing import NamedTuple

from array_api_compat import array_namespace
from jaxtyping import Float

from axolens.maths.array import Array


class Moments(NamedTuple):
    """How many values there were at each place, their mean, and the sum of their squared distances from it."""

    number: int
    mean: Array
    squares: Array


def moments(values: Float[Array, "t *place"]) -> Moments:
    """Return the moments of t values at each place."""
    xp = array_namespace(values)
    mean = xp.mean(values, axis=0)
    return Moments(values.shape[0], mean, xp.sum((values - mean[None, ...]) ** 2, axis=0))


def pooled(one: Moments, other: Moments) -> Moments:
    """Return the moments of both parts together.

    Notes
    -----
    Chan, Golub and LeVeque (1983), doi:10.1080/00031305.1983.10483115, equation 2.1: no difference of large sums, so
    that float32 serves.

    Examples
    --------
    >>> import numpy as np
    >>> both = pooled(moments(np.array([1.0, 3.0])), moments(np.array([8.0])))
    >>> both.number, float(both.mean), float(both.squares)  # (1, 3, 8): mean 4, 9 + 1 + 16
    (3, 4.0, 26.0)
    """
    number, gap = one.number + other.number, other.mean - one.mean
    mean = one.mean + gap * (other.number / number)
    return Moments(number, mean, one.squares + other.squares + gap**2 * (one.number * other.number / number))


def noise_share(found: Moments) -> Float[Array, "*map"]:
    """Return which share of a mean map's variance over its places is sampling noise.

    Parameters
    ----------
    found
        Of (…, h, w) maps, at least two.

    Returns
    -------
    share
        (…): the mean squared standard error over the variance of the places, about 1 for a map of noise alone; 0 for
        a map without variance.

    Examples
    --------
    Two places, two maps: the standard errors are 1 and 0, the mean map is 1 and 5.

    >>> import numpy as np
    >>> float(noise_share(moments(np.array([[[0.0, 5.0]], [[2.0, 5.0]]]))))  # (1 + 0)/2 over 4
    0.125
    """
    xp = array_namespace(found.mean)
    error = xp.mean(found.squares, axis=(-2, -1)) / ((found.number - 1) * found.number)
    spread = xp.var(found.mean, axis=(-2, -1))
    return xp.where(spread > 0, error / xp.where(spread > 0, spread, xp.ones_like(spread)), xp.zeros_like(spread))
