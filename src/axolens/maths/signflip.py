"""Whether the mean of a few independent effects differs from zero: each may as well have had the other sign."""

from collections.abc import Hashable, Sequence
from math import ceil, log2, sqrt
from statistics import NormalDist

import numpy as np
from jaxtyping import Float, Float64

from axolens.errors import InputError

EXACT = 16
"""Units up to which all 2ⁿ patterns of signs are asked."""
DRAWN = 19_999
"""Patterns drawn above that; the observed one is added."""
SLACK = 1e-9
"""Relative rounding within which two means count as equal."""


def sign_flip(effects: Float[np.ndarray, "n"], seed: int = 0) -> float:
    """Return the two-sided p of the mean under flips of the effects' signs.

    If every effect is as likely as its negative, all 2ⁿ patterns of signs are equally likely; p is the share of them
    whose mean lies at least as far from zero as the observed one. It is exact up to 16 units, and above that from
    19,999 patterns drawn with a seed, the observed one added.

    Parameters
    ----------
    effects
        (n,) one an independent unit, in any unit.
    seed
        Of the drawn patterns.

    Returns
    -------
    p
        Above 0 and at most 1; no smaller than 2/2ⁿ. 1 without any effect.

    Notes
    -----
    Fisher, "The Design of Experiments" (1935), section 21; for drawn patterns (b + 1)/(m + 1), Phipson and Smyth
    (2010), doi:10.2202/1544-6115.1585.

    Examples
    --------
    Five that agree: 2 of 32 patterns are as far out. Three that do and one that does not: (1, 1, 1, −1) has 5 patterns
    on either side whose sum is at least 2.

    >>> sign_flip(np.ones(5)), sign_flip(np.ones(6)), sign_flip(np.ones(8)), sign_flip(np.array([1.0, 1, 1, -1]))
    (0.0625, 0.03125, 0.0078125, 0.625)
    """
    values = np.asarray(effects, np.float64)
    if not np.isfinite(values).all():
        raise InputError("effects", expected="finite numbers", got=values.tolist())
    count = len(values)
    if not values.any():
        return 1.0
    if count <= EXACT:
        flips = np.array([[1.0], [-1.0]]) * values[0]
        for value in values[1:]:
            flips = np.concatenate([flips + value, flips - value])
        sums = flips.ravel()
    else:
        signs = np.random.default_rng(seed).choice((-1.0, 1.0), size=(DRAWN, count))
        sums = np.append(signs @ values, values.sum())
    slack = SLACK * float(np.abs(values).sum())
    return float((np.abs(sums) >= abs(float(values.sum())) - slack).mean())


def unit_means(effects: Float[np.ndarray, "m"], units: Sequence[Hashable]) -> Float64[np.ndarray, "n"]:
    """Return one effect a unit, in the order in which units first occur: the mean over its photos.

    Examples
    --------
    >>> unit_means(np.array([1.0, 4.0, 3.0]), ["tom", "kim", "tom"])
    array([2., 4.])
    """
    if len(units) != len(effects):
        raise InputError("units", expected=f"one for each of {len(effects)} effects", got=len(units))
    held: dict[Hashable, list[float]] = {}
    for unit, effect in zip(units, effects.tolist(), strict=True):
        held.setdefault(unit, []).append(effect)
    return np.array([np.mean(own) for own in held.values()])


def more_needed(effects: Float[np.ndarray, "n"], level: float = 0.05) -> int | None:
    """Return about how many more independent units reach a level, if the effect stays this size.

    Parameters
    ----------
    effects
        (n,) one an independent unit.
    level
        The two-sided p that is to be reached, between 0 and 1.

    Returns
    -------
    more
        0 where it is reached; None where the mean is not above zero.

    Notes
    -----
    Under flips the mean of N units of this size is about normal with variance q²/N, q the root of the mean square; it
    reaches the level at N = (z q/mean)², z the normal quantile of 1 − level/2. No N below log2(2/level) can, since p is
    at least 2/2ᴺ. With just so many more units about every second such folder reaches the level.

    Examples
    --------
    Mean 1 and q² = (9 + 1 + 1 + 1)/4 = 3: N = 3 · 1.96² = 11.5, so 12, of which 4 are there. Two that agree: at least
    log2(40) = 5.3, so 6 are needed.

    >>> more_needed(np.array([3.0, 1.0, 1.0, -1.0])), more_needed(np.ones(2)), more_needed(np.ones(6))
    (8, 4, 0)
    """
    if not 0 < level < 1:
        raise InputError("level", expected="a share between 0 and 1", got=level)
    if len(effects) == 0 or (mean := float(np.mean(effects))) <= 0:
        return None
    if sign_flip(effects) <= level:
        return 0
    spread = sqrt(float(np.mean(np.square(effects)))) / mean
    normal = NormalDist().inv_cdf(1 - level / 2)
    needed = max(ceil((normal * spread) ** 2), ceil(log2(2 / level)))
    return max(1, needed - len(effects))
