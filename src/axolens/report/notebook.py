"""Records in a notebook: the page's own fragments as their HTML display."""

from collections.abc import Callable
from typing import Any

import numpy as np

from axolens.records.attribution import Attribution
from axolens.records.case import Case, Pair
from axolens.records.photo import Photo
from axolens.records.prediction import Prediction
from axolens.records.study import Study
from axolens.records.verdict import Verdict
from axolens.report.classes import class_table
from axolens.report.page import render_case, render_pair
from axolens.report.plates import SIDE, map_plate, photo_plate, small_photo
from axolens.report.summary import confusion_table, failure_table
from axolens.report.tables import prediction_rows
from axolens.report.templating import template
from axolens.report.verdicts import told


def register() -> None:
    """Attach the notebook display to the records; calling it again changes nothing.

    Examples
    --------
    >>> register()
    >>> from axolens.records.case import Case
    >>> callable(Case._repr_html_)
    True
    """
    displays: dict[Any, Callable[[Any], str]] = {
        Attribution: _show_attribution,
        Case: _show_case,
        Pair: _show_pair,
        Photo: _show_photo,
        Prediction: _show_prediction,
        Study: _show_study,
        Verdict: _show_verdict,
    }
    for kind, display in displays.items():
        kind._repr_html_ = display


def _show_case(case: Case) -> str:
    return _styled(render_case(case))


def _show_pair(pair: Pair) -> str:
    return _styled(render_pair(pair))


def _show_prediction(prediction: Prediction) -> str:
    return _single(rows=prediction_rows(prediction), kind=prediction.kind)


def _show_photo(photo: Photo) -> str:
    return _single(plate=photo_plate(photo, small_photo(photo), None))


def _show_attribution(attribution: Attribution) -> str:
    """Draw the map on a blank ground in the photo's proportions: an attribution does not hold its photo."""
    height, width = attribution.frame.photo
    shrink = min(1.0, SIDE / max(height, width))
    blank = np.full((max(1, round(height * shrink)), max(1, round(width * shrink)), 3), 0.92, np.float32)
    return _single(plate=map_plate("a photo that is not held here", blank, attribution))


def _show_study(study: Study) -> str:
    """Show the counts that need no photo to be read."""
    counts = [("Photos", len(study.cases)), ("Pairs", len(study.pairs)), ("Failed", len(study.failures))]
    return _styled(
        template("study.html").render(
            photos=len(study.cases),
            counts=counts,
            notes=study.notes,
            confusions=confusion_table(study.confusions),
            failures=failure_table(study.failures),
            findings=class_table(study.findings) if study.findings else None,
        )
    )


def _show_verdict(verdict: Verdict) -> str:
    return _single(told=told(verdict), title=f"{verdict.method} for {verdict.target}")


def _single(**context: object) -> str:
    parts = {"plate": None, "rows": (), "kind": "", "told": None, "title": ""}
    return _styled(template("single.html").render(parts | context))


def _styled(fragment: str) -> str:
    return f"<style>\n{template('fragment.css').render()}\n</style>\n{fragment}"
