"""The report: one HTML file that loads nothing and opens from disk."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from markupsafe import Markup

from axolens.errors import InputError
from axolens.records.case import Case, Pair, Provenance
from axolens.records.codec import write_file
from axolens.records.study import Study
from axolens.report import summary, words
from axolens.report.classes import class_part
from axolens.report.diagnosed import diagnosed
from axolens.report.sheets import Outcome, outcome, pair_lead, pair_margins, pair_notes, pair_sheets, sheet
from axolens.report.tables import SHORT, provenance_table
from axolens.report.templating import template

TITLE = "What the model says, and why"
SECTIONS: tuple[tuple[Outcome, str], ...] = (
    ("wrong", "Wrong answers"),
    ("right", "Right answers"),
    ("open", "Photos without a known truth"),
)


@dataclass(frozen=True, slots=True)
class Entry:
    """One photo on its way to the page: strings only, so that its arrays can be let go."""

    name: str
    truth: str | None
    answered: str
    probability: str
    outcome: Outcome
    provenance: tuple[Provenance, ...]
    readings: tuple[tuple[str, str], ...]
    html: Markup
    anchor: str
    mapped: bool
    diagnosed: bool
    judged: bool


@dataclass(frozen=True, slots=True)
class Section:
    """A heading of the page and the photos under it."""

    title: str
    anchor: str
    entries: tuple[Entry, ...]


def write_report(items: Case | Pair | Sequence[Case | Pair] | Study, path: str | Path, *, title: str = TITLE) -> None:
    """Write one self-contained HTML file.

    Parameters
    ----------
    items
        A case, a pair, several in the order in which they are to stand, or a study: its wrong answers come first.
        Each is drawn once and let go, so a study may read its cases from disk one at a time.
    path
        Where the file goes; a file there is replaced.
    title
        Of the page.

    Raises
    ------
    InputError
        If an item is neither a case nor a pair, or the file cannot be written.

    Examples
    --------
    >>> write_report([], "/no/such/folder/report.html")
    Traceback (most recent call last):
    axolens.errors.InputError: path: expected a place that can be written, got /no/such/folder/report.html. \
No such file or directory.
    """
    if isinstance(items, Case | Pair):
        items = [items]
    context = _study_context(items) if isinstance(items, Study) else _items_context(items)
    pieces = template("page.html").generate(title=title, **context)
    try:
        write_file(Path(path), lambda out: _write_pieces(out, pieces))
    except OSError as error:
        hint = f"{error.strerror or error}."
        raise InputError("path", expected="a place that can be written", got=path, hint=hint) from None


def render_case(case: Case) -> str:
    """Return one photo as a fragment of HTML: no ids, every string escaped, images inside.

    Parameters
    ----------
    case
        With or without maps; what is missing is said.
    """
    return _case_html(case, "")


def render_pair(pair: Pair) -> str:
    """Return a photo beside its reference as a fragment of HTML: no ids, every string escaped, images inside.

    Parameters
    ----------
    pair
        Maps of the same question and method stand beside each other.
    """
    left, right, blocks = pair_sheets(pair)
    said: dict[str, Any] = {"lead": pair_lead(pair), "margins": pair_margins(pair), "notes": pair_notes(pair)}
    said["found"] = diagnosed(pair.case)
    return template("pair.html").render(left=left, right=right, blocks=blocks, **said)


def _study_context(study: Study) -> dict[str, Any]:
    entries = list(_study_entries(study))
    known = any(entry.outcome != "open" for entry in entries)
    sections = []
    for state, title in SECTIONS if known else (("open", "Photos"),):
        chosen = tuple(entry for entry in entries if entry.outcome == state)
        if chosen:
            sections.append(Section(f"{title} ({len(chosen)})", f"answers-{state}", chosen))
    classes = {name for entry in entries for name in (entry.truth, entry.answered) if name}
    states = [entry.outcome for entry in entries]
    if study.confusions:
        states = summary.states(study.confusions) + [state for state in states if state == "open"]
    context = _context(entries, tuple(sections), len(study.failures), states, whole=bool(study.confusions))
    return context | {
        "notes": tuple(words.sentence(note, classes) for note in study.notes),
        "confusions": summary.confusion_table(study.confusions),
        "failures": summary.failure_table(study.failures),
        "classes": class_part(study.findings, classes),
    }


def _items_context(items: Iterable[Case | Pair]) -> dict[str, Any]:
    entries = [_entry(item, place) for place, item in enumerate(items, start=1)]
    sections = (Section("Photos", "photos", tuple(entries)),) if entries else ()
    return _context(entries, sections, 0, [entry.outcome for entry in entries]) | {
        "notes": (),
        "confusions": None,
        "failures": None,
        "classes": None,
    }


def _context(
    entries: Sequence[Entry], sections: tuple[Section, ...], failed: int, states: Sequence[Outcome], whole: bool = False
) -> dict[str, Any]:
    """Return what every page holds; ``whole`` where its photos were not chosen because their answers are wrong."""
    found = {repr(one): one for entry in entries for one in entry.provenance}
    provenance = [
        (provenance_table(one), one.model_digest if len(one.model_digest) > SHORT else "") for one in found.values()
    ]
    chosen = not whole and bool(entries) and all(entry.diagnosed for entry in entries) and "right" not in states
    readings = dict.fromkeys(reading for entry in entries for reading in entry.readings)
    return {
        "readings": tuple(readings),
        "counts": summary.counts(["open"] * len(states) if chosen else states, failed),
        "sentences": summary.chosen(len(states)) if chosen else summary.sentences(states),
        "diagnosed": any(entry.diagnosed for entry in entries),
        "judged": any(entry.judged for entry in entries),
        "mapped": any(entry.mapped for entry in entries) or not any(entry.diagnosed for entry in entries),
        "sections": sections,
        "index": [entry for section in sections for entry in section.entries],
        "provenance": provenance,
    }


def _study_entries(study: Study) -> Iterator[Entry]:
    """Draw each photo once: as a pair where it has one, otherwise alone."""
    place = 0
    paired = set()
    for pair in study.pairs:
        place += 1
        paired.add(_key(pair.case))
        yield _entry(pair, place)
    for case in study.cases:
        if _key(case) not in paired:
            place += 1
            wrong = outcome(case) == "wrong"
            yield _entry(case, place, summary.alone(case.answered, study.confusions) if wrong else "")


def _entry(item: Case | Pair, place: int, alone: str = "") -> Entry:
    if not isinstance(item, Case | Pair):
        raise InputError("items", expected="cases, pairs or a study", got=type(item).__name__)
    case = item.case if isinstance(item, Pair) else item
    answer = case.prediction.top(1)[0]
    cases = (case, item.reference) if isinstance(item, Pair) else (case,)
    return Entry(
        name=case.photo.name,
        truth=case.photo.truth,
        answered=answer.label,
        probability=words.probability(answer.probability),
        outcome=outcome(case),
        provenance=tuple(one.provenance for one in cases),
        readings=tuple((made.title, made.reading) for one in cases for made in one.attributions if made.reading),
        html=Markup(render_pair(item) if isinstance(item, Pair) else _case_html(item, alone)),
        anchor=f"photo-{place}",
        mapped=any(one.attributions for one in cases),
        diagnosed=any(one.diagnosis is not None for one in cases),
        judged=any(one.verdicts for one in cases),
    )


def _case_html(case: Case, alone: str) -> str:
    return template("case.html").render(sheet=sheet(case), alone=alone, found=diagnosed(case))


def _key(case: Case) -> tuple[str, str, str | None]:
    return case.photo.name, case.photo.digest, case.photo.truth


def _write_pieces(out: IO[bytes], pieces: Iterable[str]) -> None:
    for piece in pieces:
        out.write(piece.encode("utf-8", "backslashreplace"))
