"""Shapley values by weighted least squares whose coefficients sum to the whole difference: KernelSHAP's arithmetic.

Solved on the host in float64, as LIME's is.
"""

import numpy as np
from jaxtyping import Bool, Float, Float64
from scipy.special import comb

from axolens.maths.surrogate import Fit

Design = Bool[np.ndarray, "t s"]


def size_shares(regions: int) -> Float64[np.ndarray, "sizes"]:
    """Return the Shapley kernel's share of the coalitions of 1, 2, …, s − 1 regions, which is as 1/(k·(s − k)).

    Parameters
    ----------
    regions
        Number of regions s, at least 2.

    Notes
    -----
    Lundberg and Lee, "A unified approach to interpreting model predictions", theorem 2 (arXiv:1705.07874): a coalition
    of k regions weighs (s − 1)/(C(s, k)·k·(s − k)), and there are C(s, k) of them.

    Examples
    --------
    >>> size_shares(4).round(4).tolist()  # as 1/3, 1/4, 1/3
    [0.3636, 0.2727, 0.3636]
    """
    sizes = np.arange(1, regions)
    shares = 1 / (sizes * (regions - sizes))
    return shares / shares.sum()


def every_coalition(regions: int) -> tuple[Design, Float64[np.ndarray, "t"]]:
    """Return all 2^s − 2 coalitions but the empty and the whole one, and their kernel weights, which sum to 1.

    Examples
    --------
    >>> keep, weights = every_coalition(3)
    >>> keep.sum(axis=1).tolist(), weights.round(4).tolist()
    ([1, 1, 2, 1, 2, 2], [0.1667, 0.1667, 0.1667, 0.1667, 0.1667, 0.1667])
    """
    keep = (np.arange(1, 2**regions - 1)[:, None] >> np.arange(regions)) % 2 == 1
    if regions < 2:
        return keep, np.ones(0)
    sizes = keep.sum(axis=1)
    return keep, size_shares(regions)[sizes - 1] / comb(regions, sizes)


def paired_coalitions(rng: np.random.Generator, pairs: int, regions: int) -> Design:
    """Return random coalitions and, in the same order after them, their complements: (2·pairs, s) masks.

    Each size is drawn by the Shapley kernel, so that all masks weigh alike in the fit; the sizes of one call are spread
    evenly over the kernel (systematic sampling), and the regions of each are any of as many.

    Examples
    --------
    >>> keep = paired_coalitions(np.random.default_rng(0), 11, 4)
    >>> np.bincount(keep[:11].sum(axis=1), minlength=5).tolist(), bool((keep[11:] == ~keep[:11]).all())
    ([0, 4, 3, 4, 0], True)
    """
    places = (np.arange(pairs) + rng.random()) / pairs
    sizes = 1 + np.searchsorted(np.cumsum(size_shares(regions))[:-1], places, side="right")
    ranks = np.argsort(np.argsort(rng.random((pairs, regions)), axis=1), axis=1)
    half = ranks < sizes[:, None]
    return np.concatenate([half, ~half])


def fit_shapley(
    keep: Design,
    responses: Float[np.ndarray, "t q"],
    weights: Float[np.ndarray, "t"],
    ends: Float[np.ndarray, "2 q"],
    resolution: float = 0.0,
) -> Fit:
    """Fit coefficients that sum exactly to the difference of the ends: Shapley values where all coalitions are given.

    Parameters
    ----------
    keep
        (t, s) coalitions, True = visible.
    responses
        (t, q) scores of q targets. A target with a score that is no number gets NaN throughout.
    weights
        (t,) kernel weights; equal ones where the coalitions were drawn by the kernel.
    ends
        (2, q) scores with everything visible, and with everything hidden.
    resolution
        Scores that differ by no more than this count as equal, in units of the scores: rounding is no effect.

    Returns
    -------
    fit
        Without intervals. The intercept is the score with everything hidden. With fewer different pairs of coalitions
        than regions less one, of all the perfect fits the one whose coefficients are most alike.

    Notes
    -----
    arXiv:1705.07874, equation 8 and theorem 2. With an equal share of the difference taken off every region, the rest
    sums to 0; the shortest least-squares solution on masks less their mean over the regions does so by itself.

    Examples
    --------
    A glove on either hand is worth nothing; the pair is worth 1, and a third region adds 2 to whatever there is:

    >>> keep, weights = every_coalition(3)
    >>> worth = keep[:, :2].all(axis=1) + 2.0 * keep[:, 2]
    >>> fit_shapley(keep, worth[:, None], weights, np.array([[3.0], [0.0]])).coefficients.round(6).tolist()
    [[0.5, 0.5, 2.0]]
    """
    bad = ~np.isfinite(responses).all(axis=0) | ~np.isfinite(ends).all(axis=0)
    nothing = np.where(bad, 0.0, ends[1].astype(np.float64))
    y = np.where(bad, 0.0, np.concatenate([ends, responses]).astype(np.float64)) - nothing
    y = np.where(np.ptp(y, axis=0) <= resolution, 0.0, y)
    each, x = y[0] / keep.shape[1], keep.astype(np.float64)
    rest = y[2:] - x.sum(axis=1, keepdims=True) * each
    root = np.sqrt(weights)[:, None]
    coefficients = each[:, None] + _shortest(root * (x - x.mean(axis=1, keepdims=True)), root * rest).T
    fitted = _explained(y[2:], y[2:] - x @ coefficients.T, weights)
    marked = np.where(bad, np.nan, 0.0)
    return Fit(coefficients + marked[:, None], nothing + marked, fitted + marked, None)


def pseudo_values(
    whole: Float64[np.ndarray, "q s"], without: Float64[np.ndarray, "b q s"]
) -> Float64[np.ndarray, "b q s"]:
    """Return what each of b blocks adds to a fit, b·whole − (b − 1)·without it: the jackknife's stand-in for a block.

    Parameters
    ----------
    whole
        Coefficients from all blocks.
    without
        Coefficients from all blocks but one, for each block. They want far fewer masks than a fit to one block alone.

    Notes
    -----
    Tukey (1958), doi:10.1214/aoms/1177706647.

    Examples
    --------
    For a mean they are the values themselves:

    >>> values = np.array([1.0, 2.0, 6.0])
    >>> left = np.array([4.0, 3.5, 1.5])
    >>> pseudo_values(np.array([[3.0]]), left[:, None, None]).ravel().tolist() == values.tolist()
    True
    """
    return len(without) * whole - (len(without) - 1) * without


def _shortest(x: Float64[np.ndarray, "t s"], y: Float64[np.ndarray, "t q"]) -> Float64[np.ndarray, "s q"]:
    """Return the shortest least-squares solution; zeros where nothing was asked."""
    return np.linalg.lstsq(x, y, rcond=None)[0] if len(x) else np.zeros((x.shape[1], y.shape[1]))


def _explained(
    y: Float64[np.ndarray, "t q"], residuals: Float64[np.ndarray, "t q"], weights: Float[np.ndarray, "t"]
) -> Float64[np.ndarray, "q"]:
    """Return R² over the coalitions by their weights; 1 where there are none to miss, 0 where they do not differ."""
    if not len(y):
        return np.ones(y.shape[1])
    spread = weights @ (y - weights @ y / weights.sum()) ** 2
    return np.where(spread > 0, 1 - weights @ residuals**2 / np.where(spread > 0, spread, 1), 0.0)
