"""How far a mean over a few pictures may lie from the mean over many."""

import numpy as np
from jaxtyping import Float
from scipy.stats import t as student


def mean_interval(values: Float[np.ndarray, "n"], level: float = 0.95) -> tuple[float, float, float]:
    """Return a mean with Student's interval.

    Parameters
    ----------
    values
        (n,) independent draws.
    level
        Share of such intervals that hold the true mean, between 0 and 1.

    Returns
    -------
    mean, low, high
        The interval is NaN for fewer than two values, the mean for none.

    Notes
    -----
    "Student" (1908), doi:10.1093/biomet/6.1.1: mean ± t s / sqrt(n), with t of n - 1 degrees of freedom.

    Examples
    --------
    t = 12.706 with one degree of freedom, s / sqrt(n) = 1.

    >>> [round(one, 3) for one in mean_interval(np.array([1.0, 3.0]))]
    [2.0, -10.706, 14.706]
    """
    count = len(values)
    mean = float(values.mean()) if count else float("nan")
    if count < 2:
        return mean, float("nan"), float("nan")
    half = float(student.ppf(0.5 + level / 2, count - 1) * values.std(ddof=1) / np.sqrt(count))
    return mean, mean - half, mean + half
