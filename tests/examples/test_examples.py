"""The examples run as they are shown, without a download."""

import importlib
import json
import os
import re
import sys
from pathlib import Path

import nbformat
import numpy as np
import pytest
import torch

import axolens as ax

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
NOTEBOOK = EXAMPLES / "axolotl_study.ipynb"
PHOTOS = {"astronaut.png", "cat.png", "dark-cat.png", "grey-cat.png", "pale-cat.png", "coffee.png", "rocket.png"}
QUICK = {"lime": {"samples": 20, "segmenter": "slic"}}


@pytest.fixture
def examples(monkeypatch):
    """The examples as modules, imported anew and forgotten afterwards."""
    monkeypatch.syspath_prepend(str(EXAMPLES))
    for name in [name for name in os.environ if name.startswith("AXOLENS_")]:
        monkeypatch.delenv(name)
    for name in ("demo", "axolotl_study"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    yield importlib.import_module
    for name in ("demo", "axolotl_study"):
        sys.modules.pop(name, None)


@pytest.fixture
def demo(examples):
    return examples("demo")


def answers(study):
    return {case.photo.name: case.correct for case in study.cases}


def test_demo_pictures_ship_with_scikit_image(demo, monkeypatch):
    def refuse(*_, **__):
        raise AssertionError("the demo asked for a download")

    monkeypatch.setattr("socket.create_connection", refuse)
    assert {picture.ndim for picture in demo.pictures().values()} == {3}


def test_demo_changes_colours_and_nothing_else(demo):
    square = demo.middle(demo.pictures()["cat"])
    assert square.shape == (300, 300, 3)
    changed = {name: change(square) for name, change in demo.variants().items()}
    assert all(pixels.shape == square.shape for pixels in changed.values())
    assert all(pixels.min() >= 0 and pixels.max() <= 255 for pixels in changed.values())
    grey = changed["grey"]
    np.testing.assert_allclose(grey[5, 7], np.full(3, square[5, 7] @ [0.299, 0.587, 0.114]))
    assert changed["dark"].mean() < square.mean() < changed["pale"].mean()


def test_demo_training_repeats_itself_and_leaves_the_generator_alone(demo):
    before = torch.get_rng_state()
    first, second = demo.train(steps=3, crops=4), demo.train(steps=3, crops=4)
    assert torch.equal(before, torch.get_rng_state())
    for one, other in zip(first.parameters(), second.parameters(), strict=True):
        assert torch.equal(one, other)
    assert sum(p.numel() for p in first.parameters()) == 3628
    assert not first.training


def test_demo_with_little_training_already_takes_a_pale_cat_for_something_else(demo, tmp_path):
    model = ax.load(demo.train(steps=40, crops=16), labels=demo.CLASSES, preprocess=demo.PREPARED)
    photos = ax.read_folder(demo.write_photos(tmp_path))
    assert {photo.name for photo in photos} == PHOTOS
    said = {photo.name: ax.predict(model, photo).top(1)[0].label for photo in photos}
    plain = {"cat.png": "cat", "coffee.png": "coffee", "rocket.png": "rocket", "astronaut.png": "astronaut"}
    assert said["pale-cat.png"] != "cat"
    assert plain.items() <= said.items()


def test_demo_writes_its_page_with_a_wrong_answer_beside_a_reference(demo, tmp_path, capsys):
    study = demo.main(tmp_path)
    right = answers(study)
    assert all(right[name] for name in right if "-cat" not in name)
    assert not right["cat/pale-cat.png"]
    assert len(study.pairs) == list(right.values()).count(False) >= 1
    assert all(pair.truth == "cat" != pair.answered for pair in study.pairs)
    assert "Wrong answers" in (tmp_path / "index.html").read_text(encoding="utf-8")
    assert (tmp_path / "why.webp").read_bytes()[8:12] == b"WEBP"
    assert "wrong, it is a cat" in capsys.readouterr().out


def test_script_runs_on_the_demo(examples, demo, tmp_path, capsys, monkeypatch):
    quick = demo.train(steps=40, crops=16)
    monkeypatch.setattr(demo, "train", lambda: quick)
    study = examples("axolotl_study").main(["--out", str(tmp_path), "--samples", "20"])
    said = capsys.readouterr().out
    assert re.search(r"pale-cat.png, true class cat\n  (astronaut|coffee|rocket) +0\.\d{3}\n", said)
    assert " against cat: +" in said
    assert len(study.cases) == 7
    assert {"why.png", "pair.png", "index.html", "study.json"} <= {path.name for path in tmp_path.iterdir()}


def test_script_studies_photos_and_a_model_of_ones_own(examples, demo, tmp_path, capsys, monkeypatch):
    (tmp_path / "bright.py").write_text(
        "import numpy as np\n\n\ndef answer(batch):\n    light = batch.mean((1, 2, 3))\n"
        "    return np.stack([light, 1 - light], axis=1)\n"
    )
    (tmp_path / "labels.txt").write_text("light\ndark\n")
    (tmp_path / "my.toml").write_text(
        'model = "python:bright:answer"\nlabels = "labels.txt"\n[preprocess]\nsize = 32\nlayout = "nhwc"\n'
    )
    from PIL import Image

    for truth, level in (("light", 240), ("dark", 200)):
        (tmp_path / "photos" / truth).mkdir(parents=True)
        Image.new("RGB", (40, 40), (level, level, level // 2)).save(tmp_path / "photos" / truth / f"{truth}.png")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("AXOLENS_MODEL", "my.toml")
    study = examples("axolotl_study").main(["--photos", "photos", "--out", "why", "--samples", "20"])
    assert answers(study) == {"dark/dark.png": False, "light/light.png": True}
    assert [pair.reference.photo.name for pair in study.pairs] == ["light/light.png"]
    assert "light against dark: +" in capsys.readouterr().out


def test_script_refuses_photos_without_a_model(examples, capsys):
    with pytest.raises(SystemExit, match="2"):
        examples("axolotl_study").main(["--photos", "photos"])
    assert "--photos and --model belong together" in capsys.readouterr().err


def test_notebook_is_committed_without_outputs():
    notebook = json.loads(NOTEBOOK.read_text(encoding="utf-8"))
    cells = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    assert len(cells) >= 5
    assert all(not cell["outputs"] and cell["execution_count"] is None for cell in cells)
    assert NOTEBOOK.stat().st_size < 20_000


def test_notebook_runs(tmp_path, monkeypatch):
    from nbclient import NotebookClient

    monkeypatch.setenv("AXOLENS_OUT", str(tmp_path / "out"))
    monkeypatch.setenv("AXOLENS_SAMPLES", "40")
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    place = {"metadata": {"path": str(EXAMPLES)}}
    NotebookClient(notebook, kernel_name="python3", timeout=300, resources=place).execute()
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    text = "".join(output.get("text", "") for output in outputs if output.output_type == "stream")
    assert "pale-cat.png, true class cat" in text
    shown = [output["data"] for output in outputs if output.output_type == "execute_result"]
    assert len(shown) == 3
    assert all("text/html" in one for one in shown)
    assert (tmp_path / "out" / "index.html").is_file()
