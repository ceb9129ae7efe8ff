import numpy as np
import pytest
import torch
from nets import FOUR, TALL, logit, net_a, reading_order, small
from torch import nn

from axolens.cases.explain import explain
from axolens.classifiers.counted import Counted
from axolens.classifiers.torch_load import wrap_module
from axolens.errors import CapabilityError, LayerError
from axolens.maths.array import to_numpy
from axolens.methods.cam import layer_choice
from axolens.methods.cam.gradcam import GradCam
from axolens.methods.emptiness import why_empty
from axolens.photos.read import read
from axolens.records.preprocess import Preprocess
from axolens.records.target import Target


def run(method, model, batch, targets):
    counted = Counted(model)
    raw = method.attribute(counted, batch, targets, [np.random.default_rng(0)] * batch.shape[0])
    return to_numpy(raw.maps), raw, counted


def test_net_a_through_the_method():
    model = net_a()
    maps, raw, counted = run(GradCam(layer="conv"), model, reading_order(model), [[logit(0), logit(1)]])
    np.testing.assert_allclose(maps[0], [[[11.25, 13.5], [20.25, 22.5]]] * 2)
    assert (counted.forward, counted.backward) == (1, 2)
    assert raw.settings == {"layer": "conv"}


def test_the_layer_is_chosen_without_a_photo():
    model = net_a()
    maps, raw, _ = run(GradCam(), model, reading_order(model), [[logit(0)]])
    assert raw.settings == {"layer": "relu"}
    np.testing.assert_allclose(maps[0, 0], [[0, 4], [28, 32.5]])
    assert "not checked" in raw.notes[0][0][0]


class ClassMaps(nn.Module):
    """Like SqueezeNet: the last convolution is the classes, and pooling is behind it."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(3)
        self.early, self.pool = nn.Conv2d(3, 7, 3, padding=1), nn.MaxPool2d(2)
        self.late, self.classes = nn.Conv2d(7, 6, 3, padding=1), nn.Conv2d(6, 5, 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.classes(torch.relu(self.late(self.pool(self.early(x))))).mean((2, 3))


class ReadAtOneToken(nn.Module):
    """Like a ViT: tokens with a class token in front, mixed once, and read out at the class token."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(4)
        self.patches = nn.Conv2d(3, 8, 4, stride=4)
        self.norm1, self.mix, self.norm2 = nn.LayerNorm(8), nn.Linear(16, 16), nn.LayerNorm(8)
        self.head = nn.Linear(8, 5)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        tokens = self.patches(x).flatten(2).transpose(1, 2)
        tokens = self.norm1(torch.cat([torch.zeros_like(tokens[:, :1]), tokens], 1))
        tokens = tokens + self.mix(tokens.transpose(1, 2)).transpose(1, 2)
        return self.head(self.norm2(tokens)[:, 0])


@pytest.mark.parametrize(
    ("module", "preprocess", "layer"),
    [(ClassMaps(), TALL, "late"), (ReadAtOneToken(), Preprocess(size=(20, 12)), "norm1")],
)
def test_the_deepest_layer_that_the_gradient_reaches_is_chosen(module, preprocess, layer):
    model = wrap_module(module, None, preprocess, name="net")
    batch = model.asarray(np.random.default_rng(0).random((1, 20, 12, 3), np.float32))
    target = model.labels.resolve(Target(0))
    assert layer_choice.choose_layer(Counted(model), batch, target) == (layer, 1.0)


class Dense(nn.Module):
    """A network without any grid of places."""

    def __init__(self) -> None:
        super().__init__()
        self.head = nn.Linear(720, 3)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.head(x.flatten(1))


def test_a_model_without_a_convolution_is_refused_with_a_way_out(rng):
    model = wrap_module(Dense(), None, TALL, name="dense")
    with pytest.raises(CapabilityError, match=r"none in dense.*method lime"):
        explain(model, read(rng.integers(0, 256, (30, 30, 3), dtype=np.uint8)), methods=["gradcam"])


def test_a_layer_that_does_not_exist_is_refused_with_the_nearest(rng):
    with pytest.raises(LayerError, match="Nearest: features"):
        explain(small(), read(rng.integers(0, 256, (30, 30, 3), dtype=np.uint8)), methods=[GradCam(layer="feature")])


def test_the_check_is_made_once_per_model_and_kept(rng):
    model = small()
    photos = [read(rng.integers(0, 256, (30, 40, 3), dtype=np.uint8)) for _ in range(3)]
    cases = [explain(model, photo, methods=["gradcam"], seed=i) for i, photo in enumerate(photos)]
    costs = [case.attributions[0].cost.forward for case in cases]
    # on the probe: top target, layers, one trace; on the photo: top target, one trace, 20 hidden; and the map itself
    assert costs == [3 + 1 + 1 + 20 + 1, 1, 1]
    assert len({case.attributions[0].notes[0] for case in cases}) == 1
    assert "of 19 random maps" in cases[2].attributions[0].notes[0]


class ManyClasses(nn.Module):
    """As many channels as classes, but no class maps: a dense read-out mixes them."""

    def __init__(self, pool: nn.Module) -> None:
        super().__init__()
        torch.manual_seed(2)
        self.conv, self.pool, self.head = nn.Conv2d(3, 5, 3, padding=1), pool, nn.Linear(5, 5)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.head(self.pool(self.conv(x)).flatten(1))


@pytest.mark.parametrize("pool", [nn.AdaptiveAvgPool2d(1), nn.AdaptiveMaxPool2d(1)])
def test_as_many_channels_as_classes_is_not_yet_class_maps(rng, pool):
    model = wrap_module(ManyClasses(pool), None, TALL, name="net")
    case = explain(model, read(rng.integers(0, 256, (30, 30, 3), dtype=np.uint8)), methods=["gradcam"])
    assert case.attributions[0].settings["layer"] == "conv"
    few = isinstance(pool, nn.AdaptiveMaxPool2d)  # the gradient reaches five places of 240 at most
    assert ("depends on only 2 % of its places" in case.attributions[0].notes[0]) is few


class OneMap(nn.Module):
    """A fully convolutional network with one output: its last convolution is the class map."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(2)
        self.conv, self.map = nn.Conv2d(3, 5, 3, padding=1), nn.Conv2d(5, 1, 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.map(torch.relu(self.conv(x))).mean((2, 3))


def test_the_class_map_of_a_one_output_network_is_passed_over(rng):
    model = wrap_module(OneMap(), None, TALL, name="net")
    case = explain(model, read(rng.integers(0, 256, (30, 30, 3), dtype=np.uint8)), methods=["gradcam"])
    assert case.attributions[0].settings["layer"] == "conv"


def test_the_layer_does_not_depend_on_which_photo_came_first():
    photos = [read(np.full((30, 30, 3), level, np.uint8)) for level in (5, 250)]
    layers = []
    for order in (photos, photos[::-1]):
        model = small()
        cases = [explain(model, photo, methods=["gradcam"]) for photo in order]
        layers += [case.attributions[0].settings["layer"] for case in cases]
    assert len(set(layers)) == 1


@pytest.mark.parametrize(("beaten", "said"), [(19, "once per model"), (15, "not all"), (4, "no better than chance")])
def test_the_check_is_told_as_it_came_out(beaten, said):
    assert said in layer_choice.LayerCheck("layer4", beaten, 1.0).sentence()


class Corner(nn.Module):
    """Sees only a bright blob where it lies: the map is right, and hiding it must beat all random maps."""

    def __init__(self) -> None:
        super().__init__()
        self.see = nn.Conv2d(3, 1, 4, stride=4, bias=False)
        self.head = nn.Linear(1, 2, bias=False)
        nn.init.constant_(self.see.weight, 1 / 48)
        with torch.no_grad():
            self.head.weight.copy_(torch.tensor([[-40.0], [40.0]]))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.head(torch.relu(self.see(x) - 0.4).mean((2, 3)))


def test_the_check_tells_a_layer_that_means_something_from_one_that_does_not(rng):
    pixels = np.full((40, 40, 3), 30, np.uint8)
    pixels[4:16, 20:36] = 255
    model = wrap_module(Corner(), None, Preprocess(size=(40, 40)), name="corner")
    batch = model.asarray((pixels[None] / 255).astype(np.float32))
    target = model.labels.resolve(Target(1))
    assert layer_choice.check_layer(Counted(model), batch, target, "see", rng) == 19
    flipped = Target(0)
    beaten = layer_choice.check_layer(Counted(model), batch, model.labels.resolve(flipped), "see", rng)
    assert beaten < 19


def test_empty_maps_say_why():
    zero = np.zeros((2, 2), np.float32)
    assert "Dead gradients" in why_empty(zero, dead=True)[0]
    assert "silent" in why_empty(zero, dead=False)[0]
    assert "No positive evidence" in why_empty(zero - 1, dead=False)[0]
    assert "25 %" in why_empty(np.array([[1, np.nan], [0, 1]], np.float32), dead=False)[0]
    assert why_empty(zero + 1, dead=False) == ()


@pytest.mark.parametrize(("bias", "said"), [((-500.0, -500.0), "Dead gradients"), ((-50.0, -75.0), None)])
def test_a_dead_network_says_so(bias, said):
    model = net_a()
    with torch.no_grad():
        model.module.conv.bias.copy_(torch.tensor(bias))
    _, raw, _ = run(GradCam(layer="conv"), model, reading_order(model), [[FOUR.resolve(Target(0, score="logit"))]])
    assert (raw.notes[0][0] == ()) if said is None else (said in raw.notes[0][0][0])


def test_a_network_that_overflows_says_so():
    model = net_a()
    with torch.no_grad():
        model.module.conv.weight.fill_(float("inf"))
    _, raw, _ = run(GradCam(layer="conv"), model, reading_order(model), [[logit(0)]])
    assert "Not a number" in raw.notes[0][0][0]
