"""Weight files for Keras models, compared with the model before anything is loaded."""

import hashlib
import io
import re
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from axolens.classifiers.keras_start import first_sentence, to_host
from axolens.errors import WeightsError

Shapes = list[tuple[int, ...]]
KINDS = "an .h5, .weights.h5 or .keras file"


class Row(NamedTuple):
    """A layer with weights: its name in the model, its shapes there, and those in the file (None: not in it)."""

    layer: str
    wanted: Shapes
    found: Shapes | None


def load_keras_weights(model: Any, path: Path) -> None:
    """Load weights into a Keras model; nothing is loaded where something does not fit.

    Parameters
    ----------
    model
        A built Keras model.
    path
        An .h5 file of Keras 1 or 2, a .weights.h5 file, or a saved model (.keras, .h5) whose weights are taken. The
        content decides, not the name.

    Raises
    ------
    WeightsError
        If the file is missing, damaged or no Keras file, or a layer does not fit: the first is named with the shapes
        of both.
    """
    if not path.is_file():
        raise WeightsError(f"weights {path}", expected=KINDS, got="a folder" if path.is_dir() else "nothing there")
    archive = _is_archive(path)
    with _opened(path, archive) as file:
        group = file if "layer_names" in file.attrs else file.get("model_weights")
        rows = list(_saved_rows(model, file)) if group is None else _legacy_rows(model, group)
    for row in rows:
        if row.found != row.wanted:
            raise _unfit(path, row)
    suffix = ".keras" if archive else ".weights.h5" if group is None else ".h5"
    try:
        with _named(path, suffix) as named:
            model.load_weights(named)
    except (ValueError, KeyError, OSError) as error:
        raise WeightsError(f"weights {path}", expected=f"weights of {model.name}", got=first_sentence(error)) from None


def weights_digest(model: Any) -> str:
    """Return the sha256 of a model's weights: names, shapes, numbers."""
    digest = hashlib.sha256()
    for weight in model.weights:
        values = to_host(weight.value)
        digest.update(f"{weight.path} {values.shape} {values.dtype}".encode())
        digest.update(values.tobytes())
    return digest.hexdigest()


def _is_archive(path: Path) -> bool:
    """Tell a .keras archive from HDF5; PyTorch's files are archives too."""
    if not zipfile.is_zipfile(path):
        return False
    with zipfile.ZipFile(path) as archive:
        return "model.weights.h5" in archive.namelist()


@contextmanager
def _opened(path: Path, archive: bool) -> Iterator[Any]:
    import h5py

    source: Any = path
    if archive:
        with zipfile.ZipFile(path) as files:
            source = io.BytesIO(files.read("model.weights.h5"))
    elif not h5py.is_hdf5(path):
        hint = "Weights of a PyTorch network go with a torchvision/ or timm/ model." if _is_torch(path) else ""
        raise WeightsError(f"weights {path}", expected=KINDS, got="a file that is not HDF5", hint=hint)
    try:
        with h5py.File(source, "r") as file:
            yield file
    except OSError as error:
        raise WeightsError(
            f"weights {path}", expected="a whole file", got=f"a damaged one ({first_sentence(error)})"
        ) from None


def _is_torch(path: Path) -> bool:
    return path.suffix in (".pth", ".pt", ".bin", ".safetensors") or zipfile.is_zipfile(path)


def _legacy_rows(model: Any, group: Any) -> list[Row]:
    """Pair layers with weights by their order, as Keras does for files of Keras 1 and 2."""
    layers = [(layer.name, _shapes(_ordered(layer))) for layer in model.layers if layer.weights]
    saved = []
    for name in map(_text, _attribute(group, "layer_names")):
        weights = [tuple(group[name][_text(weight)].shape) for weight in _attribute(group[name], "weight_names")]
        if weights:
            saved.append((name, weights))
    rows = [Row(name, shapes, found) for (name, shapes), (_, found) in zip(layers, saved, strict=False)]
    rows += [Row(name, shapes, None) for name, shapes in layers[len(saved) :]]
    return rows + [Row(name, [], shapes) for name, shapes in saved[len(layers) :]]


def _saved_rows(model: Any, group: Any) -> Iterator[Row]:
    """Pair layers with weights by their place in a file of Keras 3, models inside the model included."""
    counts: dict[str, int] = {}
    inside = group.get("layers", group.get("_layer_checkpoint_dependencies"))
    for layer in model.layers:
        name = _snake(type(layer).__name__)
        counts[name] = counts.get(name, -1) + 1
        place = None if inside is None else inside.get(name if counts[name] == 0 else f"{name}_{counts[name]}")
        if hasattr(layer, "layers"):
            yield from _saved_rows(layer, {} if place is None else place)
            continue
        own = _shapes([*layer._trainable_variables, *layer._non_trainable_variables])
        if own:
            yield Row(layer.name, own, None if place is None else _variables(place))


def _variables(place: Any) -> Shapes | None:
    """Return the shapes a layer has in a file, None where it has none."""
    found = place.get("vars")
    if not found:
        return None
    return [tuple(found[index].shape) for index in sorted(found, key=int)]


def _ordered(layer: Any) -> list[Any]:
    return [*layer.trainable_weights, *layer.non_trainable_weights]


def _shapes(weights: list[Any]) -> Shapes:
    return [tuple(weight.shape) for weight in weights]


def _attribute(group: Any, name: str) -> list[Any]:
    """Return a list that Keras may have split over several attributes, name0, name1 and so on."""
    if name in group.attrs:
        return list(group.attrs[name])
    parts: list[Any] = []
    while f"{name}{len(parts)}" in group.attrs:
        parts.append(group.attrs[f"{name}{len(parts)}"])
    return [value for part in parts for value in part]


def _unfit(path: Path, row: Row) -> WeightsError:
    wanted = f"layer {row.layer!r} with weights of shape {_listed(row.wanted)}" if row.wanted else "no more layers"
    found = "no weights for it" if row.found is None else f"{_listed(row.found)}"
    if not row.wanted:
        found = f"layer {row.layer!r} with {found}"
    hint = "Is the file for another network, or for one without its top?" if row.found is None else ""
    return WeightsError(f"weights {path}", expected=wanted, got=found, hint=hint)


def _listed(shapes: Shapes) -> str:
    return ", ".join(str(shape) for shape in shapes) or "none"


@contextmanager
def _named(path: Path, suffix: str) -> Iterator[str]:
    """Yield a name of the file that ends as Keras wants it: Keras goes by the name, we by the content."""
    fits = path.name.endswith(suffix) and (suffix != ".h5" or not path.name.endswith(".weights.h5"))
    if fits:
        yield str(path)
        return
    with tempfile.TemporaryDirectory() as folder:
        link = Path(folder) / f"model{suffix}"
        link.symlink_to(path.resolve())
        yield str(link)


def _snake(name: str) -> str:
    """Return a class name as Keras writes it into files.

    Examples
    --------
    >>> _snake("Conv2D"), _snake("BatchNormalization")
    ('conv2d', 'batch_normalization')
    """
    spaced = re.sub(r"(.)([A-Z][a-z]+)", r"\1_\2", re.sub(r"\W+", "", name))
    return re.sub(r"([a-z])([A-Z])", r"\1_\2", spaced).lower()


def _text(value: Any) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)
