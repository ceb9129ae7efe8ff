"""Score-CAM: by hand on a network of colours, and against a loop over the channels."""

import numpy as np
import pytest
import torch
from nets import IT, TALL, net_a, reading_order, small
from torch import nn

import axolens as ax
from axolens.classifiers.counted import Counted
from axolens.classifiers.torch_module import TorchClassifier
from axolens.errors import CapabilityError, InputError
from axolens.maths.array import to_numpy
from axolens.maths.channels import as_masks, bilinear
from axolens.methods.cam.scorecam import ScoreCam
from axolens.records.labels import Labels
from axolens.records.preprocess import Preprocess
from axolens.records.target import Target


class Colours(nn.Module):
    """A layer that is the photo itself, and a score of red + 2·green − blue over all pixels."""

    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.Identity()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        value = (self.layer(x) * torch.tensor([1.0, 2.0, -1.0])[:, None, None]).sum((1, 2, 3))
        return torch.stack([value, torch.zeros_like(value)], 1)


def run(method, model, batch, targets):
    counted = Counted(model)
    raw = method.attribute(counted, batch, targets, [np.random.default_rng(0)] * batch.shape[0])
    return to_numpy(raw.maps), raw, counted


def test_colours_by_hand():
    model = TorchClassifier(Colours(), Labels(("it", "other")), Preprocess(size=(2, 2)), name="colours", digest="none")
    red, green, blue = np.array([[0, 1], [0, 0]]), np.full((2, 2), 0.5), np.array([[1, 0], [0.5, 0]])
    batch = model.asarray(np.stack([red, green, blue], -1)[None].astype(np.float32))
    maps, raw, counted = run(ScoreCam(layer="layer", fill="black"), model, batch, [[IT]])
    # Through red only its one pixel is seen: 1 + 2·0.5. Green is flat and hides all. Through blue: 2·0.5 − 1 at the
    # first pixel, and half of 2·0.5 − 0.5 below it.
    raised = np.exp([2, 0, 0.25])
    np.testing.assert_allclose(maps[0, 0], np.tensordot(raised / raised.sum(), [red, green, blue], 1), atol=1e-6)
    assert (counted.forward, counted.backward) == (4, 1)
    assert raw.notes[0][0] == ("Seen through 3 channels, over a picture of black.",)


@pytest.mark.parametrize(("cells", "size"), [((3, 5), (12, 20)), ((2, 7), (9, 7)), ((4, 4), (5, 11))])
def test_channels_are_enlarged_as_torch_does(rng, cells, size):
    channels = rng.normal(size=(3, *cells)).astype(np.float32)
    large = nn.functional.interpolate(torch.tensor(channels)[None], size, mode="bilinear", align_corners=False)[
        0
    ].numpy()
    lowest, highest = large.min((1, 2), keepdims=True), large.max((1, 2), keepdims=True)
    masks = as_masks(channels, *(bilinear(*side) for side in zip(size, cells, strict=True)))
    np.testing.assert_allclose(masks, (large - lowest) / (highest - lowest), atol=1e-5)


@pytest.mark.parametrize("chunk", [1, 3, 0])
def test_against_a_loop_over_the_channels(rng, chunk):
    model = small(seed=3)
    batch = model.asarray(rng.random((2, *TALL.size, 3), np.float32))
    targets = [[model.labels.resolve(Target(k, score="logit")) for k in row] for row in ((2, 0), (1, 4))]
    maps, _, counted = run(ScoreCam(layer="features.5", chunk=chunk), model, batch, targets)
    assert counted.forward == 2 + 2 * 8
    _, layer, _ = model.trace(batch, targets, "features.5")
    large = nn.functional.interpolate(layer, TALL.size, mode="bilinear", align_corners=False)
    for i in range(2):
        mean = batch[i].mean((0, 1))
        said = []
        for channel in large[i]:
            span = (channel.max() - channel.min()).clamp(min=1e-12)
            mask = ((channel - channel.min()) / span)[..., None]
            said.append(model.scores((mask * batch[i] + (1 - mask) * mean)[None])[0])
        for j, target in enumerate(targets[i]):
            weights = torch.stack(said)[:, target.indices[0]].softmax(0)
            np.testing.assert_allclose(maps[i, j], torch.tensordot(weights, layer[i], 1), atol=1e-5)


def test_a_layer_of_its_own_choice_is_said_not_to_be_checked(rng):
    photo = ax.read(rng.integers(0, 256, (30, 30, 3), dtype=np.uint8))
    found = ax.explain(small(), photo, target=0, methods=["scorecam"]).attributions[0]
    assert found.settings["layer"] == "features"
    assert any("was chosen by gradient flow; it was not checked" in note for note in found.notes)


def test_a_silent_layer_says_so():
    model = TorchClassifier(Colours(), Labels(("it", "other")), Preprocess(size=(2, 2)), name="colours", digest="none")
    nothing = model.asarray(np.zeros((1, 2, 2, 3), np.float32))
    maps, raw, _ = run(ScoreCam(layer="layer"), model, nothing, [[IT]])
    assert np.abs(maps).max() == 0
    assert raw.notes[0][0][-1].startswith("The map is zero everywhere: the layer gives nothing")


def test_a_contrast_is_not_offered(rng):
    photo = ax.read(rng.integers(0, 256, (30, 30, 3), dtype=np.uint8))
    with pytest.raises(CapabilityError, match="not linear in the score"):
        ax.explain(small(), photo, target=Target(0, against=1), methods=["scorecam"])


def test_what_is_no_photo_cannot_be_seen_through_a_mask():
    model = net_a()
    with pytest.raises(CapabilityError, match="with a preprocess"):
        run(ScoreCam(layer="conv"), model, reading_order(model), [[model.labels.resolve(Target(0))]])


@pytest.mark.parametrize("settings", [{"chunk": -1}, {"fill": "nosuch"}])
def test_settings_that_mean_nothing_are_refused(settings):
    with pytest.raises(InputError, match=next(iter(settings))):
        ScoreCam(**settings)
