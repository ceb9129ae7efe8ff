"""Records to disk and back: JSON for what can be read, NumPy archives for arrays."""

import dataclasses
import json
import os
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from axolens.errors import InputError
from axolens.records.attribution import Attribution, Cost, Regions
from axolens.records.case import Case, Pair, Provenance
from axolens.records.comparison import Comparison, MethodPair, MethodScore, PhotoEffects
from axolens.records.diagnosis import Diagnosis, Effect, Finding, Match, Measured, Preflight, Reading
from axolens.records.frame import Frame
from axolens.records.labels import Labels
from axolens.records.photo import Photo
from axolens.records.prediction import Prediction
from axolens.records.preprocess import Preprocess
from axolens.records.segments import Segments
from axolens.records.study import ClassFinding, Confusion, Failure, Study
from axolens.records.target import Target
from axolens.records.verdict import Check, Verdict

SCHEMA = 2
READABLE = (1, 2)
TITLES_OF_SCHEMA_1 = {"gradcam": "Grad-CAM", "lime": "LIME"}  # whose attributions carried no title
KINDS: dict[str, type] = {
    kind.__name__: kind
    for kind in (
        Attribution, Case, Check, ClassFinding, Comparison, Confusion, Cost, Diagnosis, Effect, Failure, Finding, Frame,
        Labels, Match, Measured, MethodPair, MethodScore, Pair, Photo, PhotoEffects, Prediction, Preflight, Preprocess,
        Provenance, Reading, Regions, Segments, Study, Target, Verdict,
    )
}  # fmt: skip
Arrays = dict[str, NDArray[Any]]


def encode(record: object) -> tuple[dict[str, Any], Arrays]:
    """Split a record into a tree that JSON can hold and the arrays it points to.

    Examples
    --------
    >>> tree, arrays = encode(Cost(forward=1, backward=1, seconds=0.5))
    >>> tree["content"]
    {'record': 'Cost', 'forward': 1, 'backward': 1, 'seconds': 0.5}
    """
    arrays: Arrays = {}
    return {"schema": SCHEMA, "content": _encode(record, "", arrays)}, arrays


def decode(tree: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]]) -> Any:
    """Return the record that ``encode`` split.

    Raises
    ------
    InputError
        If the tree was written by a newer axolens.
    """
    if tree.get("schema") not in READABLE:
        raise InputError("schema", expected=f"{SCHEMA}", got=tree.get("schema"), hint="Read it with a newer axolens.")
    return _decode(tree["content"], arrays)


def write_record(record: object, path: Path) -> None:
    """Write ``path``.json and ``path``.npz; the JSON is written last and each file replaced at once."""
    tree, arrays = encode(record)
    write_file(path.with_name(path.name + ".npz"), lambda out: np.savez_compressed(out, **arrays))  # type: ignore[arg-type]
    text = json.dumps(tree, ensure_ascii=False, allow_nan=False)
    write_file(path.with_name(path.name + ".json"), lambda out: out.write(text.encode("utf-8", "backslashreplace")))


def read_record(path: Path) -> Any:
    """Return the record that ``write_record`` wrote to ``path``.json and ``path``.npz."""
    tree = json.loads(path.with_name(path.name + ".json").read_text(encoding="utf-8"))
    with np.load(path.with_name(path.name + ".npz"), allow_pickle=False) as stored:
        arrays = {name: stored[name] for name in stored.files}
    return decode(tree, arrays)


def write_file(path: Path, fill: Callable[[IO[bytes]], object]) -> None:
    """Write a file beside its place and move it there, so that a reader never meets half a file."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as out:
            fill(out)
        umask = os.umask(0)
        os.umask(umask)
        os.chmod(name, 0o666 & ~umask)
        os.replace(name, path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _encode(value: Any, place: str, arrays: Arrays) -> Any:
    if isinstance(value, np.ndarray):
        name, packed = _pack(value)
        arrays[place + name] = packed
        return {"array": place + name}
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = {
            f.name: _encode(getattr(value, f.name), f"{place}/{f.name}", arrays) for f in dataclasses.fields(value)
        }
        return {"record": type(value).__name__, **fields}
    if isinstance(value, tuple):
        return [_encode(part, f"{place}/{i}", arrays) for i, part in enumerate(value)]
    if isinstance(value, Mapping):
        return {"mapping": {key: _encode(part, f"{place}/{key}", arrays) for key, part in value.items()}}
    if isinstance(value, float) and not np.isfinite(value):
        return {"float": str(value)}
    return value


def _decode(value: Any, arrays: Mapping[str, NDArray[Any]]) -> Any:
    if isinstance(value, list):
        return tuple(_decode(part, arrays) for part in value)
    if not isinstance(value, dict):
        return value
    if "array" in value:
        return _unpack(value["array"], arrays[value["array"]])
    if "float" in value:
        return float(value["float"])
    if "mapping" in value:
        return {key: _decode(part, arrays) for key, part in value["mapping"].items()}
    fields = {key: _decode(part, arrays) for key, part in value.items() if key != "record"}
    if value["record"] == "Attribution" and "title" not in fields:
        fields["title"] = TITLES_OF_SCHEMA_1.get(fields["method"], "")
    return KINDS[value["record"]](**fields)


def _pack(values: NDArray[Any]) -> tuple[str, NDArray[Any]]:
    """Hold pixels that came from 8 bits in 8 bits: a quarter of the size, and exact."""
    if values.dtype == np.float32 and values.ndim == 3:
        levels = np.round(values * 255)
        if levels.min() >= 0 and levels.max() <= 255 and np.array_equal((levels / 255).astype(np.float32), values):
            return "@255", levels.astype(np.uint8)
    return "", values


def _unpack(name: str, values: NDArray[Any]) -> NDArray[Any]:
    return (values.astype(np.float32) / 255).astype(np.float32) if name.endswith("@255") else values
