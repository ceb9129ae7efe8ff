"""Where a peer is wrong: the right value by hand, ours, and the peer's as long as it stands."""

import warnings

import numpy as np
import pytest
import torch
from nets import FOUR, NetA, small
from torch import nn

from axolens.classifiers.counted import Counted
from axolens.classifiers.function import normalised, wrap_function
from axolens.classifiers.torch_module import TorchClassifier
from axolens.classifiers.torchvision_ops import import_torchvision
from axolens.maths.array import to_numpy
from axolens.maths.designs import coin_flips
from axolens.maths.surrogate import fit_linear
from axolens.methods.cam.gradcam import GradCam
from axolens.methods.gradient.integratedgradients import IntegratedGradients
from axolens.methods.perturbation.hiding import hidden_scores
from axolens.methods.perturbation.lime import Lime
from axolens.methods.perturbation.rise import Rise
from axolens.records.labels import Labels
from axolens.records.preprocess import Preprocess
from axolens.records.segments import Segments
from axolens.records.target import Target

import_torchvision()
with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    attr = pytest.importorskip("captum.attr")
    lime_image = pytest.importorskip("lime.lime_image")
    jacob = pytest.importorskip("pytorch_grad_cam")
    from pytorch_grad_cam.utils.model_targets import ClassifierOutputTarget


STRIPES = Preprocess(size=(8, 12), layout="nhwc")


class Slope(nn.Module):
    """Two logits, of which the first is twice the only pixel."""

    def forward(self, x):
        return torch.stack([2 * x.flatten(1).sum(1), torch.zeros(len(x))], 1)


@pytest.mark.parametrize(("steps", "theirs"), [(50, 1.96), (20, 1.90), (2, 1.0)])
def test_integrated_gradients_of_a_straight_line_is_its_rise(steps, theirs):
    # 2 · 1 − 2 · 0 = 2, whatever the steps; the weights of captum's trapezoids sum to (n − 1)/n.
    model = TorchClassifier(Slope(), Labels(("it", "other")), None, name="slope")
    method = IntegratedGradients(steps=steps, baseline="network-zero")
    asked = [[model.labels.resolve(Target("it", score="logit"))]]
    ours = method.attribute(
        Counted(model), model.asarray(np.ones((1, 1, 1, 1), np.float32)), asked, [np.random.default_rng(0)]
    )
    assert float(ours.maps) == pytest.approx(2, abs=1e-6)
    found = attr.IntegratedGradients(Slope()).attribute(
        torch.ones(1, 1, 1, 1), target=0, n_steps=steps, method="riemann_trapezoid"
    )
    assert float(found) == pytest.approx(theirs, abs=1e-5)


def judge(levels):
    """The brightness of the last third alone, as one of two probabilities."""
    light = np.asarray(levels, np.float64)[:, :, -4:].mean((1, 2, 3))
    return np.stack([light, 1 - light], 1)


def judged():
    labels = Labels(("light", "dark"))
    return wrap_function(judge, labels=labels, preprocess=STRIPES, name="judge", output="probabilities")


def test_regions_that_are_numbered_from_one_are_all_hidden():
    # Three stripes; hiding the last takes its brightness 0.9 away, hiding the others nothing. The lime package takes
    # the numbers 1, 2, 3 for 0, 1, 2: it never hides the last stripe and finds nothing at all.
    image = np.full((8, 12, 3), 0.9)
    stripes = np.repeat(np.arange(3), 4)[None].repeat(8, 0)
    model = judged()
    keep = coin_flips(np.random.default_rng(0), 64, 3)
    scores = hidden_scores(
        Counted(model), image.astype(np.float32), np.zeros((8, 12, 3), np.float32),
        Segments(stripes.astype(np.int32), "stripes"), keep,
    )  # fmt: skip
    ours = fit_linear(keep, np.exp(scores[:, :1]), np.ones(64)).coefficients[0]
    np.testing.assert_allclose(ours, [0, 0, 0.9], atol=1e-5)
    found = lime_image.LimeImageExplainer(random_state=0).explain_instance(
        image, judge, labels=(0,), top_labels=None, hide_color=0, num_samples=64, segmentation_fn=lambda _: stripes + 1
    )
    assert max(abs(value) for _, value in found.local_exp[0]) < 1e-3


def test_the_class_that_is_asked_is_explained_however_unlikely(rng):
    levels = rng.random((8, 12, 3))
    model = judged()
    least = int(judge(levels[None])[0].argmin())
    raw = Lime(samples=32, fill="black").attribute(
        Counted(model), levels[None].astype(np.float32), [[model.labels.resolve(Target(least))]], [rng]
    )
    assert np.abs(raw.maps).max() > 0
    found = lime_image.LimeImageExplainer(random_state=0).explain_instance(
        levels, judge, labels=(least,), top_labels=1, num_samples=8, segmentation_fn=lambda _: np.eye(8, 12, dtype=int)
    )
    assert least not in found.local_exp  # their top_labels overrides their labels


def test_no_gradient_is_left_in_the_weights():
    batch = torch.rand(1, 20, 12, 3)
    ours, theirs = small(seed=1), small(seed=1)
    GradCam(layer="features.4").attribute(
        Counted(ours), batch, [[ours.labels.resolve(Target(0))]], [np.random.default_rng(0)]
    )
    assert all(weight.grad is None for weight in ours.module.parameters())
    with jacob.GradCAM(model=theirs.module, target_layers=[theirs.module.features[4]]) as cam:
        cam(normalised(batch, theirs.preprocess).contiguous(), [ClassifierOutputTarget(0)])
    assert all(weight.grad is not None for weight in theirs.module.features.parameters())


def test_a_model_that_says_always_the_same_has_an_empty_rise_map():
    # Σ f·m/(N·p) is f times the share of masks in which a place was visible: not zero, and not flat by chance.
    model = wrap_function(
        lambda levels: np.full((len(levels), 2), 0.5), labels=Labels(("a", "b")), preprocess=Preprocess(size=(16, 24)),
        name="flat", output="probabilities",
    )  # fmt: skip
    batch = np.full((1, 16, 24, 3), 0.5, np.float32)
    asked = [[model.labels.resolve(Target("a", score="probability"))]]
    ours, paper = (
        to_numpy(Rise(samples=64, form=form).attribute(Counted(model), batch, asked, [np.random.default_rng(0)]).maps)
        for form in ("covariance", "paper")
    )
    assert np.abs(ours).max() < 1e-5  # rounding of float32 sums
    assert paper.mean() == pytest.approx(0.5, abs=0.05)


def test_an_in_place_activation_after_the_layer_does_not_overwrite_what_is_read():
    # The sums of 3 × 3 places of 0 … 15 are 45, 54, 81, 90; minus 50 and minus 75, what is negative has no gradient.
    batch = torch.arange(16.0).reshape(1, 1, 4, 4)
    model = TorchClassifier(NetA(inplace=True), FOUR, None, name="net A")
    _, seen, _ = model.trace(batch, [[FOUR.resolve(Target(0, score="logit"))]], "conv")
    torch.testing.assert_close(seen.flatten(), torch.tensor([-5.0, 4, 31, 40, -30, -21, 6, 15]))
    net = NetA(inplace=True)
    with jacob.GradCAM(model=net, target_layers=[net.conv]) as cam:
        cam(batch, [ClassifierOutputTarget(0)])
        assert cam.activations_and_grads.activations[0].min() == 0  # theirs: −5 has become 0
