"""What a caller answers about a model: its labels and its preparation, by name, file or value."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from axolens.classifiers.labels import imagenet_labels, read_labels
from axolens.classifiers.recipe import IMAGENET, preprocess_of, read_preprocess
from axolens.errors import ModelError
from axolens.records.labels import Labels
from axolens.records.preprocess import Preprocess


def labels_of(labels: Labels | Sequence[str] | str | Path | None) -> Labels | None:
    """Return class names from what a caller gives: names, "imagenet", or a file."""
    if labels is None or isinstance(labels, Labels):
        return labels
    if labels == "imagenet":
        return imagenet_labels()
    return read_labels(Path(labels)) if isinstance(labels, str | Path) else Labels(tuple(labels))


def preparation_of(preprocess: Preprocess | Mapping[str, Any] | str | Path | None) -> Preprocess | None:
    """Return a preprocess from what a caller gives: one, a table, "imagenet", a spec whose own is taken, or a file."""
    if preprocess is None or isinstance(preprocess, Preprocess):
        return preprocess
    if isinstance(preprocess, Mapping):
        return preprocess_of(preprocess, "preprocess")
    if preprocess == "imagenet":
        return IMAGENET
    kind, slash, name = str(preprocess).partition("/")
    if str(preprocess).endswith(".toml"):
        return read_preprocess(Path(preprocess))
    if slash and kind == "torchvision":
        from axolens.classifiers.torchvision_net import torchvision_preprocess as named
    elif slash and kind == "timm":
        from axolens.classifiers.timm_net import timm_preprocess as named
    elif slash and kind == "keras":
        from axolens.classifiers.keras_net import application_preprocess as named
    elif slash and kind == "hf":
        from axolens.classifiers.hf_net import hf_preprocess as named
    else:
        expected = "imagenet, a spec such as keras/VGG19 or torchvision/resnet18, or a TOML file"
        raise ModelError("preprocess", expected=expected, got=repr(str(preprocess)))
    return named(name)
