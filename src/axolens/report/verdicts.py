"""What stands beside a map about believing it: sentences first, then what each check found."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from axolens.errors import InputError
from axolens.records.attribution import Attribution
from axolens.records.case import Case
from axolens.records.verdict import NOT_ASKED, OPENING, Check, Verdict
from axolens.report import words

ABOUT = f"{OPENING}:"
WARNING = "Not to be read as evidence"
REPEATS = ("; do not read it as evidence", "; do not read it")  # what a sentence need not say again after the warning


@dataclass(frozen=True, slots=True)
class Told:
    """A verdict in words.

    Parameters
    ----------
    reason
        Why the map must not be read as evidence, which greys it; empty where no check failed.
    sentences
        What else may be said, without the opening that all sentences share.
    checks
        Name, outcome and what was found, a row each; those that were not possible last, one row a reason.
    unasked
        In one line, which checks were not asked; empty where all were.
    """

    reason: str
    sentences: tuple[str, ...]
    checks: tuple[tuple[str, str, str], ...]
    unasked: str

    @property
    def warning(self) -> str:
        """The warning with its reason; empty where no check failed."""
        return self.reason and f"{WARNING}: {self.reason}"


def judged(case: Case) -> Iterator[tuple[Attribution, Told | None]]:
    """Yield each map of a case with its verdict in words; None where the case holds no verdicts.

    Raises
    ------
    InputError
        If there are verdicts, but not one a map.
    """
    if not case.verdicts:
        yield from ((made, None) for made in case.attributions)
        return
    if len(case.verdicts) != len(case.attributions):
        wanted = f"one a map ({len(case.attributions)}) or none"
        raise InputError("verdicts", expected=wanted, got=len(case.verdicts))
    names = set(case.prediction.labels.names)
    for made, verdict in zip(case.attributions, case.verdicts, strict=True):
        yield made, told(verdict, names)


def told(verdict: Verdict, names: Collection[str] = ()) -> Told:
    """Return a verdict in words.

    Parameters
    ----------
    verdict
        Of one map.
    names
        The classes that its sentences may name.
    """
    said = [words.sentence(_own(one), names) for one in verdict.sentences]
    rows = tuple((name, out, words.sentence(found, names)) for name, out, found in _rows(verdict.checks))
    unasked = [one.name for one in verdict.checks if _unasked(one)]
    reason = ""
    if verdict.failed:
        failed = " ".join(found for _, outcome, found in rows if outcome == "failed")
        reason, said = _once(said[0] if said else failed), said[1:]
    return Told(
        reason=reason,
        sentences=tuple(said),
        checks=rows,
        unasked=f"{NOT_ASKED.rstrip('.')}: {', '.join(unasked)}." if unasked else "",
    )


def _own(sentence: str) -> str:
    """Return a sentence without the opening, which stands once above all."""
    return sentence.removeprefix(ABOUT).strip()


def _once(reason: str) -> str:
    """Return a reason without what the warning before it says already."""
    for repeat in REPEATS:
        reason = reason.replace(repeat, "")
    return reason


def _rows(checks: tuple[Check, ...]) -> Iterator[tuple[str, str, str]]:
    possible = [one for one in checks if one.outcome != "not possible"]
    for one in possible:
        yield one.name, "described" if one.described else one.outcome, one.reason
    refused = [one for one in checks if one.outcome == "not possible" and not _unasked(one)]
    for reason in dict.fromkeys(one.reason for one in refused):
        yield ", ".join(one.name for one in refused if one.reason == reason), "not possible", reason


def _unasked(check: Check) -> bool:
    return check.outcome == "not possible" and check.reason == NOT_ASKED
