"""Keras, on the torch backend where none is chosen."""

import json
import os
import sys
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from axolens.errors import ExtraError


def import_keras() -> Any:
    """Return the module keras.

    Where Keras is not imported yet and nobody chose a backend, it is started on torch, which gives gradients and
    layers. ``keras.json`` counts as a choice unless it says "tensorflow": Keras writes that by itself.

    Raises
    ------
    ExtraError
        If Keras, or the backend it is set to, is not installed.
    """
    if "keras" not in sys.modules and not os.environ.get("KERAS_BACKEND") and not _configured():
        os.environ["KERAS_BACKEND"] = "torch"
    try:
        import keras
    except ImportError as error:
        if error.name == "keras":
            hint = "pip install 'axolens[keras]'"
        else:
            hint = f"Install {error.name}, or set KERAS_BACKEND=torch."
        raise ExtraError("model", expected=f"the package {error.name}", got="no such package", hint=hint) from None
    return keras


def on_torch(keras: Any) -> bool:
    """Tell whether Keras computes on torch."""
    return bool(keras.config.backend() == "torch")


def to_host(values: Any) -> NDArray[Any]:
    """Copy an array of the backend to the host as NumPy."""
    keras = import_keras()
    if not on_torch(keras):
        return np.array(keras.ops.convert_to_numpy(values))
    # Keras calls np.array on the tensor, which warns on NumPy 2; NumPy has no bfloat16.
    values = values.detach().cpu()
    return np.array((values.float() if "bfloat16" in str(values.dtype) else values).numpy())


def first_sentence(error: Exception) -> str:
    """Return what an error of Keras says, up to its first full stop and at most 200 characters.

    Examples
    --------
    >>> first_sentence(ValueError("No such layer. There are: a, b."))
    'No such layer'
    """
    return " ".join(str(error).split()).split(". ")[0][:200].rstrip(".")


def channels_last(model: Any) -> bool:
    """Tell whether a model takes channels as the last axis, by its input, else by how Keras is set."""
    shape = getattr(model, "input_shape", None)
    if isinstance(shape, tuple) and len(shape) == 4 and (shape[-1] == 3) != (shape[1] == 3):
        return bool(shape[-1] == 3)
    return bool(import_keras().config.image_data_format() == "channels_last")


def _configured() -> bool:
    home = Path(os.environ.get("KERAS_HOME", Path.home() / ".keras"))
    try:
        return json.loads((home / "keras.json").read_text(encoding="utf-8")).get("backend") not in (None, "tensorflow")
    except (OSError, ValueError, AttributeError):
        return False
