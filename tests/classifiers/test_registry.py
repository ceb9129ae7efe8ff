from pathlib import Path

import numpy as np
import pytest
import torch
from nets import TALL, Small, small
from safetensors.torch import save_file

import axolens as ax
from axolens.classifiers.labels import imagenet_labels, read_labels
from axolens.classifiers.recipe import IMAGENET, read_recipe
from axolens.classifiers.torch_weights import fit_state, read_state
from axolens.classifiers.torchvision_ops import import_torchvision
from axolens.errors import ModelError, WeightsError

TINY = {"size": [32, 32], "short_side": 32}


def test_a_module_of_ones_own_with_all_answers(rng):
    labels = ["newt", "axolotl", "frog", "toad", "eft"]
    model = ax.load(Small(), labels=labels, preprocess=TALL)
    photo = ax.read(rng.integers(0, 256, (40, 24, 3), dtype=np.uint8))
    said = ax.predict(model, photo)
    assert said.probabilities.sum() == pytest.approx(1, abs=1e-6)
    assert said.top(5)[0].label in labels
    assert ax.load(model) is model


def test_a_photo_needs_a_preprocess(rng):
    model = ax.load(Small(), labels=list("abcde"))
    with pytest.raises(ModelError, match='preprocess="imagenet"'):
        ax.predict(model, ax.read(rng.integers(0, 256, (40, 24, 3), dtype=np.uint8)))


def test_weights_and_device_belong_to_specs(tmp_path):
    with pytest.raises(ModelError, match="in your own code"):
        ax.load(Small(), labels=list("abcde"), preprocess=TALL, weights=tmp_path / "w.pth")
    with pytest.raises(ModelError, match="a spec, a module"):
        ax.load(3)


@pytest.fixture(scope="module")
def resnet(tmp_path_factory):
    torch.manual_seed(0)
    module = import_torchvision().models.resnet18(weights=None, num_classes=4)
    return module, tmp_path_factory.mktemp("weights")


def direct(module, photo, preprocess):
    from axolens.photos.resize import to_network

    pixels = to_network(photo, preprocess)
    prepared = (pixels * preprocess.scale - np.array(preprocess.mean)) / np.array(preprocess.std)
    with torch.no_grad():
        return module.eval()(torch.tensor(prepared.transpose(2, 0, 1)[None], dtype=torch.float32)).numpy()[0]


@pytest.mark.parametrize("wrapped", ["plain", "state_dict", "module.", "half", "pth"])
def test_torchvision_takes_a_weight_file_in_many_wrappings(resnet, rng, wrapped):
    module, home = resnet
    state = {name: tensor for name, tensor in module.state_dict().items() if "num_batches" not in name}
    path = home / f"{wrapped}.safetensors"
    if wrapped in ("state_dict", "pth"):
        path = home / f"{wrapped}.pth"
        torch.save({"epoch": 3, "state_dict": state} if wrapped == "state_dict" else state, path)
    elif wrapped == "module.":
        save_file({f"module.{name}": tensor.contiguous() for name, tensor in state.items()}, path)
    else:
        save_file({name: (t.half() if wrapped == "half" else t).contiguous() for name, t in state.items()}, path)
    model = ax.load("torchvision/resnet18", weights=path, labels=list("abcd"), preprocess=TINY)
    photo = ax.read(rng.integers(0, 256, (40, 60, 3), dtype=np.uint8))
    tolerance = 2e-2 if wrapped == "half" else 1e-5  # half precision keeps 11 bits a weight
    np.testing.assert_allclose(ax.predict(model, photo).scores, direct(module, photo, model.preprocess), atol=tolerance)
    assert len(model.digest) == 64


def test_a_truncated_file_is_refused(resnet):
    module, home = resnet
    whole = home / "whole.pth"
    torch.save(module.state_dict(), whole)
    cut = home / "cut.pth"
    cut.write_bytes(whole.read_bytes()[:100_000])
    with pytest.raises(WeightsError, match="a readable file of tensors"):
        read_state(cut)
    (home / "net.h5").write_bytes(b"")
    with pytest.raises(WeightsError, match="Keras file"):
        read_state(home / "net.h5")


def test_extra_tensors_are_named():
    state = {**Small().state_dict(), "aux.weight": torch.zeros(1), "aux.bias": torch.zeros(1)}
    with pytest.raises(WeightsError, match=r"aux\.weight and 1 more"):
        fit_state(Small(), state, Path("x"))


def test_timm_with_a_head_of_ones_own(rng, tmp_path):
    import_torchvision()
    timm = pytest.importorskip("timm")
    torch.manual_seed(0)
    module = timm.create_model("resnet10t", pretrained=False, num_classes=3)
    save_file({name: tensor.contiguous() for name, tensor in module.state_dict().items()}, tmp_path / "w.safetensors")
    model = ax.load("timm/resnet10t", weights=tmp_path / "w.safetensors", labels=list("abc"))
    assert model.preprocess.filter == "bicubic"
    photo = ax.read(rng.integers(0, 256, (240, 300, 3), dtype=np.uint8))
    np.testing.assert_allclose(ax.predict(model, photo).scores, direct(module, photo, model.preprocess), atol=1e-4)


def test_timm_preprocess_is_its_own_transform(rng):
    import_torchvision()
    timm = pytest.importorskip("timm")
    from PIL import Image

    module = timm.create_model("vit_tiny_patch16_224", pretrained=False)
    transform = timm.data.create_transform(**timm.data.resolve_model_data_config(module), is_training=False)
    pixels = rng.integers(0, 256, (300, 420, 3), dtype=np.uint8)
    from axolens.classifiers.timm_net import timm_preprocess
    from axolens.classifiers.torch_module import normalised
    from axolens.photos.resize import to_network

    preprocess = timm_preprocess("vit_tiny_patch16_224")
    ours = normalised(torch.tensor(to_network(ax.read(pixels), preprocess)[None]), preprocess)[0]
    np.testing.assert_allclose(ours, transform(Image.fromarray(pixels)), atol=1e-6)


@pytest.mark.parametrize("name", ["resnet18", "inception_v3", "efficientnet_b0", "vit_b_16", "swin_t", "convnext_tiny"])
def test_torchvision_preprocess_is_its_own_transform(rng, name):
    from PIL import Image

    from axolens.classifiers.torch_module import normalised
    from axolens.classifiers.torchvision_net import torchvision_preprocess
    from axolens.photos.resize import to_network

    models = import_torchvision().models
    pixels = rng.integers(0, 256, (300, 420, 3), dtype=np.uint8)
    preprocess = torchvision_preprocess(name)
    ours = normalised(torch.tensor(to_network(ax.read(pixels), preprocess)[None]), preprocess)[0]
    theirs = models.get_model_weights(name).DEFAULT.transforms()(Image.fromarray(pixels))
    np.testing.assert_allclose(ours, theirs, atol=1e-5)


def test_a_torch_export_file(rng, tmp_path):
    module = Small(smooth=True).eval()
    program = torch.export.export(
        module, (torch.rand(2, 3, 20, 12),), dynamic_shapes={"x": {0: torch.export.Dim("n", min=1)}}
    )
    torch.export.save(program, tmp_path / "net.pt2")
    model = ax.load(f"torch:{tmp_path / 'net.pt2'}", labels=list("abcde"), preprocess={"size": [20, 12]})
    pixels = rng.random((2, 20, 12, 3), np.float32)
    reference = small(smooth=True, preprocess=model.preprocess)
    np.testing.assert_allclose(
        model.scores(model.asarray(pixels)), reference.scores(reference.asarray(pixels)), atol=1e-5
    )
    (tmp_path / "no.pt2").write_text("nothing")
    with pytest.raises(ModelError, match=r"torch\.export\.save"):
        ax.load(f"torch:{tmp_path / 'no.pt2'}", preprocess="imagenet")


def test_a_python_function_from_the_working_folder(tmp_path, monkeypatch, rng):
    (tmp_path / "own_model_for_test.py").write_text(
        "import numpy as np\ndef ask(batch):\n    m = batch.mean((1, 2, 3))\n    return np.stack([m, 1 - m], 1)\n"
    )
    monkeypatch.chdir(tmp_path)
    model = ax.load("python:own_model_for_test:ask", labels=["light", "dark"], preprocess={"size": 8})
    said = ax.predict(model, ax.read(np.full((20, 20, 3), 204, np.uint8)))
    assert said.answer("light").probability == pytest.approx(0.8, abs=1e-5)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.txt", "newt\naxolotl\n"),
        ("b.json", '["newt", "axolotl"]'),
        ("c.json", '{"1": "axolotl", "0": "newt"}'),
        ("d.json", '{"0": ["n1", "newt"], "1": ["n2", "axolotl"]}'),
    ],
)
def test_labels_files(tmp_path, name, content):
    (tmp_path / name).write_text(content)
    assert read_labels(tmp_path / name).names == ("newt", "axolotl")
    assert read_labels(tmp_path / name).wnids == (("n1", "n2") if name == "d.json" else None)


def test_other_classes_need_their_own_weights(monkeypatch):
    timm = pytest.importorskip("timm")
    built = timm.create_model
    monkeypatch.setattr(timm, "create_model", lambda name, pretrained, **rest: built(name, pretrained=False, **rest))
    with pytest.raises(ModelError, match=r"1000 names.*its own --weights"):
        ax.load("timm/resnet10t", labels=["a", "b"])


def test_a_file_brings_its_own_weights_and_device(tmp_path):
    with pytest.raises(ModelError, match="brings its own"):
        ax.load("torch:net.pt2", weights=tmp_path / "w.pth", preprocess="imagenet")
    with pytest.raises(ModelError, match="brings its own"):
        ax.load("python:module:function", device="cuda", preprocess="imagenet")


def test_what_comes_out_can_be_declared_for_every_spec(resnet, rng):
    module, home = resnet
    save_file({name: tensor.contiguous() for name, tensor in module.state_dict().items()}, home / "d.safetensors")
    model = ax.load(
        "torchvision/resnet18", weights=home / "d.safetensors", labels=list("abcd"), preprocess=TINY,
        output="probabilities",
    )  # fmt: skip
    assert model.kind == "log-probabilities"


def test_imagenet_is_in_the_usual_order():
    labels = imagenet_labels()
    assert len(labels) == 1000
    assert (labels.names[0], labels.names[999], labels.wnids[29]) == ("tench", "toilet_tissue", "n01632777")
    assert len(set(labels.wnids)) == 1000


def test_a_recipe_reads_paths_beside_itself(tmp_path):
    (tmp_path / "labels.txt").write_text("a\n")
    (tmp_path / "m.toml").write_text(
        'model = "timm/x"\nweights = "w.pth"\nlabels = "labels.txt"\npreprocess = "imagenet"'
    )
    recipe = read_recipe(tmp_path / "m.toml")
    assert (recipe.weights, recipe.labels) == (tmp_path / "w.pth", tmp_path / "labels.txt")
    assert recipe.preprocess == "imagenet"


def test_preparations_have_names():
    from axolens.classifiers.answers import preparation_of

    assert preparation_of("imagenet") == IMAGENET == preparation_of("torchvision/resnet18")
    assert preparation_of("timm/vit_tiny_patch16_224").mean == (0.5, 0.5, 0.5)
    with pytest.raises(ModelError, match="a TOML file"):
        preparation_of("resnet")


def test_a_dead_download_says_how_to_hand_in_a_file(monkeypatch):
    models = import_torchvision().models

    def unreachable(*_, **__):
        raise OSError("Name or service not known")

    monkeypatch.setattr(models.ResNet18_Weights.DEFAULT.__class__, "get_state_dict", unreachable)
    with pytest.raises(ModelError, match=r"Name or service not known.*--weights FILE"):
        ax.load("torchvision/resnet18")
