"""Whether the label of a photo, rather than the answer, may be wrong."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from axolens.maths.scores import score
from axolens.records.diagnosis import Preflight
from axolens.records.labels import Labels
from axolens.records.prediction import ScoreKind
from axolens.records.target import Target

ASKED = 10
SURE = 0.0  # log-odds: more likely than not
UNLIKELY = -3.0  # log-odds: below 5 %, about the share of wrong labels in test sets
STEADY = 0.8
ROUNDED = float(np.log(999))


@dataclass(frozen=True, slots=True)
class Doubt:
    """How a photo's label compares with what the model names instead, over harmless variations of the photo.

    Parameters
    ----------
    other
        Place of the class that is named most often, the truth's own where that is the truth; of two named equally
        often the one with the higher score.
    steady
        Share of the variations in which it is named.
    other_log_odds, log_odds
        Mean log p/(1 − p) of that class and of the label.
    """

    other: int
    steady: float
    other_log_odds: float
    log_odds: float

    def __bool__(self) -> bool:
        """Whether the label may be wrong: another class is named steadily and surely, the label all but excluded."""
        named = self.steady >= STEADY and self.other_log_odds > SURE
        return named and self.log_odds < UNLIKELY


def doubt(scores: Float[np.ndarray, "n k"], truth: int, kind: ScoreKind) -> Doubt:
    """Compare a label with what the model names instead.

    Parameters
    ----------
    scores
        (n, k) scores of harmless variations of one photo, one a row.
    truth
        Place of the label.
    kind
        What the scores are.

    Returns
    -------
    doubt
        True where the other class is first in at least 80 % of the variations with a mean log-odds above 0 (more likely
        than not) while the label's is below −3 (4.7 %).

    Notes
    -----
    Ours. About one label in twenty of well-known test sets is wrong (Northcutt and others 2021, arXiv:2103.14749): a
    label less likely than that, beside a class that is more likely than not, deserves a look. One photo and one model
    cannot tell a wrong label from a wrong answer that is given as surely, so that a warning is no verdict.

    Examples
    --------
    Two variations with p = (0.90, 0.09, 0.01) and (0.98, 0.01, 0.01): ln 9 and ln 49 for the first class, −ln 99 twice
    for the last.

    >>> scores = np.log(np.array([[0.90, 0.09, 0.01], [0.98, 0.01, 0.01]]))
    >>> found = doubt(scores, 2, "logits")
    >>> found.other, found.steady, round(found.other_log_odds, 2), round(found.log_odds, 2), bool(found)
    (0, 1.0, 3.04, -4.6, True)
    """
    named = scores.argmax(axis=1)
    counts = np.bincount(named, minlength=scores.shape[1])
    most = np.flatnonzero(counts == counts.max())
    other = int(most[scores.mean(axis=0)[most].argmax()])
    odds = {place: float(score(scores, Target(place, indices=(place,)), kind).mean()) for place in (other, truth)}
    return Doubt(other, float(counts[other] / len(named)), odds[other], odds[truth])


def label_check(found: Doubt, truth: int, labels: Labels) -> Preflight:
    """Return the doubt as a check before any heatmap."""
    label, other = labels.name(truth), labels.name(found.other)
    chance, others = _percent(found.log_odds), _percent(found.other_log_odds)
    numbers = f"{other} first in {found.steady:.0%} of harmless variations, at {others}; {label} at {chance}"
    if found:
        sentence = (
            f"The label may be wrong rather than the answer ({numbers.replace('%', ' %')}). The model may as well be "
            f"surely wrong: look at the photo before reading on."
        )
        return Preflight("label", "failed", sentence)
    return Preflight("label", "passed", f"Nothing speaks against the label ({numbers.replace('%', ' %')}).")


def _percent(log_odds: float) -> str:
    if abs(log_odds) > ROUNDED:
        return "over 99.9%" if log_odds > 0 else "under 0.1%"
    return f"{1 / (1 + np.exp(-log_odds)):.1%}"
