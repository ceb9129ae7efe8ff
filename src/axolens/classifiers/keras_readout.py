"""Where a Keras model's scores are read: at its output, or before a last softmax or sigmoid."""

from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from axolens.classifiers.keras_calls import ending_of, first_tensor, linear, watched
from axolens.classifiers.keras_start import import_keras, to_host
from axolens.classifiers.outputs import Output, Reading, allows, before, recognised
from axolens.errors import ModelError
from axolens.maths.array import Array


@dataclass(frozen=True, slots=True)
class KerasReadout:
    """How scores are had from a Keras model.

    Parameters
    ----------
    reading
        What the values read are, and what is done to them.
    count
        Number of outputs.
    last
        The layer whose softmax or sigmoid is left out, or None for the model's output.
    """

    reading: Reading
    count: int
    last: Any = None

    def read(self, model: Any, prepared: Array) -> Array:
        """Return (n, k) float32 values of the backend, before ``reading.turn``."""
        with nullcontext() if self.last is None else linear(self.last):
            return _output(model, prepared)


def find_readout(model: Any, prepared: Array, output: Output = "auto") -> KerasReadout:
    """Return how logits are had from a Keras model, by one pass over a few prepared images.

    A last softmax or sigmoid is found as a layer, or as a layer's activation: that layer is then asked to leave it
    out. As an operation of the graph it stays, and log p is taken. ``output`` declares instead of looking. Where the
    end of the model is not known, such as in a subclassed one, the values are looked at.

    Raises
    ------
    ModelError
        If the model gives something else than one score a class, or numbers in [0, 1] that nothing explains.
    """
    seen: list[tuple[Any, Any]] = []
    with watched(model, lambda _, layer, given: seen.append((layer, first_tensor(given)))):
        whole = first_tensor(model(prepared, training=False))
    values = to_host(_flat(whole)).astype(np.float32)
    count = values.shape[1]
    last = [layer for layer, given in seen if given is whole]
    ends = [layer for layer in last if allows(output, ending_of(layer), count)]
    if ends:
        return KerasReadout(before(ending_of(ends[0]), count), count, ends[0])
    linear_end = any(getattr(layer, "activation", None) is import_keras().activations.linear for layer in last)
    return KerasReadout(_by_values(values, _last_operation(model), linear_end, output), count)


def _by_values(values: NDArray[Any], operation: str, linear_end: bool, output: Output) -> Reading:
    count = values.shape[1]
    if operation == "sigmoid" and allows(output, "sigmoid", count):
        found = before("sigmoid", count)
        return Reading(found.kind, "log p/(1-p)", found.single)
    # Where the end is known, numbers that happen to be in [0, 1] are no reason to call them probabilities.
    known = linear_end or (count == 1 and operation)
    return recognised(values, "logits" if known and output == "auto" else output)


def _last_operation(model: Any) -> str:
    try:
        return type(model.outputs[0]._keras_history.operation).__name__.lower()
    except (AttributeError, IndexError, TypeError):
        return ""


def _output(model: Any, prepared: Array) -> Array:
    return import_keras().ops.cast(_flat(first_tensor(model(prepared, training=False))), "float32")


def _flat(output: Array) -> Array:
    if output is not None and len(output.shape) == 1:
        output = output[:, None]
    if output is None or len(output.shape) != 2:
        got = "no tensor" if output is None else f"shape {tuple(output.shape)}"
        raise ModelError("model", expected="an output of shape (n, k), one score a class", got=got)
    return output
