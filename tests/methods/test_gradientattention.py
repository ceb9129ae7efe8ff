"""Gradient-weighted attention: by hand, against attention written out, and what is said of it."""

import dataclasses

import numpy as np
import pytest
import torch
from nets import TALL, small, tokens
from torch import nn
from zoo import network

import axolens as ax
from axolens.classifiers.counted import Counted
from axolens.classifiers.torch_load import wrap_module
from axolens.errors import CapabilityError
from axolens.maths.array import to_numpy
from axolens.methods.attention.gradientattention import GradientAttention
from axolens.records.target import Target


def attribute(model, batch, asked):
    counted = Counted(model)
    raw = GradientAttention().attribute(counted, batch, asked, [np.random.default_rng(0)] * len(batch))
    return to_numpy(raw.maps), raw, counted


class Evenly(nn.Module):
    """A class token that takes a seventh of each of six patches and of itself; the first class likes bright ones."""

    def __init__(self) -> None:
        super().__init__()
        self.patches = nn.Conv2d(3, 1, 4, stride=4, bias=False)
        nn.init.constant_(self.patches.weight, 1 / 48)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        bright = self.patches(x).flatten(2).transpose(1, 2)
        bright = torch.cat([torch.zeros_like(bright[:, :1]), bright], 1)[:, None]
        seen = nn.functional.scaled_dot_product_attention(torch.zeros_like(bright), bright, bright)
        return torch.cat([14 * seen[:, 0, 0], -14 * seen[:, 0, 0]], 1)


def test_one_block_by_hand():
    # A weight on a patch raises the first score by 14 times its brightness, and is 1/7: the map is twice the
    # brightness. It lowers the second score, so there is nothing.
    model = wrap_module(Evenly(), None, ax.Preprocess(size=(12, 8)), name="evenly")
    picture, bright = np.zeros((1, 12, 8, 3), np.float32), np.array([[0, 0.5], [1, 0.25], [0, 0.75]])
    picture[0] = np.kron(bright, np.ones((4, 4)))[..., None]
    asked = [[model.labels.resolve(Target(k, score="logit")) for k in (0, 1)]]
    maps, raw, counted = attribute(model, model.asarray(picture), asked)
    np.testing.assert_allclose(maps[0, 0], 2 * bright, atol=1e-6)
    assert np.abs(maps[0, 1]).max() == 0
    assert raw.notes == (((), ("No positive evidence: no attention to any place raises the score of this class.",)),)
    assert (counted.forward, counted.backward) == (1, 3)


def test_two_blocks_against_attention_written_out(rng):
    model = tokens(seed=2)
    batch = model.asarray(rng.random((2, *TALL.size, 3), np.float32))
    asked = [[model.labels.resolve(Target(k, score="logit")) for k in row] for row in ((1, 3), (0, 4))]
    maps, _, _ = attribute(model, batch, asked)
    module, mean, std = model.module, torch.tensor(TALL.mean), torch.tensor(TALL.std)
    seen = module.patches(((batch - mean) / std).permute(0, 3, 1, 2)).flatten(2).transpose(1, 2)
    seen, kept = torch.cat([torch.ones_like(seen[:, :1]), seen], 1), []
    for mix in module.mix:
        q, k, v = mix(seen).unflatten(-1, (3, 2, 4)).permute(2, 0, 3, 1, 4)
        kept.append((q @ k.transpose(-2, -1) / 2).softmax(-1))
        seen = seen + (kept[-1] @ v).transpose(1, 2).flatten(2)
    scores = module.head(seen[:, 0])
    for i, row in enumerate(((1, 3), (0, 4))):
        for j, k in enumerate(row):
            slopes = torch.autograd.grad(scores[i, k], kept, retain_graph=True)
            total = np.eye(16)
            for weights, slope in zip(kept, slopes, strict=True):
                total = total + (slope[i] * weights[i]).clamp(min=0).mean(0).detach().numpy() @ total
            assert total[0, 1:].max() > 0
            np.testing.assert_allclose(maps[i, j], total[0, 1:].reshape(5, 3), atol=1e-6)


def test_where_patches_are_read_their_share_of_themselves_is_left_out():
    model = network("timm registers, pooled")
    batch = model.asarray(np.random.default_rng(3).random((1, *model.preprocess.size, 3), np.float32))
    asked = [[model.labels.resolve(Target(1))]]
    maps, _, _ = attribute(model, batch, asked)
    found, slopes = model.attention_gradients(batch, asked)
    total = np.eye(28)
    for weights, slope in zip(found.weights, slopes, strict=True):
        total = total + (slope[0, 0] * weights[0]).clamp(min=0).mean(0).numpy() @ total
    expected = (total - np.eye(28))[4:, 4:].mean(0).reshape(found.grid)
    np.testing.assert_allclose(maps[0, 0], expected, atol=1e-6 * np.abs(expected).max())


def test_batches_of_a_fixed_size_are_filled_up_and_cut(rng):
    model = tokens()
    batch = model.asarray(rng.random((3, *TALL.size, 3), np.float32))
    asked = [[model.labels.resolve(Target(k)) for k in (i, i + 1)] for i in range(3)]
    whole, slopes = model.attention_gradients(batch, asked)
    model._chunk = 2
    parts, others = model.attention_gradients(batch, asked)
    assert dataclasses.replace(parts, weights=()) == dataclasses.replace(whole, weights=())
    for one, other in zip((*whole.weights, *slopes), (*parts.weights, *others), strict=True):
        np.testing.assert_allclose(one, other, atol=1e-6)


def test_a_network_without_attention_is_refused_in_a_sentence(rng):
    photo = ax.read(rng.integers(0, 256, (30, 30, 3), dtype=np.uint8))
    with pytest.raises(CapabilityError, match=r"got a network in which no attention was seen\. Use method gradcam"):
        ax.explain(small(), photo, methods=["gradientattention"])
    black = ax.load(lambda batch: batch.mean((1, 2)), labels=["r", "g", "b"], preprocess={"size": 8}, output="logits")
    with pytest.raises(CapabilityError, match=r"expected a model with attention gradients"):
        ax.explain(black, photo, methods=["gradientattention"])


def test_a_contrast_is_not_offered(rng):
    photo = ax.read(rng.integers(0, 256, (30, 30, 3), dtype=np.uint8))
    with pytest.raises(CapabilityError, match="not linear in the score"):
        ax.explain(tokens(), photo, target=Target(0, against=1), methods=["gradientattention"])
