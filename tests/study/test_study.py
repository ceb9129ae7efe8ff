import dataclasses
import json
import os
from contextlib import nullcontext

import numpy as np
import pytest
from nets import Blind
from PIL import Image

import axolens as ax
from axolens.errors import InputError, LabelError, ModelError
from axolens.records.attribution import Cost
from axolens.records.verdict import Verdict
from axolens.study.plan import count_confusions, reference_for, sight
from axolens.study.store import Stored, case_stem, read_study, with_targets

COLOURS = {"red": (220, 30, 30), "green": (30, 200, 40), "blue": (40, 40, 230)}
SETTINGS = {"lime": {"samples": 30, "segmenter": "slic"}}


def colour_model(digest=""):
    """Logits that say which of red, green and blue is strongest: every answer is known beforehand."""

    def ask(batch):
        return 20 * np.asarray(batch).mean((1, 2))

    model = ax.load(ask, labels=list(COLOURS), preprocess={"size": [16, 24]}, output="logits")
    model.digest = digest
    return model


def draw(folder, name, colour, seed=0):
    rng = np.random.default_rng([seed, sum(name.encode())])
    pixels = np.clip(np.array(colour) + rng.integers(-20, 20, (32, 48, 1)), 0, 255).astype(np.uint8)
    folder.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(folder / name)


@pytest.fixture
def photos(tmp_path):
    home = tmp_path / "photos"
    draw(home / "Red", "1.png", COLOURS["red"])
    draw(home / "Red", "2.png", COLOURS["green"])  # wrong: taken for green
    draw(home / "green", "1.png", (90, 120, 60))  # right, but not sure
    draw(home / "green", "2.png", COLOURS["green"])  # right and sure: the reference
    draw(home / "green", "3.png", COLOURS["blue"])  # wrong: taken for blue, of which there is no photo
    (home / "green" / "4.png").write_bytes(b"broken")
    return home


def test_wrong_answers_are_laid_beside_the_surest_right_one(photos, tmp_path):
    found = ax.run_study(colour_model(), photos, tmp_path / "out", settings=SETTINGS)
    assert [(case.photo.name, case.correct) for case in found.cases] == [
        ("green/1.png", True), ("green/2.png", True), ("green/3.png", False), ("Red/1.png", True), ("Red/2.png", False),
    ]  # fmt: skip
    (pair,) = found.pairs
    assert (pair.case.photo.name, pair.reference.photo.name) == ("Red/2.png", "green/2.png")
    assert (pair.answered, pair.truth) == ("green", "red")
    questions = ["green", "red", "green rather than red"]
    assert [str(one.target) for one in pair.case.attributions] == questions
    assert [str(one.target) for one in pair.reference.attributions] == questions
    assert found.notes == ("green/3.png was taken for blue, and there is no photo of that class to lay beside it.",)
    assert [failure.photo for failure in found.failures] == ["green/4.png"]


def test_a_reference_shows_only_its_own_questions_as_a_case(photos, tmp_path):
    found = ax.run_study(colour_model(), photos, tmp_path / "out", settings=SETTINGS)
    reference = next(case for case in found.cases if case.photo.name == "green/2.png")
    assert [str(one.target) for one in reference.attributions] == ["green"]
    # It was asked once for all: its own question and the pair's share the masks.
    assert {one.cost.forward for one in reference.attributions} == {30}


@pytest.mark.parametrize("beside", [(), (ax.Lime(samples=30, segmenter="slic"),)])
def test_a_method_without_contrasts_is_asked_the_rest_and_kept(photos, tmp_path, beside):
    methods = [Blind(), *beside]
    model = colour_model(digest="d")
    ax.run_study(model, photos, tmp_path / "out", methods=methods)
    planned = []
    found = ax.run_study(model, photos, tmp_path / "out", methods=methods, planned=lambda n, _: planned.append(n))
    assert planned == [0]
    (pair,) = found.pairs
    both = ["green", "red"]
    for case in (pair.case, pair.reference):
        assert [str(one.target) for one in case.attributions if one.method == "blind"] == both
        asked = [str(one.target) for one in case.attributions if one.method == "lime"]
        assert asked == ([*both, "green rather than red"] if beside else [])
    own = {case.photo.name: {str(one.target) for one in case.attributions} for case in found.cases}
    assert own["green/2.png"] == {"green"}
    assert own["Red/2.png"] == ({*both, "green rather than red"} if beside else set(both))


def test_confusions_are_counted(photos, tmp_path):
    found = ax.run_study(colour_model(), photos, tmp_path / "out", settings=SETTINGS)
    counted = {(one.truth, one.answered): one.count for one in found.confusions}
    assert counted == {("green", "green"): 2, ("red", "red"): 1, ("red", "green"): 1, ("green", "blue"): 1}


def test_references_come_from_another_folder(photos, tmp_path):
    draw(tmp_path / "more" / "blue", "sky.png", COLOURS["blue"])
    draw(tmp_path / "more" / "blue", "unused.png", (60, 60, 120))
    found = ax.run_study(colour_model(), photos, tmp_path / "out", references=tmp_path / "more", settings=SETTINGS)
    pairs = {pair.case.photo.name: pair.reference.photo.name for pair in found.pairs}
    assert pairs == {"Red/2.png": "green/2.png", "green/3.png": "blue/sky.png"}
    assert len(found.cases) == 5
    assert found.notes == ()
    assert not list((tmp_path / "out" / "cases").glob("*unused*"))


def test_a_wrongly_answered_reference_is_better_than_none_and_is_said(tmp_path):
    draw(tmp_path / "photos" / "red", "a.png", COLOURS["green"])
    draw(tmp_path / "photos" / "green", "b.png", COLOURS["blue"])
    found = ax.run_study(colour_model(), tmp_path / "photos", tmp_path / "out", settings=SETTINGS)
    pair = found.pairs[0]
    assert pair.reference.photo.name == "green/b.png"
    assert any("itself wrongly answered: a green, called blue" in note for note in pair.notes)


def test_a_photo_is_never_its_own_reference(tmp_path):
    draw(tmp_path / "photos" / "red", "a.png", COLOURS["green"])
    failures = []
    (wrong,) = sight(colour_model(), tmp_path / "photos", failures=failures)
    assert reference_for(wrong, [wrong]) is None
    assert [one.count for one in count_confusions([wrong])] == [1]


def test_an_interrupted_study_keeps_what_was_finished(photos, tmp_path):
    done = []

    def stop_after_two(case, stem):
        done.append(stem)
        if len(done) == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        ax.run_study(colour_model(), photos, tmp_path / "out", settings=SETTINGS, finished=stop_after_two)
    found = read_study(tmp_path / "out")
    assert [case.photo.name for case in found.cases] == ["green/2.png", "green/3.png"]  # a reference and a wrong answer
    assert len(found.pairs) == 0
    assert "Interrupted: 2 of 5 photos" in found.notes[-1]
    ax.write_report(found, tmp_path / "page.html")
    assert "Interrupted" in (tmp_path / "page.html").read_text()


def test_the_same_call_goes_on_where_it_was_interrupted(photos, tmp_path):
    def stop(case, stem):
        raise KeyboardInterrupt

    model = colour_model(digest="d")
    with pytest.raises(KeyboardInterrupt):
        ax.run_study(model, photos, tmp_path / "out", settings=SETTINGS, finished=stop)
    planned = []
    found = ax.run_study(model, photos, tmp_path / "out", settings=SETTINGS, planned=lambda n, _: planned.append(n))
    assert planned == [4]
    assert len(found.cases) == 5
    assert not any("Interrupted" in note for note in found.notes)


@pytest.mark.parametrize("change", ["model", "settings", "seed", "photo"])
def test_records_of_another_run_never_mix_in(photos, tmp_path, change):
    ax.run_study(colour_model(digest="d"), photos, tmp_path / "out", settings=SETTINGS)
    settings = {"lime": {**SETTINGS["lime"], "samples": 20}} if change == "settings" else SETTINGS
    if change == "photo":
        draw(photos / "Red", "2.png", COLOURS["green"], seed=9)  # other pixels, the same answer

    def stop(case, stem):
        if not stem.startswith("kept"):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        ax.run_study(
            colour_model(digest="e" if change == "model" else "d"), photos, tmp_path / "out", settings=settings,
            seed=int(change == "seed"), finished=stop,
        )  # fmt: skip
    found = read_study(tmp_path / "out")
    digest = "e" if change == "model" else "d"
    assert {case.provenance.model_digest for case in found.cases} == {digest}
    assert {case.provenance.settings["lime"]["samples"] for case in found.cases} == {settings["lime"]["samples"]}
    assert {case.provenance.seed for case in found.cases} == {int(change == "seed")}
    assert all(case.photo.digest == ax.read(photos / case.photo.name).digest for case in found.cases)
    assert any("Interrupted" in note for note in found.notes)


def test_a_photo_that_is_gone_leaves_nothing_behind(photos, tmp_path):
    ax.run_study(colour_model(digest="d"), photos, tmp_path / "out", settings=SETTINGS)
    (tmp_path / "out" / "cases" / "mine.txt").write_text("not yours")
    (photos / "green" / "1.png").unlink()
    ax.run_study(colour_model(digest="d"), photos, tmp_path / "out", settings=SETTINGS)
    left = sorted(path.name for path in (tmp_path / "out" / "cases").iterdir())
    assert not any("green-1" in name for name in left)
    assert "mine.txt" in left


def test_failures_are_no_interruption(photos, tmp_path):
    def picky(batch):
        if len(batch) > 10:
            raise ModelError("model", expected="few images", got="many")
        return 20 * np.asarray(batch).mean((1, 2))

    model = ax.load(picky, labels=list(COLOURS), preprocess={"size": [16, 24]}, output="logits")
    found = ax.run_study(model, photos, tmp_path / "out", settings=SETTINGS)
    assert len(found.cases) == 0
    assert len(found.failures) == 6
    assert not any("Interrupted" in note for note in found.notes)
    assert any("has no reference" in note for note in found.notes)


def test_classes_of_one_name_are_kept_apart(tmp_path):
    def ask(batch):
        return 20 * np.asarray(batch).mean((1, 2))

    model = ax.load(ask, labels=["crane", "crane", "newt"], preprocess={"size": [16, 24]}, output="logits")
    draw(tmp_path / "photos" / "newt", "a.png", COLOURS["green"])
    draw(tmp_path / "photos" / "0", "b.png", COLOURS["red"])
    found = ax.run_study(model, tmp_path / "photos", tmp_path / "out", settings=SETTINGS)
    assert found.failures == ()
    counted = {(one.truth, one.answered): one.count for one in found.confusions}
    assert counted == {("crane (0)", "crane (0)"): 1, ("newt", "crane (1)"): 1}


def test_a_file_name_that_is_no_text(tmp_path):
    draw(tmp_path / "photos" / "red", "a.png", COLOURS["green"])
    odd = (tmp_path / "photos" / "red").__fspath__().encode() + b"/\xff.png"
    os.rename(tmp_path / "photos" / "red" / "a.png", odd)
    found = ax.run_study(colour_model(), tmp_path / "photos", tmp_path / "out", settings=SETTINGS)
    assert [case.photo.name for case in found.cases] == ["red/\udcff.png"]
    ax.write_report(found, tmp_path / "page.html")
    ax.save_picture(found.cases[0], tmp_path / "why.png")


def test_references_without_classes_are_refused(photos, tmp_path):
    draw(tmp_path / "flat", "sky.png", COLOURS["blue"])
    with pytest.raises(InputError, match="one subfolder a class"):
        ax.run_study(colour_model(), photos, tmp_path / "out", references=tmp_path / "flat", settings=SETTINGS)
    assert not (tmp_path / "out").exists()


def test_out_inside_the_photos_is_refused(photos):
    with pytest.raises(InputError, match="outside the photos"):
        ax.run_study(colour_model(), photos, photos / "out", settings=SETTINGS)


def test_a_study_read_back_is_the_study(photos, tmp_path):
    found = ax.run_study(colour_model(), photos, tmp_path / "out", settings=SETTINGS)
    again = read_study(tmp_path / "out")
    for one, two in zip(found.cases, again.cases, strict=True):
        for a, b in zip(one.attributions, two.attributions, strict=True):
            np.testing.assert_array_equal(a.values, b.values)
    summary = tmp_path / "out" / "study.json"
    assert json.loads(summary.read_text())["schema"] == 2
    for schema, readable in ((1, True), (3, False)):
        summary.write_text(json.dumps({**json.loads(summary.read_text()), "schema": schema}))
        with nullcontext() if readable else pytest.raises(InputError, match="newer axolens"):
            assert len(read_study(tmp_path / "out").cases) == len(found.cases)


def test_photos_without_a_class_are_explained_too(tmp_path):
    draw(tmp_path / "photos", "loose.png", COLOURS["blue"])
    found = ax.run_study(colour_model(), tmp_path / "photos", tmp_path / "out", settings=SETTINGS)
    assert [(case.photo.truth, case.correct, case.answered) for case in found.cases] == [(None, None, "blue")]
    assert found.confusions == ()
    assert any("No true class is known" in note for note in found.notes)


def test_an_unknown_class_is_refused_before_the_model_is_asked(tmp_path):
    draw(tmp_path / "photos" / "read", "a.png", COLOURS["red"])
    asked = []
    model = ax.load(
        lambda batch: asked.append(1) or 20 * batch.mean((1, 2)), labels=list(COLOURS), preprocess={"size": 8},
        output="logits",
    )  # fmt: skip
    probes = len(asked)
    with pytest.raises(LabelError, match="Nearest: red"):
        ax.run_study(model, tmp_path / "photos", tmp_path / "out")
    assert len(asked) == probes


def test_file_names_are_safe_anywhere():
    assert case_stem(12, '../..//<b>"x"&.png') == "012-..-..-b-x-.png"
    assert len(case_stem(1, "x" * 300)) == 84


def test_a_stored_sequence_reads_only_what_is_asked_for():
    read = []
    stored = Stored([lambda i=i: read.append(i) or i for i in range(5)])
    assert (stored[3], list(stored[1:3]), len(stored)) == (3, [1, 2], 5)
    assert read == [3, 1, 2]


def test_a_case_keeps_the_verdicts_of_the_maps_it_keeps():
    model = ax.load("pond-random")
    photo = ax.Photo(np.random.default_rng(0).random((64, 64, 3), np.float32))
    case = ax.explain(model, photo, target=[ax.Target("newt"), ax.Target("gecko")], methods="saliency")
    judged = tuple(Verdict(one.method, str(one.target), (), (), Cost(0, 0, 0.0)) for one in case.attributions)
    kept = with_targets(dataclasses.replace(case, verdicts=judged), [case.attributions[1].target])
    assert [one.target for one in kept.verdicts] == ["gecko"]
    assert with_targets(case, [case.attributions[1].target]).verdicts == ()
