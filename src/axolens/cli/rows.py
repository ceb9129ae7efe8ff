"""Records as the JSON that the command line promises. The names are a contract."""

import dataclasses
import json
import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

from axolens.errors import InputError

if TYPE_CHECKING:
    from axolens.records.attribution import Attribution, Cost
    from axolens.records.case import Case
    from axolens.records.comparison import Comparison
    from axolens.records.diagnosis import Finding, Match
    from axolens.records.photo import Photo
    from axolens.records.prediction import Prediction
    from axolens.records.study import ClassFinding
    from axolens.records.verdict import Verdict


def prediction_row(photo: "Photo", prediction: "Prediction", model: str, count: int = 5) -> dict[str, Any]:
    """Return photo, digest, truth, model and the likeliest classes."""
    return {
        "photo": photo.name,
        "digest": photo.digest,
        "truth": photo.truth,
        "model": model,
        "top": [dataclasses.asdict(answer) for answer in prediction.top(count)],
    }


def case_row(case: "Case", arrays: Path | None) -> dict[str, Any]:
    """Return a prediction's row with its attributions; ``arrays`` is where their maps were written."""
    row = prediction_row(case.photo, case.prediction, case.provenance.model)
    found = [attribution_row(one, place, arrays) for place, one in enumerate(case.attributions)]
    for one, verdict in zip(found, case.verdicts, strict=False):
        one["verdict"] = verdict_row(verdict)
    row |= {"attributions": found, "notes": list(case.notes)}
    return row if case.diagnosis is None else {**row, "diagnosis": diagnosis_row(case)}


def attribution_row(found: "Attribution", place: int, arrays: Path | None) -> dict[str, Any]:
    """Return one attribution's row; ``array`` is the map's name inside ``file``."""
    return {
        "method": found.method,
        "target": found.target.name,
        "against": found.target.against_name,
        "file": None if arrays is None else str(arrays),
        "array": None if arrays is None else f"/attributions/{place}/values",
        "unit": found.unit,
        "sum": _number(float(found.values.sum(dtype="float64"))),
        "residual": _number(found.residual),
        "fit": None if found.regions is None else _number(found.regions.fit),
        "settings": dict(found.settings),
        "cost": _cost(found.cost),
        "notes": list(found.notes),
    }


def verdict_row(found: "Verdict") -> dict[str, Any]:
    """Return what may be concluded from a map; what is not a finite number is null."""
    checks = [
        {
            "name": one.name,
            "outcome": one.outcome,
            "value": _number(one.value),
            "floor": _number(one.floor),
            "interval": None if one.interval is None else [_number(end) for end in one.interval],
            "p": _number(one.p),
            "reason": one.reason,
        }
        for one in found.checks
    ]
    row = {"method": found.method, "target": found.target, "failed": found.failed, "sentences": list(found.sentences)}
    return {**row, "checks": checks, "cost": _cost(found.cost)}


def comparison_row(found: "Comparison") -> dict[str, Any]:
    """Return a comparison as the JSON that is promised."""
    row = dataclasses.asdict(dataclasses.replace(found, provenance=None))
    del row["provenance"]
    row["pairs"] = [{**dataclasses.asdict(one), "ranked": one.ranked} for one in found.pairs]
    return row


def diagnosis_row(case: "Case") -> dict[str, Any]:
    """Return a diagnosis, findings ordered by rank; what is not a finite number is null.

    Raises
    ------
    InputError
        If the case holds no diagnosis.
    """
    found = case.diagnosis
    if found is None:
        raise InputError("case", expected="a case with a diagnosis", got=f"{case!r}")
    return {
        "photo": case.photo.name,
        "truth": found.truth,
        "predicted": found.predicted,
        "margin": _number(found.margin),
        "preflight": [dataclasses.asdict(check) for check in found.preflight],
        "findings": [finding_row(one) for one in sorted(found.findings, key=lambda one: one.rank)],
        "matches": [match_row(one) for one in found.matches],
        "cost": _cost(found.cost),
    }


def finding_row(found: "Finding") -> dict[str, Any]:
    """Return what may be said about one factor; ``effect`` and ``range`` are changes of log-odds."""
    return {
        "factor": found.factor,
        "grade": found.grade,
        "rank": int(found.rank),
        "effect": _number(found.effect),
        "range": None if found.range is None else [_number(end) for end in found.range],
        "placebo_rank": None if found.placebo_rank is None else int(found.placebo_rank),
        "p": _number(found.p),
        "sentence": found.sentence,
    }


def class_row(found: "ClassFinding") -> dict[str, Any]:
    """Return what may be said about one factor of one class from a folder; what is not a number is null."""
    return {
        "truth": found.truth,
        "factor": found.factor,
        "grade": found.grade,
        "photos": found.photos,
        "units": found.units,
        "effect": _number(found.effect),
        "place": _number(found.place),
        "p": _number(found.p),
        "adjusted": _number(found.adjusted),
        "repaired": found.repaired,
        "standing": found.standing,
        "share": [_number(end) for end in found.share],
        "more": found.more,
        "sentence": found.sentence,
    }


def match_row(found: "Match") -> dict[str, Any]:
    """Return one look-alike; boxes are x0, y0, x1, y1 in pixels."""
    return {
        "box": [_number(edge) for edge in found.box],
        "reference": found.reference,
        "label": found.label,
        "reference_box": [_number(edge) for edge in found.reference_box],
        "similarity": _number(found.similarity),
        "floor": _number(found.floor),
    }


def print_json(row: dict[str, Any]) -> None:
    """Print one JSON object on one line."""
    tell(json.dumps(row, ensure_ascii=False, allow_nan=False))


def tell(text: str) -> None:
    """Print a result; bytes of a file name that are no text are spelled out."""
    print(text.encode("utf-8", "backslashreplace").decode(), flush=True)  # noqa: T201


def _cost(cost: "Cost") -> dict[str, Any]:
    return {"forward": cost.forward, "backward": cost.backward, "seconds": cost.seconds}


def _number(value: float | None) -> float | None:
    return float(value) if value is not None and math.isfinite(value) else None
