"""`axolens diagnose` around an engine that stands in for the real one."""

import json
import math
import shlex
import sys
from dataclasses import replace
from types import ModuleType

import diagnoses
import numpy as np
import pytest
from PIL import Image

from axolens.cases.predict import predict
from axolens.cases.provenance import provenance_of
from axolens.errors import InputError
from axolens.records.case import Case
from axolens.records.codec import read_record

IMAGES = 40


class Engine:
    """Answers with a diagnosis by hand and remembers how it was asked."""

    def __init__(self):
        self.asked, self.fields, self.right, self.stop_at = [], {}, set(), None

    def planned_images(self, model, photo, references=(), *, factors=None, budget=900, mask=None, box=None, seed=0):
        return min(IMAGES, budget)

    def diagnose(
        self, model, photo, references=(), *, mask=None, box=None, factors=None, budget=900, seed=0, progress=None,
        command="",
    ):  # fmt: skip
        if self.stop_at == len(self.asked):
            raise KeyboardInterrupt
        if photo.name in self.right:
            hint = "Ask `axolens explain` why."
            raise InputError(f"photo {photo.name}", expected="a wrong answer", got="the true class", hint=hint)
        self.asked.append(
            {"photo": photo, "references": references, "mask": mask, "box": box, "factors": factors, "budget": budget}
            | {"seed": seed, "command": command}
        )
        progress(IMAGES)
        found = diagnoses.diagnosis(**self.fields)
        return Case(photo, predict(model, photo), (), provenance_of(model, (), seed, command), (), found)


@pytest.fixture
def engine(monkeypatch):
    engine, module = Engine(), ModuleType("axolens.cases.diagnose")
    module.diagnose, module.planned_images = engine.diagnose, engine.planned_images
    monkeypatch.setitem(sys.modules, "axolens.cases.diagnose", module)
    return engine


@pytest.fixture
def ask(run, world, engine):
    def call(*arguments, truth="axolotl"):
        return run("diagnose", *arguments, "--model", world / "model.toml", "--truth", truth)

    return call


def refused(ask, *arguments, **fields):
    code, out, err = ask(*arguments, **fields)
    assert code == 2, (out, err)
    assert err.count("axolens: ") == 1, err
    return err


def test_the_json_is_a_contract(ask, photo):
    code, out, err = ask(photo, "--json")
    row = json.loads(out)
    assert code == 0
    assert list(row) == ["photo", "truth", "predicted", "margin", "preflight", "findings", "matches", "cost"]
    for finding in row["findings"]:
        assert list(finding) == ["factor", "grade", "rank", "effect", "range", "placebo_rank", "p", "sentence"]
    assert [(one["factor"], one["rank"]) for one in row["findings"]] == [
        ("colour", 1), ("background", 2), ("light", 3), ("tag", 4),
    ]  # fmt: skip
    best = row["findings"][0]
    assert (best["grade"], best["effect"], best["range"]) == ("shown", 3.875, [2.5, 4.25])
    assert (best["placebo_rank"], best["p"]) == (1, 0.025)
    assert row["findings"][3] | {"sentence": ""} == {
        "factor": "tag", "grade": "not testable", "rank": 4, "effect": None, "range": None, "placebo_rank": None,
        "p": None, "sentence": "",
    }  # fmt: skip
    assert row["preflight"][1]["outcome"] == "failed"
    assert list(row["preflight"][1]) == ["name", "outcome", "sentence"]
    assert row["matches"] == [
        {
            "box": [1.0, 2.0, 9.0, 8.0], "reference": "iguana.jpg", "label": "common_iguana",
            "reference_box": [3.0, 3.0, 7.5, 9.0], "similarity": 0.81, "floor": 0.44,
        }
    ]  # fmt: skip
    assert row["cost"] == {"forward": 812, "backward": 0, "seconds": 41.5}
    assert (row["photo"], row["truth"], row["predicted"]) == ("0 photo.png", "axolotl", "common_iguana")
    assert "40 images for 1 photo, about " in err


def test_numbers_of_the_json_are_finite_or_null(ask, engine, photo):
    engine.fields = {
        "findings": (
            replace(diagnoses.colour(), effect=math.nan, range=(-math.inf, np.float64(1.5)), p=np.float64(0.5)),
        ),
        "margin": math.inf,
    }
    row = json.loads(ask(photo, "--json")[1], parse_constant=lambda name: pytest.fail(f"{name} is no JSON"))
    assert row["margin"] is None
    (finding,) = row["findings"]
    assert (finding["effect"], finding["range"], finding["p"]) == (None, [None, 1.5], 0.5)


def test_in_words_the_findings_come_in_order_with_grade_and_sentence(ask, engine, photo):
    code, out, _ = ask(photo)
    lines = [line.strip() for line in out.splitlines()]
    assert code == 0
    assert lines[:2] == ["0 photo.png", "asked as axolotl, answered common_iguana"]
    assert "of 3 classes: a near miss, among the first five; -1.93 log-odds against the answer" in lines[2]
    order = [
        "check object in the crop: failed. A fifth of the box",
        "1. colour      shown: Moving the animal's colour",
        "2. background  suggested: On other backgrounds",
        "3. light       not shown: Light does not matter here",
        "4. tag         not testable: No strip or text",
        "1 look-alike region",
        "limit: Pose cannot be changed in one photo.",
        "812 images, 42 seconds",
    ]
    places = [next(i for i, line in enumerate(lines) if line.startswith(start)) for start in order]
    assert places == sorted(places)


def test_far_is_said_from_the_sixth_place_on(ask, engine, photo, tmp_path):
    from axolens.cli.findings import diagnosis_lines
    from axolens.records.labels import Labels
    from axolens.records.prediction import Prediction

    scores = np.array([0.0, 7.0, 6.0, 5.0, 4.0, 3.0], np.float32)
    names = Labels(("axolotl", "common_iguana", "c", "d", "e", "f"))
    assert ask(photo, "--out", tmp_path / "why")[0] == 0
    (stored,) = (tmp_path / "why" / "cases").glob("*.json")
    case = read_record(stored.with_suffix(""))
    for others, words in ((5, "place 6 of 6 classes: far"), (4, "place 5 of 5 classes: a near miss")):
        kept = np.delete(scores, slice(1 + others, None))
        said = Prediction(kept, "logits", np.ones_like(kept), Labels(names.names[: 1 + others]))
        assert words in diagnosis_lines(replace(case, prediction=said))[2]


def test_what_is_asked_reaches_the_engine(ask, engine, world, photo, tmp_path):
    code, _, err = ask(
        photo, "--box", "8,6,80,60", "--factor", "Light", "--factor", "colour", "--budget", "7", "--seed", "3",
        "--references", world / "photos",
    )  # fmt: skip
    (asked,) = engine.asked
    assert code == 0
    assert (asked["box"], asked["mask"], asked["factors"]) == ((8.0, 6.0, 80.0, 60.0), None, ("colour", "light"))
    assert (asked["budget"], asked["seed"]) == (7, 3)
    assert "7 images for 1 photo" in err
    assert asked["photo"].truth == "axolotl"
    assert sorted(one.truth for one in asked["references"]) == ["Axolotl"] * 3 + ["common iguana"] * 2
    words = shlex.split(asked["command"])
    assert words[:3] == ["axolens", "diagnose", str(photo)]
    assert words[-2:] == ["--truth", "axolotl"]


def test_a_mask_is_read_at_the_photos_size(ask, engine, photo, tmp_path):
    # the photo has 96 × 72 pixels
    inside = np.zeros((72, 96), np.uint8)
    inside[10:30, 20:50] = 255
    Image.fromarray(inside).save(tmp_path / "mask.png")
    assert ask(photo, "--mask", tmp_path / "mask.png")[0] == 0
    np.testing.assert_array_equal(engine.asked[0]["mask"], inside > 0)
    Image.fromarray(inside[1:]).save(tmp_path / "mask.png")
    assert "96 x 72" in refused(ask, photo, "--mask", tmp_path / "mask.png")


def test_a_photo_that_fails_does_not_stop_the_others(ask, engine, world, photo, tmp_path):
    broken, right = tmp_path / "broken.jpg", world / "photos" / "Axolotl" / "1 photo.png"
    broken.write_bytes(b"no picture")
    engine.right = {right.name}
    code, out, err = ask(broken, right, photo, "--json", "--out", tmp_path / "why")
    first, second, third = (json.loads(line) for line in out.splitlines())
    assert code == 2
    assert set(first) == set(second) == {"photo", "error"}
    assert (first["photo"], second["photo"], third["photo"]) == ("broken.jpg", "1 photo.png", "0 photo.png")
    assert "axolens explain" in second["error"]
    assert err.count("axolens: ") == 2
    assert "80 images for 2 photos" in err  # of the broken one it is known beforehand
    page = (tmp_path / "why" / "index.html").read_text()
    assert "broken.jpg" in page
    assert "<title>What torchvision/squeezenet1_1 responds to</title>" in page


def test_the_page_is_drawn_again_from_the_records(ask, run, photo, tmp_path):
    assert ask(photo, "--out", tmp_path / "why")[0] == 0
    page = tmp_path / "why" / "index.html"
    before = page.read_text()
    assert "Moving the animal&#39;s colour towards the references" in before
    page.unlink()
    assert run("report", tmp_path / "why")[0] == 0
    assert page.read_text() == before


def test_ctrl_c_loses_nothing_that_was_finished(ask, engine, world, photo, tmp_path):
    others = [world / "photos" / "Axolotl" / f"{i} photo.png" for i in (1, 2)]
    engine.stop_at = 1
    code, out, err = ask(photo, *others, "--json", "--out", tmp_path / "why")
    assert code == 130
    assert [json.loads(line)["photo"] for line in out.splitlines()] == ["0 photo.png"]
    assert "Interrupted: 1 of 3 photos diagnosed" in err
    page = (tmp_path / "why" / "index.html").read_text()
    assert "Interrupted: 1 of 3 photos diagnosed" in page
    assert "Moving the animal&#39;s colour" in page
    # and an interruption before the first photo is finished leaves what was there
    engine.asked, engine.stop_at = [], 0
    assert ask(photo, "--out", tmp_path / "why")[0] == 130
    assert (tmp_path / "why" / "index.html").read_text() == page
    assert len(list((tmp_path / "why" / "cases").glob("*.json"))) == 1


def test_truth_is_required_and_must_be_a_class(ask, run, world, photo):
    code, _, err = run("diagnose", photo, "--model", world / "model.toml")
    assert code == 2
    assert "--truth" in err
    assert "Nearest: axolotl" in refused(ask, photo, truth="axolotel")


def test_boxes_masks_and_factors_that_cannot_be_meant(ask, world, photo, tmp_path):
    for box in ("1,2,3", "a,b,c,d", "5,5,5,9", "9,1,4,5", "-1,0,5,5", "0,0,nan,5", "0,0,inf,5"):
        assert "x0,y0,x1,y1" in refused(ask, photo, "--box", box)
    assert "96 by 72 pixels" in refused(ask, photo, "--box", "10,10,98,40")
    assert ask(photo, "--box", "10,10,96,72")[0] == 0
    assert "both" in refused(ask, photo, "--box", "1,1,5,5", "--mask", tmp_path / "m.png")
    assert "one photo with --mask" in refused(ask, photo, photo, "--mask", tmp_path / "m.png")
    assert "one photo with --box" in refused(ask, photo, photo, "--box", "1,1,5,5")
    assert "Did you mean colour?" in refused(ask, photo, "--factor", "color")
    assert "orientation, light" in refused(ask, photo, "--factor", "pose")
    assert "m.png" in refused(ask, photo, "--mask", tmp_path / "m.png")


def test_references_that_cannot_be_used(ask, engine, world, photo, tmp_path):
    (tmp_path / "loose").mkdir()
    (tmp_path / "loose" / "a.png").write_bytes(photo.read_bytes())
    assert "one subfolder a class" in refused(ask, photo, "--references", tmp_path / "loose")
    (tmp_path / "loose" / "iguanas").mkdir()
    (tmp_path / "loose" / "iguanas" / "b.png").write_bytes(photo.read_bytes())
    assert "Nearest: common_iguana" in refused(ask, photo, "--references", tmp_path / "loose")
    (tmp_path / "loose" / "iguanas").rename(tmp_path / "loose" / "crane")
    (tmp_path / "loose" / "crane" / "c.png").write_bytes(b"")
    code, _, err = ask(photo, "--references", tmp_path / "loose")
    assert code == 0
    assert "1 photo in no subfolder of a class" in err
    assert "Left out of the references: " in err
    assert "zero bytes" in err
    assert [one.truth for one in engine.asked[-1]["references"]] == ["crane"]
    assert "missing" in refused(ask, photo, "--references", tmp_path / "missing")


def test_a_folder_that_cannot_be_written_is_refused_before_anything_is_asked(ask, engine, photo, tmp_path):
    (tmp_path / "file").write_text("in the way")
    assert "can be written" in refused(ask, photo, "--out", tmp_path / "file" / "out")
    assert engine.asked == []
