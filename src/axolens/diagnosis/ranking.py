"""Which factor fits best."""

from collections.abc import Mapping, Sequence

import numpy as np

from axolens.diagnosis.trial import Trial
from axolens.records.diagnosis import Reading


def rank_factors(trials: Sequence[Trial], before: Reading, strengths: Mapping[str, float]) -> tuple[Trial, ...]:
    """Return the trials, the one that fits best first."""
    scores = [evidence(trial, before, strengths.get(trial.name)) for trial in trials]
    return tuple(trials[place] for place in np.argsort([-one for one in scores], kind="stable"))


def evidence(trial: Trial, before: Reading, strength: float | None) -> float:
    """Return how well a factor fits."""
    changes = trial.changes(before)
    return float(changes.max()) if len(changes) else -99.0
