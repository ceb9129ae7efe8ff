"""The notebook's own numbers: Keras 3.15 on TensorFlow 2.21, VGG19 with weights drawn by layer name."""

import importlib.util
import zlib
from pathlib import Path

import numpy as np
import pytest
import skimage.data
from PIL import Image

from axolens.classifiers.keras_start import import_keras
from axolens.maths.scores import probabilities
from axolens.photos.resize import to_network
from axolens.records.photo import Photo
from axolens.records.target import Target

if importlib.util.find_spec("keras") is None:
    pytest.skip("Keras is not installed", allow_module_level=True)
keras = import_keras()
if keras.config.backend() != "torch":
    pytest.skip("Grad-CAM needs Keras on torch", allow_module_level=True)

from axolens.classifiers.keras_net import application_preprocess, wrap_keras  # noqa: E402

SHARED = Path(__file__).parents[3] / "shared" / "parity"
NAMES = ("axolotl", "iguana", "chameleon", "chelsea", "coffee")
TOP_CHELSEA = {58: 0.0571196, 500: 0.0550117, 377: 0.0498702, 743: 0.033576, 175: 0.0226653}
TOP_COFFEE = {377: 0.1449218, 58: 0.077239, 500: 0.0611231, 782: 0.0532872, 100: 0.0503583}
PLACES = ((0, 0), (3, 9), (5, 5), (7, 2), (10, 12), (13, 6))
# From expected.npz: the five likeliest classes, the heatmap at PLACES, its sum, and the largest |raw|.
KEPT = {
    "chelsea": (TOP_CHELSEA, (0.060336, 0.455548, 0.977888, 0.250078, 0.465038, 0.0), 74.995552, 9.0974767e-4),
    "coffee": (TOP_COFFEE, (0.350857, 0.605318, 0.344664, 0.620768, 0.008117, 0.60879), 73.656242, 3.0824312e-3),
}


def drawn(layer, part, shape):
    rng = np.random.default_rng(zlib.crc32(f"{layer}/{part}".encode()))
    values = rng.standard_normal(shape, dtype=np.float32)
    if part == "bias":
        return (0.1 * values).astype(np.float32)
    gain = 0.02 if layer == "predictions" else 1.0
    return (gain * values * np.sqrt(2.0 / np.prod(shape[:-1]))).astype(np.float32)


@pytest.fixture(scope="module")
def model():
    net = keras.applications.VGG19(weights=None)
    for layer in net.layers:
        for weight, part in zip(layer.weights, ("kernel", "bias"), strict=False):
            weight.assign(drawn(layer.name, part, tuple(weight.shape)))
    # No digest is needed here, and one of 575 MB takes a while.
    return wrap_keras(net, labels=None, preprocess=application_preprocess("VGG19"), name="keras/VGG19", digest="seeded")


def photo(name):
    if name in KEPT:
        levels = getattr(skimage.data, name)()
    else:
        levels = np.asarray(Image.open(SHARED / f"{name}.jpg").convert("RGB"))
    return Photo((levels.astype(np.float32) / 255).astype(np.float32), name=name)


def network_view(model, name):
    return to_network(photo(name), model.preprocess)


def grad_cam(model, name):
    batch = model.asarray(network_view(model, name)[None])
    chances = probabilities(model.scores(batch), model.kind)[0].numpy()
    top = int(chances.argmax())
    question = ((Target(top, score="probability", indices=(top,)),),)
    _, seen, slopes = model.trace(batch, question, "block5_conv4")
    raw = (slopes[0, 0].mean((1, 2))[:, None, None] * seen[0]).sum(0).numpy()
    lit = np.maximum(raw, 0)
    return chances, raw, lit / lit.max()


@pytest.mark.parametrize("name", KEPT)
def test_notebook_numbers_on_pictures_everyone_has(model, name):
    top, sampled, whole, largest = KEPT[name]
    chances, raw, heatmap = grad_cam(model, name)

    assert list(np.argsort(-chances)[:5]) == list(top)
    np.testing.assert_allclose(chances[list(top)], list(top.values()), rtol=0, atol=1e-4)
    np.testing.assert_allclose([heatmap[place] for place in PLACES], sampled, rtol=0, atol=1e-3)
    assert heatmap.sum() == pytest.approx(whole, abs=1e-3 * heatmap.size)
    assert np.abs(raw).max() == pytest.approx(largest, rel=1e-3)


@pytest.mark.slow
@pytest.mark.skipif(not SHARED.is_dir(), reason="needs ../shared/parity")
@pytest.mark.parametrize("name", NAMES)
def test_notebook_numbers_in_full(model, name):
    with np.load(SHARED / "expected.npz") as kept:
        expected = {part: kept[f"{name}/{part}"] for part in ("input", "probabilities", "target", "raw", "heatmap")}
    taken = network_view(model, name)[..., ::-1] * 255 - np.array(model.preprocess.mean)
    chances, raw, heatmap = grad_cam(model, name)

    np.testing.assert_allclose(taken[::16, ::16], expected["input"], rtol=0, atol=1e-3)  # of levels up to 255
    assert chances.argmax() == expected["target"]
    np.testing.assert_allclose(chances, expected["probabilities"], rtol=0, atol=1e-4)
    np.testing.assert_allclose(raw, expected["raw"], rtol=0, atol=1e-3 * np.abs(expected["raw"]).max())
    np.testing.assert_allclose(heatmap, expected["heatmap"], rtol=0, atol=1e-3)
