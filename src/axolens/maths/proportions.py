"""How far a share counted on a few photos may lie from the share on many."""

from math import sqrt
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
