"""A study that diagnoses its wrong answers: references, interruptions, failures, and what holds for a class."""

import json
from dataclasses import replace

import numpy as np
import pytest
import skimage.data
from diagnoses import diagnosis
from PIL import Image

import axolens as ax
from axolens.cases.provenance import provenance_of
from axolens.diagnosis.plan import BUDGET
from axolens.records.case import Case
from axolens.records.prediction import Prediction
from axolens.study import diagnosing
from axolens.study.diagnosing import counted, individual, references_for
from axolens.study.plan import Sighting, sight
from axolens.study.store import read_study

LEVELS = skimage.data.chelsea()[::3, ::3]
QUICK = {"methods": ["gradcam"], "settings": None}


def light_model(digest="d"):
    """Says "cat" where a picture is bright: of a dark cat, light is the only cause."""

    def ask(batch):
        found = 20 * (np.asarray(batch, np.float32) @ np.array([0.299, 0.587, 0.114], np.float32)).mean((1, 2)) - 8
        return np.stack([found, -found], axis=1).astype(np.float32)

    model = ax.load(ask, labels=["cat", "dog"], preprocess={"size": 48}, output="logits")
    model.digest = digest
    return model


def draw(place, power, shift=0):
    place.parent.mkdir(parents=True, exist_ok=True)
    pixels = 255 * (np.roll(LEVELS, shift, axis=1) / 255) ** power
    Image.fromarray(pixels.astype(np.uint8)).save(place)


@pytest.fixture
def photos(tmp_path):
    home = tmp_path / "photos"
    draw(home / "cat" / "bright.png", 1)
    draw(home / "cat" / "dark-1.png", 3)
    draw(home / "cat" / "dark-2.png", 3.5, shift=9)
    draw(home / "dog" / "night.png", 4, shift=40)
    return home


def study(photos, out, model=None, **fields):
    return ax.run_study(
        model or light_model(), photos, out, methods=["lime"], settings={"lime": {"samples": 20, "segmenter": "slic"}},
        **fields,
    )  # fmt: skip


@pytest.fixture
def stand_in(monkeypatch):
    """Take the place of the engine: note what each photo was asked with, and return a diagnosis by hand."""
    asked, wrong = {}, {}

    def diagnose(model, photo, references, **fields):
        if photo.name in wrong:
            raise wrong[photo.name]
        asked[photo.name] = [one.name for one in references]
        made = diagnosis(truth="cat", predicted="dog")
        return Case(photo, ax.predict(model, photo), (), provenance_of(model, (), 0, ""),
                    diagnosis=made)  # fmt: skip

    monkeypatch.setattr(diagnosing, "diagnose", diagnose)
    return asked, wrong


def test_each_wrong_answer_is_diagnosed_and_its_class_told(photos, tmp_path):
    planned, images = [], []
    found = study(
        photos, tmp_path / "out", diagnose=True, progress=images.append, planned=lambda *said: planned.append(said)
    )
    held = {case.photo.name: case.diagnosis for case in found.cases}
    assert {name for name, one in held.items() if one is not None} == {"cat/dark-1.png", "cat/dark-2.png"}
    first = held["cat/dark-1.png"].findings[0]
    assert (first.factor, first.grade) == ("light", "shown")
    assert dict(held["cat/dark-1.png"].references) == {"right": 1, "asked": 2}
    light = next(one for one in found.findings if one.factor == "light")
    assert (light.truth, light.units, light.repaired, light.grade, light.p) == ("cat", 2, 2, "suggested", 0.5)
    assert "at least 6" in light.sentence
    ((photos_said, images_said),) = planned
    assert photos_said == 4
    assert 2 * BUDGET <= images_said == 2 * BUDGET + 4 * 20
    assert sum(images) <= images_said
    ax.write_report(found, tmp_path / "page.html")
    page = (tmp_path / "page.html").read_text()
    assert "What the wrong answers to each class respond to" in page
    assert "Light is suggested for cat, not shown" in page
    assert "The model answered 2 of 4 photos rightly" in page


def test_without_being_asked_nothing_is_diagnosed(photos, tmp_path, stand_in):
    asked, _ = stand_in
    found = study(photos, tmp_path / "out")
    assert not asked
    assert found.findings == ()
    assert "findings" not in json.loads((tmp_path / "out" / "study.json").read_text())
    study(photos, tmp_path / "out", diagnose=True)
    again = study(photos, tmp_path / "out")
    assert all(case.diagnosis is None and "diagnose" not in case.provenance.settings for case in again.cases)


def test_references_are_the_other_right_photos_of_the_study(photos, tmp_path, stand_in):
    asked, _ = stand_in
    draw(tmp_path / "more" / "cat" / "more.png", 0.8, shift=20)
    study(photos, tmp_path / "out", diagnose=True, references=tmp_path / "more")
    assert asked["cat/dark-1.png"] == ["cat/bright.png", "cat/more.png", "dog/night.png"]


def test_one_failure_leaves_the_rest(photos, tmp_path, stand_in):
    asked, wrong = stand_in
    wrong["cat/dark-1.png"] = ValueError("an edit of zero size")
    found = study(photos, tmp_path / "out", diagnose=True)
    assert set(asked) == {"cat/dark-2.png"}
    assert found.notes[-1] == "cat/dark-1.png could not be diagnosed: ValueError: an edit of zero size"
    assert len(found.cases) == 4
    assert all(case.attributions for case in found.cases)
    assert {one.units for one in found.findings if one.factor == "colour"} == {1}


def test_an_interrupted_study_goes_on_and_loses_nothing(photos, tmp_path, stand_in):
    asked, wrong = stand_in
    wrong["cat/dark-2.png"] = KeyboardInterrupt()
    with pytest.raises(KeyboardInterrupt):
        study(photos, tmp_path / "out", diagnose=True)
    found = read_study(tmp_path / "out")
    assert "Interrupted" in found.notes[-1]
    assert {one.units for one in found.findings if one.factor == "colour"} == {1}
    wrong.clear()
    asked.clear()
    planned = []
    found = study(photos, tmp_path / "out", diagnose=True, planned=lambda *said: planned.append(said))
    assert set(asked) == {"cat/dark-2.png"}
    assert planned == [(1 + 2, BUDGET + 2 * 20)]  # dark-2 was explained already; two more photos were not
    assert {one.units for one in found.findings if one.factor == "colour"} == {2}


def test_a_diagnosis_with_other_references_is_made_anew(photos, tmp_path, stand_in):
    asked, _ = stand_in
    study(photos, tmp_path / "out", diagnose=True)
    asked.clear()
    study(photos, tmp_path / "out", diagnose=True)
    assert not asked
    draw(photos / "cat" / "new.png", 1, shift=3)
    study(photos, tmp_path / "out", diagnose=True)
    assert set(asked) == {"cat/dark-1.png", "cat/dark-2.png"}


def test_photos_in_one_folder_of_a_class_are_one_individual(photos, tmp_path, stand_in):
    asked, _ = stand_in
    for name in ("dark-1.png", "dark-2.png", "bright.png"):
        (photos / "cat" / "tom").mkdir(exist_ok=True)
        (photos / "cat" / name).rename(photos / "cat" / "tom" / name)
    draw(photos / "cat" / "other.png", 1, shift=3)
    found = study(photos, tmp_path / "out", diagnose=True)
    assert asked["cat/tom/dark-1.png"] == ["cat/other.png", "dog/night.png"]
    (colour,) = (one for one in found.findings if one.factor == "colour")
    assert (colour.photos, colour.units) == (2, 1)
    assert individual("cat/other.png") is None


def sightings(photos):
    failures = []
    return sight(light_model(), photos, failures=failures)


def test_at_most_ten_of_each_and_others_take_turns(photos):
    wrong = next(one for one in sightings(photos) if one.wrong)

    labels = replace(wrong.prediction.labels, names=("cat", "dog", "newt", "frog"))

    def fake(name, truth, right=True):
        scores = np.eye(4, dtype=np.float32)[truth if right else (truth + 1) % 4]
        said = Prediction(scores, "logits", scores, labels)
        return Sighting(wrong.path, name, name, truth, said, True)

    lost = fake("lost", 0, right=False)
    many = [
        fake(f"{kind}-{place}", truth) for kind, truth in (("own", 0), ("taken", 1), ("newt", 2)) for place in range(12)
    ]
    others = [fake(f"frog-{place}", 3) for place in range(3)]
    chosen = [one.name for one in references_for(lost, [lost, fake("bad", 0, right=False), *many, *others])]
    assert chosen[:10] == [f"own-{place}" for place in range(10)]
    assert chosen[10:20] == [f"taken-{place}" for place in range(10)]
    assert chosen[20:] == [
        "newt-0", "frog-0", "newt-1", "frog-1", "newt-2", "frog-2", "newt-3", "newt-4", "newt-5", "newt-6",
    ]  # fmt: skip
    assert counted(lost, [lost, fake("bad", 0, right=False), *many]) == {"right": 12, "asked": 13}
    assert counted(lost, [lost]) == {}
