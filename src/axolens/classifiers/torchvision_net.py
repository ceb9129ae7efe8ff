"""torchvision/NAME: torchvision's classification networks with their own transforms."""

import difflib
from pathlib import Path
from typing import Any

from axolens.classifiers.labels import imagenet_labels
from axolens.classifiers.outputs import Output
from axolens.classifiers.torch_load import as_classifier, fetched
from axolens.classifiers.torch_module import TorchClassifier
from axolens.classifiers.torchvision_ops import import_torchvision
from axolens.errors import ExtraError, ModelError
from axolens.records.labels import Labels
from axolens.records.preprocess import Preprocess


def load_torchvision(
    name: str,
    *,
    weights: Path | None,
    labels: Labels | None,
    preprocess: Preprocess | None,
    device: str | None,
    output: Output = "auto",
) -> TorchClassifier:
    """Return a torchvision network with ImageNet's weights, or with those of a file.

    Parameters
    ----------
    name
        Such as "resnet18".
    weights
        A file in place of the download.
    labels
        The classes of a fine-tuned network; the head is built for as many.
    preprocess
        In place of the transforms of the network's newest published weights.
    device
        Such as "cuda"; None is the CPU.
    output
        Whether the network gives "logits" or "probabilities"; "auto" looks.
    """
    models = _models()
    recipe = _recipe(models, name)
    classes = labels or imagenet_labels()
    settings = {"init_weights": False} if name in ("googlenet", "inception_v3") else {}
    if settings:
        settings["aux_logits"] = weights is None  # files often come without the training-only heads
    module = models.get_model(name, weights=None, num_classes=len(classes) if weights else 1000, **settings)
    state = None if weights else fetched(f"torchvision/{name}", lambda: recipe.get_state_dict(progress=True))
    return as_classifier(
        module,
        classes,
        preprocess or torchvision_preprocess(name),
        name=f"torchvision/{name}",
        weights=weights,
        state=state,
        device=device,
        output=output,
    )


def torchvision_preprocess(name: str) -> Preprocess:
    """Return the transforms of a network's newest published weights, as data."""
    transforms = _recipe(_models(), name).transforms()
    side = transforms.crop_size[0]
    return Preprocess(
        size=(side, side),
        short_side=max(transforms.resize_size[0], side),
        filter=transforms.interpolation.value,
        mean=tuple(transforms.mean),
        std=tuple(transforms.std),
    )


def _models() -> Any:
    try:
        return import_torchvision().models
    except ImportError:
        raise ExtraError(
            "model torchvision/…",
            expected="torchvision to be installed",
            got="no such package",
            hint="pip install 'axolens[torchvision]'",
        ) from None


def _recipe(models: Any, name: str) -> Any:
    known = models.list_models(module=models)
    if name in known:
        return models.get_model_weights(name).DEFAULT
    near = difflib.get_close_matches(name, known, n=4) or known[:4]
    raise ModelError(
        f"model torchvision/{name}",
        expected="a classification network of torchvision",
        got=repr(name),
        hint=f"Nearest: {', '.join(near)}.",
    )
