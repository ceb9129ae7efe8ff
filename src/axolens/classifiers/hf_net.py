"""hf/FOLDER and hf/NAME: image classifiers of transformers, with their config, processor and weights."""

import contextlib
from pathlib import Path
from typing import Any

from axolens.classifiers.outputs import Output
from axolens.classifiers.torch_load import as_classifier, fetched, file_digest
from axolens.classifiers.torch_module import TorchClassifier
from axolens.classifiers.torchvision_ops import import_torchvision
from axolens.errors import ExtraError, ModelError
from axolens.records.labels import Labels
from axolens.records.preprocess import Filter, Preprocess

RESAMPLE: tuple[Filter, ...] = ("nearest", "lanczos", "bilinear", "bicubic", "box", "hamming")  # Pillow's numbers


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
        Whether the network gives "logits" or "probabilities"; "auto" looks.
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
        output=output,
    )
    stored = Path(name) / "model.safetensors"
    if weights is None and stored.is_file():
        classifier.digest = file_digest(stored)
    return classifier


def hf_preprocess(name: str, config: Any = None) -> Preprocess:
    """Return a saved processor's settings, as data."""
    _transformers()
    from transformers.image_processing_base import ImageProcessingMixin

    settings = {"local_files_only": True} if Path(name).is_dir() else {}
    stored, _ = fetched(f"hf/{name}", lambda: ImageProcessingMixin.get_image_processor_dict(name, **settings))
    return processor_preprocess(stored.get("image_processor", stored), getattr(config, "image_size", None))


def processor_preprocess(stored: dict[str, Any], image_size: int | None = None) -> Preprocess:
    """Return what a processor's JSON says, as data.

    Raises
    ------
    ModelError
        If it says something that ``Preprocess`` cannot hold.

    Examples
    --------
    >>> vit = {"size": {"height": 224, "width": 224}, "resample": 2, "image_mean": [0.5] * 3, "image_std": [0.5] * 3}
    >>> processor_preprocess(vit).size
    (224, 224)
    """
    if stored.get("rescale_offset") or stored.get("do_pad"):
        raise ModelError(
            "preprocessor_config.json",
            expected="resize, crop, rescale and normalise",
            got="rescale_offset or do_pad",
            hint="Say how photos are prepared with --preprocess (a TOML file).",
        )
    size, short_side = _sizes(stored, image_size)
    normalises = stored.get("do_normalize", True)
    scale = 255 * stored.get("rescale_factor", 1 / 255) if stored.get("do_rescale", True) else 255.0
    return Preprocess(
        size=size,
        short_side=short_side,
        filter=RESAMPLE[stored.get("resample", 2)],
        scale=round(scale, 9),
        mean=tuple(stored["image_mean"]) if normalises else (0.0, 0.0, 0.0),
        std=tuple(stored["image_std"]) if normalises else (1.0, 1.0, 1.0),
    )


def _sizes(stored: dict[str, Any], image_size: int | None) -> tuple[tuple[int, int], int | None]:
    size: Any = stored.get("size", image_size)
    crop: Any = stored.get("crop_size")
    if isinstance(size, int):
        size = {"height": size, "width": size}
    if stored.get("crop_pct") and "shortest_edge" in size:  # ConvNeXt's processor: crop below 384 pixels, squash above
        side = size["shortest_edge"]
        return (side, side), int(side / stored["crop_pct"]) if side < 384 else None
    if stored.get("do_center_crop") and crop is not None:
        crop = {"height": crop, "width": crop} if isinstance(crop, int) else crop
        return (crop["height"], crop["width"]), size.get("shortest_edge")
    if "height" in size:
        return (size["height"], size["width"]), None
    side = size["shortest_edge"]
    return (side, side), side


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


def _labels(config: Any) -> Labels:
    return Labels(tuple(str(config.id2label[i]) for i in range(len(config.id2label))))
