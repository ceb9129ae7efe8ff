"""Which classifier, as data: a spec with its answers, from arguments or from a TOML file."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from axolens.classifiers.outputs import Output, checked_output
from axolens.errors import ModelError
from axolens.records.preprocess import Preprocess

KEYS = ("model", "weights", "labels", "preprocess", "device", "output")
FILED = ("onnx:", "keras:", "torch:", "hf/")
FIELDS = ("size", "filter", "short_side", "scale", "mean", "std", "order", "layout")
IMAGENET = Preprocess(size=(224, 224), short_side=256, mean=(0.485, 0.456, 0.406), std=(0.229, 0.224, 0.225))


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """A model's spec and the answers that go with it; what is not given is the model's own."""

    model: Any
    weights: Path | None = None
    labels: Any = None
    preprocess: Any = None
    device: str | None = None
    output: Output = "auto"


def read_recipe(path: Path) -> Recipe:
    """Read a TOML file with model, weights, labels, preprocess; paths in it are relative to the file.

    Raises
    ------
    ModelError
        If the file is missing, no TOML, lacks ``model``, or holds an unknown key or a value of another kind.
    """
    content = _toml(path)
    unknown = [key for key in content if key not in KEYS]
    if unknown or "model" not in content:
        got = f"the key {unknown[0]!r}" if unknown else "no model"
        raise ModelError(f"{path}", expected=f"model = … and any of {', '.join(KEYS[1:])}", got=got)
    _check_answers(content, path)
    beside = path.parent
    content["model"] = _model_beside(content["model"], beside)
    for key in ("weights", "labels", "preprocess"):
        if isinstance(content.get(key), str) and (beside / content[key]).exists():
            content[key] = beside / content[key]
    if isinstance(content.get("weights"), str):
        content["weights"] = beside / content["weights"]
    return Recipe(**content)


def read_preprocess(path: Path) -> Preprocess:
    """Read a TOML file that holds a preprocess, at its top or as a table ``[preprocess]``."""
    content = _toml(path)
    return preprocess_of(content.get("preprocess", content), f"{path}")


def preprocess_of(table: Mapping[str, Any], where: str) -> Preprocess:
    """Return a preprocess from a table of its fields; one number for ``size`` is a square.

    Raises
    ------
    ModelError
        If a field is unknown, of another kind, or ``size`` is missing.

    Examples
    --------
    >>> preprocess_of({"size": 227, "short_side": 256}, "here").size
    (227, 227)
    >>> preprocess_of({"size": [32.0, 48.0]}, "here").size
    (32, 48)
    """
    unknown = [key for key in table if key not in FIELDS]
    if unknown or "size" not in table:
        got = f"the field {unknown[0]!r}" if unknown else "no size"
        raise ModelError(f"preprocess in {where}", expected=f"size and any of {', '.join(FIELDS[1:])}", got=got)
    fields: dict[str, Any] = {key: tuple(value) if isinstance(value, list) else value for key, value in table.items()}
    if isinstance(fields["size"], int | float):
        fields["size"] = (fields["size"], fields["size"])
    _check_fields(fields, where)
    fields["size"] = tuple(_whole(side, f"size in {where}") for side in fields["size"])
    if fields.get("short_side") is not None:
        fields["short_side"] = _whole(fields["short_side"], f"short_side in {where}")
    return Preprocess(**fields)


def no_such_spec(spec: str, patterns: tuple[str, ...]) -> ModelError:
    """Return the error for a spec of no known kind, with what was probably meant.

    Examples
    --------
    >>> print(no_such_spec("net.onnx", ("onnx:FILE",)))
    model: expected one of onnx:FILE, got 'net.onnx'. Did you mean onnx:net.onnx?
    """
    meant = {".onnx": "onnx:", ".keras": "keras:", ".pt2": "torch:"}.get(Path(spec).suffix)
    hint = "axolens models says what each of them is."
    if meant is not None:
        hint = f"Did you mean {meant}{spec}?"
    elif Path(spec).suffix in (".pth", ".pt", ".safetensors", ".h5", ".bin"):
        hint = f"A weight file goes to --weights {spec}, beside the network in --model, such as torchvision/resnet18."
    elif spec.replace("_", "").isalnum():
        hint = f"Did you mean torchvision/{spec}, timm/{spec} or keras/{spec}?"
    return ModelError("model", expected="one of " + ", ".join(patterns), got=repr(spec), hint=hint)


def override(recipe: Recipe, **answers: Any) -> Recipe:
    """Return the recipe with the answers that were given in place of its own."""
    return replace(recipe, **{key: value for key, value in answers.items() if value not in (None, "auto")})


def _check_fields(fields: Mapping[str, Any], where: str) -> None:
    choices = {
        "filter": ("nearest", "box", "bilinear", "hamming", "bicubic", "lanczos"),
        "order": ("rgb", "bgr"),
        "layout": ("nchw", "nhwc"),
    }
    for field, known in choices.items():
        if fields.get(field, known[0]) not in known:
            raise ModelError(f"{field} in {where}", expected=f"one of {', '.join(known)}", got=repr(fields[field]))
    counts = {"size": 2, "mean": 3, "std": 3}
    for field, count in counts.items():
        value = fields.get(field, (0,) * count)
        if not (isinstance(value, tuple) and len(value) == count and all(map(_is_number, value))):
            raise ModelError(f"{field} in {where}", expected=f"{count} numbers", got=repr(value))
    for field in ("scale", "short_side"):
        if not (_is_number(fields.get(field, 1)) or (field == "short_side" and fields[field] is None)):
            raise ModelError(f"{field} in {where}", expected="a number", got=repr(fields[field]))


def _check_answers(content: Mapping[str, Any], path: Path) -> None:
    kinds: dict[str, tuple[type | tuple[type, ...], str]] = {
        "model": (str, "a spec in quotes"),
        "weights": (str, "a file in quotes"),
        "device": (str, 'a device in quotes, such as "cuda"'),
        "labels": ((str, list), "a file, a name or a list of names"),
        "preprocess": ((str, dict), "a file, a name or a table"),
    }
    for key, (kind, expected) in kinds.items():
        if key in content and not isinstance(content[key], kind):
            raise ModelError(f"{key} in {path}", expected=expected, got=repr(content[key]))
    if not all(isinstance(name, str) for name in content.get("labels", ())):
        raise ModelError(f"labels in {path}", expected="names in quotes", got=repr(content["labels"]))
    checked_output(content.get("output", "auto"), f"output in {path}")


def _model_beside(spec: str, folder: Path) -> str:
    """Return a spec of a file or folder with its path from here, where it lies beside the TOML file."""
    for kind in FILED:
        name = spec.removeprefix(kind)
        if name and name != spec and (folder / name).exists():
            return f"{kind}{folder / name}"
    return spec


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _whole(value: int | float, where: str) -> int:
    if value != value // 1:
        raise ModelError(where, expected="whole numbers of pixels", got=value)
    return int(value)


def _toml(path: Path) -> dict[str, Any]:
    try:
        with path.open("rb") as file:
            return tomllib.load(file)
    except OSError as error:
        raise ModelError(f"{path}", expected="a TOML file", got=error.strerror or "unreadable") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ModelError(f"{path}", expected="a TOML file", got=f"{error}") from None
