"""Saliency, input × gradient, guided backpropagation and SmoothGrad against values by hand."""

import numpy as np
import pytest
import torch
from nets import FOUR, IT, KINDS, TALL, Formula, logit, net_a, power, reading_order, rectified, small
from torch import nn
from torch.nn import functional

from axolens.classifiers.counted import Counted
from axolens.classifiers.torch_load import wrap_module
from axolens.errors import CapabilityError, InputError
from axolens.maths.array import to_numpy
from axolens.methods.gradient.guidedbackprop import GuidedBackprop
from axolens.methods.gradient.inputxgradient import InputXGradient
from axolens.methods.gradient.saliency import Saliency
from axolens.methods.gradient.smoothgrad import SmoothGrad
from axolens.records.target import Target

GUIDED = [[0, 1, 1, 1], [1, 3, 3, 2], [1, 3, 3, 2], [1, 2, 2, 1]]
ONCE = (Saliency(), InputXGradient(), GuidedBackprop())


def run(method, model, batch, targets, seed=0):
    counted = Counted(model)
    raw = method.attribute(counted, batch, targets, [np.random.default_rng([seed, i]) for i in range(batch.shape[0])])
    return to_numpy(raw.maps), raw, counted


@pytest.mark.parametrize("inplace", [False, True])
@pytest.mark.parametrize(
    ("method", "by_hand"),
    [
        (Saliency(), [[0, 1, 1, 1]] * 3 + [[0] * 4]),
        (InputXGradient(), [[0, 1, 2, 3], [0, 5, 6, 7], [0, 9, 10, 11], [0] * 4]),
        (GuidedBackprop(), GUIDED),
    ],
)
def test_net_a_on_paper(method, by_hand, inplace):
    model = net_a(inplace=inplace)
    maps, _, counted = run(method, model, reading_order(model), [[logit(0), logit(3)]])
    np.testing.assert_allclose(maps[0], [by_hand] * 2)
    assert (counted.forward, counted.backward) == (1, 2)


def test_input_times_gradient_of_net_a_sums_to_the_score_since_no_bias_is_left():
    model = net_a()
    maps, _, _ = run(InputXGradient(), model, reading_order(model), [[logit(0)]])
    assert maps.sum() == pytest.approx(54)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("method", "factor"), [(Saliency(), None), (InputXGradient(), 0.25)])
def test_a_linear_model_gives_its_weights_summed_over_the_channels(kind, method, factor):
    # f = Σ w·x with w = 1, −2, 4 on the channels of one pixel and −1, 0, 0 on those of the other, at 0.25 everywhere.
    model = power([[[1, -2, 4], [-1, 0, 0]]], 1, kind)
    batch = model.asarray(np.full((2, 1, 2, 3), 0.25, np.float32))
    maps, _, _ = run(method, model, batch, [[IT], [IT]])
    np.testing.assert_allclose(maps, np.full((2, 1, 1, 1), factor or 1) * np.array([3, -1]))


@pytest.mark.parametrize(
    "rectify",
    [
        nn.ReLU(), nn.ReLU(inplace=True), functional.relu, lambda x: functional.relu(x, inplace=True), torch.relu_,
        lambda x: x.relu(), lambda x: x.clamp(min=0), lambda x: x.clamp_min_(0), nn.Threshold(0, 0), nn.Hardtanh(0, 99),
        lambda x: x.clamp(0, 99),
    ],
)  # fmt: skip
def test_guided_backprop_knows_every_spelling_of_a_relu(rectify):
    model = rectified(rectify)
    maps, _, _ = run(GuidedBackprop(), model, reading_order(model), [[logit(0)]])
    np.testing.assert_allclose(maps[0, 0], GUIDED)
    plain, _, _ = run(Saliency(), model, reading_order(model), [[logit(0)]])  # and nothing stays behind
    np.testing.assert_allclose(plain[0, 0], [[0, 1, 1, 1]] * 3 + [[0] * 4])


def test_guided_backprop_of_net_a_called_with_the_image_plus_one():
    model = rectified(nn.ReLU(), shift=1.0)
    maps, _, _ = run(GuidedBackprop(), model, reading_order(model), [[logit(0)]])
    np.testing.assert_allclose(maps[0, 0], [[1, 2, 2, 1], [2, 4, 4, 2], [2, 4, 4, 2], [1, 2, 2, 1]])


def test_guided_backprop_of_an_exported_program():
    program = torch.export.export(net_a().module, (torch.ones(1, 1, 4, 4),)).module()
    model = wrap_module(program, FOUR, None, name="exported")
    maps, _, _ = run(GuidedBackprop(), model, reading_order(model), [[logit(0)]])
    np.testing.assert_allclose(maps[0, 0], GUIDED)


class Guide(torch.autograd.Function):
    """The rule of Springenberg et al. written down as a function of its own."""

    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x.clamp(min=0)

    @staticmethod
    def backward(ctx, slope):
        (x,) = ctx.saved_tensors
        return torch.where((x > 0) & (slope > 0), slope, 0)


def test_guided_backprop_against_a_second_implementation(rng):
    model, other = small(seed=3), small(seed=3)
    for place, part in enumerate(other.module.features):
        if isinstance(part, nn.ReLU):
            other.module.features[place] = type("G", (nn.Module,), {"forward": lambda self, x: Guide.apply(x)})()
    batch = model.asarray(rng.random((2, 20, 12, 3), np.float32))
    asked = [[model.labels.resolve(Target(i)) for i in pair] for pair in ((0, 1), (2, 3))]
    maps, _, _ = run(GuidedBackprop(), model, batch, asked)
    np.testing.assert_allclose(maps, other.gradient(batch, asked).sum(-1), atol=1e-6)
    assert np.abs(maps - to_numpy(model.gradient(batch, asked)).sum(-1)).max() > 0.01


@pytest.mark.parametrize("last", [nn.GELU(), nn.SiLU(), nn.LeakyReLU(), nn.ELU(), nn.Sigmoid()])
def test_guided_backprop_without_a_relu_is_refused_with_a_way_out(last):
    model = rectified(last)
    with pytest.raises(CapabilityError, match=r"a network with ReLUs, got one without.*saliency"):
        run(GuidedBackprop(), model, reading_order(model), [[logit(0)]])


def alike(maps):
    """Mean correlation between the maps of different classes."""
    found = np.corrcoef(maps[0].reshape(len(maps[0]), -1))
    return found[np.triu_indices(len(found), 1)].mean()


@pytest.mark.parametrize("seed", range(3))
def test_guided_backprop_hardly_asks_which_class_is_meant(seed, rng):
    # Measured on eight networks with random weights: 0.58 to 0.72, for saliency −0.09 to 0.04.
    model = small(seed=seed)
    batch = model.asarray(rng.random((1, 20, 12, 3), np.float32))
    asked = [[model.labels.resolve(Target(k, score="logit")) for k in range(5)]]
    guided, plain = (alike(run(method, model, batch, asked)[0]) for method in (GuidedBackprop(), Saliency()))
    assert guided > 0.5
    assert abs(plain) < 0.2


def test_guided_backprop_says_that_it_is_no_evidence():
    model = net_a()
    _, raw, _ = run(GuidedBackprop(), model, reading_order(model), [[logit(0)]])
    assert "do not read this map as evidence" in raw.notes[0][0][0]


@pytest.mark.parametrize("method", [*ONCE, SmoothGrad(samples=3)], ids=lambda one: one.card.name)
def test_a_dead_network_says_so(method):
    model = net_a()
    with torch.no_grad():
        model.module.conv.bias.fill_(-500)
    maps, raw, _ = run(method, model, reading_order(model), [[logit(0)]])
    assert not maps.any()
    assert "Dead gradients" in raw.notes[0][0][-1]


def test_a_map_without_a_positive_place_says_which_of_three_reasons():
    against, cancelling = power([[[-1, -2, 0]]], 1, "numpy"), power([[[1, -1, 0]]], 1, "numpy")
    said = [
        run(method, model, np.full((1, 1, 1, 3), level, np.float32), [[IT]])[1].notes[0][0][0]
        for method, model, level in [
            (Saliency(), against, 0.5), (Saliency(), cancelling, 0.5), (InputXGradient(), against, 0.0),
            (SmoothGrad(samples=2), against, 0.5),
        ]
    ]  # fmt: skip
    assert [one.split(":")[0] for one in said] == [
        "No positive evidence",
        "The map is zero everywhere although the gradients are not",
        "The map is zero everywhere although the gradients are not",
        "No positive evidence",
    ]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("chunk", [2, 8])
def test_smoothgrad_of_a_square_by_hand(rng, kind, chunk):
    # f = Σ w·x² has the slope 2w·x; over copies x + σ·ε its mean is 2w·(x + σ·mean ε), σ a share of the range 0.5.
    weights, pixels = rng.normal(size=(3, 2, 3)), rng.uniform(0.25, 0.75, (2, 3, 2, 3)).astype(np.float32)
    pixels[:, 0, 0, 0], pixels[:, 0, 0, 1] = 0.25, 0.75
    model = power(weights, 2, kind)
    method = SmoothGrad(samples=5, noise=0.2, chunk=chunk)
    maps, raw, counted = run(method, model, model.asarray(pixels), [[IT, IT]] * 2)
    for i in range(2):
        drawn = np.random.default_rng([0, i]).standard_normal((5, 3, 2, 3), np.float32)
        copies = (2 * weights * (pixels[i] + 0.1 * drawn)).sum(-1)
        np.testing.assert_allclose(maps[i], [copies.mean(0)] * 2, atol=1e-5)
        share = 100 * copies.var(0, ddof=1).mean() / 5 / copies.mean(0).var()
        assert raw.notes[i][0][0].startswith(f"About {share:.0f} % of what differs between places")
    assert (counted.forward, counted.backward) == (10, 20)


def test_two_seeds_of_smoothgrad_come_together_as_one_over_the_root_of_the_samples(rng):
    model = power(rng.normal(size=(12, 12, 3)), 3, "numpy")
    batch = rng.random((1, 12, 12, 3), np.float32)
    gaps = []
    for samples in (16, 16 * 16):
        one, two = (run(SmoothGrad(samples=samples), model, batch, [[IT]], seed)[0] for seed in (1, 2))
        gaps.append(np.sqrt(((one - two) ** 2).mean()))
    assert gaps[0] / gaps[1] == pytest.approx(4, rel=0.2)


def test_smoothgrad_of_a_linear_model_has_no_noise():
    model = power(np.arange(12).reshape(2, 2, 3), 1, "numpy")
    maps, raw, _ = run(SmoothGrad(samples=4), model, np.random.default_rng(0).random((1, 2, 2, 3), np.float32), [[IT]])
    np.testing.assert_allclose(maps[0, 0], [[3, 12], [21, 30]], rtol=1e-6)
    assert raw.notes[0][0][0].startswith("Less than 1 %")


@pytest.mark.parametrize(
    ("settings", "said"),
    [({"samples": 1}, "samples: expected a whole number of at least 2"),
     ({"chunk": 0}, "at least 1"), ({"noise": 0.0}, "above 0"), ({"noise": float("nan")}, "above 0"),
     ({"noise": float("inf")}, "a finite share")],
)  # fmt: skip
def test_settings_of_smoothgrad_that_mean_nothing_are_refused(settings, said):
    with pytest.raises(InputError, match=said):
        SmoothGrad(**settings)


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16, torch.float64])
@pytest.mark.parametrize("method", [*ONCE, SmoothGrad(samples=3)], ids=lambda one: one.card.name)
def test_maps_are_float32_whatever_the_network_computes_in(rng, method, dtype):
    model, other = small(), small()
    other.module.to(dtype)
    batch, asked = rng.random((1, 20, 12, 3), np.float32), [[model.labels.resolve(Target(1))]]
    maps, _, _ = run(method, model, model.asarray(batch), asked)
    found, raw, _ = run(method, other, other.asarray(batch), asked)
    assert raw.maps.dtype == torch.float32
    assert np.corrcoef(found.ravel(), maps.ravel())[0, 1] > 0.9


def test_a_gradient_that_is_no_number_is_said_so():
    model = Formula(lambda x: x[:, 0, 0, 0], lambda x: x + np.float32("nan"), (1, 2))
    _, raw, _ = run(Saliency(), model, np.ones((1, 1, 2, 3), np.float32), [[IT]])
    assert "Not a number at 100 %" in raw.notes[0][0][0]


def test_what_a_vision_transformer_lacks_is_said(rng):
    tokens = nn.TransformerEncoderLayer(8, 2, 16, activation="gelu", batch_first=True)
    net = nn.Sequential(nn.Conv2d(3, 8, 4, stride=4), nn.Flatten(2), Turned(), tokens, nn.Flatten(), nn.Linear(120, 3))
    model = wrap_module(net.eval(), None, TALL, name="vit")
    batch = model.asarray(rng.random((1, 20, 12, 3), np.float32))
    assert run(Saliency(), model, batch, [[model.labels.resolve(Target(0))]])[0].any()
    with pytest.raises(CapabilityError, match="got one without"):
        run(GuidedBackprop(), model, batch, [[model.labels.resolve(Target(0))]])


class Turned(nn.Module):
    def forward(self, x):
        return x.transpose(1, 2)


class Compiled(nn.Module):
    """A ReLU that shows, and a part compiled by torch.jit whose ReLUs do not."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.flat, self.act = nn.Flatten(), nn.ReLU()
        self.inner = torch.jit.script(nn.Sequential(nn.Linear(720, 4), nn.ReLU(), nn.Linear(4, 3)))

    def forward(self, x):
        return self.inner(self.act(self.flat(x)))


@pytest.mark.filterwarnings("ignore:.torch.jit:DeprecationWarning")
def test_relus_that_cannot_be_seen_are_not_passed_over(rng):
    model = wrap_module(Compiled(), None, TALL, name="compiled")
    batch, asked = model.asarray(rng.random((1, 20, 12, 3), np.float32)), [[model.labels.resolve(Target(0))]]
    for _ in range(3):  # torch.jit compiles after it has watched a pass or two
        model.gradient(batch, asked)
    with pytest.raises(CapabilityError, match=r"compiled or checkpointed parts"):
        run(GuidedBackprop(), model, batch, asked)
