"""From what a network puts out to scores: logits, or log p where only probabilities are to be had."""

from typing import Literal

import numpy as np
from array_api_compat import array_namespace
from jaxtyping import Float

from axolens.maths.array import Array

Output = Literal["auto", "logits", "probabilities"]
SMALLEST = float(np.finfo(np.float32).tiny)


def is_distribution(outputs: Float[np.ndarray, "n k"]) -> bool:
    """Tell whether every row holds probabilities of at least two classes that sum to 1 (within 1e-3).

    Examples
    --------
    >>> is_distribution(np.array([[0.25, 0.75]])), is_distribution(np.array([[2.0, -1.0]]))
    (True, False)
    """
    sums = outputs.sum(axis=1)
    return bool(outputs.shape[1] > 1 and outputs.min() >= 0 and np.abs(sums - 1).max() < 1e-3)


def log_probability(probabilities: Float[Array, "n k"]) -> Float[Array, "n k"]:
    """Return log p; a probability that underflowed to 0 counts as the smallest float32, 1.2e-38."""
    xp = array_namespace(probabilities)
    return xp.log(xp.clip(probabilities, SMALLEST, None))


def log_odds(probabilities: Float[Array, "n k"]) -> Float[Array, "n k"]:
    """Return log p/(1 − p) of each probability by itself.

    Examples
    --------
    >>> log_odds(np.array([[0.5, 0.9]], np.float32)).round(3)
    array([[0.   , 2.197]], dtype=float32)
    """
    return log_probability(probabilities) - log_probability(1 - probabilities)


def two_classes(logit: Float[Array, "n 1"]) -> Float[Array, "n 2"]:
    """Return the logits (0, z) of "not" and "is" for a network with one output z.

    Examples
    --------
    >>> two_classes(np.array([[1.5]], np.float32))
    array([[0. , 1.5]], dtype=float32)
    """
    xp = array_namespace(logit)
    return xp.concat([xp.zeros_like(logit), logit], axis=1)
