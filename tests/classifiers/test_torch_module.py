import numpy as np
import pytest
import torch
from nets import FOUR, TALL, NetA, Small, logit, net_a, reading_order, small
from torch import nn

import axolens as ax
from axolens.classifiers.counted import Counted
from axolens.classifiers.protocols import Differentiable, Layered
from axolens.classifiers.torch_load import wrap_module
from axolens.errors import CapabilityError, LayerError, ModelError
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
        (lambda z: torch.softmax(z, 1), 4, "logits"),
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


def called(function):
    """Run a function past PyTorch's function modes, as torch.jit does."""

    def hidden(z):
        with torch._C.DisableTorchFunction():
            return function(z)

    return hidden


@pytest.mark.parametrize("last", [torch.sigmoid, lambda z: torch.sigmoid(z)[:, 0]])
def test_a_sigmoid_that_the_pass_does_not_show_is_known_by_the_graph(rng, last):
    seen, hidden = (wrap_module(Ends(end, 1), None, TALL, name="ends") for end in (last, called(last)))
    batch = seen.asarray(rng.random((3, 20, 12, 3), np.float32))
    assert not hidden._readout.behind
    np.testing.assert_allclose(hidden.scores(batch), seen.scores(batch), atol=2e-5)


class Sure(nn.Module):
    """Answers 40 times the mean minus 10, behind a last function."""

    def __init__(self, last, outputs=1) -> None:
        super().__init__()
        self.last, self.outputs = last, outputs

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.last((x.mean((1, 2, 3)) * 40 - 10)[:, None].repeat(1, self.outputs))


@pytest.mark.parametrize(
    ("last", "outputs"),
    [
        (torch.sigmoid, 1),
        (lambda z: torch.sigmoid(z).squeeze(), 1),
        (lambda z: torch.sigmoid(z)[:, 0], 1),
        (lambda z: (z * 1).sigmoid_(), 1),
        (lambda z: (torch.special.expit(z.double()).float(), z), 1),
        (lambda z: [z.sigmoid().view(-1, 2)], 2),
        (lambda z: torch.softmax(torch.cat([torch.zeros_like(z), z], 1), dim=1), 1),
        (lambda z: nn.functional.log_softmax(torch.cat([torch.zeros_like(z), z], 1)[..., None, None], 1).flatten(1), 1),
    ],
)
def test_scores_behind_a_function_are_exact_where_it_saturates(last, outputs):
    model = wrap_module(Sure(last, outputs), None, Preprocess(size=(8, 8)), name="sure")
    batch = model.asarray(np.full((1, 8, 8, 3), 0.7, np.float32))
    scores = to_numpy(model.scores(batch))
    assert scores[0, 1] - (0 if outputs == 2 else scores[0, 0]) == pytest.approx(18, abs=1e-4)
    slopes = model.gradient(batch, [[model.labels.resolve(Target(1))]])
    assert float(slopes.sum()) == pytest.approx(40, rel=1e-4)


@pytest.mark.parametrize("last", [nn.Sigmoid(), torch.sigmoid, lambda z: torch.sigmoid(z).clone()])
@pytest.mark.parametrize(
    ("output", "kind"),
    [
        ("logits", "logits"), ("independent-logits", "independent-logits"), ("probabilities", "log-probabilities"),
        ("independent-probabilities", "independent-logits"),
    ],
)  # fmt: skip
def test_a_declaration_always_wins(rng, last, output, kind):
    module = Ends(last, 3)
    model = wrap_module(module, None, TALL, name="ends", output=output)
    bare = wrap_module(Ends(nn.Identity(), 3), None, TALL, name="bare")
    batch = model.asarray(rng.random((2, 20, 12, 3), np.float32))
    z = to_numpy(bare.scores(batch))
    chances = 1 / (1 + np.exp(-z))
    expected = {"probabilities": np.log(chances), "independent-probabilities": z}.get(output, chances)
    assert model.kind == kind
    np.testing.assert_allclose(model.scores(batch), expected, atol=2e-5)
    unprepared = wrap_module(module, model.labels, None, name="ends", output=output)
    assert unprepared.kind == kind


def test_an_activation_that_another_function_follows_is_no_ending():
    model = wrap_module(Ends(lambda z: torch.sigmoid(z) * 3, 3), None, TALL, name="scaled")
    assert (model.kind, model._readout.behind) == ("logits", False)
    changed = wrap_module(Ends(lambda z: torch.sigmoid(z).mul_(3), 3), None, TALL, name="scaled in place")
    assert (changed.kind, changed._readout.behind) == ("logits", False)


SQUARE = Preprocess(size=(16, 16))


def net(channels: int = 4) -> nn.Sequential:
    torch.manual_seed(0)
    return nn.Sequential(
        nn.Conv2d(3, channels, 3, padding=1), nn.ReLU(), nn.Conv2d(channels, channels, 3, padding=1), nn.ReLU(),
        nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(channels, 3),
    )  # fmt: skip


def asked(model, count: int = 2):
    batch = model.asarray(np.random.default_rng(0).random((count, 16, 16, 3), np.float32))
    return batch, [[model.labels.resolve(Target(0))]] * count


def test_it_works_inside_inference_mode():
    model = wrap_module(net(), None, SQUARE, name="net")
    batch, targets = asked(model)
    expected = (*model.trace(batch, targets, "2"), model.gradient(batch, targets))
    with torch.inference_mode():
        inside = wrap_module(model.module, None, SQUARE, name="net")
        batch, targets = asked(inside)
        found = (*inside.trace(batch, targets, "2"), inside.gradient(batch, targets))
    for one, other in zip(found, expected, strict=True):
        np.testing.assert_allclose(one, other, atol=1e-6)
    assert all(weight.requires_grad for weight in model.module.parameters())


def test_weights_made_inside_inference_mode_give_predictions_only():
    with torch.inference_mode():
        model = wrap_module(net(), None, SQUARE, name="net")
    batch, targets = asked(model)
    assert model.scores(batch).shape == (2, 3)
    with pytest.raises(CapabilityError, match=r"made inside torch\.inference_mode"):
        model.gradient(batch, targets)


class Cut(nn.Module):
    """A stem, and a middle that runs under no_grad."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.stem, self.middle = nn.Conv2d(3, 4, 3, padding=1), nn.Sequential(nn.Conv2d(4, 5, 3), nn.ReLU())
        self.unused, self.head = nn.Conv2d(4, 2, 1), nn.Linear(5, 3)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        stem = self.stem(x)
        with torch.no_grad():
            values = self.middle(stem)
            self.unused(stem)
        return self.head(values.mean((2, 3)))


def test_a_network_that_cuts_its_own_graph_is_read_after_the_cut_and_told_before_it():
    module = Cut()
    model = wrap_module(module, None, SQUARE, name="cut")
    batch, targets = asked(model)
    _, seen, slopes = model.trace(batch, targets, "middle.0")
    values = seen.clone().requires_grad_()
    scores = module.head(values.relu().mean((2, 3)))
    by_hand = torch.autograd.grad((scores[:, 0] - scores[:, 1:].logsumexp(1)).sum(), values)[0]
    np.testing.assert_allclose(slopes[:, 0], by_hand, atol=1e-6)
    with pytest.raises(LayerError, match=r"'stem'.*cuts its own graph with no_grad after this layer"):
        model.trace(batch, targets, "stem")
    assert float(model.trace(batch, targets, "unused")[2].abs().max()) == 0  # nothing depends on it: nothing is cut
    with pytest.raises(CapabilityError, match="cuts its own graph"):
        model.gradient(batch, targets)
    assert all(weight.requires_grad for weight in module.parameters())


class ChannelsLast(nn.Module):
    """Takes and passes on channels last, with as many channels as columns."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.conv, self.act, self.head = nn.Conv2d(3, channels, 3, padding=1), nn.ReLU(), nn.Linear(channels, 3)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.head(self.act(self.conv(x.permute(0, 3, 1, 2)).permute(0, 2, 3, 1)).mean((1, 2)))


@pytest.mark.parametrize("channels", [15, 16, 24])
def test_channels_last_are_read_as_such_whatever_their_number(channels):
    module = ChannelsLast(channels)
    model = wrap_module(module, None, Preprocess(size=(16, 16), layout="nhwc"), name="last")
    batch, targets = asked(model)
    expected = module.conv(batch.permute(0, 3, 1, 2)).detach()
    np.testing.assert_allclose(model.trace(batch, targets, "conv")[1], expected, atol=1e-6)
    np.testing.assert_allclose(model.trace(batch, targets, "act")[1], expected.relu(), atol=1e-6)
    assert {(layer.name, layer.channels) for layer in model.layers(batch)} == {("conv", channels), ("act", channels)}


class InPlace(nn.Module):
    """Normalises its input in place."""

    def __init__(self, inner: nn.Module) -> None:
        super().__init__()
        self.inner = inner

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.inner(x.sub_(0.5).div_(0.5))


def test_a_module_may_work_on_its_input_in_place():
    plain = wrap_module(net(), None, Preprocess(size=(16, 16), mean=(0.5,) * 3, std=(0.5,) * 3), name="net")
    model = wrap_module(InPlace(net()), None, SQUARE, name="in place")
    batch, targets = asked(model)
    np.testing.assert_allclose(model.scores(batch), plain.scores(batch), atol=1e-5)
    np.testing.assert_allclose(model.gradient(batch, targets), plain.gradient(batch, targets), atol=1e-5)
    bare = wrap_module(InPlace(net()), model.labels, None, name="bare")
    given = batch.permute(0, 3, 1, 2).contiguous()
    before = given.clone()
    np.testing.assert_allclose(bare.scores(given), plain.scores(batch), atol=1e-5)
    assert bare.gradient(given, targets).shape == (2, 1, 3, 16, 16)
    assert torch.equal(given, before)


class OneOnly(nn.Module):
    """Takes one image at a time."""

    def __init__(self) -> None:
        super().__init__()
        self.inner = net()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.inner(x.view(1, 3, 16, 16)).squeeze()


def test_a_module_that_takes_one_image_is_asked_one_by_one():
    one, many = (wrap_module(module, None, SQUARE, name="net") for module in (OneOnly(), net()))
    batch, targets = asked(many, 3)
    np.testing.assert_allclose(one.scores(batch), many.scores(batch), atol=1e-6)
    np.testing.assert_allclose(one.gradient(batch, targets), many.gradient(batch, targets), atol=1e-6)
    for found, expected in zip(one.trace(batch, targets, "inner.2"), many.trace(batch, targets, "2"), strict=True):
        np.testing.assert_allclose(found, expected, atol=1e-6)
    assert [layer.name for layer in one.layers(batch)] == ["inner.0", "inner.1", "inner.2", "inner.3"]


@pytest.mark.parametrize("size", [1, 2])
def test_an_exported_program_of_a_fixed_batch_is_asked_in_batches_of_its_size(tmp_path, size):
    module = net().eval()
    torch.export.save(torch.export.export(module, (torch.rand(size, 3, 16, 16),)), tmp_path / "net.pt2")
    model = ax.load(f"torch:{tmp_path / 'net.pt2'}", preprocess=SQUARE)
    plain = wrap_module(module, None, SQUARE, name="net")
    batch, targets = asked(plain, 3)
    np.testing.assert_allclose(model.scores(batch), plain.scores(batch), atol=1e-6)
    np.testing.assert_allclose(model.gradient(batch, targets), plain.gradient(batch, targets), atol=1e-6)
    assert model.layers(batch) == ()
    with pytest.raises(ModelError, match=r"model torch:net\.pt2: expected to take float32 of shape \(\d, 3, 8, 8\)"):
        ax.load(f"torch:{tmp_path / 'net.pt2'}", preprocess={"size": 8})


def test_what_a_module_refuses_is_told_in_a_sentence():
    with pytest.raises(ModelError, match=r"float32 of shape \(1, 3, 20, 20\) on cpu, got mat1 and mat2 shapes"):
        wrap_module(nn.Sequential(nn.Flatten(), nn.Linear(768, 3)), None, Preprocess(size=(20, 20)), name="flat")
    with pytest.raises(ModelError, match="meta device"):
        wrap_module(net().to("meta"), None, SQUARE, name="net")


@pytest.mark.filterwarnings("ignore")
def test_a_module_compiled_by_torch_jit_has_scores_and_gradients_but_no_layers():
    model = wrap_module(torch.jit.script(net().eval()), None, SQUARE, name="jit")
    batch, targets = asked(model)
    plain = wrap_module(net(), None, SQUARE, name="net")
    np.testing.assert_allclose(model.scores(batch), plain.scores(batch), atol=1e-6)
    np.testing.assert_allclose(model.gradient(batch, targets), plain.gradient(batch, targets), atol=1e-6)
    assert model.layers(batch) == ()
    with pytest.raises(LayerError, match=r"torch\.jit"):
        model.trace(batch, targets, "2")


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
