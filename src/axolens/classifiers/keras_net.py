"""Keras models: networks of keras.applications, saved files, and models in memory."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from axolens.classifiers.function import FunctionClassifier, normalised
from axolens.classifiers.keras_application import (
    application,
    application_names,
    application_preprocess,
    built,
    preprocess_for,
)
from axolens.classifiers.keras_readout import KerasReadout, find_readout
from axolens.classifiers.keras_start import channels_last, first_sentence, import_keras, on_torch, to_host
from axolens.classifiers.keras_weights import load_keras_weights, weights_digest
from axolens.classifiers.labels import fitting_labels
from axolens.classifiers.outputs import PROBES, Output, noise
from axolens.classifiers.protocols import Classifier
from axolens.errors import ModelError
from axolens.records.labels import Labels
from axolens.records.preprocess import Preprocess

__all__ = [
    "application_names",
    "application_preprocess",
    "load_keras_application",
    "load_keras_file",
    "load_keras_weights",
    "wrap_keras",
]

UNPREPARED = "Say --preprocess imagenet, a spec such as keras/VGG19, or a TOML file."


def wrap_keras(
    model: Any,
    *,
    labels: Labels | None,
    preprocess: Preprocess | None,
    name: str,
    digest: str = "",
    output: Output = "auto",
) -> Classifier:
    """Return a classifier of a Keras model: with gradients and layers on the torch backend, else a black box.

    Parameters
    ----------
    model
        A built Keras model that gives (n, k); it is left as found.
    labels
        The classes; None counts them.
    preprocess
        From the photo to what the model takes, whose layout is set to the model's; None hands batches over.
    name, digest
        What a report calls the model, and sha256 of its weights.
    output
        What the model gives, as for ``wrap_function``; "auto" finds a last softmax or sigmoid and reads before it.

    Raises
    ------
    ModelError
        If the model gives something else, takes another size, or the labels do not fit.
    """
    keras = import_keras()
    preprocess = _fitted(preprocess, model)
    probe = _probe(model, preprocess)
    with keras.device(_device(model)) if on_torch(keras) else keras.device("cpu"):
        readout = find_readout(model, keras.ops.convert_to_tensor(probe), output)
    found = fitting_labels(labels, readout.count)
    digest = digest or weights_digest(model)
    if on_torch(keras):
        from axolens.classifiers.keras_classifier import KerasClassifier

        return KerasClassifier(model, found, preprocess, name=name, digest=digest, readout=readout)
    return _black_box(model, found, preprocess, name, digest, readout)


def load_keras_application(
    name: str,
    *,
    weights: Path | None,
    labels: Labels | None,
    preprocess: Preprocess | None = None,
    device: str | None,
    imagenet: Labels,
    output: Output = "auto",
) -> Classifier:
    """Load a network of keras.applications, with its own preprocessing.

    Parameters
    ----------
    name
        Such as "VGG19".
    weights
        A file in place of the download.
    labels
        The classes the network was trained for; None means ImageNet's.
    preprocess
        In place of the network's own.
    device
        Such as "cuda"; None means the one Keras uses.
    imagenet
        The 1,000 classes of ImageNet.
    output
        As for ``wrap_keras``.

    Raises
    ------
    ModelError
        If there is no such network, its weights cannot be downloaded, or the file does not fit.
    """
    keras, found = import_keras(), application(name)
    if weights is None and labels is not None and len(labels) != len(imagenet):
        raise ModelError(
            "labels", expected=f"the {len(imagenet)} classes of the downloaded weights", got=len(labels),
            hint="Give the weights of your own classes: --weights FILE.",
        )  # fmt: skip
    with keras.device(device or _usual_device(keras)):
        if weights is None:
            model = _downloaded(name)
        else:
            model = built(name, weights=None, classes=len(labels or imagenet))
            load_keras_weights(model, weights)
    own = preprocess or preprocess_for(model, found.prepare)
    return wrap_keras(model, labels=labels or imagenet, preprocess=own, name=f"keras/{name}", output=output)


def load_keras_file(
    path: Path, *, labels: Labels | None, preprocess: Preprocess | None, name: str, output: Output = "auto"
) -> Classifier:
    """Load a model that Keras saved (.keras, or .h5 of Keras 2), in Keras' safe mode.

    Parameters
    ----------
    path
        The file.
    labels
        The classes; None counts them.
    preprocess
        From the photo to what the model takes. None only where the model begins with layers that do it and has a
        fixed size: then it gets the whole photo, resized by nearest pixel, in levels from 0 to 255.
    name, output
        As for ``wrap_keras``.

    Raises
    ------
    ModelError
        If the file cannot be read, or nothing says how its photos are prepared.
    """
    keras = import_keras()
    if not path.is_file():
        raise ModelError(f"model {path}", expected="a Keras file", got="a folder" if path.is_dir() else "nothing there")
    try:
        model = keras.models.load_model(str(path), safe_mode=True, compile=False)
    except Exception as error:  # a file of another kind fails anywhere between zip, HDF5, JSON and the layers
        got = f"a file that does not load ({first_sentence(error)})"
        raise ModelError(f"model {path}", expected="a model saved by Keras 3, or .h5 by Keras 2", got=got) from None
    preprocess = preprocess or _inside(model)
    if preprocess is None:
        expected = "to be told how its photos are prepared"
        raise ModelError(f"model {path}", expected=expected, got="no preprocess", hint=UNPREPARED)
    return wrap_keras(model, labels=labels, preprocess=preprocess, name=name, output=output)


def _inside(model: Any) -> Preprocess | None:
    """Return the preprocess of a model that scales or normalises by its own first layers, at a fixed size."""
    for layer in getattr(model, "layers", ()):
        if type(layer).__name__ in ("Rescaling", "Normalization"):
            size = _size(model)
            return None if None in size else _fitted(Preprocess(size=size, filter="nearest", scale=255.0), model)
        if layer.weights:
            return None
    return None


def _downloaded(name: str) -> Any:
    try:
        return built(name, weights="imagenet")
    except ModelError:
        raise
    except Exception as error:  # Keras raises a bare Exception for a download that fails
        raise ModelError(
            f"model keras/{name}", expected="to download its weights", got=first_sentence(error),
            hint="Without a network, hand in a file: --weights FILE.",
        ) from None  # fmt: skip


def _black_box(
    model: Any, labels: Labels, preprocess: Preprocess | None, name: str, digest: str, readout: KerasReadout
) -> FunctionClassifier:
    keras = import_keras()

    def run(values: NDArray[Any]) -> NDArray[Any]:
        return to_host(readout.read(model, keras.ops.convert_to_tensor(values)))

    kind, turn, single = readout.reading
    return FunctionClassifier(run, labels, preprocess, name=name, digest=digest, kind=kind, turn=turn, single=single)


def _fitted(preprocess: Preprocess | None, model: Any) -> Preprocess | None:
    """Return the preprocess in the layout of the model, after a look at its size."""
    if preprocess is None:
        return None
    wanted = _size(model)
    if any(side not in (None, given) for side, given in zip(wanted, preprocess.size, strict=True)):
        expected = " × ".join("any" if side is None else str(side) for side in wanted)
        got = " × ".join(map(str, preprocess.size))
        raise ModelError("preprocess.size", expected=f"{expected} pixels, as the model takes", got=f"{got} pixels")
    return replace(preprocess, layout="nhwc" if channels_last(model) else "nchw")


def _size(model: Any) -> Any:
    """Return height and width that a model takes, None where it takes any."""
    shape = getattr(model, "input_shape", None)
    if not isinstance(shape, tuple) or len(shape) != 4:
        return None, None
    return shape[1:3] if channels_last(model) else shape[2:4]


def _probe(model: Any, preprocess: Preprocess | None) -> NDArray[Any]:
    if preprocess is not None:
        return np.ascontiguousarray(normalised(noise(preprocess.size), preprocess))
    shape = getattr(model, "input_shape", None)
    if not isinstance(shape, tuple) or None in shape[1:]:
        raise ModelError("preprocess", expected="given, as the model takes any size", got="none")
    return np.random.default_rng(0).random((PROBES, *shape[1:]), dtype=np.float32)


def _device(model: Any) -> str:
    return str(model.weights[0].value.device) if model.weights else "cpu"


def _usual_device(keras: Any) -> str:
    return str(keras.ops.zeros(1).device) if on_torch(keras) else "cpu"
