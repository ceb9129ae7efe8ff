"""Ratios of probabilities in words that can be read aloud."""

import math

from axolens.records.prediction import ScoreKind
from axolens.report.words import label

ALIKE = 1.05  # ratio up to which two probabilities are called about equal


def margin(answered: str, truth: str, log_odds: float, where: str, kind: ScoreKind) -> str:
    """Say a margin as a ratio of probabilities (of odds, where each class is judged on its own) and in log-odds.

    Parameters
    ----------
    answered, truth
        The two classes.
    log_odds
        log p(answered)/p(truth); below 0 the sentence is turned round, the log-odds are not.
    where
        "this photo" or "the reference".
    kind
        Of the prediction's scores.

    Examples
    --------
    >>> margin("iguana", "axolotl", 1.9329, "this photo", "logits")
    'The model gives iguana 6.9 times the probability of axolotl on this photo (log-odds +1.93).'
    >>> margin("iguana", "axolotl", 0.0198, "this photo", "logits")
    'The model holds iguana about as probable as axolotl on this photo (1.02 times, log-odds +0.02).'
    """
    answered, truth = label(answered), label(truth)
    if math.isnan(log_odds):
        return f"The model's margin between {answered} and {truth} on {where} is not a number."
    first, second = (answered, truth) if log_odds >= 0 else (truth, answered)
    of = "" if log_odds >= 0 else f" of {answered} against {truth}"
    value = f"{log_odds:+.2f}".replace("-0.00", "+0.00").replace("-", "−").replace("inf", "∞")
    signed = f"log-odds{of} {value}"
    odds = kind == "independent-logits"
    if abs(log_odds) <= math.log(ALIKE):
        alike = f"gives {first} about the same odds as" if odds else f"holds {first} about as probable as"
        return f"The model {alike} {second} on {where} ({times(abs(log_odds))}, {signed})."
    what = "odds" if odds else "probability"
    return f"The model gives {first} {times(abs(log_odds))} the {what} of {second} on {where} ({signed})."


def times(log_ratio: float) -> str:
    """Return a ratio of at least 1 in words, from its natural logarithm; two digits of a large one.

    Examples
    --------
    >>> [times(math.log(ratio)) for ratio in (1.023, 3.21, 57.3, 1234, 3.3e8)]
    ['1.02 times', '3.2 times', '57 times', 'about 1,200 times', 'about 330 million times']
    >>> times(1000.0)
    'more than a trillion times'
    """
    if log_ratio > math.log(1e12):
        return "more than a trillion times"
    ratio = math.exp(log_ratio)
    if ratio < 999.5:
        return f"{ratio:.2f} times" if ratio < 1.995 else f"{ratio:.1f} times" if ratio < 9.95 else f"{ratio:.0f} times"
    rounded = float(f"{ratio:.1e}")
    for size, name in ((1e12, " trillion"), (1e9, " billion"), (1e6, " million")):
        if rounded >= size:
            return f"about {rounded / size:g}{name} times"
    return f"about {rounded:,.0f} times"
