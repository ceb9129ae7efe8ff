"""Gradient methods and occlusion beside captum, where captum is right: the same network and the same pixels."""

import warnings
from dataclasses import replace

import numpy as np
import pytest
import torch
from nets import TALL, small
from torch import nn

from axolens.classifiers.counted import Counted
from axolens.maths.array import to_numpy
from axolens.methods.catalogue import method_of
from axolens.methods.gradient.expectedgradients import ExpectedGradients
from axolens.methods.perturbation.kernelshap import KernelShap
from axolens.methods.perturbation.occlusion import Occlusion
from axolens.records.target import Target

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    attr = pytest.importorskip("captum.attr")


class FromDisplay(nn.Module):
    """The network behind its own normalisation; captum wants modules only, and ReLUs that are not in place."""

    def __init__(self, module: nn.Module) -> None:
        super().__init__()
        self.module = module
        for part in module.modules():
            if isinstance(part, nn.ReLU):
                part.inplace = False

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        mean, std = (torch.tensor(values)[:, None, None] for values in (TALL.mean, TALL.std))
        return self.module((x - mean) / std)


PEERS = {
    "saliency": lambda net, x, k: attr.Saliency(net).attribute(x, k, abs=False),
    "inputxgradient": lambda net, x, k: attr.InputXGradient(net).attribute(x, k),
    "guidedbackprop": lambda net, x, k: attr.GuidedBackprop(net).attribute(x, k),
    "integratedgradients": lambda net, x, k: attr.IntegratedGradients(net).attribute(
        x, torch.zeros_like(x), k, n_steps=32, method="gausslegendre"
    ),
}


@pytest.mark.parametrize("name", PEERS)
@pytest.mark.filterwarnings("ignore::UserWarning")
def test_maps_are_captums(rng, name):
    model = small(seed=4)
    batch = model.asarray(rng.random((2, 20, 12, 3), np.float32))
    asked = [[model.labels.resolve(Target(k, score="logit")) for k in (1, 3)]] * 2
    ours = method_of(name).attribute(Counted(model), batch, asked, [np.random.default_rng(0)] * 2)
    net = FromDisplay(model.module).eval()
    for j, k in enumerate((1, 3)):
        theirs = PEERS[name](net, batch.permute(0, 3, 1, 2).contiguous(), k).sum(1)
        np.testing.assert_allclose(to_numpy(ours.maps)[:, j], theirs.detach(), atol=2e-5)


@pytest.mark.parametrize(("window", "stride"), [(5, 3), (4, 4)])
def test_windows_are_captums(rng, window, stride):
    # captum gives a place the mean over the windows that hide it, and spreads it over three channels.
    model = small(seed=4)
    batch = model.asarray(rng.random((2, 20, 12, 3), np.float32))
    method = Occlusion(window=window, stride=stride, fill="black")
    asked = [[model.labels.resolve(Target(k, score="logit")) for k in (1, 3)]] * 2
    ours = to_numpy(method.attribute(Counted(model), batch, asked, [rng] * 2).maps)
    net = FromDisplay(model.module).eval()
    for j, k in enumerate((1, 3)):
        theirs = attr.Occlusion(net).attribute(
            batch.permute(0, 3, 1, 2).contiguous(), (3, window, window), (3, stride, stride), 0.0, k
        )
        np.testing.assert_allclose(ours[:, j], theirs.detach()[:, 0], atol=2e-5)


@pytest.mark.filterwarnings("ignore::UserWarning")
def test_values_of_regions_are_captums_shapley_values():
    # captum goes through all orders of the regions; its feature mask says which pixels one region is.
    model = small(seed=4, preprocess=replace(TALL, size=(60, 36)))
    rows = np.repeat([0.1, 0.9, 0.3, 0.7, 0.2], 12)
    batch = model.asarray(np.broadcast_to(rows[None, :, None, None], (1, 60, 36, 3)).astype(np.float32))
    asked = [[model.labels.resolve(Target(k, score="logit")) for k in (1, 3)]]
    method = KernelShap(segmenter="felzenszwalb", fill="#804020")
    ours = method.attribute(Counted(model), batch, asked, [np.random.default_rng(0)])
    labels = ours.regions[0][0].segments.labels
    assert labels.max() == 4
    hidden = torch.tensor([128, 64, 32])[None, :, None, None].expand(1, 3, 60, 36) / 255
    net = FromDisplay(model.module).eval()
    for j, k in enumerate((1, 3)):
        peer = attr.ShapleyValues(net)
        theirs = peer.attribute(
            batch.permute(0, 3, 1, 2).contiguous(),
            hidden,
            k,
            feature_mask=torch.tensor(labels, dtype=torch.int64)[None],
        )
        np.testing.assert_allclose(ours.regions[0][j].coefficients[labels], theirs[0, 0], atol=2e-5)


@pytest.mark.parametrize("baseline", ["colours", "shuffled"])
@pytest.mark.filterwarnings("ignore::UserWarning")
def test_expected_gradients_are_the_mean_of_captums_integrated_gradients(rng, baseline):
    # captum draws one point a baseline at random; so its integrated gradients are averaged over the baselines that
    # axolens asked, each of which is a pass of one image after the photo's.
    model = small(seed=4)
    batch = model.asarray(rng.random((1, 20, 12, 3), np.float32))
    asked = [[model.labels.resolve(Target(k, score="logit")) for k in (1, 3)]]
    seen, scores = [], model.scores
    model.scores = lambda images: (seen.append(images), scores(images))[1]
    method = ExpectedGradients(draws=5, steps=32, baseline=baseline)
    ours = to_numpy(method.attribute(Counted(model), batch, asked, [np.random.default_rng(0)]).maps)
    photo, *starts = (images.permute(0, 3, 1, 2).contiguous() for images in seen)
    assert len(starts) == 5
    peer = attr.IntegratedGradients(FromDisplay(model.module).eval())
    for j, k in enumerate((1, 3)):
        theirs = [peer.attribute(photo, start, k, n_steps=32, method="gausslegendre").sum(1) for start in starts]
        np.testing.assert_allclose(ours[0, j], torch.cat(theirs).mean(0).detach(), atol=2e-5)


@pytest.mark.filterwarnings("ignore::UserWarning")
def test_falls_without_a_channel_are_captums(rng):
    # captum takes a layer's channels away where its mask says that each is one feature.
    model = small(seed=4)
    batch = model.asarray(rng.random((2, 20, 12, 3), np.float32))
    asked = [[model.labels.resolve(Target(k, score="logit")) for k in (1, 3)]] * 2
    ours = to_numpy(method_of("ablationcam", {"layer": "features.4"}).attribute(Counted(model), batch, asked, []).maps)
    net = FromDisplay(model.module).eval()
    layer = net.module.features[4]
    gives = model.trace(batch, asked, "features.4")[1]
    for j, k in enumerate((1, 3)):
        peer = attr.LayerFeatureAblation(net, layer)
        channel = torch.arange(8)[None, :, None, None].expand(1, 8, 10, 6)
        falls = peer.attribute(batch.permute(0, 3, 1, 2).contiguous(), None, k, layer_mask=channel)
        np.testing.assert_allclose(ours[:, j], (falls * gives).sum(1), atol=1e-5)
