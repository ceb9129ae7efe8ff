"""What the page says about each class of a folder: findings with their grade, then the numbers."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from axolens.records.study import ClassFinding
from axolens.report import words
from axolens.report.tables import Table


@dataclass(frozen=True, slots=True)
class Line:
    """One sentence about a class with its grade."""

    grade: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Classes:
    """Findings about classes: what is shown or suggested, how many were found otherwise, and every number."""

    lines: tuple[Line, ...]
    rest: tuple[Line, ...]
    table: Table


def class_part(findings: Sequence[ClassFinding], names: Collection[str]) -> Classes | None:
    """Return the part of the page about classes; None where a study holds no diagnoses.

    Parameters
    ----------
    findings
        In the order in which they are to stand.
    names
        Classes that the sentences may name.
    """
    if not findings:
        return None
    lines = [Line(one.grade, words.sentence(one.sentence, names)) for one in findings]
    claimed = tuple(one for one in lines if one.grade in ("shown", "suggested"))
    return Classes(claimed, tuple(one for one in lines if one not in claimed), class_table(findings))


def class_table(findings: Sequence[ClassFinding]) -> Table:
    """Return the numbers behind findings about classes."""
    head = (
        "True class", "Factor", "Grade", "Independent photos", "Change of log-odds", "Place among shams", "p",
        "p, adjusted", "Shown on", "95 % interval", "Standing", "More photos",
    )  # fmt: skip
    return Table("Findings about classes in numbers", head, tuple(map(_row, findings)), classes=(0,))


def _row(one: ClassFinding) -> tuple[str, ...]:
    units = f"{one.units}" if one.units == one.photos else f"{one.units} ({one.photos} photos)"
    if one.effect is None or one.place is None or one.p is None or one.adjusted is None:
        return one.truth, one.factor, one.grade, units, *("not tested",) * 8
    low, high = (words.percent(end) for end in one.share)
    return (
        one.truth, one.factor, one.grade, units, words.signed(one.effect), words.signed(one.place),
        words.number(one.p), words.number(one.adjusted), f"{one.repaired} of {one.units}",
        f"{low.removesuffix(' %')} to {high}", f"{one.standing}",
        "none known" if one.more is None else f"about {one.more:,}",
    )  # fmt: skip
