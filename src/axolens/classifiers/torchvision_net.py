"""torchvision/NAME: torchvision's classification networks with their own transforms."""

import difflib
import re
from pathlib import Path
from typing import Any

from axolens.classifiers.labels import imagenet_labels
from axolens.classifiers.outputs import Output
from axolens.classifiers.torch_load import as_classifier, fetched, file_digest
from axolens.classifiers.torch_module import TorchClassifier
from axolens.classifiers.torch_weights import State, fit_state, read_state
from axolens.classifiers.torchvision_ops import import_torchvision
from axolens.errors import ExtraError, ModelError
from axolens.records.labels import Labels
from axolens.records.preprocess import Preprocess

AUXILIARY = re.compile(r"(^|\.)(AuxLogits|aux1|aux2)\.")
OLD_DENSENET = re.compile(r"(denselayer\d+\.(?:norm|relu|conv))\.([12])\.")
INCEPTIONS = ("googlenet", "inception_v3")
AS_PUBLISHED = {"init_weights": False, "aux_logits": False, "transform_input": True}  # their weights expect [-1, 1]


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

    inception_v3 and googlenet take their pixels from the ImageNet normalisation to [-1, 1] themselves, as
    torchvision's do with published weights (``transform_input=True``), and are built without auxiliary heads.

    Parameters
    ----------
    name
        Such as "resnet18".
    weights
        A file in place of the download: as torchvision publishes it, or a state dict of the network.
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
    count = len(classes) if weights else 1000
    module = models.get_model(name, weights=None, num_classes=count, **(AS_PUBLISHED if name in INCEPTIONS else {}))
    if weights:
        state = None
        fit_state(module, current_state(read_state(weights), name), weights)
    else:
        published = fetched(f"torchvision/{name}", lambda: recipe.get_state_dict(progress=True))
        state = current_state(published, name)
    classifier = as_classifier(
        module,
        classes,
        preprocess or torchvision_preprocess(name),
        name=f"torchvision/{name}",
        state=state,
        device=device,
        output=output,
    )
    classifier.digest = file_digest(weights) or classifier.digest
    return classifier


def current_state(state: State, name: str) -> State:
    """Return a published file's tensors under today's names: densenet's renamed, without heads for training only.

    Examples
    --------
    >>> import torch
    >>> old = {"features.denseblock1.denselayer1.norm.1.weight": torch.ones(2)}
    >>> list(current_state(old, "densenet121"))
    ['features.denseblock1.denselayer1.norm1.weight']
    """
    if name in INCEPTIONS:
        return {key: tensor for key, tensor in state.items() if not AUXILIARY.search(key)}
    if name.startswith("densenet"):
        return {OLD_DENSENET.sub(r"\1\2.", key): tensor for key, tensor in state.items()}
    return state


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
