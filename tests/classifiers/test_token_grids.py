"""Grids of transformers and their like, found without being told, on images that are not square."""

import numpy as np
import pytest
import torch
from torch import nn
from zoo import NETS, network

from axolens.classifiers.counted import Counted
from axolens.classifiers.grids import Places, places
from axolens.classifiers.labels import numbered_labels
from axolens.classifiers.timm_net import load_timm
from axolens.classifiers.torch_load import wrap_module
from axolens.classifiers.torchvision_ops import import_torchvision
from axolens.errors import LayerError
from axolens.methods.cam.layer_choice import choose_layer, probe_image, top_target
from axolens.records.preprocess import Preprocess
from axolens.records.target import Target

# The layer that is chosen and its grid, and layers of the stream that blocks add to, with theirs.
STREAM = {
    "hf vit": ("vit.layers.1.layernorm_before", (6, 4), {"vit.embeddings": (6, 4), "vit.layers.1": (6, 4)}),
    "hf deit": ("deit.layers.1.layernorm_before", (6, 4), {"deit.embeddings": (6, 4), "deit.layers.0": (6, 4)}),
    "hf deit, teacher": ("deit.layers.1.layernorm_before", (6, 4), {"deit.embeddings": (6, 4)}),
    "hf registers": ("dinov2_with_registers.layernorm", (4, 7), {"dinov2_with_registers.encoder.layer.0": (4, 7)}),
    "hf swin": ("swin.layernorm", (12, 8), {"swin.embeddings": (24, 16), "swin.encoder.layers.0.blocks.0": (24, 16)}),
    "hf convnext": ("convnext.encoder.stages.1", (12, 8), {"convnext.encoder.stages.0": (24, 16)}),
    "timm vit": ("blocks.1.norm1", (4, 7), {"patch_embed": (4, 7), "blocks": (4, 7), "norm": (4, 7)}),
    "timm deit": ("blocks.1.norm1", (6, 4), {"patch_embed": (6, 4), "blocks": (6, 4), "norm": (6, 4)}),
    "timm registers": ("blocks.1.norm1", (6, 4), {"patch_embed": (6, 4), "blocks.0": (6, 4), "norm": (6, 4)}),
    "timm registers, pooled": ("blocks", (6, 4), {"patch_embed": (6, 4), "blocks.0": (6, 4)}),
    "timm swin": ("norm", (12, 8), {"patch_embed": (24, 16), "layers.0": (24, 16), "layers": (12, 8)}),
    "timm convnext": ("stages", (3, 2), {"stem": (24, 16), "stages.0": (24, 16), "stages.1": (12, 8)}),
}


def planted(image, patch):
    """An image, and copies of it with one patch turned: its corner, its other corner, and one within."""
    height, width = image
    clean = np.random.default_rng(1).random((height, width, 3), np.float32)
    spots = [(0, 0), (0, width // patch - 1), (height // patch - 1, 0), (height // patch - 2, 1)]
    turned = [clean.copy() for _ in spots]
    for picture, (y, x) in zip(turned, spots, strict=True):
        part = picture[y * patch : (y + 1) * patch, x * patch : (x + 1) * patch]
        part[...] = 1 - part
    return np.stack([clean, *turned]), spots


@pytest.mark.parametrize("name", NETS)
def test_a_patch_that_is_changed_comes_back_at_its_place(name):
    model, net = network(name), NETS[name]
    batch, spots = planted(net.image, net.patch)
    chosen, grid, others = STREAM[name]
    probe = model.asarray(probe_image(net.image))
    layer, reached = choose_layer(Counted(model), probe, top_target(Counted(model), probe))
    assert (layer, reached) == (chosen, 1.0)
    target = [[model.labels.resolve(Target(0))]] * len(batch)
    for layer, (height, width) in {chosen: grid, **others}.items():
        _, seen, _ = model.trace(model.asarray(batch), target, layer)
        assert tuple(seen.shape[2:]) == (height, width)
        change = (seen[1:] - seen[:1]).abs().sum(1).numpy()
        for values, (y, x) in zip(change, spots, strict=True):
            place = y * net.patch * height // net.image[0], x * net.patch * width // net.image[1]
            assert np.unravel_index(values.argmax(), values.shape) == place, (layer, y, x)


@pytest.mark.parametrize("name", NETS)
def test_no_layer_has_a_grid_that_no_convolution_and_no_merging_made(name):
    model, net = network(name), NETS[name]
    found = model.layers(model.asarray(np.zeros((1, *net.image, 3), np.float32)))
    whole = (net.image[0] // net.patch, net.image[1] // net.patch)
    assert {layer.grid for layer in found} <= {(whole[0] // n, whole[1] // n) for n in (1, 2, 4, 8)}
    assert not any(layer.name.endswith((".attn", ".attention", "pooler")) for layer in found if "swin" in name)


@pytest.mark.parametrize(
    ("name", "layer"),
    [("timm swin", "layers.0.blocks.0.attn"), ("hf swin", "swin.encoder.layers.0.blocks.0.attention")],
)
def test_a_layer_of_windows_is_refused(name, layer):
    model, net = network(name), NETS[name]
    batch = model.asarray(np.zeros((2, *net.image, 3), np.float32))
    with pytest.raises(LayerError, match=r"gives 48 pieces of 2 images, such as windows"):
        model.trace(batch, [[model.labels.resolve(Target(0))]] * 2, layer)


@pytest.mark.parametrize(
    ("shape", "image", "prefix", "cut", "found"),
    [
        ((29, 16), (48, 32), None, [(6, 4)], ("tokens", 6, 4, 16, 5)),
        # Four registers and a pooled read-out: the patches alone are 24, not 4 and a grid of 5 × 4.
        ((24, 16), (48, 32), 4, [], ("tokens", 6, 4, 16, 0)),
        ((28, 16), (48, 32), 4, [(6, 4)], ("tokens", 6, 4, 16, 4)),
        # 2 × 2 places and five tokens before them, or 3 × 3 places: only the convolution knows.
        ((9, 8), (32, 32), None, [(2, 2)], ("tokens", 2, 2, 8, 5)),
        ((9, 8), (32, 32), None, [], ("tokens", 3, 3, 8, 0)),
        ((96, 8), (96, 64), None, [(24, 16)], ("tokens", 12, 8, 8, 0)),  # neighbours merged
        ((63, 8), (50, 70), None, [(13, 18)], ("tokens", 7, 9, 8, 0)),  # merged after padding
        ((16, 8), (96, 64), None, [(24, 16)], None),
        ((29, 8), (96, 64), None, [(24, 16)], None),  # merged neighbours have no registers: 24 and five are no grid
        ((96, 1), (96, 64), None, [(24, 16)], None),  # channels averaged over places, not places
        ((24, 48, 96), (96, 192), None, [(24, 48)], ("channels last", 24, 48, 96, 0)),
        ((24, 48, 96), (96, 192), None, [(48, 96)], ("channels first", 48, 96, 24, 0)),
    ],
)
def test_the_convolution_that_cut_the_patches_knows_the_grid(shape, image, prefix, cut, found):
    assert places(shape, image, prefix, cut=cut) == (None if found is None else Places(*found))


class FewPatches(nn.Module):
    """Four patches behind five other tokens, nine in all, and one number that is no grid."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.patches, self.norm, self.gain = nn.Conv2d(3, 8, 16, stride=16), nn.LayerNorm(8), nn.Softplus()
        self.head = nn.Linear(8, 3)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        tokens = self.patches(x).flatten(2).transpose(1, 2)
        tokens = self.norm(torch.cat([torch.zeros_like(tokens[:, :1]).expand(-1, 5, -1), tokens], 1))
        return self.head(tokens.mean(1)) * self.gain(self.head.bias.sum())


def test_nine_tokens_are_four_patches_where_the_convolution_says_so(rng):
    model = wrap_module(FewPatches(), None, Preprocess(size=(32, 32)), name="few")
    batch = model.asarray(rng.random((2, 32, 32, 3), np.float32))
    assert [(layer.name, layer.grid) for layer in model.layers(batch)] == [("patches", (2, 2)), ("norm", (2, 2))]
    target = [[model.labels.resolve(Target(0))]] * 2
    assert model.trace(batch, target, "norm")[1].shape == (2, 8, 2, 2)
    with pytest.raises(LayerError, match=r"'gain', one that gives 1 pieces of 2 images"):
        model.trace(batch, target, "gain")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "grid"),
    [
        ("vit_tiny_patch16_224", (14, 14)), ("deit_tiny_distilled_patch16_224", (14, 14)),
        ("vit_small_patch14_reg4_dinov2", (37, 37)), ("swin_tiny_patch4_window7_224", (7, 7)),
        ("convnext_atto", (7, 7)),
    ],
)  # fmt: skip
def test_the_networks_at_full_size(name, grid, tmp_path):
    import_torchvision()
    timm, safetensors = pytest.importorskip("timm"), pytest.importorskip("safetensors.torch")
    safetensors.save_model(timm.create_model(name, num_classes=10), tmp_path / "weights.safetensors")
    settings = {"labels": numbered_labels(10), "preprocess": None, "device": None}
    model = load_timm(name, weights=tmp_path / "weights.safetensors", **settings)
    probe = model.asarray(probe_image(model.preprocess.size))
    layer, _ = choose_layer(Counted(model), probe, top_target(Counted(model), probe))
    assert {one.name: one.grid for one in model.layers(probe)}[layer] == grid
