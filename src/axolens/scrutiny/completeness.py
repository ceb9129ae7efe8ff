"""Completeness: whether a map of unit "score" sums to the difference that it claims to explain."""

from axolens.records.attribution import Attribution
from axolens.records.verdict import Check, Outcome

ENOUGH, TOO_FAR = 0.05, 0.2  # of the difference


def completeness(made: Attribution) -> Check:
    """Check the residual of a map of unit "score" against the difference its values should sum to.

    Passed within 5 % of the difference, failed beyond 20 %.
    """
    if made.unit != "score" or made.residual is None:
        return Check("completeness", "not possible", "The map compares places only: its values sum to no difference.")
    residual, total = made.residual, float(made.values.sum(dtype="float64"))
    whole = abs(total + residual)
    share = abs(residual) / whole if whole else float("inf") if residual else 0.0
    outcome: Outcome = "passed" if share <= ENOUGH else "failed" if not share <= TOO_FAR else "undecided"
    told = f"Its values sum to {total:+.2f} of a difference of {total + residual:+.2f}: {share:.1%} is missing."
    return Check("completeness", outcome, told.replace("%", " %"), value=share, floor=ENOUGH)
