"""On how few places a map rests, whatever these are."""

import numpy as np
from jaxtyping import Float


def gini(values: Float[np.ndarray, "*s"]) -> float:
    """Return the Gini coefficient of absolute values: 0 where all are equal, 1 − 1/n where one of n holds everything.

    Parameters
    ----------
    values
        Of any shape; neither sign nor scale counts. 0 for a map of zeros.

    Notes
    -----
    As a measure of sparseness: Hurley and Rickard (2009), arXiv:0811.4706; of explanations: Chalasani et al. (2020),
    arXiv:1810.06583.

    Examples
    --------
    >>> gini(np.ones(4)), gini(np.array([0.0, -1.0])), gini(np.array([1.0, 2.0, 3.0, 4.0]))
    (0.0, 0.5, 0.25)
    """
    held = np.sort(np.abs(np.asarray(values, np.float64)), axis=None)
    if held.sum() == 0:
        return 0.0
    places = np.arange(1, held.size + 1)
    return float(2 * (places * held).sum() / (held.size * held.sum()) - (held.size + 1) / held.size)


def entropy(values: Float[np.ndarray, "*s"]) -> float:
    """Return the entropy of the shares that places hold of a map's absolute values, in nats; 0 for a map of zeros.

    Notes
    -----
    "Complexity": Bhatt et al. (2020), arXiv:2005.00631.

    Examples
    --------
    >>> round(entropy(np.ones(4)), 4), round(entropy(np.array([1.0, 2.0, 3.0, 4.0])), 4)
    (1.3863, 1.2799)
    """
    held = np.abs(np.asarray(values, np.float64)).ravel()
    shares = held[held > 0] / max(held.sum(), np.finfo(np.float64).tiny)
    return float(abs((shares * np.log(shares)).sum()))
