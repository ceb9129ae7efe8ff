"""From a spec, a module or a function to a classifier."""

import importlib
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

from axolens.classifiers.answers import labels_of, preparation_of
from axolens.classifiers.labels import imagenet_labels
from axolens.classifiers.outputs import Output, checked_output
from axolens.classifiers.protocols import Classifier
from axolens.classifiers.recipe import Recipe, no_such_spec, override, read_recipe
from axolens.errors import ModelError
from axolens.records.labels import Labels
from axolens.records.preprocess import Preprocess


class Spec(NamedTuple):
    """A kind of spec: how it is written, what it loads, and what of it can be read."""

    pattern: str
    loads: str
    gives: str
    extra: str


SPECS = (
    Spec("keras/NAME", "a network of keras.applications", "predictions, gradients, layers", "keras"),
    Spec("torchvision/NAME", "a network of torchvision", "predictions, gradients, layers", "torchvision"),
    Spec("timm/NAME", "a network of timm", "predictions, gradients, layers", "timm"),
    Spec("hf/FOLDER or hf/NAME", "a transformers image classifier", "predictions, gradients, layers", "hf"),
    Spec("onnx:FILE", "an ONNX file", "predictions", "onnx"),
    Spec("keras:FILE", "a Keras model file", "predictions, gradients, layers", "keras"),
    Spec("torch:FILE", "a file of torch.export", "predictions, gradients", ""),
    Spec("python:MODULE:FUNCTION", "a function from (n, h, w, 3) to (n, k)", "predictions", ""),
    Spec("FILE.toml", "a file with model, weights, labels and preprocess", "as its model", ""),
    Spec("pond or pond-NAME", "a network trained on drawn animals", "predictions, gradients, layers", ""),
)


def load(
    model: Any,
    *,
    weights: str | Path | None = None,
    labels: Labels | Sequence[str] | str | Path | None = None,
    preprocess: Preprocess | Mapping[str, Any] | str | Path | None = None,
    device: str | None = None,
    output: Output = "auto",
) -> Classifier:
    """Return a classifier from a spec, a PyTorch module, a Keras model or any function.

    Parameters
    ----------
    model
        A spec such as "torchvision/resnet18" (``axolens models`` lists the kinds), a TOML file, a
        ``torch.nn.Module``, a Keras model, or a function from a batch to (n, k). A classifier is returned as it is,
        and takes no answers.
    weights
        A file in place of the download: .safetensors or .pth (tensors only) for PyTorch networks, .h5, .weights.h5 or
        .keras for Keras.
    labels
        "imagenet", a file with one name a line or JSON, or the names; otherwise the model's own.
    preprocess
        "imagenet", a spec such as "keras/VGG19" whose preparation is taken, a TOML file, a table, or a
        ``Preprocess``; otherwise the model's own. None for a module of one's own: a batch is what it takes.
    device
        Such as "cuda" for a model that axolens loads; a module of one's own stays where it is.
    output
        What the model gives: "logits" (before a softmax over the classes) or "probabilities" (after it);
        "independent-logits" or "independent-probabilities" (before or after one sigmoid a class, where several classes
        can be true at once). "auto" looks; what is declared is believed.

    Raises
    ------
    ModelError
        If there is no such model, its weights do not fit, an answer is missing, or nothing says whether numbers in
        [0, 1] are logits or probabilities; says what to do.

    Examples
    --------
    >>> import numpy as np
    >>> brightness = lambda batch: np.stack([batch.mean((1, 2, 3)), 1 - batch.mean((1, 2, 3))], axis=1)
    >>> model = load(brightness, labels=["light", "dark"], preprocess={"size": 8}, output="probabilities")
    >>> model.kind
    'log-probabilities'
    """
    output = checked_output(output)
    if isinstance(model, str | Path):
        recipe = read_recipe(Path(model)) if str(model).endswith(".toml") else Recipe(model=str(model))
        answers = {"labels": labels, "preprocess": preprocess, "device": device, "output": output}
        return _from_spec(override(recipe, weights=None if weights is None else Path(weights), **answers))
    if isinstance(model, Classifier):
        given = (weights, labels, preprocess, device, None if output == "auto" else output)
        if any(answer is not None for answer in given):
            raise ModelError(
                "model", expected="a model to be loaded where answers are given", got=f"the classifier {model.name}",
                hint="It has its answers already: give them where it is loaded.",
            )  # fmt: skip
        return model
    if weights is not None or device is not None:
        raise ModelError(
            "model", expected="a spec where weights or device are given", got=type(model).__name__,
            hint="Load the weights and choose the device in your own code.",
        )  # fmt: skip
    return _from_object(model, labels_of(labels), preparation_of(preprocess), output)


def _from_object(model: Any, labels: Labels | None, preprocess: Preprocess | None, output: Output) -> Classifier:
    roots = {kind.__module__.split(".")[0] for kind in type(model).__mro__}
    name = type(model).__name__
    if "keras" in roots:
        from axolens.classifiers.keras_net import wrap_keras

        return wrap_keras(model, labels=labels, preprocess=_channels_last(preprocess), name=name, output=output)
    if "torch" in roots:
        from axolens.classifiers.torch_load import wrap_module

        return wrap_module(model, labels, preprocess, name=name, output=output)
    if callable(model):
        from axolens.classifiers.function import wrap_function

        called = getattr(model, "__name__", name)
        return wrap_function(model, labels=labels, preprocess=_channels_last(preprocess), name=called, output=output)
    raise ModelError("model", expected="a spec, a module, a Keras model or a function", got=name)


def _from_spec(recipe: Recipe) -> Classifier:
    spec = str(recipe.model)
    labels, preprocess = labels_of(recipe.labels), preparation_of(recipe.preprocess)
    kind, slash, name = spec.partition("/")
    if slash and name and kind in NAMED:
        return NAMED[kind](name, recipe, labels, preprocess)
    kind, colon, name = spec.partition(":")
    if colon and name and kind in FILED:
        _check_file_answers(spec, recipe)
        return FILED[kind](name, recipe, labels, preprocess)
    if spec.split("-")[0] == "pond":
        return _pond(spec, recipe, labels, preprocess)
    raise no_such_spec(spec, tuple(known.pattern for known in SPECS))


def _check_file_answers(spec: str, recipe: Recipe) -> None:
    """Refuse answers that a model in a file gives itself."""
    given = [key for key in ("weights", "device") if getattr(recipe, key) is not None]
    if given and not (given == ["device"] and spec.startswith("onnx:")):
        raise ModelError(given[0], expected=f"none, as {spec} brings its own", got=getattr(recipe, given[0]))


Load = Callable[[str, Recipe, Labels | None, Preprocess | None], Classifier]


def _answers(recipe: Recipe, labels: Labels | None, preprocess: Preprocess | None) -> dict[str, Any]:
    own = {key: getattr(recipe, key) for key in ("weights", "device", "output")}
    return own | {"labels": labels, "preprocess": preprocess}


def _pond(name: str, recipe: Recipe, labels: Labels | None, preprocess: Preprocess | None) -> Classifier:
    from axolens.classifiers.pond_net import load_pond

    return load_pond(name, **_answers(recipe, labels, preprocess))


def _torchvision(name: str, recipe: Recipe, labels: Labels | None, preprocess: Preprocess | None) -> Classifier:
    from axolens.classifiers.torchvision_net import load_torchvision

    return load_torchvision(name, **_answers(recipe, labels, preprocess))


def _timm(name: str, recipe: Recipe, labels: Labels | None, preprocess: Preprocess | None) -> Classifier:
    from axolens.classifiers.timm_net import load_timm

    return load_timm(name, **_answers(recipe, labels, preprocess))


def _hf(name: str, recipe: Recipe, labels: Labels | None, preprocess: Preprocess | None) -> Classifier:
    from axolens.classifiers.hf_net import load_hf

    return load_hf(name, **_answers(recipe, labels, preprocess))


def _keras(name: str, recipe: Recipe, labels: Labels | None, preprocess: Preprocess | None) -> Classifier:
    from axolens.classifiers.keras_net import load_keras_application

    return load_keras_application(name, imagenet=imagenet_labels(), **_answers(recipe, labels, preprocess))


def _keras_file(name: str, recipe: Recipe, labels: Labels | None, preprocess: Preprocess | None) -> Classifier:
    from axolens.classifiers.keras_net import load_keras_file

    return load_keras_file(
        Path(name), labels=labels, preprocess=_channels_last(preprocess), name=f"keras:{Path(name).name}",
        output=recipe.output,
    )  # fmt: skip


def _onnx(name: str, recipe: Recipe, labels: Labels | None, preprocess: Preprocess | None) -> Classifier:
    from axolens.classifiers.onnx_file import load_onnx

    return load_onnx(
        Path(name), labels=labels, preprocess=preprocess, name=f"onnx:{Path(name).name}",
        output=recipe.output, device=recipe.device or "cpu",
    )  # fmt: skip


def _exported(name: str, recipe: Recipe, labels: Labels | None, preprocess: Preprocess | None) -> Classifier:
    from axolens.classifiers.torch_export import load_export

    if preprocess is None:
        raise _unprepared(f"torch:{name}")
    return load_export(Path(name), labels=labels, preprocess=preprocess, output=recipe.output)


def _python(name: str, recipe: Recipe, labels: Labels | None, preprocess: Preprocess | None) -> Classifier:
    module, _, function = name.partition(":")
    sys.path.insert(0, str(Path.cwd()))
    try:
        called = getattr(importlib.import_module(module), function)
    except (ImportError, AttributeError, ValueError) as error:
        raise ModelError(f"model python:{name}", expected="python:MODULE:FUNCTION", got=f"{error}") from None
    finally:
        sys.path.remove(str(Path.cwd()))
    if isinstance(called, Classifier):
        return load(called, labels=labels, preprocess=preprocess, output=recipe.output)
    if preprocess is None:
        raise _unprepared(f"python:{name}")
    found = load(called, labels=labels, preprocess=preprocess, output=recipe.output)
    found.name = f"python:{name}"
    return found


NAMED: dict[str, Load] = {"torchvision": _torchvision, "timm": _timm, "hf": _hf, "keras": _keras}
FILED: dict[str, Load] = {"onnx": _onnx, "keras": _keras_file, "torch": _exported, "python": _python}


def _channels_last(preprocess: Preprocess | None) -> Preprocess | None:
    return None if preprocess is None else replace(preprocess, layout="nhwc")


def _unprepared(spec: str) -> ModelError:
    return ModelError(
        f"model {spec}", expected="to be told how its photos are prepared", got="no preprocess",
        hint="Say --preprocess imagenet, a spec such as torchvision/resnet18, or a TOML file.",
    )  # fmt: skip
