"""Bad input: one clear sentence on stderr, exit code 2, never a traceback."""

import json
import os
import signal
import subprocess
import sys
import time

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import save_file

from axolens.cli import options
from axolens.photos import read
from axolens.study import plan
from axolens.study.store import read_study


def refused(run, *arguments):
    code, out, err = run(*arguments)
    assert code == 2, (out, err)
    assert err.count("axolens: ") == 1, err
    return err


def test_a_photo_without_a_model(run, photo):
    said = refused(run, "predict", photo)
    assert "--model" in said
    assert "torchvision/NAME" in said
    assert "onnx:FILE" in said


@pytest.mark.parametrize(
    ("spec", "said"),
    [
        ("torchvision/resnet81", "Nearest: resnet18"),
        ("timm/vit_tinny_patch16_224", "Nearest: vit_tiny_patch16_224"),
        ("keras/VGG91", "VGG19"),
        ("nosuch/thing", "axolens models"),
        ("resnet18", "torchvision/resnet18"),
        ("net.onnx", "Did you mean onnx:net.onnx?"),
        ("net.pth", "--weights net.pth"),
        ("onnx:missing.onnx", "missing.onnx"),
        ("keras:missing.keras", "missing.keras"),
        ("torch:missing.pt2", "no preprocess"),
        ("python:nosuch_module:f", "nosuch_module"),
        ("hf/nosuch-folder-or-name", "--weights FILE"),
        ("missing.toml", "missing.toml"),
    ],
)
def test_a_model_that_does_not_exist(run, photo, spec, said):
    assert said in refused(run, "predict", photo, "--model", spec)


def test_a_label_that_fits_two_classes(run, photo, world, tmp_path):
    labels = tmp_path / "labels.txt"
    labels.write_text("crane\naxolotl\ncrane\n")
    arguments = ("explain", photo, "--model", world / "model.toml", "--labels", labels, "--method", "gradcam")
    assert "fits 0 (crane), 2 (crane)" in refused(run, *arguments, "--target", "crane")


def test_a_target_that_does_not_exist(run, photo, world):
    said = refused(run, "explain", photo, "--model", world / "model.toml", "--target", "axolotel")
    assert "Nearest: axolotl" in said


def test_the_pixel_limit_is_the_readers_own():
    assert options.PIXEL_LIMIT == read.PIXEL_LIMIT


def test_bad_input_makes_no_folder(run, world, tmp_path):
    arguments = ("--out", tmp_path / "out", "--model", world / "model.toml")
    (tmp_path / "photos" / "no such class").mkdir(parents=True)
    Image.fromarray(np.zeros((9, 9, 3), np.uint8)).save(tmp_path / "photos" / "no such class" / "a.png")
    refused(run, "study", tmp_path / "photos", *arguments)
    refused(run, "study", tmp_path / "missing", *arguments)
    assert not (tmp_path / "out").exists()


def test_a_study_interrupted_before_its_plan_leaves_the_earlier_one(run, world, tmp_path, monkeypatch):
    arguments = ("study", world / "photos", "--out", tmp_path / "out", "--model", world / "model.toml")
    assert run(*arguments, "--method", "gradcam")[0] == 0
    page = (tmp_path / "out" / "index.html").read_text()

    def interrupt(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(plan, "predict", interrupt)
    code, _, said = run(*arguments, "--method", "gradcam", "--seed", "1")
    assert code == 130
    assert "before anything was explained" in said
    assert (tmp_path / "out" / "index.html").read_text() == page
    assert len(read_study(tmp_path / "out").cases) == 5


def test_a_photo_over_the_pixel_limit(run, photo, world):
    # 96 × 72 pixels
    arguments = ("predict", photo, "--model", world / "model.toml", "--pixel-limit")
    assert "6911" in refused(run, *arguments, 6911).replace(",", "").replace(" ", "")
    assert run(*arguments, 6912)[0] == 0


def test_against_without_target(run, photo, world):
    assert "--target A --against B" in refused(
        run, "explain", photo, "--model", world / "model.toml", "--against", "crane"
    )


def test_a_layer_that_does_not_exist(run, photo, world):
    said = refused(
        run, "explain", photo, "--model", world / "model.toml", "--method", "gradcam", "--layer", "features.120"
    ).splitlines()[-1]
    assert "features.12" in said


def test_a_method_or_a_setting_that_does_not_exist(run, photo, world):
    arguments = ("explain", photo, "--model", world / "model.toml")
    assert "gradcam, lime" in refused(run, *arguments, "--method", "shap")
    assert "method.name=value" in refused(run, *arguments, "--set", "samples:5")
    assert "Nearest: lime.samples" in refused(run, *arguments, "--set", "lime.sample=5")


def test_weights_of_another_network(run, photo, tmp_path):
    save_file({"conv1.weight": torch.zeros(64, 3, 7, 7)}, tmp_path / "other.safetensors")
    arguments = ("predict", photo, "--model", "torchvision/squeezenet1_1", "--weights", tmp_path / "other.safetensors")
    said = refused(run, *arguments)
    assert "features.0.weight of shape (64, 3, 3, 3)" in said
    assert "conv1.weight" in said


def test_weights_of_a_network_with_other_classes(run, photo, world):
    said = refused(
        run, "predict", photo, "--model", "torchvision/squeezenet1_1", "--weights", world / "net.safetensors"
    )
    assert "classifier.1.weight of shape (1000, 512, 1, 1), got shape (3, 512, 1, 1)" in said
    assert "--labels with 3 names" in said


@pytest.mark.parametrize("name", ["missing.safetensors", "text.safetensors", "text.pth", "text.h5"])
def test_weights_that_are_none(run, photo, tmp_path, name):
    if name.startswith("text"):
        (tmp_path / name).write_text("not weights")
    said = refused(run, "predict", photo, "--model", "torchvision/squeezenet1_1", "--weights", tmp_path / name)
    assert name in said


def test_a_pickle_with_code_in_it_is_not_loaded(run, photo, tmp_path):
    class Bomb:
        def __reduce__(self):
            return (os.system, (f"touch {tmp_path / 'exploded'}",))

    torch.save({"state_dict": Bomb()}, tmp_path / "bomb.pth")
    refused(run, "predict", photo, "--model", "torchvision/squeezenet1_1", "--weights", tmp_path / "bomb.pth")
    assert not (tmp_path / "exploded").exists()


def test_a_labels_file_of_the_wrong_length(run, photo, world, tmp_path):
    (tmp_path / "two.txt").write_text("a\nb\n")
    arguments = ("predict", photo, "--model", world / "model.toml")
    said = refused(run, *arguments, "--labels", tmp_path / "two.txt")
    assert "(2, 512, 1, 1)" in said
    for name, content in {
        "empty.txt": "",
        "gap.txt": "a\n\nb\n",
        "broken.json": "[1,",
        "gap.json": '{"1": "a"}',
    }.items():
        (tmp_path / name).write_text(content)
        assert name in refused(run, *arguments, "--labels", tmp_path / name)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("model = ", "TOML"),
        ('weights = "x"', "no model"),
        ('model = "torchvision/resnet18"\nlayers = 3', "'layers'"),
        ('model = "torchvision/resnet18"\n[preprocess]\nsize = 224\nmeans = [1, 2, 3]', "'means'"),
        ('model = "torchvision/resnet18"\n[preprocess]\nsize = [1, 2, 3]', "2 numbers"),
        ('model = "torchvision/resnet18"\n[preprocess]\nsize = 224\nfilter = "best"', "bilinear"),
        ('model = "torchvision/resnet18"\n[preprocess]\nsize = 224\nshort_side = 100', "at least"),
    ],
)
def test_a_toml_file_that_says_something_else(run, photo, tmp_path, content, said):
    (tmp_path / "model.toml").write_text(content)
    assert said in refused(run, "predict", photo, "--model", tmp_path / "model.toml")


def test_an_output_folder_that_cannot_be_written(run, photo, world, tmp_path):
    (tmp_path / "file").write_text("in the way")
    arguments = ("--model", world / "model.toml", "--method", "gradcam", "--out", tmp_path / "file" / "out")
    assert "can be written" in refused(run, "explain", photo, *arguments)
    assert "can be written" in refused(run, "study", world / "photos", *arguments)
    assert "can be written" in refused(run, "compare", photo, photo, "--truth", "crane", *arguments)


def test_a_folder_that_is_no_class(run, world, tmp_path):
    (tmp_path / "photos" / "common iguanas").mkdir(parents=True)
    Image.fromarray(np.zeros((9, 9, 3), np.uint8)).save(tmp_path / "photos" / "common iguanas" / "a.png")
    said = refused(run, "study", tmp_path / "photos", "--out", tmp_path / "out", "--model", world / "model.toml")
    assert "Nearest: common_iguana" in said


def test_a_folder_without_photos(run, world, tmp_path):
    assert "picture" in refused(run, "study", tmp_path, "--out", tmp_path / "out", "--model", world / "model.toml")
    assert "study.json" in refused(run, "report", tmp_path)


def test_a_device_that_is_not_there(run, photo, world):
    assert "device" in refused(run, "predict", photo, "--model", world / "model.toml", "--device", "warp9")


def test_a_method_that_the_model_cannot_serve(run, photo, tmp_path, monkeypatch):
    (tmp_path / "mine.py").write_text(
        "import numpy as np\ndef ask(batch):\n    m = batch.mean((1, 2, 3))\n    return np.stack([m, 1 - m], 1)\n"
    )
    (tmp_path / "p.toml").write_text("size = [8, 8]\n")
    monkeypatch.chdir(tmp_path)
    arguments = ("explain", photo, "--model", "python:mine:ask", "--preprocess", "p.toml")
    assert "method lime" in refused(run, *arguments, "--method", "gradcam")
    code, out, _ = run(*arguments, "--set", "lime.samples=20")
    assert code == 0
    assert "lime for" in out


def test_ctrl_c_in_the_middle_of_a_study_keeps_what_was_finished(world, tmp_path):
    out = tmp_path / "out"
    program = [
        sys.executable, "-m", "axolens", "study", world / "photos", "--out", out, "--model", world / "model.toml",
        "--set", "lime.samples=300", "--set", "lime.segmenter=slic",
    ]  # fmt: skip
    process = subprocess.Popen([str(part) for part in program], stderr=subprocess.PIPE, text=True)
    deadline = time.monotonic() + 120
    while not list((out / "cases").glob("*.json")) and time.monotonic() < deadline and process.poll() is None:
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=120)
    assert process.returncode == 130, err
    assert "Traceback" not in err
    assert "Interrupted" in err
    study = read_study(out)
    assert 1 <= len(study.cases) < 5
    assert any("Interrupted" in note for note in study.notes)
    page = (out / "index.html").read_text()
    assert "Interrupted" in page
    summary = json.loads((out / "study.json").read_text())
    assert len(summary["photos"]) == 5
