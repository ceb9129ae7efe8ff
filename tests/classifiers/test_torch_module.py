import numpy as np
import pytest
import torch
from nets import FOUR, TALL, NetA, Small, logit, net_a, reading_order, small
from torch import nn

from axolens.classifiers.counted import Counted
from axolens.classifiers.protocols import Differentiable, Layered
from axolens.classifiers.torch_load import wrap_module
from axolens.errors import LayerError, ModelError
from axolens.maths.array import to_numpy
from axolens.maths.cam import grad_cam
from axolens.maths.scores import score
from axolens.records.labels import Labels
from axolens.records.preprocess import Preprocess
from axolens.records.target import Target


def cam(model, batch, target, layer):
    _, activations, gradients = model.trace(batch, [[target]], layer)
    return to_numpy(grad_cam(activations, gradients))[0, 0]


@pytest.mark.parametrize("inplace", [False, True])
def test_net_a_has_grad_cam_on_paper(inplace):
    model = net_a(inplace=inplace)
    batch = reading_order(model)
    assert to_numpy(model.scores(batch))[0].tolist() == [54.0] * 4
    np.testing.assert_allclose(cam(model, batch, logit(0), "conv"), [[11.25, 13.5], [20.25, 22.5]])
    np.testing.assert_allclose(cam(model, batch, logit(0), "relu"), [[0, 4], [28, 32.5]])


def test_net_a_with_frozen_parameters_gives_the_same():
    model = net_a()
    model.module.requires_grad_(False)
    np.testing.assert_allclose(cam(model, reading_order(model), logit(0), "conv"), [[11.25, 13.5], [20.25, 22.5]])


def test_net_a_at_the_image_itself():
    model = net_a()
    batch = reading_order(model)
    batch[0, 0, 1, 1] = -4
    found = cam(model, batch, logit(0), "image")
    np.testing.assert_allclose(found, 0.5625 * batch[0, 0].numpy())
    assert (found[1, 1], float(model.scores(batch)[0, 0])) == (-2.25, 47)


def test_net_a_gradient_at_the_input():
    model = net_a()
    found = to_numpy(model.gradient(reading_order(model), [[logit(0)]]))[0, 0, 0]
    np.testing.assert_allclose(found, [[0, 1, 1, 1]] * 3 + [[0, 0, 0, 0]])


def test_one_class_against_another_by_hand():
    # Class b reads +1 everywhere: 4 + 31 + 40 + 6 + 15 = 96. The difference a − b reads (0,0,0,0,0,−2,−2,−2): nothing
    # of channel 0; of channel 1 the gradient behind the ReLU is −2 at its lower row, mean −1 over [[−30,−21],[6,15]].
    rows = ((1, 1, 1, 1, 1, -1, -1, -1), (1,) * 8, (0,) * 8, (0,) * 8)
    model = net_a(rows=rows)
    batch = reading_order(model)
    assert to_numpy(model.scores(batch))[0].tolist() == [54, 96, 0, 0]
    against = FOUR.resolve(Target("a", against="b"))
    np.testing.assert_allclose(cam(model, batch, against, "conv"), [[30, 21], [-6, -15]])
    # The two places (1,0) and (1,1) with −2 each, spread by a kernel of ones over rows 1 to 3.
    slopes = to_numpy(model.gradient(batch, [[against]]))[0, 0, 0]
    np.testing.assert_allclose(slopes, [[0, 0, 0, 0]] + [[-2, -4, -4, -2]] * 3)


def test_several_targets_from_one_pass_are_those_of_several_passes(rng):
    model = small()
    counted = Counted(model)
    batch = model.asarray(rng.random((2, 20, 12, 3), np.float32))
    asked = [model.labels.resolve(Target(i)) for i in range(3)]
    scores, _, together = counted.trace(batch, [asked, asked], "features.5")
    assert (counted.forward, counted.backward) == (2, 6)
    np.testing.assert_allclose(scores, model.scores(batch), atol=1e-6)
    for j, one in enumerate(asked):
        _, _, alone = model.trace(batch, [[one], [one]], "features.5")
        np.testing.assert_allclose(together[:, j], alone[:, 0], atol=1e-7)


def test_scores_are_those_of_a_direct_call_on_a_tall_picture(rng):
    pixels = rng.random((2, 20, 12, 3), np.float32)
    order = Preprocess(size=(20, 12), mean=(10.0, 20.0, 30.0), std=(50.0, 60.0, 70.0), scale=255.0, order="bgr")
    for preprocess in (TALL, order):
        model = small(preprocess=preprocess)
        flipped = pixels[..., ::-1] if preprocess.order == "bgr" else pixels
        prepared = (flipped * preprocess.scale - np.array(preprocess.mean)) / np.array(preprocess.std)
        direct = model.module(torch.tensor(prepared.transpose(0, 3, 1, 2), dtype=torch.float32))
        np.testing.assert_allclose(model.scores(model.asarray(pixels)), direct.detach(), atol=1e-5)


@pytest.mark.parametrize("target", [Target(1), Target(3, against=0), Target((0, 2)), Target(2, score="probability")])
def test_the_gradient_is_the_slope_of_the_score_through_the_normalisation(rng, target):
    model = small(smooth=True)
    asked = model.labels.resolve(target)
    pixels = rng.random((1, 20, 12, 3), np.float32)
    slopes = to_numpy(model.gradient(model.asarray(pixels), [[asked]]))[0, 0]
    direction = rng.normal(size=pixels.shape).astype(np.float32)
    step = 1e-2  # curvature makes an error of order step², float32 rounding one of order 1e-7/step
    values = [
        float(score(model.scores(model.asarray(pixels + sign * step * direction)), asked, model.kind)[0])
        for sign in (1, -1)
    ]
    assert (values[0] - values[1]) / (2 * step) == pytest.approx((slopes * direction).sum(), rel=2e-3, abs=1e-4)


def test_a_model_is_left_as_found(rng):
    module = Small()
    module.features[1].eval()
    module.head.weight.requires_grad_(False)
    module.head.bias.grad = torch.ones(5)
    before = {name: part.training for name, part in module.named_modules()}
    hooks = sum(len(part._forward_hooks) + len(part._forward_pre_hooks) for part in module.modules())
    weights = {name: tensor.clone() for name, tensor in module.state_dict().items()}
    model = wrap_module(module, None, TALL, name="mine")
    batch = model.asarray(rng.random((1, 20, 12, 3), np.float32))
    asked = [[model.labels.resolve(Target(0))]]
    model.scores(batch), model.gradient(batch, asked), model.layers(batch), model.trace(batch, asked, "features.4")
    with pytest.raises(LayerError):
        model.trace(batch, asked, "head")
    assert before == {name: part.training for name, part in module.named_modules()}
    assert hooks == sum(len(part._forward_hooks) + len(part._forward_pre_hooks) for part in module.modules())
    assert all(torch.equal(tensor, weights[name]) for name, tensor in module.state_dict().items())
    assert torch.equal(module.head.bias.grad, torch.ones(5))
    assert [p.grad is None for p in module.parameters()].count(False) == 1
    assert not module.head.weight.requires_grad
    assert module.head.bias.requires_grad
    assert torch.is_grad_enabled()


def test_no_parameter_gradient_is_computed_and_nothing_below_the_layer_is_recorded(rng):
    module = Small()
    computed = []
    for name, parameter in module.named_parameters():
        parameter.register_hook(lambda slope, name=name: computed.append(name))
    model = wrap_module(module, None, TALL, name="mine")
    batch = model.asarray(rng.random((1, 20, 12, 3), np.float32))
    recorded = []
    module.features[0].register_forward_hook(lambda _, __, out: recorded.append(out.requires_grad))
    model.trace(batch, [[model.labels.resolve(Target(0))]], "features.4")
    assert computed == []
    assert recorded == [False]
    module(torch.rand(1, 3, 20, 12)).sum().backward()  # the counter itself works
    assert len(computed) == len(list(module.parameters()))


class Ends(nn.Module):
    """A network whose last step is given, to look for the logits behind it."""

    def __init__(self, last, outputs: int) -> None:
        super().__init__()
        torch.manual_seed(1)
        self.flat, self.head, self.last = nn.Flatten(), nn.Linear(720, outputs), last

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.last(self.head(self.flat(x)))


@pytest.mark.parametrize(
    ("last", "outputs", "kind"),
    [
        (nn.Softmax(dim=1), 4, "logits"),
        (nn.Sigmoid(), 4, "independent-logits"),
        (nn.Sigmoid(), 1, "logits"),
        (nn.Identity(), 1, "logits"),
        (nn.Identity(), 2, "logits"),
        (lambda z: torch.softmax(z, 1), 4, "log-probabilities"),
        (lambda z: torch.log_softmax(z, 1), 4, "logits"),
        (torch.sigmoid, 1, "logits"),
        (torch.sigmoid, 3, "independent-logits"),
        (lambda z: torch.sigmoid(z)[:, 0], 1, "logits"),
    ],
)
def test_the_logits_behind_a_last_softmax_or_sigmoid_are_found(rng, last, outputs, kind):
    module = Ends(last, outputs)
    model = wrap_module(module, None, TALL, name="ends")
    pixels = rng.random((3, 20, 12, 3), np.float32)
    prepared = torch.tensor((pixels - np.array(TALL.mean)) / np.array(TALL.std), dtype=torch.float32)
    logits = module.head(module.flat(prepared.permute(0, 3, 1, 2))).detach().numpy()
    found = to_numpy(model.scores(model.asarray(pixels)))
    assert model.kind == kind
    if outputs == 1:
        np.testing.assert_allclose(found[:, 1] - found[:, 0], logits[:, 0], atol=2e-5)
    elif kind == "independent-logits":
        np.testing.assert_allclose(found, logits, atol=2e-5)
    else:
        np.testing.assert_allclose(found - found[:, :1], logits - logits[:, :1], atol=2e-5)


def test_probabilities_can_be_declared(rng):
    model = wrap_module(Ends(lambda z: z.abs() / z.abs().sum(1, keepdim=True), 3), None, TALL, name="own")
    assert model.kind == "log-probabilities"
    declared = wrap_module(Ends(nn.Softmax(dim=1), 3), None, TALL, name="own", output="logits")
    assert declared.kind == "logits"
    assert to_numpy(declared.scores(declared.asarray(rng.random((1, 20, 12, 3), np.float32)))).sum() == pytest.approx(1)


def test_what_is_no_classifier_is_refused():
    with pytest.raises(ModelError, match=r"shape \(n, k\)"):
        wrap_module(nn.Conv2d(3, 4, 1), None, TALL, name="conv")
    with pytest.raises(ModelError, match="5 names"):
        wrap_module(Small(), Labels(("a", "b")), TALL, name="small")
    with pytest.raises(ModelError, match=r"labels=\[...\]"):
        wrap_module(NetA(), None, None, name="net A")


def test_a_layer_that_does_not_exist_names_the_nearest():
    model = small()
    batch = model.asarray(np.zeros((1, 20, 12, 3), np.float32))
    with pytest.raises(LayerError, match=r"'feature\.4'.*Nearest: features\.4"):
        model.trace(batch, [[model.labels.resolve(Target(0))]], "feature.4")
    with pytest.raises(LayerError, match="no grid of places"):
        model.trace(batch, [[model.labels.resolve(Target(0))]], "head")


def test_half_precision_comes_out_as_float32(rng):
    model = wrap_module(Small().bfloat16(), None, TALL, name="half")
    pixels = rng.random((1, 20, 12, 3), np.float32)
    reference = small()
    assert to_numpy(model.scores(model.asarray(pixels))).dtype == np.float32
    np.testing.assert_allclose(
        model.scores(model.asarray(pixels)), reference.scores(reference.asarray(pixels)), atol=0.05
    )  # bfloat16 keeps 8 bits


def test_protocols_tell_what_a_model_can_do():
    assert isinstance(small(), Differentiable)
    assert isinstance(small(), Layered)
