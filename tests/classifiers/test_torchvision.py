"""torchvision's networks answer as torchvision's own, built the official way, do."""

import re

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

import axolens as ax
from axolens.classifiers.torchvision_ops import import_torchvision
from axolens.errors import WeightsError

models = import_torchvision().models
SIDE = 96
PREPARED = {"size": [SIDE, SIDE], "mean": [0.485, 0.456, 0.406], "std": [0.229, 0.224, 0.225]}


def published(name):
    """A network's random weights as its published file has them, with batch norms that have seen pictures."""
    torch.manual_seed(0)
    heads = {"init_weights": False, "aux_logits": False} if name in ("inception_v3", "googlenet") else {}
    settled = models.get_model(name, weights=None, **heads).train()
    for part in settled.modules():
        if isinstance(part, torch.nn.BatchNorm2d):
            part.momentum = None
    with torch.no_grad():
        settled(torch.randn(4, 3, SIDE, SIDE))
    state = dict(settled.state_dict())
    if heads:
        whole = models.get_model(name, weights=None, init_weights=False, aux_logits=True)
        state = {**whole.state_dict(), **state}
    if name.startswith("densenet"):  # older than PyTorch's count of batches
        state = {key: value for key, value in state.items() if not key.endswith("num_batches_tracked")}
    return {re.sub(r"(denselayer\d+\.(?:norm|conv))(\d)\.", r"\1.\2.", key): value for key, value in state.items()}


@pytest.fixture(scope="module", params=["densenet121", "inception_v3", "googlenet"])
def official(request, tmp_path_factory):
    """Name, weight file, and torchvision's own network, given its weights as torchvision gives it a download."""
    name, state = request.param, published(request.param)
    recipe = models.get_model_weights(name).DEFAULT
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(type(recipe), "get_state_dict", lambda *_, **__: dict(state))
        module = models.get_model(name, weights=recipe).eval()
    path = tmp_path_factory.mktemp(name) / "published.pth"
    torch.save(state, path)
    return name, path, module


def expected(module, batch):
    mean, std = torch.tensor(PREPARED["mean"]), torch.tensor(PREPARED["std"])
    with torch.no_grad():
        return module(((torch.tensor(batch) - mean) / std).permute(0, 3, 1, 2))


def check(model, module):
    batch = np.random.default_rng(0).random((2, SIDE, SIDE, 3), np.float32)
    wanted = expected(module, batch)
    assert wanted.std() > 1e-2
    np.testing.assert_allclose(model.scores(model.asarray(batch)), wanted, atol=1e-5 * float(wanted.abs().max()))


def test_a_published_file_answers_as_torchvision_does(official):
    name, path, module = official
    model = ax.load(f"torchvision/{name}", weights=path, preprocess=PREPARED)
    check(model, module)
    assert len(model.digest) == 64
    assert model.digest == ax.load(f"torchvision/{name}", weights=path, preprocess=PREPARED).digest


def test_a_download_answers_as_torchvision_does(official, monkeypatch):
    name, path, module = official
    recipe = models.get_model_weights(name).DEFAULT
    monkeypatch.setattr(type(recipe), "get_state_dict", lambda *_, **__: torch.load(path))
    check(ax.load(f"torchvision/{name}", preprocess=PREPARED), module)


def test_a_wrapped_file_is_read_too(official, tmp_path):
    name, path, module = official
    state = {f"module.{key}": value.contiguous() for key, value in torch.load(path).items()}
    save_file(state, tmp_path / "wrapped.safetensors")
    check(ax.load(f"torchvision/{name}", weights=tmp_path / "wrapped.safetensors", preprocess=PREPARED), module)


def test_heads_for_training_are_dropped_from_no_other_network(tmp_path):
    state = {**models.get_model("resnet18", weights=None).state_dict(), "aux1.weight": torch.zeros(1)}
    torch.save(state, tmp_path / "w.pth")
    with pytest.raises(WeightsError, match=r"got aux1\.weight"):
        ax.load("torchvision/resnet18", weights=tmp_path / "w.pth", preprocess=PREPARED)


def test_a_network_that_asks_for_its_version_takes_plain_tensors(tmp_path):
    module = models.get_model("mnasnet0_5", weights=None, num_classes=3).eval()
    state = {key: value.contiguous() for key, value in module.state_dict().items()}
    save_file(state, tmp_path / "w.safetensors")
    labels = list("abc")
    model = ax.load("torchvision/mnasnet0_5", weights=tmp_path / "w.safetensors", labels=labels, preprocess=PREPARED)
    batch = np.random.default_rng(0).random((1, SIDE, SIDE, 3), np.float32)
    np.testing.assert_allclose(model.scores(model.asarray(batch)), expected(module, batch), atol=1e-5)
