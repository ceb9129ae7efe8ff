"""The examples run as they are shown, without a download."""

import ast
import importlib
import json
import os
import re
import sys
from pathlib import Path

import nbformat
import pytest

from axolens import pond

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
NOTEBOOK = EXAMPLES / "axolotl_study.ipynb"
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


def answers(study):
    return {case.photo.name: case.correct for case in study.cases}


def test_demo_finds_what_would_have_made_the_answer_right(examples, tmp_path, capsys, monkeypatch):
    demo = examples("demo")
    monkeypatch.setattr(demo, "SETTINGS", QUICK)
    case, righted = demo.main(tmp_path)
    said = capsys.readouterr().out
    assert (case.photo.truth, case.answered) == ("axolotl", "iguana")
    assert {photo.facts["colour"] for photo in righted} >= {"golden", "white"}
    assert re.search(r"^  colour golden        axolotl    0\.\d{3}$", said, re.MULTILINE)
    for photo in righted:
        moved = {name for name, fact in photo.facts.items() if fact != case.photo.facts[name]}
        assert len(moved) == 1
        assert moved <= set(demo.MOVES)
    page = (tmp_path / "index.html").read_text(encoding="utf-8")
    assert "What would have made the answer right?" in page
    assert "The reference" in page
    assert (tmp_path / "why.webp").read_bytes()[8:12] == b"WEBP"


def test_demo_is_short_and_uses_public_names():
    text = (EXAMPLES / "demo.py").read_text(encoding="utf-8")
    imported = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.ImportFrom)]
    assert {(node.module, node.names[0].name) for node in imported} == {("pathlib", "Path"), ("axolens", "pond")}
    used = set(re.findall(r"\bpond\.(\w+)", text))
    assert {"Scene", "photo", "rerender"} == used <= set(pond.__all__)
    assert len(text.splitlines()) <= 60


def test_script_runs_on_the_story(examples, tmp_path, capsys):
    study = examples("axolotl_study").main(["--out", str(tmp_path), "--samples", "20"])
    said = capsys.readouterr().out
    assert re.search(r"black.png, true class axolotl\n  iguana +0\.\d{3}\n", said)
    assert "iguana against axolotl: +" in said
    assert len(study.cases) == 8
    assert {"why.png", "pair.png", "index.html", "study.json"} <= {path.name for path in tmp_path.iterdir()}


def test_script_studies_photos_and_a_model_of_ones_own(examples, tmp_path, capsys, monkeypatch):
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
    assert "black.png, true class axolotl" in text
    shown = [output["data"] for output in outputs if output.output_type == "execute_result"]
    assert len(shown) == 3
    assert all("text/html" in one for one in shown)
    assert (tmp_path / "out" / "index.html").is_file()
