"""Which factor fits best."""

from collections.abc import Mapping, Sequence

import numpy as np

from axolens.diagnosis.trial import Trial
from axolens.records.diagnosis import Reading

WEIGHTS = {"effect": 1.0, "repaired": 1.0, "surprise": 1.0, "unusual": 1.0}
LEAST, MOST = -2.0, 6.0
UNUSUAL = 0.8
LAST = -99.0


def rank_factors(
    trials: Sequence[Trial], before: Reading, strengths: Mapping[str, float], *, guided: bool
) -> tuple[Trial, ...]:
    """Return the trials, the one that fits best first.

    Parameters
    ----------
    trials
        Every declared factor's.
    before
        Of the unedited picture.
    strengths
        Sham-standardised effects, the largest over the doses, of the factors that were read.
    guided
        Whether edits moved towards references with masks: then factors are ranked by ``strengths``. Without references
        edits undo a factor only in part, and what the photo itself shows of it counts as well.
    """
    fit = [strengths.get(one.name, LAST) if guided else evidence(one, before) for one in trials]
    return tuple(trials[place] for place in np.argsort([-one for one in fit], kind="stable"))


def evidence(trial: Trial, before: Reading) -> float:
    """Return how well a factor fits by its best edit and by how unusual the photo is in it, as learned log-odds."""
    raise NotImplementedError


def surprise(quantile: float, sides: str) -> float:
    """Return −log10 of twice the share of ordinary photos beyond a measurement, from 0 to 1.7.

    Examples
    --------
    >>> round(surprise(0.99, "high"), 2), surprise(0.4, "high"), round(surprise(0.0, "both"), 2)
    (1.7, 0.0, 1.7)
    """
    tails = {"high": (1 - quantile,), "low": (quantile,), "both": (quantile, 1 - quantile)}[sides]
    return max(0.0, *(-float(np.log10(2 * max(tail, 0.01))) for tail in tails))
