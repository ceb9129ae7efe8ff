"""Small networks of timm and transformers with random weights, in shapes that are not square."""

from collections.abc import Callable
from typing import Any, NamedTuple

import pytest
import torch

from axolens.classifiers.torch_load import wrap_module
from axolens.classifiers.torch_module import TorchClassifier
from axolens.classifiers.torchvision_ops import import_torchvision
from axolens.records.preprocess import Preprocess

TALL, WIDE, LARGE = (48, 32), (32, 56), (96, 64)
HF = {"hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 32, "num_labels": 5}
TIMM = {"embed_dim": 16, "depth": 2, "num_heads": 2, "num_classes": 5, "patch_size": 8}


class Net(NamedTuple):
    """How a network is built, the image it takes, the sides of a patch, and the tokens before the grid."""

    build: Callable[[], torch.nn.Module]
    image: tuple[int, int]
    patch: int
    prefix: int


def hf(kind: str, config: str, **settings: Any) -> Callable[[], torch.nn.Module]:
    def build() -> torch.nn.Module:
        transformers = pytest.importorskip("transformers", minversion="5")
        return getattr(transformers, kind)(getattr(transformers, config)(**settings))

    return build


def timm(name: str, **settings: Any) -> Callable[[], torch.nn.Module]:
    return lambda: pytest.importorskip("timm").create_model(name, **settings)


SWIN = {"window_size": 4, "embed_dim": 8, "num_heads": (1, 2)}
NETS = {
    "hf vit": Net(hf("ViTForImageClassification", "ViTConfig", **HF, image_size=TALL, patch_size=8), TALL, 8, 1),
    "hf deit": Net(hf("DeiTForImageClassification", "DeiTConfig", **HF, image_size=TALL, patch_size=8), TALL, 8, 2),
    "hf deit, teacher": Net(
        hf("DeiTForImageClassificationWithTeacher", "DeiTConfig", **HF, image_size=TALL, patch_size=8), TALL, 8, 2
    ),
    "hf registers": Net(
        hf(
            "Dinov2WithRegistersForImageClassification", "Dinov2WithRegistersConfig", **HF,
            image_size=48, patch_size=8, num_register_tokens=4,
        ), WIDE, 8, 5,
    ),
    "hf swin": Net(
        hf(
            "SwinForImageClassification", "SwinConfig", image_size=LARGE, patch_size=4, depths=[1, 2], num_labels=5,
            **SWIN,
        ), LARGE, 4, 0,
    ),
    "hf convnext": Net(
        hf(
            "ConvNextForImageClassification", "ConvNextConfig", depths=[1, 1], hidden_sizes=[8, 12], num_stages=2,
            num_labels=5,
        ), LARGE, 4, 0,
    ),
    "timm vit": Net(timm("vit_tiny_patch16_224", img_size=32, dynamic_img_size=True, **TIMM), WIDE, 8, 1),
    "timm deit": Net(timm("deit_tiny_distilled_patch16_224", img_size=TALL, **TIMM), TALL, 8, 2),
    "timm registers": Net(timm("vit_small_patch14_reg4_dinov2", img_size=TALL, **TIMM), TALL, 8, 5),
    "timm registers, pooled": Net(timm("vit_medium_patch16_reg4_gap_256", img_size=TALL, **TIMM), TALL, 8, 4),
    "timm swin": Net(
        timm("swin_tiny_patch4_window7_224", img_size=LARGE, depths=(1, 2), num_classes=5, **SWIN), LARGE, 4, 0
    ),
    "timm convnext": Net(timm("convnext_atto", depths=(1, 1, 1, 1), dims=(8, 12, 16, 20), num_classes=5), LARGE, 4, 0),
}  # fmt: skip


def network(name: str) -> TorchClassifier:
    """One of them, wrapped as a module of one's own: nothing is said of its tokens."""
    import_torchvision()
    torch.manual_seed(0)
    module = NETS[name].build().eval()
    return wrap_module(module, None, Preprocess(size=NETS[name].image), name=name)
