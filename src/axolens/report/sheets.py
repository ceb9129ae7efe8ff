"""Sheets: what the page says about one photo, and about a photo beside its reference."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from axolens.errors import LabelError
from axolens.records.attribution import Attribution
from axolens.records.case import Case, Pair
from axolens.records.prediction import ScoreKind
from axolens.report import words
from axolens.report.plates import Pixels, Plate, largest, map_plate, photo_plate, small_photo
from axolens.report.tables import Row, Table, facts_table, region_table, settings_table, top_rows, true_answer

Outcome = Literal["right", "wrong", "open"]
CHIPS: dict[Outcome, str] = {"right": "right answer", "wrong": "wrong answer", "open": "truth not known"}


@dataclass(frozen=True, slots=True)
class Group:
    """The maps of one question."""

    question: str
    plates: tuple[Plate, ...]


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
    groups: tuple[Group, ...]
    tables: tuple[Table, ...]


@dataclass(frozen=True, slots=True)
class PairRow:
    """The same map of a photo and of its reference; None where it was not made."""

    question: str
    left: Plate | None
    right: Plate | None


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
    groups = []
    for question in dict.fromkeys(str(made.target) for made in case.attributions):
        asked = [made for made in case.attributions if str(made.target) == question]
        plates = tuple(map_plate(case.photo.name, small, made) for made in asked)
        groups.append(Group(_question(asked[0]), plates))
    return _sheet(case, small, tuple(groups))


def pair_sheets(pair: Pair) -> tuple[Sheet, Sheet, tuple[PairRow, ...]]:
    """Return the two photos, and their maps row by row; maps of unit "score" share one scale a row."""
    small, beside = small_photo(pair.case.photo), small_photo(pair.reference.photo)
    here, there = _by_question(pair.case), _by_question(pair.reference)
    rows = []
    for key in dict.fromkeys([*here, *there]):
        left, right = here.get(key), there.get(key)
        limit = _shared_limit(left, right)
        made = left or right
        rows.append(
            PairRow(
                "" if made is None else f"{words.method_name(made.method)}: {_question(made)}",
                None if left is None else map_plate(pair.case.photo.name, small, left, limit),
                None if right is None else map_plate(pair.reference.photo.name, beside, right, limit),
            )
        )
    return _sheet(pair.case, small, ()), _sheet(pair.reference, beside, ()), tuple(rows)


def pair_lead(pair: Pair) -> str:
    """Say in one sentence what stands beside what."""
    return (
        f"A photo of {pair.truth} that the model takes for {pair.answered}, "
        f"beside a photo of {pair.answered}; both were asked the same questions."
    )


def pair_margins(pair: Pair) -> tuple[str, str]:
    """Say both margins, on the photo and on the reference."""
    kind, beside = pair.case.prediction.kind, pair.reference.prediction.kind
    return (
        words.margin(pair.answered, pair.truth, pair.margin, "this photo", kind),
        words.margin(pair.answered, pair.truth, pair.reference_margin, "the reference", beside),
    )


def lead(case: Case) -> str:
    """Say what the model answers and what would have been right."""
    answer = case.prediction.top(1)[0]
    text = f"The model answers {answer.label}, with probability {words.probability(answer.probability)}."
    if case.photo.truth is None:
        return f"{text} The true class was not given."
    true = true_answer(case)
    if true is None:
        return f"{text} The class given as true, {case.photo.truth}, is not a class of this model or fits several."
    if outcome(case) == "right":
        return f"{text} That is the true class."
    rank = words.ordinal(case.prediction.rank(true.index))
    return f"{text} The true class is {true.label}, {rank} with {words.probability(true.probability)}."


def _sheet(case: Case, small: Pixels, groups: tuple[Group, ...]) -> Sheet:
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
        notes=case.notes,
        photo=photo_plate(case.photo, small, frame),
        top=top_rows(case),
        kind=case.prediction.kind,
        groups=groups,
        tables=(*tables, facts_table(case)),
    )


def _question(made: Attribution) -> str:
    target = made.target
    if target.against is not None:
        return f"What speaks for {target.name} rather than {target.against_name}"
    return f"What speaks for and against {target.name}"


def _by_question(case: Case) -> dict[tuple[str, str], Attribution]:
    return {(str(made.target), made.method): made for made in case.attributions}


def _shared_limit(left: Attribution | None, right: Attribution | None) -> float | None:
    made: Sequence[Attribution] = [one for one in (left, right) if one is not None]
    if len(made) < 2 or any(one.unit != "score" for one in made):
        return None
    return max(largest(one) for one in made)
