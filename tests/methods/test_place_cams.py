"""The relatives of Grad-CAM: by hand on net A, and on networks where they must differ from it."""

import numpy as np
import pytest
import torch
from nets import TALL, logit, net_a, reading_order, small
from torch import nn

import axolens as ax
from axolens.classifiers.counted import Counted
from axolens.classifiers.torch_load import wrap_module
from axolens.errors import CapabilityError
from axolens.maths.array import to_numpy
from axolens.methods.cam.eigencam import EigenCam
from axolens.methods.cam.gradcam import GradCam
from axolens.methods.cam.gradcamplusplus import GradCamPlusPlus
from axolens.methods.cam.hirescam import HiResCam
from axolens.methods.cam.layercam import LayerCam
from axolens.methods.cam.xgradcam import XGradCam
from axolens.records.target import Target

ROWS = ((1, 1, 1, 1, 1, -1, -1, -1), (-1, -1, -1, -1, -1, -1, -1, -1), (1,) * 8, (1,) * 8)


def run(method, model, batch, targets):
    counted = Counted(model)
    raw = method.attribute(counted, batch, targets, [np.random.default_rng(0)] * batch.shape[0])
    return to_numpy(raw.maps), raw, counted


# The convolution gives (−5, 4, 31, 40) and (−30, −21, 6, 15), the activation cuts off what is negative, and the first
# logit weighs it by (1, 1, 1, 1) and (1, −1, −1, −1): 0 + 4 + 31 + 40 − 6 − 15 = 54.
@pytest.mark.parametrize("inplace", [False, True])
@pytest.mark.parametrize("layer", ["conv", "relu"])
@pytest.mark.parametrize(
    ("method", "by_hand"), [(HiResCam, [[0, 4], [31 - 6, 40 - 15]]), (LayerCam, [[0, 4], [31, 40]])]
)
def test_net_a_by_hand(method, by_hand, layer, inplace):
    model = net_a(inplace=inplace)
    maps, raw, counted = run(method(layer=layer), model, reading_order(model), [[logit(0), logit(1)]])
    np.testing.assert_allclose(maps[0], [by_hand] * 2, atol=1e-5)
    assert (counted.forward, counted.backward) == (1, 2)
    assert raw.settings == {"layer": layer}


# At the activation the channels sum to 75 and 21. Grad-CAM++: each of four ones has α = 1/(2 + 75), and the only
# positive one of the second channel 1/(2 + 21). XGrad-CAM: weights 75/75 and −21/21.
# At the convolution they sum to 70 and −30, and the gradient is cut off where it gives less than 0.
@pytest.mark.parametrize(
    ("method", "layer", "weights"),
    [
        (GradCamPlusPlus, "relu", (4 / 77, 1 / 23)),
        (GradCamPlusPlus, "conv", (3 / 72, 0)),
        (XGradCam, "relu", (1, -1)),
        (XGradCam, "conv", (75 / 70, 21 / 30)),
    ],
)
def test_weights_of_net_a_by_hand(method, layer, weights):
    gives = {"relu": [[0, 4, 31, 40], [0, 0, 6, 15]], "conv": [[-5, 4, 31, 40], [-30, -21, 6, 15]]}[layer]
    model = net_a()
    maps, _, counted = run(method(layer=layer), model, reading_order(model), [[logit(0), logit(1)]])
    np.testing.assert_allclose(maps[0], [(np.array(weights) @ gives).reshape(2, 2)] * 2, atol=1e-5)
    assert (counted.forward, counted.backward) == (1, 2)


def test_xgradcam_sums_to_what_hirescam_does(rng):
    model = small(seed=8)
    batch = model.asarray(rng.random((2, *TALL.size, 3), np.float32))
    target = [[model.labels.resolve(Target(2))]] * 2
    sums = [run(kind(layer="features.5"), model, batch, target)[0].sum((2, 3)) for kind in (XGradCam, HiResCam)]
    np.testing.assert_allclose(*sums, rtol=1e-4)


def test_eigencam_is_where_power_iteration_ends(rng):
    model = small(seed=8)
    batch = model.asarray(rng.random((2, *TALL.size, 3), np.float32))
    target = [[model.labels.resolve(Target(k)) for k in (2, 0)]] * 2
    maps, raw, _ = run(EigenCam(layer="features.4"), model, batch, target)
    _, seen, _ = model.trace(batch, target, "features.4")
    for i in range(2):
        places = seen[i].flatten(1).T.double()
        vector = torch.ones(places.shape[1], dtype=torch.float64)
        for _ in range(3000):
            vector = places.T @ (places @ vector)
            vector /= vector.norm()
        slow = (places @ vector).reshape(maps.shape[2:]).numpy()
        slow *= np.sign(slow.sum())
        np.testing.assert_allclose(maps[i], [slow] * 2, atol=1e-5 * np.abs(slow).max())
    assert raw.notes[0][1][0].startswith("The same map for every class")


def test_a_silent_layer_is_no_division_by_zero():
    model = net_a()
    nothing = model.asarray(np.zeros((1, 1, 4, 4), np.float32))
    for kind in (GradCamPlusPlus, XGradCam, EigenCam):
        maps, _, _ = run(kind(layer="relu"), model, nothing, [[logit(0)]])
        assert np.abs(maps).max() == 0


def test_hirescam_sums_to_the_score_where_it_is_linear_from_the_layer_on():
    model = net_a()
    scores = model.scores(reading_order(model))[0]
    maps, _, _ = run(HiResCam(layer="relu"), model, reading_order(model), [[logit(0)]])
    assert float(maps.sum()) == float(scores[0]) == 54


@pytest.mark.parametrize(("method", "said"), [(LayerCam, "silent wherever"), (HiResCam, "No positive evidence")])
def test_a_class_that_everything_speaks_against_says_so(method, said):
    model = net_a(rows=ROWS)
    with torch.no_grad():
        model.module.head.bias.fill_(200)  # above the last activation, which would cut the gradient off
    _, raw, _ = run(method(layer="relu"), model, reading_order(model), [[logit(1)]])
    assert said in raw.notes[0][0][0]


class HalfRead(nn.Module):
    """Reads the left half of a layer only, so that a right half which lights up means nothing."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(5)
        self.conv, self.head = nn.Conv2d(3, 6, 4, stride=4), nn.Linear(6, 4)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        seen = torch.relu(self.conv(x))
        return self.head(seen[..., : seen.shape[-1] // 2].sum((2, 3)))


def test_only_grad_cam_colours_places_that_are_not_read(rng):
    model = wrap_module(HalfRead(), None, ax.Preprocess(size=(20, 24)), name="half")
    batch = model.asarray(rng.random((1, 20, 24, 3), np.float32))
    target = [[model.labels.resolve(Target(2))]]
    right = {
        kind.__name__: float(np.abs(run(kind(layer="conv"), model, batch, target)[0][..., 3:]).sum())
        for kind in (GradCam, HiResCam, LayerCam)
    }
    assert right["GradCam"] > 0
    assert right["HiResCam"] == right["LayerCam"] == 0


def test_the_layer_is_chosen_once_and_each_method_checks_its_own_map_there(rng):
    model, photo = small(), ax.read(rng.integers(0, 256, (30, 40, 3), dtype=np.uint8))
    first = ax.explain(model, photo, target=1, methods=["gradcam", "hirescam", "layercam"])
    costs = [one.cost.forward for one in first.attributions]
    # Grad-CAM: three passes to choose; each: the answer, one trace, 20 hidden pictures, and the map itself.
    assert costs == [3 + 1 + 1 + 20 + 1, 1 + 1 + 20 + 1, 1 + 1 + 20 + 1]
    assert len({one.settings["layer"] for one in first.attributions}) == 1
    again = ax.explain(model, photo, target=1, methods=["hirescam"])
    assert again.attributions[0].cost.forward == 1
    assert again.attributions[0].notes[0] == first.attributions[1].notes[0]


def test_each_check_hides_by_its_own_formula(rng):
    from axolens.methods.cam.layer_choice import check_layer

    model = small()
    batch = model.asarray(rng.random((1, *TALL.size, 3), np.float32))
    target, seen = model.labels.resolve(Target(1)), []

    def upside_down(activations, gradients):
        seen.append(activations.shape)
        return -(gradients * activations[:, None]).sum(2)

    upright = check_layer(Counted(model), batch, target, "features.5", rng, lambda a, g: (g * a[:, None]).sum(2))
    turned = check_layer(Counted(model), batch, target, "features.5", rng, upside_down)
    assert seen == [(1, 8, 10, 6)]
    assert turned < upright


def test_layercam_is_asked_no_contrast(rng):
    photo = ax.read(rng.integers(0, 256, (30, 40, 3), dtype=np.uint8))
    with pytest.raises(CapabilityError, match=r"Use one of gradcam, lime, .*hirescam"):
        ax.explain(small(), photo, target=ax.Target(0, against=1), methods=["layercam"])
