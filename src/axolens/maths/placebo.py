"""Factors against their placebos: standardised effects, the maximum over doses, p values for all at once."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Float64, Int

Values = Float64[np.ndarray, "_ _"]


class Compared(NamedTuple):
    """Factors beside their shams.

    ``strength`` (f,) is the largest effect over the doses in standard deviations of its shams, ``dose`` (f,) which
    dose that is, ``rank`` (f,) its place among the shams, 1 above all of them, and ``p`` (f,) adjusted for all factors
    and doses. ``ranks`` and ``ps`` hold for each factor the same of each dose (d,): no dose has a smaller p than its
    factor, and the one that stands out most has its p.
    """

    strength: Float64[np.ndarray, "f"]
    dose: Int[np.ndarray, "f"]
    rank: Int[np.ndarray, "f"]
    p: Float64[np.ndarray, "f"]
    ranks: tuple[Int[np.ndarray, "_"], ...]
    ps: tuple[Float64[np.ndarray, "_"], ...]


def compare_factors(
    effects: Sequence[Float[np.ndarray, "_"]], shams: Sequence[Float[np.ndarray, "n _"]], floor: float = 0.0
) -> Compared:
    """Compare each factor's edits with shams of the same strength, by the step-down maximum of Westfall and Young.

    The real edits and the n sham families of a factor are standardised together, dose by dose, so that under the null
    hypothesis, that an edit does no more than its shams, any of the n + 1 families is as likely as another to hold the
    largest value; p is exact then for a single factor, and for all factors together where their shams are drawn
    independently.

    Parameters
    ----------
    effects
        For each factor (d,) changes of the score, one a dose; factors may have different numbers of doses.
    shams
        For each factor (n, d): n families of shams, each with one sham a dose; the same n for all factors.
    floor
        Spread, in the score's unit, that shams are taken to have at least where ``strength`` is computed, so that
        shams that all do nothing do not make a small effect look large; p does not depend on it.

    Returns
    -------
    compared
        The smallest p that n shams allow is 1/(n + 1), whatever the number of factors.

    Notes
    -----
    Westfall and Young, "Resampling-based multiple testing" (1993), algorithm 4.1.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> strong, weak = np.array([9.0, 0.0]), np.array([0.5])
    >>> found = compare_factors([strong, weak], [rng.normal(size=(39, 2)), rng.normal(size=(39, 1))])
    >>> found.rank.tolist()[0], float(found.p[0]), bool(found.p[1] > 0.05)
    (1, 0.025, True)
    """
    values = [_standardised(own, sham) for own, sham in zip(effects, shams, strict=True)]
    largest = np.stack([one.max(axis=1) for one in values])
    strength, dose = zip(*(_outside(own, sham, floor) for own, sham in zip(effects, shams, strict=True)), strict=True)
    rank = (largest[:, 1:] >= largest[:, :1]).sum(axis=1) + 1
    ranks = tuple((most[1:, None] >= one[0]).sum(axis=0) + 1 for most, one in zip(largest, values, strict=True))
    p, ps = _step_down(largest, values)
    return Compared(np.array(strength), np.array(dose), rank, p, ranks, ps)


def _standardised(own: Float[np.ndarray, "d"], sham: Float[np.ndarray, "n d"]) -> Values:
    """Return the values of the real family, first, and of each sham family in standard deviations of all of them."""
    every = np.concatenate([own[None], sham]).astype(np.float64)
    spread = every.std(axis=0)
    return np.asarray((every - every.mean(axis=0)) / np.where(spread > 0, spread, 1))


def _outside(own: Float[np.ndarray, "d"], sham: Float[np.ndarray, "n d"], floor: float) -> tuple[float, int]:
    """Return the largest effect in standard deviations of the shams alone, and its dose."""
    spread = np.hypot(sham.std(axis=0, ddof=1) if len(sham) > 1 else 0.0, floor)
    above = (own - sham.mean(axis=0)) / np.where(spread > 0, spread, 1)
    return float(above.max()), int(above.argmax())


def _step_down(
    largest: Float64[np.ndarray, "f m"], values: Sequence[Values]
) -> tuple[Float64[np.ndarray, "f"], tuple[Float64[np.ndarray, "_"], ...]]:
    """Return adjusted p values from each family's largest values, and from each dose's; family 0 is the real one."""
    order = np.argsort(-largest[:, 0], kind="stable")
    p, floor = np.empty(len(largest)), 0.0
    ps = [np.empty(0)] * len(largest)
    for place, factor in enumerate(order):
        rivals = largest[order[place:]].max(axis=0)
        floor = max(floor, float((rivals >= largest[factor, 0]).mean()))
        p[factor] = floor
        ps[factor] = np.maximum(floor, (rivals[:, None] >= values[factor][0]).mean(axis=0))
    return p, tuple(ps)
