"""Sheets: what the page says about one photo, and about a photo beside its reference."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from axolens.errors import LabelError
from axolens.records.attribution import Attribution
from axolens.records.case import Case, Pair
from axolens.records.prediction import ScoreKind
from axolens.report import ratios, words
from axolens.report.plates import (
    Pixels,
    Plate,
    common_lines,
    largest,
    map_plate,
    photo_plate,
    small_photo,
    without,
)
from axolens.report.tables import Row, Table, facts_table, region_table, settings_table, top_rows, true_answer
from axolens.report.verdicts import Told, judged

Outcome = Literal["right", "wrong", "open"]
Judged = tuple[Attribution, Told | None]
CHIPS: dict[Outcome, str] = {"right": "right answer", "wrong": "wrong answer", "open": "truth not known"}


@dataclass(frozen=True, slots=True)
class Group:
    """The maps of one question."""

    question: str
    plates: tuple[Plate, ...]


@dataclass(frozen=True, slots=True)
class Common:
    """What is said alike of all maps of one method."""

    method: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Sheet:
    """One photo on the page."""

    name: str
    outcome: Outcome
    chip: str
    lead: str
    notes: tuple[str, ...]
    photo: Plate
    top: tuple[Row, ...]
    kind: ScoreKind
    common: tuple[Common, ...]
    groups: tuple[Group, ...]
    tables: tuple[Table, ...]


@dataclass(frozen=True, slots=True)
class PairRow:
    """The same map of a photo and of its reference; None where it was not made."""

    question: str
    left: Plate | None
    right: Plate | None


@dataclass(frozen=True, slots=True)
class PairBlock:
    """One method's maps of a pair, a row a question, under what is said alike of all of them."""

    common: Common
    rows: tuple[PairRow, ...]


def outcome(case: Case) -> Outcome:
    """Return whether the model names the true class; open where it is not known or no class of the model."""
    try:
        correct = case.correct
    except LabelError:
        correct = None
    return "open" if correct is None else "right" if correct else "wrong"


def sheet(case: Case) -> Sheet:
    """Return what the page says about one photo."""
    small = small_photo(case.photo)
    drawn = [(made, map_plate(case.photo.name, small, made, told=told)) for made, told in judged(case)]
    titles = {made.method: made.title for made in case.attributions}
    common = {method: common_lines([plate for made, plate in drawn if made.method == method]) for method in titles}
    groups = []
    for question in dict.fromkeys(str(made.target) for made in case.attributions):
        asked = [(made, without(plate, common[made.method])) for made, plate in drawn if str(made.target) == question]
        groups.append(Group(_question(asked[0][0]), tuple(plate for _, plate in asked)))
    above = tuple(Common(titles[method], lines) for method, lines in common.items() if lines)
    return _sheet(case, small, above, tuple(groups))


def pair_sheets(pair: Pair) -> tuple[Sheet, Sheet, tuple[PairBlock, ...]]:
    """Return the two photos, and their maps row by row; maps of unit "score" share one scale a row."""
    small, beside = small_photo(pair.case.photo), small_photo(pair.reference.photo)
    here, there = _by_method(pair.case), _by_method(pair.reference)
    blocks = []
    for method in dict.fromkeys([*here, *there]):
        left, right = here.get(method, {}), there.get(method, {})
        rows, asked = [], {**left, **right}
        for question, (made, _) in asked.items():
            one, other = left.get(question), right.get(question)
            limit = _shared_limit(one, other)
            rows.append(
                PairRow(
                    _question(made),
                    None if one is None else map_plate(pair.case.photo.name, small, one[0], limit, one[1]),
                    None if other is None else map_plate(pair.reference.photo.name, beside, other[0], limit, other[1]),
                )
            )
        blocks.append(_block(next(iter(asked.values()))[0].title, rows))
    return _sheet(pair.case, small), _sheet(pair.reference, beside), tuple(blocks)


def pair_lead(pair: Pair) -> str:
    """Say in one sentence what stands beside what."""
    shown = f"A photo of {words.label(pair.truth)} that the model takes for {words.label(pair.case.answered)}"
    if pair.case.correct:
        shown = f"A photo of {words.label(pair.truth)}, rightly answered"
    truth = pair.reference.photo.truth
    beside = "one whose class is not known" if truth is None else f"a photo of {words.label(truth)}"
    return f"{shown}, beside {beside}; both were asked the same questions."


def pair_margins(pair: Pair) -> tuple[str, str]:
    """Say both margins, on the photo and on the reference."""
    kind, beside = pair.case.prediction.kind, pair.reference.prediction.kind
    return (
        ratios.margin(pair.answered, pair.truth, pair.margin, "this photo", kind),
        ratios.margin(pair.answered, pair.truth, pair.reference_margin, "the reference", beside),
    )


def pair_notes(pair: Pair) -> tuple[str, ...]:
    """Return what the reader must know about the reference."""
    return tuple(words.sentence(note, set(pair.case.prediction.labels.names)) for note in pair.notes)


def lead(case: Case) -> str:
    """Say what the model answers and what would have been right."""
    answer = case.prediction.top(1)[0]
    text = f"The model answers {words.label(answer.label)}, with probability {words.probability(answer.probability)}."
    if case.photo.truth is None:
        return f"{text} The true class was not given."
    true = true_answer(case)
    if true is None:
        return f"{text} The class given as true, {case.photo.truth}, is not a class of this model or fits several."
    if outcome(case) == "right":
        return f"{text} That is the true class."
    rank = words.ordinal(case.prediction.rank(true.index))
    return f"{text} The true class is {words.label(true.label)}, {rank} with {words.probability(true.probability)}."


def _sheet(case: Case, small: Pixels, common: tuple[Common, ...] = (), groups: tuple[Group, ...] = ()) -> Sheet:
    state = outcome(case)
    frame = case.attributions[0].frame if case.attributions else None
    tables = [table for made in case.attributions if (table := region_table(made)) is not None]
    if case.attributions:
        tables.append(settings_table(case.attributions))
    return Sheet(
        name=case.photo.name,
        outcome=state,
        chip=CHIPS[state],
        lead=lead(case),
        notes=tuple(words.sentence(note, set(case.prediction.labels.names)) for note in case.notes),
        photo=photo_plate(case.photo, small, frame),
        top=top_rows(case),
        kind=case.prediction.kind,
        common=common,
        groups=groups,
        tables=(*tables, facts_table(case)),
    )


def _question(made: Attribution) -> str:
    target = made.target
    return f"What speaks for{'' if target.against is not None else ' and against'} {words.question(target)}"


def _block(title: str, rows: Sequence[PairRow]) -> PairBlock:
    lines = common_lines([plate for row in rows for plate in (row.left, row.right) if plate is not None])
    own = (PairRow(row.question, *(plate and without(plate, lines) for plate in (row.left, row.right))) for row in rows)
    return PairBlock(Common(title, lines), tuple(own))


def _by_method(case: Case) -> dict[str, dict[str, Judged]]:
    """Return the maps with their verdicts by method, then by question."""
    found: dict[str, dict[str, Judged]] = {}
    for made, told in judged(case):
        found.setdefault(made.method, {})[str(made.target)] = made, told
    return found


def _shared_limit(left: Judged | None, right: Judged | None) -> float | None:
    """Return the scale that both maps are drawn on; None where there is none, or where one is greyed."""
    made = [one for one, told in filter(None, (left, right)) if not (told and told.warning)]
    if len(made) < 2 or any(one.unit != "score" for one in made):
        return None
    return max(largest(one) for one in made)
