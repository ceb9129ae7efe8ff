"""What the blocks of a design say of each other: intervals, and whether another run would name the same regions."""

from typing import NamedTuple

import numpy as np
from jaxtyping import Float64
from scipy.special import digamma, polygamma
from scipy.stats import t as student

from axolens.maths.surrogate import Fit

LEAST = 1e-300  # so that a variance of exactly 0 has a logarithm


class Moderated(NamedTuple):
    """Variances (s,) and how many degrees of freedom each has."""

    variances: Float64[np.ndarray, "s"]
    freedom: float


def moderated(variances: Float64[np.ndarray, "s"], freedom: int) -> Moderated:
    """Draw sample variances towards their common value, as far as they do not differ more than chance would have it.

    Parameters
    ----------
    variances
        (s,) at least 0, each from ``freedom`` degrees of freedom.
    freedom
        At least 1.

    Notes
    -----
    Smyth (2004), doi:10.2202/1544-6115.1027, section 6.2. In a design with random columns the error of every
    coefficient comes from the same pool of interactions, so that their variances are nearly alike.

    Examples
    --------
    Equal variances, or those that differ by less than chance, become one:

    >>> found = moderated(np.array([1.0, 1.1, 0.9, 1.0]), 3)
    >>> found.variances.round(2).tolist(), found.freedom
    ([1.44, 1.44, 1.44, 1.44], inf)
    """
    safe = np.maximum(variances, LEAST)
    logs = np.log(safe) - digamma(freedom / 2) + np.log(freedom / 2)
    extra = (logs.var(ddof=1) if len(logs) > 1 else 0.0) - polygamma(1, freedom / 2)
    if len(logs) == 1:
        return Moderated(safe, freedom)
    if extra <= 0:
        return Moderated(np.full_like(safe, np.exp(logs.mean())), np.inf)
    prior = 2 * inverse_trigamma(float(extra))
    common = np.exp(logs.mean() + digamma(prior / 2) - np.log(prior / 2))
    return Moderated((prior * common + freedom * safe) / (prior + freedom), prior + freedom)


def inverse_trigamma(value: float) -> float:
    """Return x > 0 with trigamma(x) = value > 0, by Newton's method on 1/trigamma.

    Examples
    --------
    >>> round(inverse_trigamma(float(polygamma(1, 2.5))), 6)
    2.5
    """
    x = 0.5 + 1 / value
    for _ in range(60):
        slope = float(polygamma(1, x))
        step = slope * (1 - slope / value) / float(polygamma(2, x))
        x += step
        if -step < 1e-10 * x:
            break
    return x


def fit_blocks(whole: Fit, blocks: Float64[np.ndarray, "b q s"], confidence: float = 0.95) -> Fit:
    """Return a fit whose intervals come from how its blocks differ.

    Parameters
    ----------
    whole
        The fit to all masks.
    blocks
        (b, q, s) coefficients of each of b independently randomised blocks, b at least 2.
    confidence
        Of the intervals.

    Returns
    -------
    fit
        ``half_width`` from t over blocks, with moderated variances. It covers the choice of masks only.
    """
    count = len(blocks)
    rows = []
    for q in range(blocks.shape[1]):
        variances, freedom = moderated(blocks[:, q].var(axis=0, ddof=1), count - 1)
        rows.append(student.ppf(0.5 + confidence / 2, min(freedom, 1e9)) * np.sqrt(variances / count))
    return whole._replace(half_width=np.stack(rows))


def disagreement(
    fit: Fit, rng: np.random.Generator, strongest: int = 5, alike: int = 4, draws: int = 1000
) -> Float64[np.ndarray, "q"]:
    """Return the chance that two more such runs name too few of the same strongest regions, for and against together.

    Parameters
    ----------
    fit
        With 95 % intervals; both runs are drawn around its coefficients.
    rng
        For the draws.
    strongest, alike
        The runs agree where at least ``alike`` of their ``strongest`` regions are the same; with fewer regions than
        that all must be.
    draws
        Pairs of runs.

    Examples
    --------
    >>> clear = Fit(np.arange(9.0)[None], np.zeros(1), np.ones(1), np.full((1, 9), 0.1))
    >>> disagreement(clear, np.random.default_rng(0)).tolist()
    [0.0]
    """
    if fit.half_width is None:
        return np.ones(len(fit.coefficients))
    regions = fit.coefficients.shape[1]
    named = min(strongest, regions)
    least = min(alike, named)
    chances = []
    for centre, half in zip(fit.coefficients, fit.half_width, strict=True):
        if not np.isfinite(centre).all():
            chances.append(0.0)
            continue
        runs = centre + half / 1.96 * rng.standard_normal((2, draws, regions))
        first, second = (np.argsort(-np.abs(run), axis=1, kind="stable")[:, :named] for run in runs)
        shared = (first[:, :, None] == second[:, None, :]).sum(axis=(1, 2))
        chances.append(float((shared < least).mean()))
    return np.array(chances)
