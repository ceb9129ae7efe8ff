"""Whether a map points at a mask: the pointing game, its mass inside, and how it ranks the mask's places."""

import numpy as np
from jaxtyping import Bool, Float
from scipy.stats import rankdata, spearmanr


def points_inside(values: Float[np.ndarray, "h w"], mask: Bool[np.ndarray, "h w"]) -> float:
    """Return the share of a map's highest places that lie in a mask: 1 or 0 for one peak (the pointing game).

    Several places of the same height each count as often, so that no tie is broken in the map's favour.

    Examples
    --------
    >>> mask = np.array([[True, False]])
    >>> points_inside(np.array([[2.0, 1.0]]), mask), points_inside(np.array([[2.0, 2.0]]), mask)
    (1.0, 0.5)
    """
    return float(mask[values == values.max()].mean())


def mass_inside(values: Float[np.ndarray, "h w"], mask: Bool[np.ndarray, "h w"]) -> float:
    """Return the share of a map's positive mass that lies in a mask; NaN where there is none.

    Examples
    --------
    >>> mass_inside(np.array([[3.0, 1.0, -5.0]]), np.array([[True, False, True]]))
    0.75
    """
    mass = np.maximum(np.asarray(values, np.float64), 0)
    return float(mass[mask].sum() / mass.sum()) if mass.sum() > 0 else float("nan")


def ranked_inside(values: Float[np.ndarray, "h w"], mask: Bool[np.ndarray, "h w"]) -> float:
    """Return the share of a map's highest places, as many as the mask has, that lie in it; ties share.

    Notes
    -----
    "Relevance rank accuracy": Arras et al. (2022), arXiv:2003.07258.

    Examples
    --------
    >>> ranked_inside(np.array([[3.0, 2.0, 1.0, 0.0]]), np.array([[True, False, True, False]]))
    0.5
    """
    count = int(mask.sum())
    if count == 0:
        return float("nan")
    last = np.sort(values, axis=None)[-count]
    above, at = values > last, values == last
    share = (count - int(above.sum())) / int(at.sum())
    return float((mask[above].sum() + share * mask[at].sum()) / count)


def told_apart(values: Float[np.ndarray, "h w"], mask: Bool[np.ndarray, "h w"]) -> float:
    """Return how often a place of the mask has a higher value than a place outside, ties counting half (the AUC).

    NaN where the mask is empty or everything.

    Examples
    --------
    >>> told_apart(np.array([[3.0, 2.0, 2.0]]), np.array([[False, True, False]]))
    0.25
    """
    inside, outside = int(mask.sum()), int((~mask).sum())
    if inside == 0 or outside == 0:
        return float("nan")
    ranks = rankdata(values).reshape(values.shape)
    return float((ranks[mask].sum() - inside * (inside + 1) / 2) / (inside * outside))


def alike(one: Float[np.ndarray, "h w"], other: Float[np.ndarray, "h w"]) -> float:
    """Return Spearman's rank correlation of two signed maps; NaN where one is constant or no number.

    Examples
    --------
    >>> ramp = np.array([[1.0, 2.0], [3.0, 4.0]])
    >>> alike(ramp, ramp**3), alike(ramp, -ramp), alike(ramp, 0 * ramp)
    (1.0, -1.0, nan)
    """
    if not (np.isfinite(one).all() and np.isfinite(other).all()) or np.ptp(one) == 0 or np.ptp(other) == 0:
        return float("nan")
    return round(float(spearmanr(one, other, axis=None).statistic), 12)
