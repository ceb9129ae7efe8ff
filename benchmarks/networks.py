"""The networks and photos that are measured: published weights where they are at hand, random ones otherwise."""

from pathlib import Path

import numpy as np
import torch

import axolens as ax
from axolens.classifiers.asking import as_batch
from axolens.classifiers.labels import imagenet_labels
from axolens.classifiers.recipe import IMAGENET
from axolens.classifiers.torch_load import as_classifier
from axolens.classifiers.torch_module import TorchClassifier, normalised
from axolens.classifiers.torchvision_ops import import_torchvision

ASSETS = Path(__file__).parents[2] / "shared" / "assets"
WEIGHTS = {"squeezenet1_1": "squeezenet1_1.safetensors", "resnet18": "resnet18_pq_small.fp16.safetensors"}


def random_network(name: str) -> TorchClassifier:
    """Return a torchvision network with random weights: time does not depend on their values."""
    torch.manual_seed(0)
    module = import_torchvision().models.get_model(name, weights=None).eval()
    return as_classifier(module, imagenet_labels(), IMAGENET, name=name)


def real_network(name: str, assets: Path, device: str = "cpu") -> TorchClassifier:
    """Return a torchvision network with its weights from ``assets/weights``."""
    return ax.load(f"torchvision/{name}", weights=assets / "weights" / WEIGHTS[name], device=device)


def photos_of(model: TorchClassifier, assets: Path, count: int) -> list[tuple[str, torch.Tensor]]:
    """Return names and network-sized images of ``count`` photos, taken evenly from the sorted list of all."""
    files = [
        path for path in sorted((assets / "photos").rglob("*")) if path.suffix.lower() in (".jpg", ".jpeg", ".png")
    ]
    places = np.linspace(0, len(files) - 1, min(count, len(files))).round().astype(int)
    return [(files[i].stem, as_batch(model, ax.read(files[i]))) for i in places]


def bare(model: TorchClassifier, prepared: torch.Tensor) -> torch.Tensor:
    """Ask the module itself, without gradients."""
    with torch.no_grad():
        return model.module(prepared)


def both_formats(model: TorchClassifier, batch: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Return what the module takes, plain and channels-last."""
    plain = normalised(batch, IMAGENET).contiguous()
    return plain, plain.to(memory_format=torch.channels_last)
