"""Insertion and deletion: in which order places are hidden or shown, and the area under the score."""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Bool, Float, Int

from axolens.errors import InputError


def order(values: Float[np.ndarray, "h w"], rng: np.random.Generator) -> Int[np.ndarray, "p"]:
    """Return the places of a map from the largest value to the smallest, ties in a drawn order.

    Parameters
    ----------
    values
        (h, w) signed; what speaks for the target is positive.
    rng
        Draws the order of equal values: reading order would favour what lies at the bottom of the picture.

    Raises
    ------
    InputError
        If a value is no number.

    Examples
    --------
    >>> order(np.array([[0.1, 0.4], [0.3, 0.2]]), np.random.default_rng(0)).tolist()
    [1, 2, 3, 0]
    """
    flat = np.asarray(values, np.float64).ravel()
    if not np.isfinite(flat).all():
        raise InputError("values", expected="a map of numbers", got=f"{int((~np.isfinite(flat)).sum())} that are none")
    return np.lexsort((rng.permutation(flat.size), -flat))


def hidden(
    ordered: Int[np.ndarray, "p"], shares: Sequence[float], size: tuple[int, int], *, least: bool = False
) -> Bool[np.ndarray, "t h w"]:
    """Return which places are hidden when a share of them is.

    Parameters
    ----------
    ordered
        All p = h·w places, the most important first.
    shares
        Of the places, 0..1.
    size
        (h, w).
    least
        Hide the least important first: at a share s this shows the 1 − s most important ones, as insertion does.

    Returns
    -------
    hidden
        (t, h, w), one mask a share.

    Examples
    --------
    >>> hidden(np.array([3, 0, 1, 2]), [0.5], (2, 2)).astype(int).tolist(), hidden(
    ...     np.array([3, 0, 1, 2]), [0.25], (2, 2), least=True).astype(int).tolist()
    ([[[1, 0], [0, 1]]], [[[0, 0], [1, 0]]])
    """
    places = ordered[::-1] if least else ordered
    masks = np.zeros((len(shares), ordered.size), bool)
    for row, share in zip(masks, shares, strict=True):
        row[places[: round(share * ordered.size)]] = True
    return masks.reshape(len(shares), *size)


def area(shares: Sequence[float], scores: Float[np.ndarray, "*n t"]) -> Float[np.ndarray, "*n"]:
    """Return the area under curves of a score against a share, by the trapezoid rule.

    Parameters
    ----------
    shares
        t rising shares, from 0 to 1 for a whole curve; the steps need not be even.
    scores
        (…, t).

    Notes
    -----
    Deletion and insertion: Petsiuk et al. (2018), arXiv:1806.07421.

    Examples
    --------
    The scores 1, 0.3 and 0 at the shares 0, 0.5 and 1: (1.3/2 + 0.3/2)/2.

    >>> round(float(area([0.0, 0.5, 1.0], np.array([1.0, 0.3, 0.0]))), 3)
    0.4
    """
    return np.asarray(np.trapezoid(scores, np.asarray(shares, np.float64), axis=-1))
