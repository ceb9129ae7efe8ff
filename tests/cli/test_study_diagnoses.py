"""axolens study --diagnose: said beforehand, printed, on the page; each diagnosis is one by hand."""

import json
from dataclasses import replace

import pytest
from diagnoses import diagnosis

from axolens.diagnosis.plan import BUDGET
from axolens.study import diagnosing

QUICK = ("--method", "lime", "--set", "lime.samples=20", "--set", "lime.segmenter=slic")


@pytest.fixture
def told(run, world, tmp_path, monkeypatch):
    def make(self, sighting, case):
        made = diagnosis(truth=case.photo.truth, predicted=case.answered)
        settings = {**case.provenance.settings, diagnosing.KEY: self._facts(sighting)}
        return replace(case, diagnosis=made, provenance=replace(case.provenance, settings=settings))

    monkeypatch.setattr(diagnosing.Diagnoses, "make", make)
    return lambda *more: run(
        "study", world / "photos", "--out", tmp_path / "out", "--model", world / "model.toml", *QUICK, *more
    )


def test_diagnoses_are_announced_and_told(told, tmp_path):
    code, out, err = told("--diagnose", "--json")
    assert code == 0
    rows = [json.loads(line) for line in out.splitlines()]
    photos, (last,) = [row for row in rows if "photo" in row], [row for row in rows if "photo" not in row]
    diagnosed = [row["diagnosis"] for row in photos if "diagnosis" in row]
    assert diagnosed
    assert {tuple(one) for one in diagnosed} == {
        ("photo", "truth", "predicted", "margin", "preflight", "findings", "matches", "cost")
    }
    assert f"at most {len(diagnosed) * BUDGET + sum(20 for _ in photos):,}".replace(",", "") in err.replace(",", "")
    assert list(last) == ["classes"]
    row = last["classes"][0]
    assert list(row) == [
        "truth", "factor", "grade", "photos", "units", "effect", "place", "p", "adjusted", "repaired", "standing",
        "share", "more", "sentence",
    ]  # fmt: skip
    assert sum(one["photos"] for one in last["classes"] if one["factor"] == "colour") == len(diagnosed)
    assert "What the wrong answers to each class respond to" in (tmp_path / "out" / "index.html").read_text()


def test_sentences_about_classes_are_printed(told):
    _, out, _ = told("--diagnose")
    assert "colour: suggested. Colour is suggested for " in out


def test_a_study_that_was_not_asked_says_nothing_of_it(told, tmp_path):
    code, out, err = told()
    assert code == 0
    assert "at most" not in err
    assert "suggested" not in out
    assert "respond to" not in (tmp_path / "out" / "index.html").read_text()
