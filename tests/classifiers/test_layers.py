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


@given(st.integers(2, 20), st.integers(2, 20), st.integers(0, 5), st.integers(1, 4))
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
