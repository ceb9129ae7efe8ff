"""Tables of the page: rows of words from records."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from axolens.errors import LabelError
from axolens.records.attribution import Attribution, Regions
from axolens.records.case import Case, Provenance
from axolens.records.photo import Fact
from axolens.records.prediction import Answer, Prediction
from axolens.records.preprocess import Preprocess
from axolens.report import plates, words

TOP = 5
SHORT = 12


@dataclass(frozen=True, slots=True)
class Row:
    """One class of a prediction: its probability in words, as a share for the bar, and in full."""

    label: str
    mark: str
    probability: str
    share: float
    full: str


@dataclass(frozen=True, slots=True)
class Table:
    """A caption, the columns' heads, and rows whose first cell names them.

    Parameters
    ----------
    classes
        Columns that hold a model's classes: shown for reading, with the exact name as the cell's title.
    states
        "right" or "wrong" a row, where rows are to be told apart.
    """

    caption: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    classes: tuple[int, ...] = ()
    states: tuple[str, ...] = ()


def top_rows(case: Case) -> tuple[Row, ...]:
    """Return the five likeliest classes, and the true class where it is not among them."""
    return prediction_rows(case.prediction, true_answer(case))


def prediction_rows(prediction: Prediction, true: Answer | None = None) -> tuple[Row, ...]:
    """Return the five likeliest classes, with the true one marked and added where it is given."""
    answers = prediction.top(TOP)
    rows = [_row(answer, "true class" if true and answer.index == true.index else "") for answer in answers]
    if true is not None and all(answer.index != true.index for answer in answers):
        rows.append(_row(true, f"true class, {words.ordinal(prediction.rank(true.index))}"))
    return tuple(rows)


def true_answer(case: Case) -> Answer | None:
    """Return what the model gives the true class; None where it is not known or the model has no such class."""
    if case.photo.truth is None:
        return None
    try:
        return case.prediction.answer(case.photo.truth)
    except LabelError:
        return None


def region_table(attribution: Attribution) -> Table | None:
    """Return the drawn regions with coefficient, interval and place; None for a method without regions."""
    linear = attribution.regions
    if linear is None:
        return None
    unit = words.SCORE_NAMES[attribution.target.score]
    caption = (
        f"{attribution.title} for {words.question(attribution.target)}: the drawn regions. "
        f"R² {words.number(linear.fit)}: the share of the score's variance that the regions explain."
    )
    rows = []
    for region in plates.shown_regions(linear):
        where = plates.region_place(linear, region, attribution.frame)
        rows.append((f"{region}", where, words.number(float(linear.coefficients[region])), _interval(linear, region)))
    return Table(caption, ("Region", "Place on the photo", f"Change when shown ({unit})", "95 % interval"), tuple(rows))


def settings_table(attributions: Sequence[Attribution]) -> Table:
    """Return how each map was made and what it cost."""
    rows = tuple(
        (
            f"{attribution.title}: {words.question(attribution.target)}",
            f"{attribution.unit}, {words.SCORE_NAMES[attribution.target.score]}",
            _settings(attribution.settings),
            f"{attribution.seed}",
            "" if attribution.residual is None else words.number(attribution.residual),
            f"{attribution.cost.forward} / {attribution.cost.backward} / {words.number(attribution.cost.seconds)}",
        )
        for attribution in attributions
    )
    head = ("Map", "Unit, score", "Settings", "Seed", "Residual", "Images forward / backward / seconds")
    return Table("How the maps were made", head, rows)


def facts_table(case: Case) -> Table:
    """Return what is known about the photo's file."""
    rows = [(name, f"{fact}") for name, fact in case.photo.facts.items()]
    height, width = case.photo.size
    rows.append(("pixels as used", f"{width} × {height}"))
    rows += [("sha256", case.photo.digest)] if case.photo.digest else []
    rows += [("group", case.photo.group)] if case.photo.group else []
    return Table("The photo", ("Fact", "Value"), tuple(rows))


def provenance_table(provenance: Provenance) -> Table:
    """Return enough to make the results again, the digest shortened; it stands in full beside the table."""
    settings = tuple((f"settings of {method}", _settings(chosen)) for method, chosen in provenance.settings.items())
    versions = ", ".join(f"{name} {version}" for name, version in provenance.versions.items())
    rows = (
        ("model", provenance.model),
        ("sha256 of the weights", short(provenance.model_digest) or "not known"),
        ("preprocessing", _preprocess(provenance.preprocess)),
        ("seed", f"{provenance.seed}"),
        *settings,
        ("versions", versions or "not recorded"),
        ("command", provenance.command or "not recorded"),
    )
    return Table("Where the results come from", ("What", "Value"), rows)


def short(digest: str) -> str:
    """Return the beginning of a digest.

    Examples
    --------
    >>> short("0123456789abcdef")
    '0123456789ab…'
    """
    return digest if len(digest) <= SHORT else digest[:SHORT] + "…"


def _interval(linear: Regions, region: int) -> str:
    """Return a region's interval, marked where it leaves the sign open."""
    if linear.low is None or linear.high is None:
        return "not known"
    low, high = float(linear.low[region]), float(linear.high[region])
    mark = " (includes 0)" if low <= 0 <= high else ""
    return f"{words.number(low)} to {words.number(high)}{mark}"


def _row(answer: Answer, mark: str) -> Row:
    share = float(np.clip(np.nan_to_num(answer.probability), 0, 1))
    return Row(answer.label, mark, words.probability(answer.probability), share, f"{answer.probability:.6g}")


def _settings(settings: Mapping[str, Fact]) -> str:
    return ", ".join(f"{name} = {value}" for name, value in settings.items()) or "none"


def _preprocess(preprocess: Preprocess | None) -> str:
    if preprocess is None:
        return "none: the model took the batch as it was"
    height, width = preprocess.size
    resize = (
        f"resized to {width} × {height}"
        if preprocess.short_side is None
        else f"shorter side to {preprocess.short_side}, centre of {width} × {height} cut out"
    )
    numbers = f"scale {preprocess.scale:g}, mean {preprocess.mean}, std {preprocess.std}"
    return f"{resize} ({preprocess.filter}); {numbers}; {preprocess.order}, {preprocess.layout}"
