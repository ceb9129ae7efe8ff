"""Ablation-CAM: by hand on net A, against a loop over the channels, and where layers cannot be replaced."""

import numpy as np
import pytest
import torch
from nets import FOUR, TALL, logit, net_a, reading_order, small
from torch import nn
from zoo import network

import axolens as ax
from axolens.classifiers.counted import Counted
from axolens.classifiers.torch_load import wrap_module
from axolens.errors import CapabilityError, InputError, LayerError
from axolens.maths.array import to_numpy
from axolens.methods.cam.ablationcam import AblationCam
from axolens.records.target import Target


def run(method, model, batch, targets):
    counted = Counted(model)
    raw = method.attribute(counted, batch, targets, [np.random.default_rng(0)] * batch.shape[0])
    return to_numpy(raw.maps), raw, counted


# The score is 75 − 21 = 54. Without the first channel it is −21, cut off to 0: a fall of 54. Without the second it is
# 75: a rise of 21. At the convolution a channel of zeros is cut off to the same.
@pytest.mark.parametrize("inplace", [False, True])
@pytest.mark.parametrize("layer", ["conv", "relu"])
def test_net_a_by_hand(layer, inplace):
    first, second = {
        "relu": ([[0, 4], [31, 40]], [[0, 0], [6, 15]]),
        "conv": ([[-5, 4], [31, 40]], [[-30, -21], [6, 15]]),
    }[layer]
    model = net_a(inplace=inplace)
    maps, raw, counted = run(AblationCam(layer=layer), model, reading_order(model), [[logit(0), logit(1)]])
    np.testing.assert_allclose(maps[0], [54 * np.array(first) - 21 * np.array(second)] * 2, atol=1e-3)
    assert (counted.forward, counted.backward) == (3, 1)
    assert raw.settings == {"layer": layer}
    assert raw.notes[0][0] == ("Each of 2 channels was taken away in turn.",)


@pytest.mark.parametrize("chunk", [1, 3, 0])
def test_against_a_loop_over_the_channels(rng, chunk):
    model = small(seed=3)
    batch = model.asarray(rng.random((2, *TALL.size, 3), np.float32))
    targets = [[model.labels.resolve(Target(k, score="logit")) for k in row] for row in ((2, 0), (1, 4))]
    maps, _, counted = run(AblationCam(layer="features.3", chunk=chunk), model, batch, targets)
    assert counted.forward == 2 + 2 * 6
    gives, module = model.trace(batch, targets, "features.3")[1], model.module
    for i in range(2):
        for j, target in enumerate(targets[i]):
            k, slow = target.indices[0], 0
            for channel in range(6):
                less = gives[i : i + 1].clone()
                less[:, channel] = 0
                with torch.no_grad():
                    left = module.head(module.pool(module.features[4:](less)).flatten(1))[0, k]
                slow = slow + (model.scores(batch)[i, k] - left) * gives[i, channel]
            np.testing.assert_allclose(maps[i, j], slow, atol=1e-5)


@pytest.mark.parametrize("name", ["hf vit", "hf swin", "hf convnext", "timm registers, pooled", "timm swin"])
def test_what_was_there_put_back_changes_nothing_and_something_else_does(name):
    model = network(name)
    batch = model.asarray(np.random.default_rng(0).random((2, *model.preprocess.size, 3), np.float32))
    layers = model.layers(batch)
    assert len(layers) > 3
    for layer in layers:
        scores, gives, slopes = model.trace(batch, [[model.labels.resolve(Target(0))]] * 2, layer.name)
        np.testing.assert_allclose(model.head(batch, gives, layer.name), scores, atol=1e-6)
        moved = (model.head(batch, gives.flip(0), layer.name) - scores).abs().max()
        assert (moved > 0) == bool(slopes.any())  # a transformer's last tokens may reach nothing


def test_tokens_before_the_grid_and_paths_around_a_layer_stay_the_photos():
    model = network("timm deit")
    batch = model.asarray(np.random.default_rng(0).random((2, *model.preprocess.size, 3), np.float32))
    gives = model.trace(batch, [[model.labels.resolve(Target(0))]] * 2, "blocks.0.norm1")[1]
    found = model.head(batch, torch.zeros_like(gives), "blocks.0.norm1")

    def cleared(_part, _given, output):
        output = output.clone()
        output[:, 2:] = 0  # after the class and the distillation token
        return output

    handle = model.module.blocks[0].norm1.register_forward_hook(cleared)
    expected = model.scores(batch)
    handle.remove()
    np.testing.assert_allclose(found, expected, atol=1e-6)


class Twice(nn.Module):
    """A network that calls one activation twice."""

    def __init__(self) -> None:
        super().__init__()
        self.conv, self.act, self.head = nn.Conv2d(3, 3, 3, padding=1), nn.ReLU(), nn.Linear(3, 2)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.head(self.act(self.conv(self.act(self.conv(x)))).mean((2, 3)))


def test_a_layer_that_is_called_twice_is_refused(rng):
    model = wrap_module(Twice(), None, TALL, name="twice")
    with pytest.raises(LayerError, match=r"called once a pass, got 'act', one that is called several.*block around"):
        run(AblationCam(layer="act"), model, model.asarray(rng.random((1, 20, 12, 3), np.float32)), [[logit(0)]])


def test_batches_of_a_fixed_size_are_filled_up_and_cut(rng):
    model = small()
    batch = model.asarray(rng.random((3, *TALL.size, 3), np.float32))
    gives = model.asarray(rng.random((3, 6, 10, 6), np.float32))
    whole = model.head(batch, gives, "features.3")
    model._chunk = 2
    np.testing.assert_allclose(model.head(batch, gives, "features.3"), whole, atol=1e-6)


def test_a_silent_layer_says_so():
    model = net_a()
    maps, raw, _ = run(AblationCam(layer="relu"), model, 0 * reading_order(model), [[logit(0)]])
    assert np.abs(maps).max() == 0
    assert raw.notes[0][0][-1].startswith("The map is zero everywhere: the layer gives nothing, or")


def test_the_command_lines_layer_is_for_it_too_and_black_boxes_are_refused(rng):
    from axolens.cli.options import method_settings

    assert method_settings("layer4", None, ["ablationcam"]) == {"ablationcam": {"layer": "layer4"}}
    photo = ax.read(rng.integers(0, 256, (30, 30, 3), dtype=np.uint8))
    black = ax.load(lambda batch: batch.mean((1, 2)), labels=FOUR.names[:3], preprocess={"size": 8}, output="logits")
    with pytest.raises(CapabilityError, match=r"expected a model with replaceable layers"):
        ax.explain(black, photo, methods=["ablationcam"])


def test_settings_that_mean_nothing_are_refused():
    with pytest.raises(InputError, match="chunk"):
        AblationCam(chunk=-1)
