"""timm/NAME: the networks of timm with their own data configuration."""

import difflib
from pathlib import Path
from typing import Any

from axolens.classifiers.labels import imagenet_labels, numbered_labels
from axolens.classifiers.outputs import Output
from axolens.classifiers.torch_load import as_classifier, fetched
from axolens.classifiers.torch_module import TorchClassifier
from axolens.classifiers.torchvision_ops import import_torchvision
from axolens.errors import ExtraError, ModelError
from axolens.records.labels import Labels
from axolens.records.preprocess import Preprocess


def load_timm(
    name: str,
    *,
    weights: Path | None,
    labels: Labels | None,
    preprocess: Preprocess | None,
    device: str | None,
    output: Output = "auto",
) -> TorchClassifier:
    """Return a timm network with its published weights, or with those of a file.

    Parameters
    ----------
    name
        Such as "vit_tiny_patch16_224", with or without the tag of its weights.
    weights
        A file in place of the download.
    labels
        The classes of a fine-tuned network; the head is built for as many.
    preprocess
        In place of the network's own data configuration.
    device
        Such as "cuda"; None is the CPU.
    output
        Whether the network gives "logits" or "probabilities"; "auto" looks.
    """
    timm = _timm()
    _check(timm, name)
    settings: dict[str, Any] = {} if labels is None else {"num_classes": len(labels)}
    if weights is None:
        module = fetched(f"timm/{name}", lambda: timm.create_model(name, pretrained=True))
    else:
        module = timm.create_model(name, pretrained=False, **settings)
    return as_classifier(
        module,
        labels or _labels(timm, module),
        preprocess or _preprocess(timm, module),
        name=f"timm/{name}",
        weights=weights,
        device=device,
        output=output,
        prefix=getattr(module, "num_prefix_tokens", None),
    )


def timm_preprocess(name: str) -> Preprocess:
    """Return a network's own data configuration, without its weights."""
    timm = _timm()
    _check(timm, name)
    return _preprocess(timm, timm.create_model(name, pretrained=False))


def _timm() -> Any:
    try:
        import_torchvision()
        import timm
        import timm.data
    except ImportError:
        raise ExtraError(
            "model timm/…", expected="timm to be installed", got="no such package", hint="pip install 'axolens[timm]'"
        ) from None
    return timm


def _check(timm: Any, name: str) -> None:
    plain = name.split(".")[0]
    if not timm.is_model(plain):
        near = difflib.get_close_matches(plain, timm.list_models(), n=4)
        hint = f"Nearest: {', '.join(near)}." if near else "timm.list_models() names them all."
        raise ModelError(f"model timm/{name}", expected="a network of timm", got=repr(name), hint=hint)


def _preprocess(timm: Any, module: Any) -> Preprocess:
    config = timm.data.resolve_model_data_config(module)
    _, height, width = config["input_size"]
    squashed = config["crop_mode"] == "squash"
    return Preprocess(
        size=(height, width),
        filter=config["interpolation"],
        short_side=None if squashed else int(min(height, width) / config["crop_pct"]),
        mean=tuple(config["mean"]),
        std=tuple(config["std"]),
    )


def _labels(timm: Any, module: Any) -> Labels:
    subset = timm.data.infer_imagenet_subset(module)
    if subset is None:
        return numbered_labels(module.num_classes)
    if subset == "imagenet-1k":
        return imagenet_labels()
    info = timm.data.ImageNetInfo(subset)
    indices = range(info.num_classes())
    return Labels(
        tuple(info.index_to_description(i) for i in indices), tuple(info.index_to_label_name(i) for i in indices)
    )
