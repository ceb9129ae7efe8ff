import os

import numpy as np
import pytest
import torch

import axolens as ax
from axolens.classifiers import keras_net, onnx_file
from axolens.classifiers.recipe import preprocess_of, read_recipe
from axolens.errors import ModelError


def recipe(folder, text):
    path = folder / "m.toml"
    path.write_text(text)
    return read_recipe(path)


@pytest.mark.parametrize("kind", ["onnx:", "keras:", "torch:", "hf/"])
def test_the_model_is_found_beside_the_file(tmp_path, kind):
    (tmp_path / "nets").mkdir()
    (tmp_path / "nets" / "mine").mkdir() if kind == "hf/" else (tmp_path / "nets" / "mine").touch()
    assert recipe(tmp_path, f'model = "{kind}nets/mine"').model == f"{kind}{tmp_path / 'nets' / 'mine'}"
    assert recipe(tmp_path, f'model = "{kind}other/mine"').model == f"{kind}other/mine"
    whole = f"{kind}{tmp_path / 'nets' / 'mine'}"
    assert recipe(tmp_path, f'model = "{whole}"').model == whole


def test_a_network_beside_the_file_is_loaded_from_anywhere(tmp_path, monkeypatch):
    module = torch.nn.Sequential(torch.nn.Conv2d(3, 4, 3), torch.nn.AdaptiveAvgPool2d(1), torch.nn.Flatten())
    torch.export.save(torch.export.export(module, (torch.rand(1, 3, 8, 8),)), tmp_path / "net.pt2")
    (tmp_path / "m.toml").write_text('model = "torch:net.pt2"\n[preprocess]\nsize = [8.0, 8.0]\n')
    monkeypatch.chdir(os.sep)
    model = ax.load(tmp_path / "m.toml")
    assert (model.name, model.preprocess.size, len(model.labels)) == ("torch:net.pt2", (8, 8), 4)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("model = 3", "model in .*expected a spec in quotes, got 3"),
        ('model = "timm/x"\ndevice = 0', 'device in .*such as "cuda", got 0'),
        ('model = "timm/x"\nweights = 1', "weights in .*expected a file in quotes, got 1"),
        ('model = "timm/x"\nlabels = 5', "labels in .*a list of names, got 5"),
        ('model = "timm/x"\nlabels = ["a", 5]', "labels in .*names in quotes"),
        ('model = "timm/x"\npreprocess = 5', "preprocess in .*a table, got 5"),
        ('model = "timm/x"\noutput = "probabilites"', "output in .*independent-probabilities, got 'probabilites'"),
        ('model = "timm/x"\noutput = true', "output in .*expected auto, logits"),
    ],
)
def test_a_value_of_another_kind_is_refused(tmp_path, text, said):
    with pytest.raises(ModelError, match=said):
        recipe(tmp_path, text)


def test_sizes_are_whole_numbers():
    found = preprocess_of({"size": [32.0, 48.0], "short_side": 64.0}, "here")
    assert (found.size, found.short_side) == ((32, 48), 64)
    assert all(type(side) is int for side in (*found.size, found.short_side))
    assert preprocess_of({"size": 32.0}, "here").size == (32, 32)
    for table in ({"size": [32.5, 48]}, {"size": 32, "short_side": 32.5}, {"size": float("inf")}):
        with pytest.raises(ModelError, match="here: expected whole numbers"):
            preprocess_of(table, "here")
    with pytest.raises(ModelError, match="2 numbers"):
        preprocess_of({"size": [True, True]}, "here")


def test_every_spec_passes_on_what_is_declared(monkeypatch):
    given = []

    def loaded(_, **answers):
        given.append(answers["output"])
        return ax.load(lambda batch: batch, labels=["a", "b"])

    monkeypatch.setattr(keras_net, "load_keras_application", loaded)
    monkeypatch.setattr(keras_net, "load_keras_file", loaded)
    monkeypatch.setattr(onnx_file, "load_onnx", loaded)
    for spec in ("keras/VGG19", "keras:net.keras", "onnx:net.onnx"):
        ax.load(spec, output="independent-logits")
    assert given == ["independent-logits"] * 3


OWN = """
import numpy as np
import axolens as ax
mine = ax.load(lambda batch: np.stack([batch.mean((1, 2, 3)), 9 - batch.mean((1, 2, 3))], 1),
               labels=["a", "b"], preprocess={"size": 8})
mine.name = "my own"
"""


def test_a_classifier_of_ones_own_keeps_its_name(tmp_path, monkeypatch):
    (tmp_path / "own_classifier_for_test.py").write_text(OWN)
    monkeypatch.chdir(tmp_path)
    model = ax.load("python:own_classifier_for_test:mine")
    assert model.name == "my own"
    assert model.scores(np.zeros((1, 8, 8, 3), np.float32)).tolist() == [[0, 9]]
    with pytest.raises(ModelError, match=r"the classifier my own\. It has its answers already"):
        ax.load("python:own_classifier_for_test:mine", labels=["x", "y"])
