"""axolens demo: the notebook's story, told offline."""

import json
import time

import pytest
from ponds import ship

from axolens.cli import demo
from axolens.errors import AxolensError
from axolens.pond import story
from axolens.pond.album import read_truth
from axolens.study import run as study_run
from axolens.study.store import read_study

STORY = story.STORY
SHORT = (STORY[4], STORY[5], STORY[6])


def names(pictures):
    return sorted(f"{one.scene.species}/{one.name}.png" for one in pictures)


@pytest.fixture
def pond(monkeypatch, tmp_path):
    """An untrained network in place of the shipped one, few and small pictures, and few samples."""
    monkeypatch.setattr(demo, "SETTINGS", {"lime": {"segmenter": "slic", "samples": 60}})
    monkeypatch.setattr(story, "STORY", SHORT)
    monkeypatch.setattr(story, "SIZE", 64)
    return ship(monkeypatch, tmp_path / "weights", pond=1)


def test_write_writes_the_pictures_and_nothing_else(run, tmp_path, monkeypatch):
    monkeypatch.setattr("axolens.classifiers.registry.load", None)
    code, out, err = run("demo", "--write", tmp_path / "p")
    truth = read_truth(tmp_path / "p")
    assert (code, out) == (0, "")
    assert f"Written: {tmp_path / 'p' / 'truth.json'}" in err
    assert sorted(row["file"].removeprefix("photos/") for row in truth["rows"]) == names(STORY)
    assert {path.name for path in (tmp_path / "p").iterdir()} == {"photos", "masks", "truth.json"}
    code, out, _ = run("demo", "--write", tmp_path / "p", "--json")
    assert [json.loads(line) for line in out.splitlines()] == truth["rows"]


def test_the_demo_writes_a_page_prints_the_answers_and_downloads_nothing(run, tmp_path, pond, monkeypatch):
    def refuse(*_, **__):
        raise AxolensError("the demo asked for a download")

    monkeypatch.setattr("socket.socket.connect", refuse)
    code, out, err = run("demo", "--out", tmp_path / "d")
    study = read_study(tmp_path / "d")
    assert code == 0
    assert [case.photo.name for case in study.cases] == names(SHORT)
    assert {case.provenance.model for case in study.cases} == {"pond"}
    lines = out.splitlines()
    for case, line in zip(study.cases, lines[1:], strict=False):
        words = line.split()
        assert words[:3] == [case.photo.name, case.answered, f"{case.prediction.top(1)[0].probability:.3f}"]
        assert ("wrong: " in line) is not case.correct
    assert len(lines) == 4 + (1 + len(study.pairs) if study.pairs else 0)
    assert {one.method for one in study.cases[0].attributions} == {"gradcam", "lime"}
    page = (tmp_path / "d" / "index.html").read_text(encoding="utf-8")
    assert f"<h1>{demo.TITLE}</h1>" in page
    assert f"Written: {tmp_path / 'd' / 'index.html'}" in err
    assert len(list((tmp_path / "d" / "figures").glob("*.png"))) == 3


def test_the_demo_as_json_and_a_second_time(run, tmp_path, pond):
    _, out, _ = run("demo", "--out", tmp_path / "d", "--json")
    assert sorted(json.loads(line)["photo"] for line in out.splitlines()) == names(SHORT)
    code, again, err = run("demo", "--out", tmp_path / "d", "--json")
    assert code == 0
    assert "0 images" in err
    assert sorted(again.splitlines()) == sorted(out.splitlines())


def test_ctrl_c_in_the_demo_leaves_a_page(run, tmp_path, pond, monkeypatch):
    real, asked = study_run.explain, []

    def explain(*args, **settings):
        asked.append(args)
        if len(asked) == 2:
            raise KeyboardInterrupt
        return real(*args, **settings)

    monkeypatch.setattr(study_run, "explain", explain)
    code, _, err = run("demo", "--out", tmp_path / "d")
    assert code == 130
    assert f"What was explained is on {tmp_path / 'd' / 'index.html'}" in err
    assert len(read_study(tmp_path / "d").cases) == 1
    assert "Interrupted" in (tmp_path / "d" / "index.html").read_text(encoding="utf-8")


def test_a_folder_with_other_files_is_refused(run, tmp_path, pond):
    (tmp_path / "d").mkdir()
    (tmp_path / "d" / "thesis.txt").write_text("chapter one")
    for option in ("--out", "--write"):
        code, _, err = run("demo", option, tmp_path / "d")
        assert code == 2
        assert err.splitlines()[-1].startswith("axolens: out: expected a folder that is new, empty")
    assert [path.name for path in (tmp_path / "d").iterdir()] == ["thesis.txt"]


@pytest.mark.slow
def test_the_shipped_network_tells_the_story_in_under_a_minute(run, tmp_path):
    started = time.monotonic()
    code, out, _ = run("demo", "--out", tmp_path / "d")
    assert code == 0
    assert time.monotonic() - started < 60
    assert "axolotl/black.png was taken for iguana; beside it iguana/black.png." in out
    page = (tmp_path / "d" / "index.html").read_text(encoding="utf-8")
    assert 0 < page.index("Wrong answers (") < page.index("Right answers (")
