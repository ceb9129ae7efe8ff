import dataclasses

import numpy as np
import pytest
import torch
from nets import TALL, small, tokens
from torch import nn
from zoo import network

import axolens as ax
from axolens.classifiers.counted import Counted
from axolens.classifiers.protocols import Attention
from axolens.classifiers.torch_load import wrap_module
from axolens.errors import CapabilityError, InputError
from axolens.maths.array import to_numpy
from axolens.methods.attention.rollout import SAME, Rollout, read_shares
from axolens.records.target import Target


def attribute(method, model, batch, count=1):
    counted = Counted(model)
    asked = [[model.labels.resolve(Target(j)) for j in range(count)]] * len(batch)
    raw = method.attribute(counted, batch, asked, [np.random.default_rng(0)] * len(batch))
    return to_numpy(raw.maps), raw, counted


class Pointing(nn.Module):
    """A class token that attends to bright patches only: the attention to each is its share of their e^brightness."""

    def __init__(self) -> None:
        super().__init__()
        self.patches = nn.Conv2d(3, 1, 4, stride=4, bias=False)
        nn.init.constant_(self.patches.weight, 1 / 48)
        self.head = nn.Linear(1, 2)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        bright = 10 * self.patches(x).flatten(2).transpose(1, 2)
        bright = torch.cat([torch.zeros_like(bright[:, :1]), bright], 1)
        query = torch.ones_like(bright)
        seen = nn.functional.scaled_dot_product_attention(query[:, None], bright[:, None], bright[:, None], scale=1.0)
        return self.head((bright + seen[:, 0])[:, 0])


def test_a_class_token_that_looks_at_bright_places_by_hand():
    # 3 × 2 patches, of which the one in row 1, column 1 is white: attention e^10 of e^10 + 6, of which half is taken.
    model = wrap_module(Pointing(), None, ax.Preprocess(size=(12, 8)), name="pointing")
    picture = np.zeros((1, 12, 8, 3), np.float32)
    picture[:, 4:8, 4:8] = 1
    maps, raw, counted = attribute(Rollout(), model, model.asarray(picture), 2)
    share = 0.5 / (np.exp(10) + 6)
    by_hand = np.full((3, 2), share)
    by_hand[1, 1] = share * np.exp(10)
    np.testing.assert_allclose(maps[0, 0], by_hand, rtol=1e-5)
    np.testing.assert_array_equal(maps[0, 1], maps[0, 0])
    assert raw.notes == (((SAME,), (SAME,)),)
    assert (counted.forward, counted.backward) == (2, 1)
    bare, _, _ = attribute(Rollout(skipped=0.0), model, model.asarray(picture))
    np.testing.assert_allclose(bare, 2 * maps[:, :1], rtol=1e-5)


def test_the_rows_of_leading_tokens_are_read_before_those_of_patches():
    shares = np.arange(25, dtype=np.float32).reshape(1, 5, 5)  # two leading tokens, three places
    rows = {(0,): [2, 3, 4], (0, 1): [4.5, 5.5, 6.5], (0, 2, 3, 4): [2, 3, 4], (2, 4): [17, 18, 19]}
    for read, expected in rows.items():
        np.testing.assert_array_equal(read_shares(shares, Attention((), (1, 3), 2, read))[0], [expected])


@pytest.mark.parametrize("name", ["hf vit", "timm deit", "timm registers, pooled"])
def test_by_the_networks_own_weights(name):
    model = network(name)
    batch = model.asarray(np.random.default_rng(3).random((2, *model.preprocess.size, 3), np.float32))
    maps, _, _ = attribute(Rollout(), model, batch)
    found = model.attentions(batch)
    for i in range(2):
        shares = np.eye(found.weights[0].shape[-1])
        for block in found.weights:
            shares = (np.eye(len(shares)) + block[i].mean(0).numpy()) @ shares / 2
        leading = [token for token in found.read if token < found.prefix] or list(found.read)
        expected = shares[leading, found.prefix :].mean(0).reshape(found.grid)
        np.testing.assert_allclose(maps[i, 0], expected, atol=1e-6)


def test_a_network_without_attention_is_refused_in_a_sentence(rng):
    photo = ax.read(rng.integers(0, 256, (30, 30, 3), dtype=np.uint8))
    with pytest.raises(CapabilityError, match=r"got a network in which no attention was seen\. Use method gradcam"):
        ax.explain(small(), photo, methods=["rollout"])
    black = ax.load(lambda batch: batch.mean((1, 2)), labels=["r", "g", "b"], preprocess={"size": 8}, output="logits")
    with pytest.raises(CapabilityError, match=r"method rollout: expected a model with attention"):
        ax.explain(black, photo, methods=["rollout"])


def test_a_case_says_that_rollout_knows_no_class(rng):
    photo = ax.read(rng.integers(0, 256, (30, 30, 3), dtype=np.uint8))
    asked = [ax.Target(0), ax.Target(0, against=1)]
    case = ax.explain(tokens(), photo, target=asked, methods=["rollout", "gradcam"])
    assert case.notes[-1].endswith("one class against another: its map is the same for every class.")
    (one,) = (one for one in case.attributions if one.method == "rollout")
    assert SAME in one.notes
    assert one.values.shape == (5, 3)
    assert one.settings == {"skipped": 0.5}
    with pytest.raises(CapabilityError, match="Its map is the same for every class, so a contrast would mean nothing"):
        ax.explain(tokens(), photo, target=asked[1], methods=["rollout"])


@pytest.mark.parametrize("skipped", [-0.1, 1.0, float("nan")])
def test_a_share_that_leaves_nothing_is_refused(skipped):
    with pytest.raises(InputError, match=r"rollout\.skipped"):
        Rollout(skipped=skipped)


def test_batches_of_a_fixed_size_are_filled_up_and_cut(rng):
    model = tokens()
    batch = model.asarray(rng.random((3, *TALL.size, 3), np.float32))
    whole = model.attentions(batch)
    model._chunk = 2
    parts = model.attentions(batch)
    assert dataclasses.replace(parts, weights=()) == dataclasses.replace(whole, weights=())
    for one, other in zip(whole.weights, parts.weights, strict=True):
        np.testing.assert_allclose(one, other, atol=1e-6)


def test_a_real_vit_looks_at_the_photo(assets):
    weights = assets / "weights" / "vit_tiny_patch16_224.safetensors"
    model = ax.load("timm/vit_tiny_patch16_224", weights=weights)
    case = ax.explain(model, assets / "photos" / "axolotl" / "Axolotl_ganz.jpg", methods=["rollout", "gradcam"])
    rolled, cam = case.attributions[0], case.attributions[-1]
    assert rolled.values.shape == cam.values.shape == (14, 14)
    assert 0 < rolled.values.min() < rolled.values.max() < 1
    assert 0.5 < rolled.values.sum() < 1
    assert cam.settings["layer"] == "blocks.11.norm1"
