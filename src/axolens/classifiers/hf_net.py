"""hf/FOLDER and hf/NAME: image classifiers of transformers, with their config, processor and weights."""

import contextlib
from pathlib import Path
from typing import Any

from axolens.classifiers.hf_processor import processor_preprocess
from axolens.classifiers.outputs import Output
from axolens.classifiers.torch_load import as_classifier, fetched, file_digest
from axolens.classifiers.torch_module import TorchClassifier
from axolens.classifiers.torchvision_ops import import_torchvision
from axolens.errors import ExtraError, ModelError
from axolens.records.labels import Labels
from axolens.records.preprocess import Preprocess


def load_hf(
    name: str,
    *,
    weights: Path | None,
    labels: Labels | None,
    preprocess: Preprocess | None,
    device: str | None,
    output: Output = "auto",
) -> TorchClassifier:
    """Return a transformers image classifier from a saved folder, or from the hub where it can be reached.

    Parameters
    ----------
    name
        A folder with config.json, preprocessor_config.json and safetensors weights, or a name on the hub.
    weights
        A file in place of the folder's own weights.
    labels, preprocess
        In place of the config's id2label and the processor's settings.
    device
        Such as "cuda"; None is the CPU.
    output
        Whether the network gives "logits" or "probabilities"; "auto" looks, and takes every class by itself where the
        config's problem_type says multi_label_classification.
    """
    transformers = _transformers()
    local = Path(name).is_dir()
    settings = {"local_files_only": True} if local else {}
    read = transformers.AutoModelForImageClassification.from_pretrained
    if local:
        _check_folder(Path(name))
    module = fetched(f"hf/{name}", lambda: read(name, use_safetensors=True, **settings))
    classifier = as_classifier(
        module,
        labels or _labels(module.config),
        preprocess or hf_preprocess(name, module.config),
        name=f"hf/{name}",
        weights=weights,
        device=device,
        output=_declared(module.config) if output == "auto" else output,
    )
    stored = Path(name) / "model.safetensors"
    if weights is None and stored.is_file():
        classifier.digest = file_digest(stored)
    return classifier


def hf_preprocess(name: str, config: Any = None) -> Preprocess:
    """Return a saved processor's settings, as data.

    Parameters
    ----------
    name
        A folder or a name on the hub.
    config
        The network's; says which processor is meant where the settings do not. None reads it if need be.
    """
    transformers = _transformers()
    from transformers.image_processing_base import ImageProcessingMixin

    settings = {"local_files_only": True} if Path(name).is_dir() else {}
    stored, _ = fetched(f"hf/{name}", lambda: ImageProcessingMixin.get_image_processor_dict(name, **settings))
    stored = stored.get("image_processor", stored)
    if config is None and not {"image_processor_type", "feature_extractor_type"} & set(stored):
        config = fetched(f"hf/{name}", lambda: transformers.AutoConfig.from_pretrained(name, **settings))
    return processor_preprocess(stored, getattr(config, "model_type", ""))


def _transformers() -> Any:
    with contextlib.suppress(ImportError):  # transformers works without it
        import_torchvision()
    try:
        import transformers
    except ImportError:
        raise ExtraError(
            "model hf/…",
            expected="transformers to be installed",
            got="no such package",
            hint="pip install 'axolens[hf]'",
        ) from None
    return transformers


def _check_folder(folder: Path) -> None:
    if not (folder / "config.json").is_file():
        raise ModelError(
            f"model hf/{folder}",
            expected="a folder saved by save_pretrained, with config.json",
            got="no config.json in it",
        )


def _declared(config: Any) -> Output:
    """Return what a config says of the outputs."""
    return "independent-logits" if getattr(config, "problem_type", None) == "multi_label_classification" else "auto"


def _labels(config: Any) -> Labels:
    return Labels(tuple(str(config.id2label[i]) for i in range(len(config.id2label))))
