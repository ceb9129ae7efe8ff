import numpy as np
import pytest
import torch
from nets import FOUR, NetA, net_a, reading_order, small, tokens
from torch import nn

import axolens as ax
from axolens.classifiers.counted import Counted
from axolens.classifiers.protocols import Featured
from axolens.classifiers.torch_module import TorchClassifier
from axolens.errors import LayerError
from axolens.maths.array import to_numpy


@pytest.mark.parametrize("inplace", [False, True])
def test_net_a_on_paper_before_an_inplace_relu(inplace):
    # Sums over the four 3 × 3 windows of 0..15 are 45, 54, 81, 90; the biases are −50 and −75.
    model = net_a(inplace=inplace)
    conv, relu = model.features(reading_order(model), ["conv", "relu"])
    assert to_numpy(conv)[0].tolist() == [[[-5, 4], [31, 40]], [[-30, -21], [6, 15]]]
    assert to_numpy(relu)[0].tolist() == [[[0, 4], [31, 40]], [[0, 0], [6, 15]]]


@pytest.mark.parametrize("make", [small, tokens])
def test_features_are_what_trace_has(make, rng):
    model = make()
    batch = model.asarray(rng.random((3, 20, 12, 3), np.float32))
    names = [layer.name for layer in model.layers(batch)]
    target = model.labels.resolve(ax.Target(0))
    for name, found in zip(names, model.features(batch, names), strict=True):
        _, activations, _ = model.trace(batch, [[target]] * 3, name)
        np.testing.assert_allclose(to_numpy(found), to_numpy(activations), atol=1e-6)


def test_a_network_that_takes_two_at_once_gives_three(rng):
    batch = torch.tensor(rng.random((3, 1, 4, 4), np.float32))
    whole = net_a().features(batch, ["conv"])[0]
    parts = TorchClassifier(NetA(), FOUR, None, name="a", chunk=2).features(batch, ["conv"])[0]
    np.testing.assert_allclose(to_numpy(parts), to_numpy(whole), atol=1e-5)


def test_the_module_is_left_as_found(rng):
    model = small()
    model.module.train()
    before = {name: value.clone() for name, value in model.module.state_dict().items()}
    model.features(model.asarray(rng.random((2, 20, 12, 3), np.float32)), ["features.5"])
    assert model.module.training
    assert not any(part._forward_hooks for part in model.module.modules())
    assert all(torch.equal(value, before[name]) for name, value in model.module.state_dict().items())


def test_images_forward_are_counted_and_nothing_back():
    counted = Counted(net_a())
    counted.features(reading_order(counted.model), ["conv", "relu"])
    assert (counted.forward, counted.backward) == (1, 0)


def test_what_is_no_grid_or_no_layer_is_refused():
    model = net_a()
    with pytest.raises(LayerError, match="no grid of places"):
        model.features(reading_order(model), ["head"])
    with pytest.raises(LayerError, match="Nearest: conv"):
        model.features(reading_order(model), ["conf"])


def test_a_layer_without_a_part_in_the_pass_is_refused():
    class Idle(NetA):
        def __init__(self):
            super().__init__()
            self.idle = nn.Conv2d(1, 1, 1)

    model = TorchClassifier(Idle(), FOUR, None, name="idle")
    with pytest.raises(LayerError, match="'idle', which has none"):
        model.features(reading_order(model), ["idle"])


def test_who_can_and_who_cannot():
    function = ax.load(
        lambda batch: batch.mean((1, 2)), labels=["r", "g", "b"], preprocess={"size": 8}, output="logits"
    )
    assert isinstance(net_a(), Featured)
    assert not isinstance(function, Featured)
