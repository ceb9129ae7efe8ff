"""Keras layers through their own call: read, replaced or without their activation while a context lasts."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any, Literal

from axolens.maths.array import Array

Call = Callable[..., Any]
Ending = Literal["", "softmax", "sigmoid"]
# Keras has its own __call__ on every backend, so a backend's hooks do not fire; __call__ looks these two up.
METHODS = ("call", "quantized_call")


def parts(model: Any, prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Yield every layer inside a model or layer with its path, such as "backbone/block5_conv4"."""
    for layer in model._flatten_layers(include_self=False, recursive=False):
        path = f"{prefix}{layer.name}"
        yield path, layer
        yield from parts(layer, f"{path}/")


@contextmanager
def intercepted(layer: Any, wrap: Callable[[Call], Call]) -> Iterator[None]:
    """Let a layer compute by a wrapped ``call`` while the context lasts."""
    with ExitStack() as stack:
        for method in METHODS:
            stack.enter_context(_replaced(layer, method, wrap(getattr(layer, method))))
        yield


@contextmanager
def passed_through(layer: Any, replace: Callable[[Any], Any]) -> Iterator[None]:
    """Pass what a layer gives (the first tensor of a tuple or list) through ``replace`` while the context lasts."""

    def wrap(original: Call) -> Call:
        def call(*args: Any, **options: Any) -> Any:
            output = original(*args, **options)
            if isinstance(output, tuple | list) and output:
                return type(output)((replace(output[0]), *output[1:]))
            return replace(output)

        return call

    with intercepted(layer, wrap):
        yield


@contextmanager
def watched(model: Any, note: Callable[[str, Any, Any], None]) -> Iterator[None]:
    """Call ``note(path, layer, output)`` whenever a layer inside a model has finished."""
    with ExitStack() as stack:
        seen: set[int] = set()
        for path, layer in parts(model):
            if id(layer) not in seen:
                seen.add(id(layer))
                stack.enter_context(passed_through(layer, _noting(path, layer, note)))
        yield


@contextmanager
def linear(layer: Any) -> Iterator[None]:
    """Let a layer give what goes into its softmax or sigmoid while the context lasts."""
    if hasattr(layer, "activation"):
        with _replaced(layer, "activation", _same):
            yield
    else:
        with intercepted(layer, lambda _: _same):
            yield


def ending_of(layer: Any) -> Ending:
    """Return whether a layer ends in a softmax or a sigmoid."""
    if type(layer).__name__ == "Softmax":
        return "softmax"
    activation = getattr(layer, "activation", None)
    name = getattr(activation, "__name__", type(activation).__name__).lower()
    if name == "softmax":
        return "softmax"
    return "sigmoid" if name == "sigmoid" else ""


def first_tensor(output: Any) -> Array:
    """Return the tensor a model gives: itself, or the first of a tuple, list or dictionary; None for nothing."""
    if isinstance(output, dict):
        output = list(output.values())
    if isinstance(output, tuple | list):
        return first_tensor(output[0]) if output else None
    return output if hasattr(output, "shape") else None


def _noting(path: str, layer: Any, note: Callable[[str, Any, Any], None]) -> Callable[[Any], Any]:
    def noting(output: Any) -> Any:
        note(path, layer, output)
        return output

    return noting


def _same(values: Any, *_: Any, **__: Any) -> Any:
    return values


@contextmanager
def _replaced(layer: Any, name: str, value: Any) -> Iterator[None]:
    """Shadow an attribute past Keras' and the backend's tracking, and put back exactly what was there."""
    own = vars(layer)
    had, found = name in own, own.get(name)
    own[name] = value
    try:
        yield
    finally:
        if had:
            own[name] = found
        else:
            own.pop(name, None)
