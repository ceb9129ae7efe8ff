"""Class names: ImageNet's, or a file's."""

import functools
import importlib.resources
import json
from pathlib import Path
from typing import Any

from axolens.errors import ModelError
from axolens.records.labels import Labels


@functools.cache
def imagenet_labels() -> Labels:
    """Return the 1000 classes of ImageNet-1k with their WordNet ids, in the usual order.

    Examples
    --------
    >>> imagenet_labels().names[29], imagenet_labels().find("n01632777")
    ('axolotl', 29)
    """
    text = importlib.resources.files("axolens.classifiers").joinpath("imagenet.tsv").read_text(encoding="utf-8")
    rows = [line.split("\t") for line in text.splitlines()]
    return Labels(tuple(name for _, name in rows), tuple(wnid for wnid, _ in rows))


def numbered_labels(count: int) -> Labels:
    """Return "class 0", "class 1", … for a model that names none."""
    return Labels(tuple(f"class {i}" for i in range(count)))


def fitting_labels(labels: Labels | None, count: int, hint: str = "") -> Labels:
    """Return the labels of ``count`` outputs, numbered where there are none; one output has two classes.

    Raises
    ------
    ModelError
        If the labels are too few or too many; ``hint`` says what to do about it.

    Examples
    --------
    >>> fitting_labels(None, 1).names
    ('class 0', 'class 1')
    """
    if labels is None:
        return numbered_labels(max(count, 2))
    if len(labels) != max(count, 2):
        raise miscounted(len(labels), count, hint)
    return labels


def miscounted(names: int, outputs: int, hint: str = "") -> ModelError:
    """Return the error for labels that are too few or too many."""
    one = '2 names, "not" and "is", for a model with one output'
    expected = one if outputs == 1 else f"{outputs} names, one an output"
    return ModelError("labels", expected=expected, got=names, hint=hint)


def read_labels(path: Path) -> Labels:
    """Read class names: a text file with one name a line, or JSON as a list or by index.

    JSON by index may hold names, or pairs of WordNet id and name as in ``imagenet_class_index.json``.

    Raises
    ------
    ModelError
        If the file is missing, empty, or holds something else.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise _bad(path, f"a file that cannot be read ({_reason(error)})") from None
    names = _from_json(path, text) if path.suffix.lower() == ".json" else [x.strip() for x in text.splitlines()]
    while names and names[-1] == "":
        names.pop()
    if not names or "" in names:
        got = "an empty file" if not names else f"an empty line {names.index('') + 1}"
        raise _bad(path, got)
    if all(isinstance(name, list) and len(name) == 2 for name in names):
        return Labels(tuple(str(pair[1]) for pair in names), tuple(str(pair[0]) for pair in names))
    return Labels(tuple(str(name) for name in names))


def _from_json(path: Path, text: str) -> list[Any]:
    try:
        content = json.loads(text)
    except json.JSONDecodeError as error:
        raise _bad(path, f"JSON that breaks off at line {error.lineno}") from None
    if isinstance(content, list):
        return content
    if not isinstance(content, dict):
        raise _bad(path, type(content).__name__)
    missing = [i for i in range(len(content)) if str(i) not in content]
    if missing:
        raise _bad(path, f"no entry for class {missing[0]}")
    return [content[str(i)] for i in range(len(content))]


def _reason(error: Exception) -> str:
    return error.strerror or "unknown" if isinstance(error, OSError) else "not UTF-8 text"


def _bad(path: Path, got: str) -> ModelError:
    return ModelError(f"labels {path}", expected="one class name a line, or a JSON list or object by index", got=got)
