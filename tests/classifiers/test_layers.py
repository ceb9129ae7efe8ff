from typing import NamedTuple

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from nets import small
from torch import nn

from axolens.classifiers.grids import Places, fold, places
from axolens.classifiers.torch_load import wrap_module
from axolens.records.preprocess import Preprocess
from axolens.records.target import Target


@pytest.mark.parametrize(
    ("shape", "image", "found"),
    [
        ((512, 14, 14), (224, 224), ("channels first", 14, 14, 512, 0)),
        ((7, 7, 768), (224, 224), ("channels last", 7, 7, 768, 0)),
        ((7, 7, 7), (224, 224), ("channels first", 7, 7, 7, 0)),
        ((8, 14, 7), (448, 224), ("channels first", 14, 7, 8, 0)),
        ((14, 7, 8), (448, 224), ("channels last", 14, 7, 8, 0)),
        ((197, 192), (224, 224), ("tokens", 14, 14, 192, 1)),
        ((198, 192), (224, 224), ("tokens", 14, 14, 192, 2)),
        ((261, 384), (224, 224), ("tokens", 16, 16, 384, 5)),
        ((49, 768), (224, 224), ("tokens", 7, 7, 768, 0)),
        ((99, 64), (448, 224), ("tokens", 14, 7, 64, 1)),
        ((3, 197, 64), (224, 224), None),
        ((512, 1, 1), (224, 224), None),
        ((1000,), (224, 224), None),
        ((8, 14, 7), (224, 448), None),
    ],
)
def test_grids_are_told_by_their_proportions(shape, image, found):
    assert places(shape, image) == (None if found is None else Places(*found))


@given(st.integers(2, 20), st.integers(2, 20), st.integers(0, 5), st.integers(2, 4))
def test_tokens_fold_back_to_where_they_came_from(height, width, prefix, channels):
    grid = torch.arange(height * width * channels, dtype=torch.float32).reshape(1, channels, height, width)
    tokens = torch.cat([torch.full((1, prefix, channels), -1.0), grid.flatten(2).transpose(1, 2)], dim=1)
    found = places(tuple(tokens.shape[1:]), (16 * height, 16 * width), prefix)
    assert found is not None
    assert torch.equal(fold(tokens, found), grid)


def test_layers_of_one_tensor_have_the_name_of_the_last():
    model = small()
    names = [layer.name for layer in model.layers(model.asarray(np.zeros((1, 20, 12, 3), np.float32)))]
    # features.2 and .5 work in place on what .1 and .4 give; features.5 is what `features` gives; the adaptive pool's
    # 2 × 3 has not the proportions of 20 × 12.
    assert names == ["features.0", "features.2", "features.3", "features"]


def test_pools_are_marked():
    model = small()
    layers = {layer.name: layer for layer in model.layers(model.asarray(np.zeros((1, 20, 12, 3), np.float32)))}
    assert layers["features.3"].pools
    assert not layers["features"].pools
    assert (layers["features"].grid, layers["features"].channels) == ((10, 6), 8)


class PoolBlock(nn.Module):
    """A block with parts of its own, which only its name calls a pool."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 4, 3, padding=1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return torch.relu(self.conv(x))


class OwnPool(nn.Module):
    """A pool of one's own, without parts."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x[..., ::2, ::2]


def test_a_block_that_is_called_a_pool_is_no_pooling():
    module = nn.Sequential(PoolBlock(), OwnPool(), nn.AvgPool2d(2), nn.AdaptiveAvgPool2d(1), nn.Flatten())
    model = wrap_module(module, None, Preprocess(size=(16, 16)), name="pools")
    found = {layer.name: layer.pools for layer in model.layers(model.asarray(np.zeros((1, 16, 16, 3), np.float32)))}
    assert found == {"0.conv": False, "0": False, "1": True, "2": True}


class Listing(nn.Module):
    """A block that gives a list, a named tuple or a dictionary."""

    def __init__(self, kind: str) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.kind, self.conv = kind, nn.Conv2d(3, 4, 3, padding=1)

    def forward(self, x: torch.Tensor) -> object:
        values = torch.relu(self.conv(x))
        return {"list": [values], "pair": Pair((values, 1), 2), "logits": {"logits": values}}[self.kind]


class Pair(NamedTuple):
    first: object
    second: object


class Listed(nn.Module):
    """Reads what a block lists."""

    def __init__(self, kind: str) -> None:
        super().__init__()
        self.block, self.head = Listing(kind), nn.Linear(4, 3)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        found = self.block(x)
        while not isinstance(found, torch.Tensor):
            found = found["logits"] if isinstance(found, dict) else found[0]
        return self.head(found.mean((2, 3)))


@pytest.mark.parametrize(("kind", "names"), [("list", ["block"]), ("pair", ["block"]), ("logits", [])])
def test_every_layer_that_is_offered_can_be_read(kind, names):
    module = Listed(kind)
    model = wrap_module(module, None, Preprocess(size=(8, 8)), name="listed")
    batch = model.asarray(np.random.default_rng(0).random((1, 8, 8, 3), np.float32))
    assert [layer.name for layer in model.layers(batch) if layer.name != "block.conv"] == names
    target = model.labels.resolve(Target(1, score="logit"))
    for layer in model.layers(batch):
        _, seen, slopes = model.trace(batch, [[target]], layer.name)
        by_hand = module.head.weight[1].detach()[:, None, None] / 64
        expected = by_hand * (seen[0] > 0) if layer.name == "block.conv" else by_hand.expand(4, 8, 8)
        np.testing.assert_allclose(slopes[0, 0], expected, atol=1e-7)


class Reused(nn.Module):
    """One activation called three times, the last time last."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.one, self.two, self.act = nn.Conv2d(3, 4, 1), nn.Conv2d(4, 4, 1), nn.Tanh()
        self.head = nn.Linear(4, 2)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.head(self.act(self.two(self.act(self.one(x)))).mean((2, 3)))


def test_of_a_layer_that_is_called_twice_the_last_call_is_read():
    module = Reused()
    model = wrap_module(module, None, Preprocess(size=(6, 4)), name="reused")
    batch = model.asarray(np.random.default_rng(0).random((1, 6, 4, 3), np.float32))
    target = model.labels.resolve(Target(1, score="logit"))
    _, activations, gradients = model.trace(batch, [[target]], "act")
    image = batch.permute(0, 3, 1, 2)
    last = torch.tanh(module.two(torch.tanh(module.one(image)))).detach()
    np.testing.assert_allclose(activations, last, atol=1e-6)
    by_hand = (module.head.weight[1] / 24).detach()
    np.testing.assert_allclose(gradients[0, 0, :, 3, 2], by_hand, atol=1e-7)
