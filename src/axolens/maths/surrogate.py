"""A linear model of a score on which regions are visible: LIME's arithmetic, with intervals.

Solved on the host in float64: the design is small, and its normal equations want more than float32.
"""

from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Float, Float64
from scipy.stats import t as student

from axolens.errors import InputError

Design = Bool[np.ndarray, "t s"]


class Fit(NamedTuple):
    """Coefficients of q responses on s regions.

    ``coefficients`` is (q, s), ``intercept`` (q,), ``r2`` (q,); ``half_width`` (q, s) is half the 95 % interval, or
    None where there are not more masks than unknowns.
    """

    coefficients: Float64[np.ndarray, "q s"]
    intercept: Float64[np.ndarray, "q"]
    r2: Float64[np.ndarray, "q"]
    half_width: Float64[np.ndarray, "q s"] | None


def cosine_kernel(keep: Design, width: float) -> Float64[np.ndarray, "t"]:
    """Return the weight of each mask by its cosine distance from the whole picture: exp(−d²/2·width²).

    Parameters
    ----------
    keep
        (t, s), True where a region is visible.
    width
        In units of cosine distance; lime's default is 0.25.

    Notes
    -----
    Ribeiro et al., "Why should I trust you?" (arXiv:1602.04938); the square root of the exponential, as the lime
    package takes it. With half of many regions visible the weight is 0.503 whatever the picture: nearly flat, so the
    linear model is a global one.

    Examples
    --------
    >>> keep = np.arange(1000)[None] < 500
    >>> cosine_kernel(keep, 0.25).round(3)
    array([0.503])
    """
    distance = 1 - np.sqrt(keep.mean(axis=1))
    return np.exp(-(distance**2) / (2 * width**2))


def fit_linear(
    keep: Design,
    responses: Float[np.ndarray, "t q"],
    weights: Float[np.ndarray, "t"],
    alpha: float = 0.0,
    resolution: float = 0.0,
) -> Fit:
    """Fit responses by intercept and regions: weighted least squares with an optional ridge on the regions.

    Parameters
    ----------
    keep
        (t, s) masks, True = visible.
    responses
        (t, q) scores of q targets: one factorisation serves all. A target with a score that is no number gets NaN
        throughout.
    weights
        (t,) kernel weights.
    alpha
        Ridge penalty on the squared coefficients, not on the intercept. 0 shrinks nothing; with more regions than
        masks it gives the shortest of the perfect fits.
    resolution
        Scores that differ by no more than this count as equal, in units of the scores: rounding is no effect.

    Returns
    -------
    fit
        Intervals are the sandwich for independent coin flips (HC3), t over t − s − 1 degrees of freedom, and cover
        the choice of masks only, not of segments or fill.

    Raises
    ------
    InputError
        If no mask has any weight.

    Notes
    -----
    The limit for many Bernoulli(1/2) masks is described by Garreau and Mardaoui (2021, arXiv:2102.06307).
    HC3: MacKinnon and White (1985), doi:10.1016/0304-4076(85)90158-7.

    Examples
    --------
    >>> keep = np.array([[0, 0], [1, 0], [0, 1], [1, 1]], bool)
    >>> fit = fit_linear(keep, np.array([[1.0], [3.0], [0.0], [2.0]]), np.ones(4))
    >>> fit.coefficients.round(6).tolist(), fit.intercept.round(6).tolist()
    ([[2.0, -1.0]], [1.0])
    """
    if not weights.sum() > 0:
        raise InputError("kernel_width", expected="one that gives some mask a weight", got="a weight of 0 for all")
    bad = ~np.isfinite(responses).all(axis=0)
    x, w = keep.astype(np.float64), weights.astype(np.float64)
    first = np.where(bad, 0.0, responses[0])
    y = np.where(bad, 0.0, responses.astype(np.float64)) - first
    y = np.where(np.ptp(y, axis=0) <= resolution, 0.0, y)
    x_mean, y_mean = w @ x / w.sum(), w @ y / w.sum()
    root = np.sqrt(w)[:, None]
    centred, target = root * (x - x_mean), root * (y - y_mean)
    coefficients = _solve(centred, target, alpha)
    residuals = target - centred @ coefficients
    half = _half_width(centred, root, residuals) if alpha == 0 else None
    intercept = first + y_mean - x_mean @ coefficients
    return _without(bad, Fit(coefficients.T, intercept, _explained(target, residuals), half))


def _explained(target: Float64[np.ndarray, "t q"], residuals: Float64[np.ndarray, "t q"]) -> Float64[np.ndarray, "q"]:
    spread = (target**2).sum(axis=0)
    return np.where(spread > 0, 1 - (residuals**2).sum(axis=0) / np.where(spread > 0, spread, 1), 0.0)


def _without(bad: Bool[np.ndarray, "q"], fit: Fit) -> Fit:
    """Put NaN where a target's scores were no numbers."""
    rows = bad[:, None]
    half = None if fit.half_width is None else np.where(rows, np.nan, fit.half_width)
    coefficients = np.where(rows, np.nan, fit.coefficients)
    return Fit(coefficients, np.where(bad, np.nan, fit.intercept), np.where(bad, np.nan, fit.r2), half)


def _solve(
    centred: Float64[np.ndarray, "t s"], target: Float64[np.ndarray, "t q"], alpha: float
) -> Float64[np.ndarray, "s q"]:
    masks, regions = centred.shape
    if alpha == 0:
        return np.linalg.lstsq(centred, target, rcond=None)[0]
    if regions <= masks:
        return np.linalg.solve(centred.T @ centred + alpha * np.eye(regions), centred.T @ target)
    return centred.T @ np.linalg.solve(centred @ centred.T + alpha * np.eye(masks), target)


def _half_width(
    centred: Float64[np.ndarray, "t s"], root: Float64[np.ndarray, "t 1"], residuals: Float64[np.ndarray, "t q"]
) -> Float64[np.ndarray, "q s"] | None:
    masks, regions = centred.shape
    freedom = masks - regions - 1
    if freedom < 1:
        return None
    inverse = np.linalg.pinv(centred.T @ centred)
    bread = centred @ inverse
    leverage = np.minimum((bread * centred).sum(axis=1) + root[:, 0] ** 2 / (root**2).sum(), 1 - 1e-9)
    scaled = residuals / (1 - leverage)[:, None]
    variance = np.einsum("ts,tq->qs", bread**2, scaled**2)
    return float(student.ppf(0.975, freedom)) * np.sqrt(variance)
