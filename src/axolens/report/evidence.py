"""Evidence strips: the original, the best edit of each dose and a sham, with what each changed."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from axolens.photos.paint import thumbnail
from axolens.photos.resize import to_network
from axolens.records.case import Case
from axolens.records.diagnosis import Effect, Finding, Reading
from axolens.report import words
from axolens.report.plates import Pixels, Plate, encode
from axolens.report.tables import Table

SIDE = 200
DOSES = 4  # pictures of edits in a strip; the table holds the rest
Role = Literal["original", "edit", "sham"]


@dataclass(frozen=True, slots=True)
class Shot:
    """One picture of a strip: the original, an edit or a sham, and, where it holds, that the true class is first."""

    role: Role
    first: str
    plate: Plate


@dataclass(frozen=True, slots=True)
class Strip:
    """What was done to one factor: its heading, what the photo itself shows, pictures, and every edit as a table."""

    title: str
    grade: str
    measured: str
    shots: tuple[Shot, ...]
    notes: tuple[str, ...]
    table: Table | None


def strips(case: Case, findings: Sequence[Finding]) -> tuple[Strip, ...]:
    """Return a strip for each finding that has edits or a measurement, in the order given."""
    seen = seen_pixels(case)
    return tuple(_strip(case, one, seen) for one in findings if one.effects or one.measured)


def seen_pixels(case: Case) -> Pixels:
    """Return the photo as the network sees it, or whole where the preprocessing is not known."""
    preprocess = case.provenance.preprocess
    return case.photo.pixels if preprocess is None else to_network(case.photo, preprocess)


def reduced(pixels: Pixels) -> Pixels:
    """Return a picture at the size of a strip; a tiny one is enlarged by whole pixels."""
    small = thumbnail(np.clip(np.nan_to_num(pixels), 0, 1), SIDE)
    factor = max(1, SIDE // max(small.shape[:2]))
    return small.repeat(factor, axis=0).repeat(factor, axis=1)


def best_edits(effects: Sequence[Effect]) -> tuple[Effect, ...]:
    """Return, of each dose, the valid edit that raised the true class most, where its picture was kept.

    Of more than four doses these are the four strongest; they come in the order of their doses.
    """
    best: dict[float, Effect] = {}
    for one in effects:
        if one.sham or one.refused or one.pixels is None:
            continue
        if one.dose not in best or _height(one) > _height(best[one.dose]):
            best[one.dose] = one
    strongest = sorted(best.values(), key=_height, reverse=True)[:DOSES]
    return tuple(sorted(strongest, key=lambda one: one.dose))


def strongest_sham(effects: Sequence[Effect]) -> Effect | None:
    """Return the sham that came closest to an effect, of those whose picture was kept."""
    kept = [one for one in effects if one.sham and one.pixels is not None]
    return max(kept, key=_height, default=None)


def edit_table(factor: str, effects: Sequence[Effect]) -> Table | None:
    """Return every edit of a factor with what it changed, shams last; None where there are none."""
    if not effects:
        return None
    rows = tuple(
        (
            one.edit,
            "sham" if one.sham else "edit",
            words.number(one.dose),
            words.signed(one.change),
            "yes" if one.after.right else "no",
            "not asked" if one.low is None or one.high is None else words.span(one.low, one.high),
            "not asked" if one.repaired is None else words.percent(one.repaired),
            one.refused or "counted",
        )
        for one in sorted(effects, key=lambda one: one.sham)
    )
    head = (
        "Edit", "Kind", "Dose", "Change of log-odds", "True class first", "Change over harmless variations",
        "First in harmless variations", "Counted or why not",
    )  # fmt: skip
    return Table(f"Every recorded edit of {factor}", head, rows)


def _strip(case: Case, finding: Finding, seen: Pixels) -> Strip:
    edits, sham = best_edits(finding.effects), strongest_sham(finding.effects)
    shots = [_edit_shot(case, one) for one in (*edits, *(() if sham is None else (sham,)))]
    before = [_original_shot(case, seen, finding.effects[0].before)] if shots else []
    return Strip(
        title=f"{finding.rank}. {finding.factor.capitalize()}",
        grade=finding.grade,
        measured=_measured_words(finding),
        shots=(*before, *shots),
        notes=_notes(finding, edits, sham),
        table=edit_table(finding.factor, finding.effects),
    )


def _original_shot(case: Case, seen: Pixels, reading: Reading) -> Shot:
    truth = _truth(case)
    first = _first_words(truth, reading.right)
    alt = f"{case.photo.name} as the network sees it, unchanged: {first}."
    line = f"Log-odds {words.signed(reading.log_odds)}"
    return _shot("original", seen, alt, "Original", first, reading.right, (line,))


def _edit_shot(case: Case, effect: Effect) -> Shot:
    truth, changed = _truth(case), words.signed(effect.change)
    first = _first_words(truth, effect.after.right)
    title = f"Sham for: {effect.edit}" if effect.sham else effect.edit
    what = f"with the sham for being {effect.edit}" if effect.sham else effect.edit
    alt = f"{case.photo.name} {what}: the log-odds of {truth} change by {changed}; {first}."
    lines = [f"Change {changed}"]
    if effect.low is not None and effect.high is not None:
        lines.append(f"{words.span(effect.low, effect.high)} over harmless variations")
    if effect.repaired is not None:
        lines.append(f"First in {words.percent(effect.repaired)} of them")
    pixels = effect.pixels if effect.pixels is not None else np.zeros((1, 1, 3), np.float32)
    role: Role = "sham" if effect.sham else "edit"
    return _shot(role, pixels, alt, title, first, effect.after.right, tuple(lines))


def _shot(role: Role, pixels: Pixels, alt: str, title: str, first: str, right: bool, lines: tuple[str, ...]) -> Shot:
    shown = reduced(pixels)
    said = lines if right else (first, *lines)
    return Shot(role, first if right else "", Plate(encode(shown), shown.shape[1], shown.shape[0], alt, title, said))


def _notes(finding: Finding, edits: Sequence[Effect], sham: Effect | None) -> tuple[str, ...]:
    real = [one for one in finding.effects if not one.sham]
    refused, doses = sum(bool(one.refused) for one in real), len({one.dose for one in real if not one.refused})
    notes = []
    if finding.effects and not edits:
        notes.append("Every edit was out of range." if refused == len(real) else "No picture of its edits was kept.")
    if edits and len(edits) < doses:
        notes.append(f"Pictures of {len(edits)} of {doses} doses; the table holds all.")
    if refused:
        notes.append(f"{refused} of {len(real)} edits counted for nothing, being out of range; the table says why.")
    if edits and sham is None:
        notes.append("No sham was kept as a picture." if finding.shams else "There are no shams to compare it with.")
    return tuple(notes)


def _measured_words(finding: Finding) -> str:
    one = finding.measured
    if one is None:
        return ""
    said = f"The photo itself: {one.words}. " if one.words else ""
    measured = f"Measured: {words.number(one.value)} ({one.unit})"
    if one.quantile is None:
        return f"{said}{measured}."
    share = words.percent(one.quantile)
    return f"{said or 'The photo itself is like others. '}{measured}; {share} of ordinary photos have less."


def _first_words(truth: str, right: bool) -> str:
    return f"{truth} is first" if right else f"{truth} is not first"


def _truth(case: Case) -> str:
    return words.label(case.diagnosis.truth) if case.diagnosis is not None else "the true class"


def _height(effect: Effect) -> float:
    """Return an edit's change for comparing, a change that is no number below all others."""
    return -math.inf if math.isnan(effect.change) else effect.change
