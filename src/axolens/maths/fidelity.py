"""Whether a map predicts what the score does: sums over hidden places, disturbances, and what is left of the score."""

import numpy as np
from jaxtyping import Bool, Float


def fidelity(
    values: Float[np.ndarray, "p"], masks: Bool[np.ndarray, "n p"], scores: Float[np.ndarray, "n"], whole: float
) -> float:
    """Return how well what a map says is hidden predicts by how much the score falls, over random hidden sets.

    Parameters
    ----------
    values
        (p,) the map at each place.
    masks
        (n, p), True where a place is hidden.
    scores, whole
        (n,) the score with each set hidden, and with nothing hidden.

    Returns
    -------
    fidelity
        Pearson's correlation, −1..1, of a set's summed values and the fall of the score; NaN where either is constant.

    Notes
    -----
    MuFidelity: Bhatt et al. (2020), arXiv:2005.00631.

    Examples
    --------
    The score is the sum of the places, and the map is the places.

    >>> places, masks = np.array([1.0, 2.0, 3.0]), np.eye(3, dtype=bool)
    >>> scores = (places * ~masks).sum(axis=1)
    >>> round(fidelity(places, masks, scores, 6.0), 6), round(fidelity(-places, masks, scores, 6.0), 6)
    (1.0, -1.0)
    """
    summed, fallen = masks @ np.asarray(values, np.float64), whole - np.asarray(scores, np.float64)
    if np.ptp(summed) == 0 or np.ptp(fallen) == 0:
        return float("nan")
    return float(np.corrcoef(summed, fallen)[0, 1])


def infidelity(
    values: Float[np.ndarray, "p"],
    moves: Float[np.ndarray, "n p"],
    falls: Float[np.ndarray, "n"],
    *,
    scaled: bool = False,
) -> float:
    """Return the mean squared miss of what a map says a disturbance does to the score.

    Parameters
    ----------
    values
        (p,) the map as a slope: score per unit of each place.
    moves
        (n, p) what each disturbance takes from the photo's places.
    falls
        (n,) by how much the score falls under each.
    scaled
        Scale the map first to the least miss, so that its unit does not count.

    Returns
    -------
    infidelity
        At least 0, in squared units of the score. With the single disturbance "everything to the baseline", and a map
        divided by what that takes away, it is the squared residual of completeness.

    Notes
    -----
    Yeh et al. (2019), arXiv:1901.09392.

    Examples
    --------
    The score is 2x + 3y.

    >>> moves = np.array([[1.0, 0.0], [1.0, 1.0]])
    >>> infidelity(np.array([2.0, 3.0]), moves, np.array([2.0, 5.0])), infidelity(
    ...     np.array([2.0, 2.0]), moves, np.array([2.0, 5.0]))
    (0.0, 0.5)
    """
    said = moves @ np.asarray(values, np.float64)
    fallen = np.asarray(falls, np.float64)
    if scaled and (said != 0).any():
        said = said * (said @ fallen) / (said @ said)
    return float(((said - fallen) ** 2).mean())


def sensitivity(values: Float[np.ndarray, "*s"], again: Float[np.ndarray, "n *s"]) -> float:
    """Return how far, at most, a map moves when the photo moves a little: the Euclidean distance.

    Parameters
    ----------
    values
        The map.
    again
        (n, …) the maps of n photos near by.

    Notes
    -----
    Maximal sensitivity, there divided by the map's own length: Yeh et al. (2019), arXiv:1901.09392. A constant map has
    none, so that a small figure is no merit by itself.

    Examples
    --------
    >>> sensitivity(np.ones((8, 8)), np.zeros((3, 8, 8)))
    8.0
    """
    apart = (np.asarray(again, np.float64) - values).reshape(len(again), -1)
    return float(np.linalg.norm(apart, axis=1).max())


def average_drop(whole: Float[np.ndarray, "n"], kept: Float[np.ndarray, "n"]) -> tuple[float, float]:
    """Return by which share the score falls when only what a map marks is kept, and how often it rises.

    Parameters
    ----------
    whole, kept
        (n,) positive scores of n photos, and of the same times their maps, which lie in 0..1. Photos with NaN do not
        count.

    Notes
    -----
    Chattopadhay et al. (2018), arXiv:1710.11063.

    Examples
    --------
    >>> average_drop(np.array([1.0, 0.5]), np.array([0.4, 0.6]))
    (0.3, 0.5)
    """
    known = np.isfinite(whole) & np.isfinite(kept)
    before, after = whole[known], kept[known]
    return float((np.maximum(before - after, 0) / before).mean()), float((after > before).mean())
