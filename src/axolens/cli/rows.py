"""Records as the JSON that the command line promises. The names are a contract."""

import dataclasses
import json
import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from axolens.records.attribution import Attribution
    from axolens.records.case import Case
    from axolens.records.photo import Photo
    from axolens.records.prediction import Prediction


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
    return {**row, "attributions": found, "notes": list(case.notes)}


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
        "cost": {"forward": found.cost.forward, "backward": found.cost.backward, "seconds": found.cost.seconds},
        "notes": list(found.notes),
    }


def print_json(row: dict[str, Any]) -> None:
    """Print one JSON object on one line."""
    tell(json.dumps(row, ensure_ascii=False, allow_nan=False))


def tell(text: str) -> None:
    """Print a result; bytes of a file name that are no text are spelled out."""
    print(text.encode("utf-8", "backslashreplace").decode(), flush=True)  # noqa: T201


def _number(value: float | None) -> float | None:
    return value if value is not None and math.isfinite(value) else None
