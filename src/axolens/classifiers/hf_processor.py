"""What transformers' image processors do to a photo, as data."""

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from axolens.errors import ModelError
from axolens.records.preprocess import Filter, Preprocess

RESAMPLE: tuple[Filter, ...] = ("nearest", "lanczos", "bilinear", "bicubic", "box", "hamming")  # Pillow's numbers
HALF = {"image_mean": 0.5, "image_std": 0.5}
IMAGENET = {"image_mean": (0.485, 0.456, 0.406), "image_std": (0.229, 0.224, 0.225)}
CLIP = {"image_mean": (0.48145466, 0.4578275, 0.40821073), "image_std": (0.26862954, 0.26130258, 0.27577711)}
ALL = {"do_resize": True, "do_rescale": True, "rescale_factor": 1 / 255, "do_normalize": True, "resample": 3}
CROP = {"do_center_crop": True, "crop_size": 224}
# Each processor's own defaults, in transformers' words, for the keys that a file leaves out or sets to null.
PROCESSORS: dict[str, dict[str, Any]] = {
    "ViT": ALL | HALF | {"size": 224, "resample": 2},
    "Beit": ALL | HALF | {"size": 224, "crop_size": 224},
    "DeiT": ALL | HALF | CROP | {"size": 256},
    "Pvt": ALL | IMAGENET | {"size": 224},
    "Segformer": ALL | IMAGENET | {"size": 512, "resample": 2},
    "Siglip": ALL | HALF | {"size": {"height": 224, "width": 224}},
    "EfficientNet": ALL | HALF | {"size": 346, "crop_size": 289, "include_top": True},
    "CLIP": ALL | CLIP | CROP | {"size": 224},
    "Bit": ALL | CLIP | CROP | {"size": 224},
    "MobileNetV1": ALL | HALF | CROP | {"size": 256, "resample": 2},
    "MobileNetV2": ALL | HALF | CROP | {"size": 256, "resample": 2},
    "MobileViT": ALL | CROP | {"size": 224, "crop_size": 256, "do_flip_channel_order": True},
    "Levit": ALL | IMAGENET | CROP | {"size": 224},
    "PoolFormer": ALL | IMAGENET | CROP | {"size": 224, "crop_pct": 0.9},
    "ConvNext": ALL | HALF | {"size": 384, "crop_pct": 224 / 256},
}
KEEPS_PROPORTIONS = frozenset(  # where one number for size is the shorter side, not a square
    ("Siglip", "CLIP", "Bit", "MobileNetV1", "MobileNetV2", "MobileViT", "Levit", "PoolFormer", "ConvNext")
)
MODELS = {  # by model_type, for files that name no processor
    "ViT": "vit vit_msn swin swinv2 swiftformer dinat ijepa",
    "Beit": "beit data2vec-vision",
    "DeiT": "deit",
    "Pvt": "pvt pvt_v2",
    "Segformer": "segformer",
    "Siglip": "siglip",
    "EfficientNet": "efficientnet",
    "CLIP": "clip metaclip_2",
    "Bit": "bit dinov2 focalnet hiera",
    "MobileNetV1": "mobilenet_v1",
    "MobileNetV2": "mobilenet_v2",
    "MobileViT": "mobilevit mobilevitv2",
    "Levit": "levit",
    "PoolFormer": "poolformer",
    "ConvNext": "convnext convnextv2 cvt regnet resnet",
}
SPECIAL = ("crop_pct", "include_top", "rescale_offset", "do_flip_channel_order")


class Steps(NamedTuple):
    """How the pixels are chosen: a resize to a size or of the shorter side, then a crop or None."""

    resize: tuple[int, int] | int
    crop: tuple[int, int] | None


def processor_preprocess(stored: Mapping[str, Any], model_type: str = "") -> Preprocess:
    """Return what a processor's JSON says, as data.

    What one number for ``size`` means, which steps there are and what is taken for a missing key is each processor's
    own, as in transformers 5. Where an odd number of rows or columns is cut off, transformers cuts the smaller half
    at the top or left and axolens rounds as torchvision does: of 3, 7, 11, … its crop lies one pixel further on.

    Parameters
    ----------
    stored
        The content of preprocessor_config.json.
    model_type
        From config.json; says which processor is meant where the file names none.

    Raises
    ------
    ModelError
        If it says something that ``Preprocess`` cannot hold, or lacks what is needed.

    Examples
    --------
    >>> vit = {"size": {"height": 224, "width": 224}, "resample": 2, "image_mean": [0.5] * 3, "image_std": [0.5] * 3}
    >>> processor_preprocess(vit).size
    (224, 224)
    >>> resnet = processor_preprocess({"feature_extractor_type": "ConvNextFeatureExtractor", "size": 224})
    >>> resnet.size, resnet.short_side
    ((224, 224), 256)
    """
    family, name = _family(stored, model_type)
    said = {**PROCESSORS.get(family, ALL), **{key: value for key, value in stored.items() if value is not None}}
    if not family:
        _check_plain(said)
    if not said["do_resize"] or said.get("do_pad"):
        raise _refusal(name, "do_pad" if said.get("do_pad") else "no resize")
    size, short_side = _held(_steps(family, said, name), name)
    scale, mean, std = _normalisation(family, said, name)
    return Preprocess(
        size=size,
        short_side=short_side,
        filter=_filter(said["resample"], name),
        scale=scale,
        mean=mean,
        std=std,
        order="bgr" if family == "MobileViT" and said["do_flip_channel_order"] else "rgb",
    )


def _family(stored: Mapping[str, Any], model_type: str) -> tuple[str, str]:
    """Return the key into PROCESSORS, or "" where nothing names one, and what to call it in a refusal."""
    name = stored.get("image_processor_type") or stored.get("feature_extractor_type") or ""
    if not name:
        family = next((family for family, models in MODELS.items() if model_type in models.split()), "")
        return family, f"{family}ImageProcessor" if family else "a processor without a name"
    family = re.sub(r"(ImageProcessor|FeatureExtractor)(Fast|Pil)?$", "", name)
    if family not in PROCESSORS:
        raise _refusal(name, "steps of its own")
    return family, name


def _check_plain(said: Mapping[str, Any]) -> None:
    """Refuse what only some processors heed, where nothing says which processor is meant."""
    special = [key for key in SPECIAL if said.get(key)]
    if special:
        raise _refusal("a processor without a name", f"{special[0]} and no image_processor_type")


def _steps(family: str, said: Mapping[str, Any], name: str) -> Steps:
    size = _size(said.get("size"), family in KEEPS_PROPORTIONS, name)
    crop = _size(said.get("crop_size"), False, name) if said.get("do_center_crop") else None
    if isinstance(crop, int):
        raise _refusal(name, f"crop_size {said['crop_size']}")
    if family == "ConvNext":
        return _convnext(size, crop, said["crop_pct"], name)
    if family == "Levit" and isinstance(size, int):
        size = int(256 / 224 * size)
    if family == "PoolFormer":
        size = _enlarged(size, said["crop_pct"])
    return Steps(size, crop)


def _convnext(size: tuple[int, int] | int, crop: tuple[int, int] | None, crop_pct: float, name: str) -> Steps:
    """Return the steps of ConvNeXt's processor: shorter side and crop below 384 pixels, a squash from there on."""
    if not isinstance(size, int):
        raise _refusal(name, f"size {size} in place of a shortest edge")
    square = (size, size)
    if crop not in (None, square):
        raise _refusal(name, "two crops")
    return Steps(int(size / crop_pct), square) if size < 384 else Steps(square, None)


def _enlarged(size: tuple[int, int] | int, crop_pct: float) -> tuple[int, int] | int:
    """Return the size of PoolFormer's resize: of the shorter side, but for a size that is no square."""
    if isinstance(size, int):
        return int(size / crop_pct)
    height, width = int(size[0] / crop_pct), int(size[1] / crop_pct)
    return height if size[0] == size[1] else (height, width)


def _size(value: Any, keeps_proportions: bool, name: str) -> tuple[int, int] | int:
    """Return height and width, or the shorter side."""
    if isinstance(value, Mapping):
        if set(value) == {"height", "width"}:
            return int(value["height"]), int(value["width"])
        if set(value) == {"shortest_edge"}:
            return int(value["shortest_edge"])
    if isinstance(value, list | tuple) and len(value) == 2:
        return int(value[0]), int(value[1])
    if isinstance(value, int):
        return value if keeps_proportions else (value, value)
    raise _refusal(name, "no size" if value is None else f"size {value}")


def _held(steps: Steps, name: str) -> tuple[tuple[int, int], int | None]:
    """Return ``size`` and ``short_side`` of a preprocess."""
    resize, crop = steps
    if isinstance(resize, int):
        if crop is None:
            raise _refusal(name, "photos that keep their proportions, without a crop")
        if resize < max(crop):
            raise _refusal(name, f"a crop of {crop} from a shorter side of {resize}")
        return crop, resize
    if crop not in (None, resize):
        raise _refusal(name, f"the whole photo squashed to {resize[0]} × {resize[1]} and then a crop")
    return resize, None


def _normalisation(
    family: str, said: Mapping[str, Any], name: str
) -> tuple[float, tuple[float, ...], tuple[float, ...]]:
    """Return scale, mean and std; EfficientNet's may subtract 1 before, and divides by std once more."""
    scale = round(255 * said["rescale_factor"], 9) if said["do_rescale"] else 255.0
    if family == "MobileViT" or not (said["do_normalize"] or family == "EfficientNet"):
        return scale, (0.0, 0.0, 0.0), (1.0, 1.0, 1.0)
    mean, std = _channels(said, "image_mean", name), _channels(said, "image_std", name)
    if family != "EfficientNet":
        return scale, mean, std
    offset = 1.0 if said.get("rescale_offset") and said["do_rescale"] else 0.0
    mean = tuple(value * bool(said["do_normalize"]) + offset for value in mean)
    times = bool(said["do_normalize"]) + bool(said["include_top"])
    return scale, mean, tuple(value**times for value in std)


def _channels(said: Mapping[str, Any], key: str, name: str) -> tuple[float, ...]:
    value = said.get(key)
    if isinstance(value, int | float):
        return (float(value),) * 3
    if isinstance(value, list | tuple) and len(value) == 3:
        return tuple(float(one) for one in value)
    raise _refusal(name, f"no {key}" if value is None else f"{key} {value}")


def _filter(number: Any, name: str) -> Filter:
    if isinstance(number, int) and 0 <= number < len(RESAMPLE):
        return RESAMPLE[number]
    raise _refusal(name, f"resample {number}")


def _refusal(name: str, got: str) -> ModelError:
    return ModelError(
        f"preprocessor_config.json ({name})",
        expected="one resize to the network's size, or of the shorter side and then a centre crop",
        got=got,
        hint="Say how photos are prepared with --preprocess and a TOML file.",
    )
