"""A diagnosis as lines of text."""

from typing import TYPE_CHECKING

from axolens.cli.progress import counted, duration

if TYPE_CHECKING:
    from axolens.records.case import Case
    from axolens.records.diagnosis import Diagnosis

NEAR = 5  # the true class among the first five is a near miss


def diagnosis_lines(case: "Case") -> list[str]:
    """Return what was asked, what the model said, the findings in order, what was not tested, and the cost."""
    found = case.diagnosis
    if found is None:
        return [case.photo.name, "  No diagnosis was made."]
    rank, classes = case.prediction.rank(found.truth), len(case.prediction.labels)
    near = "a near miss, among the first five" if rank <= NEAR else "far, not among the first five"
    behind = f"{found.margin:+.2f} log-odds against the answer"
    lines = [
        case.photo.name,
        f"  asked as {found.truth}, answered {found.predicted}",
        f"  {found.truth} is in place {rank} of {classes} classes: {near}; {behind}",
        *(f"  check {check.name}: {check.outcome}. {check.sentence}" for check in found.preflight),
        *_finding_lines(found),
    ]
    if found.matches:
        lines.append(f"  {counted(len(found.matches), 'look-alike region')}; the page shows where")
    lines += [f"  limit: {limit}" for limit in found.limits]
    lines += [f"  note: {note}" for note in case.notes]
    cost = found.cost
    return [*lines, f"  {counted(cost.forward + cost.backward, 'image')}, {duration(cost.seconds)}"]


def _finding_lines(found: "Diagnosis") -> list[str]:
    ordered = sorted(found.findings, key=lambda one: one.rank)
    width = max((len(one.factor) for one in ordered), default=0)
    return [f"  {one.rank}. {one.factor:<{width}}  {one.grade}: {one.sentence}" for one in ordered]
