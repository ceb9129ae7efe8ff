"""The networks of keras.applications: which there are, and how each wants its photos."""

import difflib
import importlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from axolens.classifiers.keras_start import channels_last, first_sentence, import_keras, on_torch
from axolens.errors import ModelError
from axolens.records.preprocess import Preprocess

# MobileNetV3 takes any size; this is the one it was trained on.
UNBOUND = 224


class Application(NamedTuple):
    """A network of keras.applications and its own preprocess_input."""

    build: Callable[..., Any]
    prepare: Callable[..., Any]


def application_names() -> tuple[str, ...]:
    """Return the names of all networks of keras.applications, in alphabetical order."""
    listed = vars(import_keras().applications)
    return tuple(sorted(name for name, value in listed.items() if callable(value) and name[0].isupper()))


def application(name: str) -> Application:
    """Return a network of keras.applications by its name.

    Raises
    ------
    ModelError
        If there is none of this name; the nearest are named.
    """
    known = application_names()
    if name not in known:
        near = difflib.get_close_matches(name, known, n=4, cutoff=0.4) or list(known[-4:])
        hint = f"Nearest: {', '.join(near)}."
        raise ModelError("model", expected="keras/NAME of a network in keras.applications", got=repr(name), hint=hint)
    applications = import_keras().applications
    build = getattr(applications, name)
    home = getattr(applications, build.__module__.rsplit(".", 1)[-1])
    return Application(build, home.preprocess_input)


def built(name: str, **options: Any) -> Any:
    """Return a network of keras.applications, built with these options.

    Raises
    ------
    ModelError
        If there is no such network, or Keras does not build it on this backend.
    """
    found = application(name)
    try:
        with _named_from_zero():
            return found.build(**options)
    except ValueError as error:
        expected = "a network that Keras builds here"
        raise ModelError(f"model keras/{name}", expected=expected, got=first_sentence(error)) from None


@contextmanager
def _named_from_zero() -> Iterator[None]:
    """Let layers without a name of their own count from zero: "conv2d_7" means one layer in every session."""
    state = importlib.import_module("keras.src.backend.common.global_state")
    counts = state.get_global_attribute("object_name_uids")
    state.set_global_attribute("object_name_uids", None)
    try:
        yield
    finally:
        state.set_global_attribute("object_name_uids", counts)


@lru_cache(maxsize=64)
def application_preprocess(name: str) -> Preprocess:
    """Return how a network of keras.applications wants its photos, without its weights.

    The photo is resized as ``keras.utils.load_img(target_size=…)`` does, by nearest pixel and without a crop.

    Raises
    ------
    ModelError
        If there is no such network.

    Notes
    -----
    Scale, mean, std and channel order are read off the network's own ``preprocess_input`` by trying it out; the
    size off the network, built without memory for its weights where Keras runs on torch.
    """
    keras, found = import_keras(), application(name)
    with keras.device("meta" if on_torch(keras) else "cpu"):
        return preprocess_for(built(name, weights=None), found.prepare)


def preprocess_for(model: Any, prepare: Callable[..., Any]) -> Preprocess:
    """Return the preprocess of a model whose photos ``prepare`` makes ready, by trying it out.

    Raises
    ------
    ModelError
        If ``prepare`` is more than a factor and a shift a channel.
    """
    last = channels_last(model)
    height, width = model.input_shape[1:3] if last else model.input_shape[2:4]
    order, mean, std = _probed(prepare)
    return Preprocess(
        size=(height or UNBOUND, width or UNBOUND), filter="nearest", short_side=None, scale=255.0,
        mean=mean, std=std, order=order, layout="nhwc" if last else "nchw",
    )  # fmt: skip


Triple = tuple[float, float, float]


def _probed(prepare: Callable[..., Any]) -> tuple[Literal["rgb", "bgr"], Triple, Triple]:
    """Return channel order, mean and std such that ``prepare`` gives (levels − mean)/std."""
    lit = np.zeros((4, 2, 2, 3))
    for channel in range(3):
        lit[channel + 1, ..., channel] = 255.0
    given = _prepared(prepare, lit)[:, 0, 0]
    rise = given[1:] - given[0]
    order: Literal["rgb", "bgr"] = "bgr" if abs(rise[0, 2]) > abs(rise[0, 0]) else "rgb"
    gain = rise[::-1].diagonal() if order == "bgr" else rise.diagonal()
    std = 255.0 / np.where(gain == 0, np.nan, gain)
    mean = -given[0] * std
    noise = np.random.default_rng(0).random((2, 3, 5, 3)) * 255.0
    flipped = noise[..., ::-1] if order == "bgr" else noise
    if not np.allclose((flipped - mean) / std, _prepared(prepare, noise), rtol=0, atol=1e-4):
        raise ModelError("preprocess_input", expected="a factor and a shift a channel", got="something else")
    return order, _rounded(mean), _rounded(std)


def _prepared(prepare: Callable[..., Any], levels: NDArray[Any]) -> NDArray[Any]:
    return np.asarray(prepare(levels.copy(), data_format="channels_last"))


def _rounded(values: NDArray[Any]) -> Triple:
    a, b, c = (round(float(value), 6) + 0.0 for value in values)
    return a, b, c
