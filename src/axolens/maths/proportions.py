"""How far a share counted on a few photos may lie from the share on many."""

from math import comb, sqrt
from statistics import NormalDist

from axolens.errors import InputError


def wilson(hits: int, total: int, level: float = 0.95) -> tuple[float, float]:
    """Return Wilson's score interval of a share.

    The interval holds every share p for which ``hits`` of ``total`` lie within z standard errors,
    sqrt(p(1 − p)/total), of p. It stays in [0, 1] and does not shrink to a point at 0 or ``total`` hits.

    Parameters
    ----------
    hits, total
        How many of how many, counted on independent draws.
    level
        Share of such intervals that hold the true share, between 0 and 1; z is 1.96 at 0.95.

    Returns
    -------
    low, high
        Shares from 0 to 1; (0, 1) where nothing was counted.

    Raises
    ------
    InputError
        If ``hits`` is not from 0 to ``total``, or ``level`` not between 0 and 1.

    Notes
    -----
    Wilson (1927), doi:10.1080/01621459.1927.10502953. With share s = hits/total and n = total, the ends are
    (s + z²/2n ± z sqrt(s(1 − s)/n + z²/4n²)) / (1 + z²/n).

    Examples
    --------
    z = 2, so z²/n = 1 with 4 draws; 2 of 4: (0.5 + 0.5 ± 2 sqrt(0.0625 + 0.0625)) / 2 = 0.5 ± 0.354.

    >>> [round(end, 3) for end in wilson(2, 4, level=0.9544997)]
    [0.146, 0.854]
    """
    if not 0 <= hits <= total:
        raise InputError("hits", expected=f"a count from 0 to {total}", got=hits)
    if not 0 < level < 1:
        raise InputError("level", expected="a share between 0 and 1", got=level)
    if total == 0:
        return 0.0, 1.0
    z = NormalDist().inv_cdf(0.5 + level / 2)
    share, spread = hits / total, z * z / total
    middle = (share + spread / 2) / (1 + spread)
    half = z * sqrt(share * (1 - share) / total + spread / (4 * total)) / (1 + spread)
    return (0.0 if hits == 0 else middle - half), (1.0 if hits == total else middle + half)


def mcnemar(mended: int, harmed: int) -> float:
    """Return how surprising it is that two classifiers disagree so one-sidedly on the same photos.

    Parameters
    ----------
    mended, harmed
        Photos that only the second answers rightly, and photos that only the first does. Photos on which both are right
        or both are wrong say nothing about the difference.

    Returns
    -------
    p
        Exact and two-sided, 0..1: each disagreement goes either way with probability 1/2 if neither is better.

    Raises
    ------
    InputError
        If a count is negative.

    Notes
    -----
    McNemar (1947), doi:10.1007/BF02295996, in its exact binomial form.

    Examples
    --------
    Of 5 disagreements all go one way: 2 · (1/2)⁵.

    >>> mcnemar(5, 0)
    0.0625
    """
    if min(mended, harmed) < 0:
        raise InputError("mended, harmed", expected="counts of at least 0", got=(mended, harmed))
    total = mended + harmed
    tail = sum(comb(total, count) for count in range(min(mended, harmed) + 1))
    return min(1.0, 2 * tail / 2**total)


def paired_difference(mended: int, harmed: int, total: int, level: float = 0.95) -> tuple[float, float]:
    """Return an interval of the change of a share between two answers to the same photos.

    Parameters
    ----------
    mended, harmed
        Photos that became right, and photos that became wrong.
    total
        All photos, at least 1.
    level
        Share of such intervals that hold the true change, between 0 and 1. For a one-sided bound at 95 % take 0.90.

    Returns
    -------
    low, high
        Of the change (mended − harmed) / total, from -1 to 1.

    Raises
    ------
    InputError
        If the counts are not from 0 to ``total`` together, or ``level`` not between 0 and 1.

    Notes
    -----
    Bonett and Price (2012), doi:10.3102/1076998611411915: one is added to both counts and two to the total, then
    d ± z sqrt((a + b − d²) / (n + 2)) with a, b the shares that became right and wrong, and d = a − b.

    Examples
    --------
    z = 2: 2 mended and 0 harmed of 8: a = 0.3, b = 0.1, 0.2 ± 2 sqrt((0.4 − 0.04) / 10).

    >>> [round(end, 3) for end in paired_difference(2, 0, 8, level=0.9544997)]
    [-0.179, 0.579]
    """
    if min(mended, harmed) < 0 or mended + harmed > total or total < 1:
        raise InputError(
            "mended, harmed", expected=f"counts of at least 0, together at most {total}", got=(mended, harmed)
        )
    if not 0 < level < 1:
        raise InputError("level", expected="a share between 0 and 1", got=level)
    z = NormalDist().inv_cdf(0.5 + level / 2)
    better, worse = (mended + 1) / (total + 2), (harmed + 1) / (total + 2)
    change = better - worse
    half = z * sqrt((better + worse - change * change) / (total + 2))
    return max(-1.0, change - half), min(1.0, change + half)
