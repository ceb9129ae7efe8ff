"""Grad-CAM beside the bare forward pass, and beside pytorch-grad-cam, captum and torch-cam, in turns."""

import warnings
from collections.abc import Iterator

import numpy as np
import torch
from networks import bare, both_formats, random_network
from timing import Call, Row, columns, faster, interleave, ratios

from axolens.classifiers.counted import Counted
from axolens.classifiers.torch_module import TorchClassifier
from axolens.methods.cam.gradcam import GradCam
from axolens.records.target import Target

BARE = "the faster bare forward pass"
ROWS = (
    ("vgg19", 1, "features.35", 1),
    ("vgg19", 1, "features.35", 2),
    ("vgg19", 4, "features.35", 1),
    ("resnet18", 16, "layer4", 1),
)
PEERS = (("vgg19", 1, "features.35"), ("resnet18", 16, "layer4"))


def grad_cam_rows(pairs: int) -> Iterator[Row]:
    for row in ROWS:
        yield against_bare(*row, pairs)
    for row in PEERS:
        yield from against_peers(*row, pairs)


def asked_images(name: str, size: int) -> tuple[TorchClassifier, torch.Tensor]:
    model = random_network(name)
    return model, model.asarray(np.random.default_rng(0).random((size, 224, 224, 3), np.float32))


def ours(model: TorchClassifier, batch: torch.Tensor, layer: str, targets: int = 1) -> tuple[Call, Counted]:
    asked = [[model.labels.resolve(Target(i)) for i in range(targets)]] * len(batch)
    method, counted = GradCam(layer=layer), Counted(model)
    return lambda: method.attribute(counted, batch, asked, [np.random.default_rng(0)] * len(batch)), counted


def against_bare(name: str, size: int, layer: str, targets: int, pairs: int) -> Row:
    """Compare Grad-CAM with the bare forward pass of the same module on the same prepared batch."""
    model, batch = asked_images(name, size)
    plain, last = both_formats(model, batch)
    explained, counted = ours(model, batch, layer, targets)
    explained()
    passes = {"forward": counted.forward, "backward": counted.backward}
    seconds = interleave((lambda: bare(model, plain), lambda: bare(model, last), explained), pairs)
    title = f"Grad-CAM, {name}, batch {size}, {targets} class{'es' * (targets > 1)}"
    return ratios(title, BARE, columns(seconds, faster(seconds), 2), **passes)


def against_peers(name: str, size: int, layer: str, pairs: int) -> Iterator[Row]:
    """Compare ours with the peers' own Grad-CAM of the same module, layer, class and prepared batch."""
    model, batch = asked_images(name, size)
    model.module.requires_grad_(True)  # as a network comes; the peers refuse one that is frozen
    plain, _ = both_formats(model, batch)
    explained, _ = ours(model, batch, layer)
    peers = peer_calls(model.module, model.module.get_submodule(layer), plain)
    seconds = interleave((*peers.values(), explained), pairs)
    for i, peer in enumerate(peers):
        yield ratios(f"Grad-CAM, {name}, batch {size}", peer, columns(seconds, i, len(peers)))


def peer_calls(module: torch.nn.Module, layer: torch.nn.Module, batch: torch.Tensor) -> dict[str, Call]:
    """Return the peers' calls as their documentation shows them."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from captum.attr import LayerGradCam
        from pytorch_grad_cam import GradCAM
        from pytorch_grad_cam.utils.model_targets import ClassifierOutputTarget
        from torchcam.methods import GradCAM as TorchCam
    jacob, captum = GradCAM(model=module, target_layers=[layer]), LayerGradCam(module, layer)
    asked = [ClassifierOutputTarget(0)] * len(batch)

    def torch_cam() -> object:
        with TorchCam(module, layer) as extractor:
            return extractor([0] * len(batch), module(batch))

    return {
        "pytorch-grad-cam": lambda: jacob(input_tensor=batch, targets=asked),
        "captum": lambda: captum.attribute(batch, 0),
        "torch-cam": torch_cam,
    }
