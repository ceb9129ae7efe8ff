"""The sentences a diagnosis may print, each with the evidence that permits it. No other causal wording exists."""

from collections.abc import Mapping, Sequence

from axolens.diagnosis.company import Specific
from axolens.diagnosis.grading import LARGEST_BOUND, Verdict, equivalence_bound, grade_of, mended, without_effect
from axolens.diagnosis.trial import Trial
from axolens.records.diagnosis import Reading

REASONS = {
    "background": "it needs a mask of the object, and rightly answered references of its class with masks",
    "tag": "nothing like a border, text or a strip was found",
    "colour": "the photo has no colour that could be moved",
}
SHAMLESS = {"background": "sham edits need 26 rightly answered photos of other classes with masks, and there are fewer"}
FEWEST = 6
"""Photos of other classes from which they choose the sentence."""
TWINS = ("blur", "noise", "compression")
"""Factors whose repairs do much the same to a picture."""


def sentence_of(
    trial: Trial,
    before: Reading,
    verdict: Verdict | None,
    truth: str,
    specific: Specific | None = None,
    twins: Sequence[str] = (),
) -> str:
    """Return what may be said about one factor, on this photo.

    ``twins`` are other factors that are claimed too and whose repairs do much the same to a picture.
    """
    name, measured = trial.name, trial.measured
    stands_out = f" The photo is {measured.words} ({measured.value:.3g} {measured.unit})." if measured.words else ""
    if not trial.edits:
        return _untested(trial, stands_out)
    if verdict is None:
        return f"{_without_shams(trial, before, truth)}{stands_out}"
    edit, after = trial.edits[verdict.dose], trial.readings[verdict.dose]
    change, shams = after.log_odds - before.log_odds, 0 if trial.shams is None else len(trial.shams)
    what = f"the photo {edit.words}"
    moved = f"{'raises' if change > 0 else 'lowers'} the log-odds of {truth} by {abs(change):.1f}"
    placebo = _placebo(verdict, shams)
    varied = _varied(verdict, truth)
    untold = f" It cannot be told apart from {' and '.join(twins)} here." if twins else ""
    grade = grade_of(trial, before, verdict)
    also = f"{untold}{_broken(verdict, name, truth)}{_specific(specific, truth)}{stands_out}"
    if grade == "shown":
        return f"On this photo the wrong answer responds to {name}: {what} {moved}; {placebo}{varied}.{also}"
    if grade == "suggested":
        return f"{name.capitalize()} is suggested, not shown: {what} {moved}; {placebo}{varied}.{also}"
    if change <= 0 and not without_effect(trial, before):
        return f"Not shown: at its best {what} {moved}, so it repairs nothing.{stands_out}"
    if without_effect(trial, before):
        bound = equivalence_bound(before.margin)
        doses = "every dose that is in range" if trial.refused else "every dose"
        return f"{name.capitalize()} does not matter here: within ±{bound:.2g} log-odds at {doses}, answer unchanged."
    return f"Not shown either way: {what} {moved}; {placebo}{varied}.{stands_out}"


def _broken(verdict: Verdict, name: str, truth: str) -> str:
    """Say what the factor alone does to rightly answered references, and where that holds the grade down."""
    broken = verdict.broken
    if broken is None:
        return f" Whether {name} alone breaks right answers was not tested."
    said = f" {name.capitalize()} alone makes {broken.count} of {broken.tried} right answers to {truth} wrong"
    if not broken.failed:
        return f"{said}."
    moved = f"and takes more than {LARGEST_BOUND} log-odds from {broken.moved} of them"
    return f"{said} {moved}: what repairs this photo is not what makes such answers wrong."


def _specific(specific: Specific | None, truth: str) -> str:
    """Say what is known from photos of other classes: it chooses the sentence, not the grade."""
    if specific is None:
        return ""
    count, tried = specific.count, specific.tried
    unspecific = f"so the model takes it as evidence for {truth}, whatever is shown"
    few, both = "too few to say what that means", "both readings stay open"
    needed = f"so it is needed to see {truth} here, not a short-cut to it"
    return (
        f" The same repair raises {truth} at least half as much on {count} of {tried} photos of other classes: "
        f"{few if tried < FEWEST else unspecific if 2 * count > tried else needed if count == 0 else both}."
    )


def _untested(trial: Trial, stands_out: str) -> str:
    why = (
        f"edited, {trial.refused[0][1]}"
        if trial.refused
        else REASONS.get(trial.name, "no edit of this photo can move it")
    )
    if stands_out:
        return f"{trial.name.capitalize()} cannot be tested by an edit ({why}).{stands_out} It is suggested at most."
    return f"Not tested: {why}."


def _without_shams(trial: Trial, before: Reading, truth: str) -> str:
    """Say what the best edit did where no placebos could be made."""
    if not trial.readings:
        return f"Not shown either way: {trial.name} was not read."
    changes = trial.changes(before)
    best = int(changes.argmax())
    moved = f"{'raises' if changes[best] > 0 else 'lowers'} the log-odds of {truth} by {abs(changes[best]):.1f}"
    said = "is suggested, not shown" if mended(trial, before) else "is not shown either way"
    first = f" and {truth} comes first" if trial.readings[best].right else ""
    why = SHAMLESS.get(trial.name, "no sham edits could be made")
    return f"{trial.name.capitalize()} {said}: the photo {trial.edits[best].words} {moved}{first}, but {why}."


def _placebo(verdict: Verdict, shams: int) -> str:
    above = verdict.placebo_rank - 1
    if above == 0:
        return f"none of {shams} sham edits of the same strength did as much (p {verdict.p:.2g} over all factors)"
    return (
        f"{above} of {shams} sham edits of the same strength did as much or more (p {verdict.p:.2g} over all factors)"
    )


def _varied(verdict: Verdict, truth: str) -> str:
    varied = verdict.varied
    if varied is None:
        return "; the budget did not reach for its harmless variations" if verdict.cut else ""
    first, already = (round(share * varied.count) for share in (varied.repaired, varied.unedited))
    return (
        f"; {truth} comes first in {first} of {varied.count} harmless variations, unedited in {already} "
        f"(change {varied.low:+.1f} to {varied.high:+.1f}){_masked(verdict)}"
    )


def _masked(verdict: Verdict) -> str:
    if verdict.masked is None:
        return ""
    low, high = verdict.masked
    return f"; with the mask grown and shrunk {low:+.1f} to {high:+.1f}"


def claimed_twins(grades: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    """Return, for each of blur, noise and compression that is claimed, the others of them that are claimed too.

    Examples
    --------
    >>> claimed_twins({"noise": "shown", "blur": "suggested", "colour": "shown", "compression": "not shown"})
    {'blur': ('noise',), 'noise': ('blur',)}
    """
    claimed = [name for name in TWINS if grades.get(name) in ("shown", "suggested")]
    return {name: tuple(other for other in claimed if other != name) for name in claimed if len(claimed) > 1}
