"""Class activation maps beside the peers, where they are right: the same module, layer, classes and pictures."""

import warnings

import numpy as np
import pytest
import torch
from nets import TALL, small
from torch.nn import functional

from axolens.classifiers.counted import Counted
from axolens.classifiers.function import normalised
from axolens.classifiers.torchvision_ops import import_torchvision
from axolens.maths.array import to_numpy
from axolens.methods.catalogue import method_of
from axolens.records.target import Target

import_torchvision()  # two of the peers import it by themselves
with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    captum = pytest.importorskip("captum.attr")
    jacob = pytest.importorskip("pytorch_grad_cam")
    torchcam = pytest.importorskip("torchcam.methods")
    from pytorch_grad_cam.utils.model_targets import ClassifierOutputTarget

LAYER, CLASSES = "features.4", (3, 1)  # another class for each of two pictures; 10 × 6 places


@pytest.fixture
def model():
    found = small(seed=6)
    with torch.no_grad():
        found.module.head.weight.mul_(100)  # so that the peers' 1e-7 and 1e-6 in denominators count for nothing
    return found


@pytest.fixture
def batch(model, rng):
    return model.asarray(rng.random((2, 20, 12, 3), np.float32))


def ours(name, model, batch):
    asked = [[model.labels.resolve(Target(k, score="logit"))] for k in CLASSES]
    raw = method_of(name, {"layer": LAYER}).attribute(Counted(model), batch, asked, [np.random.default_rng(0)] * 2)
    return to_numpy(raw.maps)[:, 0]


def prepared(batch):
    return normalised(batch, TALL).contiguous()


def as_shown(values, size=None, least=0.0):
    """Rectified and stretched to 0 … 1 map by map, after the resizing where there is one: what the peers return."""
    values = torch.relu(torch.tensor(values))
    values = values - values.amin((1, 2), keepdim=True)
    values = values / (least + values.amax((1, 2), keepdim=True))
    if size is not None:
        values = functional.interpolate(values[:, None], size, mode="bilinear", align_corners=False)[:, 0]
    return values.numpy()


def settle(module):
    for part in module.modules():
        if isinstance(part, torch.nn.ReLU):
            part.inplace = False  # pytorch-grad-cam would read what it leaves behind
    return module


def test_grad_cam_is_captums(model, batch):
    layer = settle(model.module).get_submodule(LAYER)
    theirs = captum.LayerGradCam(model.module, layer).attribute(prepared(batch), list(CLASSES), relu_attributions=False)
    np.testing.assert_allclose(ours("gradcam", model, batch), theirs.detach()[:, 0], atol=1e-6)


@pytest.mark.parametrize("name", ["gradcam", "hirescam", "layercam", "gradcamplusplus", "xgradcam"])
def test_maps_are_those_of_pytorch_grad_cam(model, batch, name):
    peer = {
        "gradcam": jacob.GradCAM, "hirescam": jacob.HiResCAM, "layercam": jacob.LayerCAM,
        "gradcamplusplus": jacob.GradCAMPlusPlus, "xgradcam": jacob.XGradCAM,
    }[name]  # fmt: skip
    module = settle(model.module)
    with peer(model=module, target_layers=[module.get_submodule(LAYER)]) as cam:
        theirs = cam(prepared(batch), [ClassifierOutputTarget(k) for k in CLASSES])
    found = as_shown(ours(name, model, batch), (20, 12), 1e-7)
    assert theirs.std() > 0.05
    np.testing.assert_allclose(as_shown(found), theirs, atol=1e-4)  # they resize by OpenCV, in other weights' rounding


@pytest.mark.parametrize("name", ["gradcam", "layercam"])
def test_maps_are_those_of_torch_cam(model, batch, name):
    peer = {"gradcam": torchcam.GradCAM, "layercam": torchcam.LayerCAM}[name]
    module = settle(model.module)
    with peer(module, module.get_submodule(LAYER)) as extractor:
        theirs = extractor(list(CLASSES), module(prepared(batch)))[0]
    np.testing.assert_allclose(as_shown(ours(name, model, batch)), theirs.detach(), atol=5e-6)


@pytest.mark.filterwarnings("ignore::UserWarning")
@pytest.mark.parametrize("peer", ["pytorch-grad-cam", "torch-cam"])
def test_photos_seen_through_channels_weigh_as_the_peers_have_it(model, batch, peer):
    # At a layer as large as the photo, where nobody enlarges: pytorch-grad-cam aligns corners, and torch-cam stretches
    # before it enlarges. Both hide behind what the preprocessing makes zero. Their softmax is the paper's.
    module = settle(model.module)
    module.head.weight.data.mul_(0.05)  # so that the softmax leaves weight to more than one channel
    asked = [[model.labels.resolve(Target(k, score="logit"))] for k in CLASSES]
    method = method_of("scorecam", {"layer": "features.0", "fill": "network-zero"})
    ours = as_shown(to_numpy(method.attribute(Counted(model), batch, asked, [np.random.default_rng(0)] * 2).maps)[:, 0])
    assert ours.std() > 0.05
    if peer == "torch-cam":
        with torchcam.ScoreCAM(module, module.get_submodule("features.0")) as extractor:
            theirs = extractor(list(CLASSES), module(prepared(batch)))[0].detach()
    else:
        with jacob.ScoreCAM(model=module, target_layers=[module.get_submodule("features.0")]) as cam:
            theirs = cam(prepared(batch), [ClassifierOutputTarget(k) for k in CLASSES])
    np.testing.assert_allclose(ours, theirs, atol=1e-5)


@pytest.mark.filterwarnings("ignore::UserWarning")
def test_falls_without_a_channel_make_the_map_of_pytorch_grad_cam(model, batch):
    # It takes a channel away by zero only where the layer's least value is 0, behind a ReLU, and divides by the score,
    # which turns maps of negative scores: these classes' are positive.
    module, layer = settle(model.module), "features.5"
    with torch.no_grad():
        module.head.bias.sub_(model.scores(batch).amin(0) - 1)
    asked = [[model.labels.resolve(Target(k, score="logit"))] for k in CLASSES]
    ours = to_numpy(method_of("ablationcam", {"layer": layer}).attribute(Counted(model), batch, asked, []).maps)[:, 0]
    with jacob.AblationCAM(model=module, target_layers=[module.get_submodule(layer)]) as cam:
        theirs = cam(prepared(batch), [ClassifierOutputTarget(k) for k in CLASSES])
    assert theirs.std() > 0.05
    # They resize by OpenCV, in other weights' rounding.
    np.testing.assert_allclose(as_shown(as_shown(ours, (20, 12), 1e-7)), theirs, atol=1e-4)
