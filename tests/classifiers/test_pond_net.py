"""pond and its sisters as classifiers: the weights that ship, a file in their place, and what is refused."""

import hashlib

import numpy as np
import pytest
import torch
from ponds import ship

import axolens as ax
from axolens.classifiers.protocols import Differentiable, Layered
from axolens.classifiers.registry import SPECS
from axolens.errors import ModelError
from axolens.photos.resize import to_network
from axolens.pond.network import fresh_network
from axolens.pond.pictures import PREPROCESS
from axolens.pond.recipes import NETWORKS
from axolens.pond.scene import SPECIES
from axolens.pond.weights import load_network, write_weights


@pytest.fixture
def photo(rng):
    return ax.read(rng.integers(0, 256, (90, 150, 3), dtype=np.uint8))


@pytest.fixture
def weights(monkeypatch, tmp_path):
    return ship(monkeypatch, tmp_path, pond=3, pond_fair=4)


def direct(network, photo):
    pixels = torch.tensor(to_network(photo, PREPROCESS)).permute(2, 0, 1)[None]
    with torch.no_grad():
        return network.eval()((pixels - 0.5) / 0.25).numpy()[0]


def test_the_untrained_network_is_called_as_it_is(photo):
    model = ax.load("pond-random")
    np.testing.assert_allclose(ax.predict(model, photo).scores, direct(fresh_network(0), photo), atol=1e-5)
    assert (model.name, model.kind, model.labels.names) == ("pond-random", "logits", SPECIES)
    assert len(model.digest) == 64
    assert model.digest == ax.load("pond-random").digest


def test_shipped_weights_are_used_and_named_by_their_digest(weights, photo):
    model, other = ax.load("pond"), ax.load("pond-fair")
    np.testing.assert_allclose(ax.predict(model, photo).scores, direct(load_network("pond"), photo), atol=1e-5)
    assert np.abs(ax.predict(model, photo).scores - ax.predict(other, photo).scores).max() > 1e-3
    assert model.digest == hashlib.sha256((weights / "pond.safetensors").read_bytes()).hexdigest()


def test_a_file_replaces_the_shipped_weights(weights, photo, tmp_path):
    path = write_weights(fresh_network(5), tmp_path / "own" / "mine.safetensors")
    model = ax.load("pond", weights=path)
    # half precision keeps 11 bits a weight
    np.testing.assert_allclose(ax.predict(model, photo).scores, direct(fresh_network(5), photo), atol=2e-3)
    assert model.digest == hashlib.sha256(path.read_bytes()).hexdigest()
    assert ax.load("pond-random", weights=path).digest == model.digest


def test_a_file_does_without_the_shipped_weights(monkeypatch, photo, tmp_path):
    ship(monkeypatch, tmp_path / "none")
    path = write_weights(fresh_network(5), tmp_path / "mine.safetensors")
    assert ax.predict(ax.load("pond-tag", weights=path), photo).probabilities.sum() == pytest.approx(1, abs=1e-6)


def test_the_whole_photo_is_squashed_to_64_pixels():
    halves = np.zeros((40, 400, 3), np.uint8)
    halves[:, 200:] = 255
    seen = to_network(ax.read(halves), ax.load("pond-random").preprocess)
    assert seen.shape == (64, 64, 3)
    assert (seen[:, :30].max(), seen[:, 34:].min()) == (0, 1)


def test_labels_preparation_and_output_can_be_answered(photo):
    model = ax.load("pond-random", labels=list("abcdef"), preprocess={"size": 64}, output="probabilities")
    assert (model.labels.names, model.preprocess.mean, model.kind) == (tuple("abcdef"), (0, 0, 0), "log-probabilities")
    with pytest.raises(ModelError, match="labels: expected 6 names"):
        ax.load("pond-random", labels=["light", "dark"])


def test_it_can_be_explained(photo):
    model = ax.load("pond-random")
    assert isinstance(model, Differentiable)
    assert isinstance(model, Layered)
    case = ax.explain(model, photo, methods="gradcam", settings={"gradcam": {"layer": "features.block4_conv1"}})
    assert case.attributions[0].values.shape == (8, 8)


@pytest.mark.parametrize("spec", ["pond-faire", "pond-x", "pond-"])
def test_an_unknown_network_names_the_known(spec):
    with pytest.raises(ModelError) as refused:
        ax.load(spec)
    assert all(f" {name}," in str(refused.value) for name in NETWORKS)
    assert "Nearest: pond-fair." in str(refused.value) or spec != "pond-faire"


def test_weights_that_are_not_the_shipped_ones_are_refused(weights):
    path = weights / "pond.safetensors"
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)
    with pytest.raises(ModelError, match=r"model pond: expected weights with sha256 .* install axolens again"):
        ax.load("pond")


def test_it_is_listed():
    (spec,) = [spec for spec in SPECS if spec.pattern.startswith("pond")]
    assert spec.gives == "predictions, gradients, layers"


def test_loading_leaves_the_random_numbers_alone(weights):
    before = torch.get_rng_state()
    ax.load("pond")
    ax.load("pond-random")
    assert torch.equal(before, torch.get_rng_state())
