"""Learning which of several alternatives is chosen from what speaks for each (conditional logit, McFadden 1974)."""

from collections.abc import Sequence

import numpy as np
from scipy.optimize import minimize

RIDGE = 0.5
FOLDS = 7


def chances(found: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Return (n, a) chances of each alternative from (n, a, f) what speaks for it.

    >>> chances(np.array([[[0.0], [1.0]]]), np.array([np.log(3)])).round(2).tolist()
    [[0.25, 0.75]]
    """
    fit = found @ weights
    odds = np.exp(fit - fit.max(axis=1, keepdims=True))
    return odds / odds.sum(axis=1, keepdims=True)


def learned(found: np.ndarray, chosen: np.ndarray, ridge: float = RIDGE) -> np.ndarray:
    """Return the f weights of greatest likelihood, less ``ridge`` times their sum of squares."""
    rows = np.arange(len(chosen))

    def loss(weights: np.ndarray) -> tuple[float, np.ndarray]:
        of = chances(found, weights)
        slope = np.einsum("na,naf->f", of, found) - found[rows, chosen].sum(axis=0)
        return -np.log(of[rows, chosen]).sum() + ridge * weights @ weights, slope + 2 * ridge * weights

    return minimize(loss, np.zeros(found.shape[2]), jac=True, method="BFGS").x


def left_out(found: np.ndarray, chosen: np.ndarray, groups: Sequence[str], folds: int = FOLDS) -> np.ndarray:
    """Return the alternative that fits best, each by weights from the photos of other groups."""
    fold = np.unique(groups, return_inverse=True)[1] % folds
    best = np.zeros(len(chosen), int)
    for one in range(folds):
        own = fold == one
        if own.any():
            best[own] = chances(found[own], learned(found[~own], chosen[~own])).argmax(axis=1)
    return best
