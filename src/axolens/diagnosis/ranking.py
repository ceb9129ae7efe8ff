"""Which factor fits best: by sham-standardised effects, or without references also by what the photo itself shows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from axolens.classifiers.counted import Counted
from axolens.diagnosis.natural import beyond
from axolens.diagnosis.trial import Trial
from axolens.diagnosis.variations import Variation
from axolens.diagnosis.working import Question, read_pictures

REPEATS = (
    Variation(),
    Variation(mirrored=True),
    Variation(right=3, down=-2, scale=1.02),
    Variation(right=-3, down=2, scale=0.98, mirrored=True),
)
"""Under which every edit is read for the ranking; placebos and p take the edit as it is."""
EFFECT, REPAIRED, BEYOND, UPRIGHT = 0.54, 1.72, 0.59, 0.89
SURPRISE = {"colour": 1.16, "scale": 0.53, "light": 0.98, "blur": 2.04, "noise": 1.34, "compression": 0.52}
"""Learned by ``benchmarks/known_causes.py`` from wrong answers of two networks whose causes were planted."""
MOST = 6.0
"""Log-odds; an edit that does not help says nothing, whatever harm it does."""
SIDES = {"light": "both", "colour": "low", "scale": "low", "blur": "high", "noise": "high", "compression": "high"}
LAST = -99.0


@dataclass(frozen=True, slots=True)
class Evidence:
    """What speaks for a factor as the cause.

    ``effect`` is the largest mean change of the log-odds over ``REPEATS``, ``repaired`` the largest share of them in
    which the true class is first, ``surprise`` how unusual the photo is in it, ``beyond`` how far it lies past what is
    usual.
    """

    effect: float
    repaired: float
    surprise: float
    beyond: float


def gather(model: Counted, question: Question, trials: Sequence[Trial]) -> dict[str, Evidence]:
    """Read every edit and the unedited picture under ``REPEATS``; four images forward each."""
    step = question.picture.step
    pictures = [question.picture.pixels, *(edit.pixels for trial in trials for edit in trial.edits)]
    varied = [one.apply(pixels, step) for pixels in pictures for one in REPEATS]
    said = read_pictures(model, varied, question.truth, question.margin)
    odds = np.array([one.log_odds for one in said]).reshape(-1, len(REPEATS)).mean(axis=1)
    right = np.array([one.right for one in said]).reshape(-1, len(REPEATS)).mean(axis=1)
    found, start = {}, 1
    for trial in trials:
        own = slice(start, start + len(trial.edits))
        start = own.stop
        effect = float((odds[own] - odds[0]).max()) if trial.edits else 0.0
        repaired = float(right[own].max()) if trial.edits else 0.0
        found[trial.name] = Evidence(effect, repaired, *_unusual(trial))
    return found


def rank_factors(trials: Sequence[Trial], found: Mapping[str, Evidence]) -> tuple[Trial, ...]:
    """Return the trials, the one that fits best first, by what their edits do and what the photo itself shows."""
    return _ordered(trials, [weigh(trial.name, found[trial.name]) for trial in trials])


def rank_by_strength(trials: Sequence[Trial], strengths: Mapping[str, float]) -> tuple[Trial, ...]:
    """Return the trials by their sham-standardised effects, largest first; what was not read comes last."""
    return _ordered(trials, [strengths.get(trial.name, LAST) for trial in trials])


def weigh(name: str, found: Evidence) -> float:
    """Return how well a factor fits, in log-odds against the other factors up to a constant.

    Examples
    --------
    >>> weigh("blur", Evidence(effect=2.0, repaired=0.0, surprise=1.0, beyond=0.0)).__round__(2)
    3.12
    """
    effect = float(np.clip(found.effect, 0.0, MOST))
    unusual = SURPRISE.get(name, 0.0) * found.surprise + BEYOND * found.beyond
    upright = UPRIGHT if name == "orientation" else 0.0
    return EFFECT * effect + REPAIRED * found.repaired + unusual + upright


def surprise(quantile: float, side: str) -> float:
    """Return −log10 of twice the share of ordinary photos beyond a measurement, from 0 to 1.7.

    Examples
    --------
    >>> round(surprise(0.99, "high"), 2), surprise(0.4, "high"), round(surprise(0.0, "both"), 2)
    (1.7, 0.0, 1.7)
    """
    tails = {"high": (1 - quantile,), "low": (quantile,), "both": (quantile, 1 - quantile)}[side]
    return max(0.0, *(-float(np.log10(2 * max(tail, 0.01))) for tail in tails))


def _unusual(trial: Trial) -> tuple[float, float]:
    side = SIDES.get(trial.name)
    if side is None:
        return 0.0, 0.0
    measured = trial.measured
    place = 0.5 if measured.quantile is None else measured.quantile
    return surprise(place, side), beyond(trial.name, measured.value, side)


def _ordered(trials: Sequence[Trial], fit: Sequence[float]) -> tuple[Trial, ...]:
    return tuple(trials[place] for place in np.argsort([-one for one in fit], kind="stable"))
