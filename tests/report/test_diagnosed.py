import base64
import io
import itertools
import re
from collections import Counter
from dataclasses import replace

import diagnoses
import numpy as np
import pytest
from PIL import Image

from axolens.records.codec import read_record, write_record
from axolens.records.diagnosis import Finding, Measured, Preflight
from axolens.records.labels import Labels
from axolens.records.study import Confusion, Study
from axolens.report.diagnosed import asked, like_this
from axolens.report.evidence import best_edits, strips, strongest_sham
from axolens.report.page import render_case, render_pair, write_report

CLINICAL = "Not for clinical decisions: nobody has yet measured what its readers conclude."


@pytest.fixture
def diagnosed_case(make):
    def build(**fields):
        case = make.case(fields.pop("photo", None), fields.pop("maps", ()), fields.pop("prediction", None))
        return replace(case, diagnosis=diagnoses.diagnosis(**fields))

    return build


def strip_of(page_text, title, following):
    return page_text[page_text.index(title) : page_text.index(following)]


def test_the_page_is_read_in_the_order_that_persuades_least(make, diagnosed_case):
    photo = make.photo()
    text = make.page(render_case(diagnosed_case(photo=photo, maps=(make.map(photo),)))).text
    marks = (
        "The model answered 7 of 8 reference photos rightly (88 %, 95 % interval 53 to 98 %).",
        "The model answers common iguana, with probability 0.380.",
        "No near miss: axolotl is 6th of 7 classes",
        "What the network sees",
        "object in the crop failed A fifth of the box",
        "The numbers are log-odds of the true class",
        "1. Colour ● shown",
        "2. Background ◐ suggested",
        "3. Light ○ not shown",
        "● shown Colour. Moving the animal's colour",
        "– not testable Tag. No strip or text",
        "1. colour shown +3.88 +2.50 to +4.25 above all 39 0.025",
        "iguana.jpg common iguana x 1 to 9, y 2 to 8 x 3 to 8, y 3 to 9 0.81 0.44",
        "What speaks for and against axolotl",
        "Limits Edits of a photo show what the model responds to in this photo.",
        "Pose cannot be changed in one photo.",
        "shams a factor 39",
        "axolens explain photo.jpg",
        CLINICAL,
    )
    places = [text.index(mark) for mark in marks]
    assert places == sorted(places)
    assert "4. Tag" not in text  # nothing was done to it: a finding, and no strip


def test_without_counted_references_it_is_not_known_how_the_model_does(make, diagnosed_case):
    text = make.page(render_case(diagnosed_case(references={}))).text
    assert "How often the model is right on photos like this one is not known" in text
    assert "reference photos rightly" not in text
    assert text.index("is not known: none were counted") < text.index("The model answers common iguana")


@pytest.mark.parametrize(
    "counts",
    [{"right": 3}, {"asked": 3}, {"right": 4, "asked": 3}, {"right": 0, "asked": 0}, {"right": "7", "asked": 8}],
)
def test_counts_that_say_nothing_are_not_known(counts):
    assert "is not known" in like_this(diagnoses.diagnosis(references=counts))[0]


def test_one_reference_is_no_plural():
    assert (
        "1 of 1 reference photo rightly (100 %"
        in like_this(diagnoses.diagnosis(references={"right": 1, "asked": 1}))[0]
    )


@pytest.mark.parametrize(
    ("place", "words"), [(5, "A near miss: axolotl is 5th of 7"), (6, "No near miss: axolotl is 6th")]
)
def test_a_near_miss_is_among_the_first_five(make, place, words):
    # axolotl is class 0; that many classes less one are above it
    others = [0.2 if i < place - 1 else 0.01 for i in range(6)]
    case = make.case(prediction=make.prediction((0.1, *others)))
    said = asked(case, diagnoses.diagnosis(), [])
    assert said[1].startswith(words)
    assert "The model gives common iguana 6.9 times the probability of axolotl on this photo" in said[1]


def test_the_best_finding_is_named_only_where_there_is_one(make):
    case, found = make.case(), diagnoses.diagnosis()
    assert asked(case, found, [diagnoses.colour()])[-1].endswith(
        "Colour fits best: shown. The findings below say how far that goes."
    )
    dull = [Finding("tag", "not testable", 1, "No.")]
    assert asked(case, found, dull)[-1].endswith("asked 812 images. Nothing that was tried is shown or suggested.")


def test_what_failed_before_any_edit_stands_before_what_fits_best(make):
    checks = [Preflight("label", "passed", "Fine."), Preflight("steady answer", "failed", "It hangs by a thread.")]
    said = asked(make.case(), diagnoses.diagnosis(preflight=tuple(checks)), [diagnoses.colour()])
    assert said[2:-1] == ("To be looked at first: It hangs by a thread.",)
    assert "Colour fits best" in said[-1]


def test_a_strip_is_original_best_edit_of_each_dose_and_the_strongest_sham(make, diagnosed_case):
    (colour,) = [one for one in diagnoses.findings() if one.factor == "colour"]
    assert [one.edit for one in best_edits(colour.effects)] == ["half of the way to gold", "all the way to gold"]
    assert strongest_sham(colour.effects).edit == "another sham colour"  # +0.25 was not kept as a picture
    (strip,) = strips(diagnosed_case(), [colour])
    assert [shot.role for shot in strip.shots] == ["original", "edit", "edit", "sham"]
    assert [shot.first for shot in strip.shots] == ["", "", "axolotl is first", ""]
    assert [shot.plate.captions for shot in strip.shots] == [
        ("axolotl is not first", "Log-odds −2.84"),
        ("axolotl is not first", "Change +1.12"),
        ("Change +3.88", "+2.50 to +4.25 over harmless variations", "First in 96 % of them"),
        ("axolotl is not first", "Change +0.12"),
    ]
    assert strip.shots[3].plate.title == "Sham for: another sham colour"
    assert strip.shots[2].plate.alt == (
        "Axolotl schwarz.jpg all the way to gold: the log-odds of axolotl change by +3.88; axolotl is first."
    )
    assert "with the sham for being another sham colour" in strip.shots[3].plate.alt
    assert strip.measured == (
        "The photo itself: hardly any colour. Measured: 2.25 (Lab chroma); 3 % of ordinary photos have less."
    )
    assert strip.notes == ("1 of 4 edits counted for nothing, being out of range; the table says why.",)


def test_the_pictures_of_a_strip_are_those_of_the_edits(make, diagnosed_case):
    colour = diagnoses.colour()
    original, half, whole, sham = (shot.plate for shot in strips(diagnosed_case(), [colour])[0].shots)
    for plate, top in ((half, 0.6), (whole, 0.9), (sham, 0.2)):
        image = Image.open(io.BytesIO(base64.b64decode(plate.source.split(",")[1])))
        assert image.size == (plate.width, plate.height) == (200, 200)
        assert np.asarray(image)[:20, :20].mean() / 255 == pytest.approx(top, abs=0.04)
    assert (original.width, original.height) == (200, 200)  # 224 × 224 as the network sees it, reduced


def test_the_original_is_what_the_network_sees(make, diagnosed_case):
    # 30 × 60, black but for the outer sixths in white, which a centre crop of the shorter side cuts off
    pixels = np.zeros((30, 60, 3), np.float32)
    pixels[:, :10] = pixels[:, 50:] = 1
    case = diagnosed_case(photo=make.photo(pixels=pixels))
    plate = strips(case, [diagnoses.colour()])[0].shots[0].plate
    image = Image.open(io.BytesIO(base64.b64decode(plate.source.split(",")[1])))
    assert np.asarray(image).max() < 40
    # 224 of 256 rows and of 512 columns: 38 % of the photo
    assert "38 % of the photo; the rest is cut off." in make.page(render_case(case)).text


def test_more_doses_than_a_strip_holds_keep_the_strongest_in_order_of_dose(diagnosed_case):
    changes = (0.1, 0.9, -0.3, 0.8, 0.7, float("nan"), 0.6)
    edits = [diagnoses.effect("scale", f"{dose}", float(dose), change) for dose, change in enumerate(changes)]
    assert [one.dose for one in best_edits(edits)] == [1, 3, 4, 6]
    finding = Finding("scale", "not shown", 1, "No.", effects=tuple(edits))
    (strip,) = strips(diagnosed_case(), [finding])
    assert strip.notes == ("Pictures of 4 of 7 doses; the table holds all.", "There are no shams to compare it with.")
    assert len(strip.table.rows) == 7


def test_edits_that_count_for_nothing_or_have_no_picture_are_said(diagnosed_case):
    refused = diagnoses.effect("blur", "deblurred", 1.0, 9.0, right=True, refused="sharper than any photo")
    unseen = diagnoses.effect("blur", "deblurred", 1.0, 9.0, pictured=False)
    said = [
        strips(diagnosed_case(), [Finding("blur", "not shown", 1, "No.", effects=(one,))])[0]
        for one in (refused, unseen)
    ]
    assert said[0].notes[0] == "Every edit was out of range."
    assert said[0].table.rows[0][-1] == "sharper than any photo"
    assert said[1].notes == ("No picture of its edits was kept.",)
    assert [one.shots for one in said] == [(), ()]


def test_numbers_that_are_none_do_not_stop_the_page(make, diagnosed_case):
    nan, infinite = float("nan"), float("inf")
    odd = Finding(
        "noise", "not shown", 1, "Nothing.", nan, (-infinite, nan), 4, 39, nan, Measured(nan, "levels", 0.0),
        (diagnoses.effect("noise", "denoised", nan, nan, low=-infinite, high=infinite, repaired=0.0),),
    )  # fmt: skip
    text = make.page(render_case(diagnosed_case(findings=(odd,), margin=nan))).text
    assert "1. noise not shown not a number −∞ to not a number 4th of 40 not a number" in text


def test_round_trips_that_move_the_answer_are_marked(make, diagnosed_case):
    text = make.page(render_case(diagnosed_case())).text
    assert "Lab there and back 0.00 as it should be" in text
    assert "JPEG at 98 −0.15 more than it should" in text


def test_what_is_missing_is_said(make, diagnosed_case):
    empty = diagnosed_case(findings=(), preflight=(), matches=(), limits=(), round_trips={}, plan={})
    text = make.page(render_case(empty)).text
    for words in ("No checks are recorded.", "No edits are recorded.", "There are no findings.", "No look-alikes"):
        assert words in text
    assert "Why it learned that, no edit can show." in text
    assert CLINICAL in text


def test_grades_are_told_apart_without_colour(make, diagnosed_case):
    html = render_case(diagnosed_case())
    page = make.page(html)
    grades = Counter(attrs["class"] for attrs in page.all("span") if attrs.get("class", "").startswith("grade "))
    assert grades == {"grade shown": 2, "grade suggested": 2, "grade not-shown": 2, "grade not-testable": 1}
    assert all(word in page.text for word in ("● shown", "◐ suggested", "○ not shown", "– not testable"))


def test_the_page_of_a_diagnosis_can_be_read_without_eyes(make, diagnosed_case, tmp_path):
    write_report([diagnosed_case()], tmp_path / "page.html")
    text = (tmp_path / "page.html").read_text()
    page = make.page(text)
    assert "http://" not in text
    assert "https://" not in text
    assert len(page.all("img")) == 2 + 4 + 3  # photo and crop, colour, background
    assert all(len(image["alt"]) > 20 for image in page.all("img"))
    levels = [int(tag[1]) for tag, _ in page.tags if re.fullmatch("h[1-6]", tag)]
    assert all(below - above <= 1 for above, below in itertools.pairwise(levels))
    tags = Counter(tag for tag, _ in page.tags)
    assert tags["caption"] == tags["table"]
    assert "Shown: the edit mends this answer" in page.text
    assert "On a greyed photo" not in page.text  # there are no maps to read


def test_a_page_of_chosen_wrong_answers_counts_nothing(make, diagnosed_case, tmp_path):
    write_report([diagnosed_case(), diagnosed_case()], tmp_path / "page.html")
    text = make.page((tmp_path / "page.html").read_text()).text
    assert "2 photos whose answer was wrong were diagnosed." in text
    assert "of 2 photos rightly" not in text
    assert "Right 0" not in text
    # a study counted all its answers, whichever of them were diagnosed
    counted = (Confusion("axolotl", "axolotl", 3), Confusion("axolotl", "common_iguana", 1))
    write_report(Study((diagnosed_case(),), confusions=counted), tmp_path / "page.html")
    assert "answered 3 of 4 photos rightly" in make.page((tmp_path / "page.html").read_text()).text


def test_a_page_with_a_right_answer_among_the_diagnosed_counts_all(make, diagnosed_case, tmp_path):
    wrong = diagnosed_case()
    right = replace(
        wrong, photo=replace(wrong.photo, truth=wrong.prediction.labels.name(wrong.prediction.top(1)[0].index))
    )
    write_report([wrong, right], tmp_path / "page.html")
    text = make.page((tmp_path / "page.html").read_text()).text
    assert "answered 1 of 2 photos rightly" in text
    assert "whose answer was wrong were diagnosed" not in text


def test_a_page_without_a_diagnosis_says_nothing_of_one(make, tmp_path):
    write_report([make.case(), make.pair()], tmp_path / "page.html")
    text = make.page((tmp_path / "page.html").read_text()).text
    for words in ("Grades of a finding", "sham", "clinical", "Limits", "log-odds of the true class"):
        assert words not in text
    assert "On a greyed photo" in text


def test_a_pair_with_a_diagnosis_shows_it_too(make):
    pair = make.pair()
    plain = make.page(render_pair(pair)).text
    text = make.page(render_pair(replace(pair, case=replace(pair.case, diagnosis=diagnoses.diagnosis())))).text
    assert "1. Colour ● shown" in text
    assert CLINICAL in text
    assert text.count("What the model says") == plain.count("What the model says") == 2
    assert "1. Colour" not in plain


@pytest.mark.parametrize(
    "hostile", ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "a\u202eb\x00{{ 7 * 7 }}"]
)
def test_strings_of_a_diagnosis_stay_text(make, diagnosed_case, hostile):
    labels = Labels((hostile, *make.labels.names[1:]))
    colour = diagnoses.colour()
    effects = tuple(replace(one, edit=hostile, refused=one.refused and hostile) for one in colour.effects)
    finding = replace(colour, sentence=hostile, effects=effects, measured=Measured(1.0, hostile, 0.5, hostile))
    case = diagnosed_case(
        photo=make.photo(hostile, hostile), prediction=make.prediction(labels=labels), truth=hostile, predicted=hostile,
        findings=(finding,), preflight=(Preflight(hostile, "failed", hostile),), limits=(hostile,),
        matches=(replace(diagnoses.diagnosis().matches[0], reference=hostile, label=hostile),),
        plan={hostile: hostile}, round_trips={hostile: 0.0}, references={hostile: hostile},
    )  # fmt: skip
    case = replace(case, provenance=replace(case.provenance, command=hostile))
    html = render_case(case)
    page = make.page(html)
    assert not {"script"} & {tag for tag, _ in page.tags}
    assert len(page.all("img")) == 2 + 4
    assert not [name for _, attrs in page.tags for name in attrs if name.startswith("on")]
    assert not re.search("[\u202a-\u202e\x00]", html)
    assert page.text.count("".join(ascii(c)[1:-1] if c in "\u202e\x00" else c for c in hostile)) >= 15


def test_the_page_is_the_same_after_the_disk(make, diagnosed_case, tmp_path):
    case = diagnosed_case()
    write_record(case, tmp_path / "case")
    assert render_case(read_record(tmp_path / "case")) == render_case(case)


def test_a_page_of_nine_strips_of_noise_stays_under_1300_kilobytes(diagnosed_case):
    rng = np.random.default_rng(3)
    findings = tuple(
        Finding(
            factor="noise", grade="not shown", rank=rank, sentence="No.",
            effects=tuple(
                replace(
                    diagnoses.effect("noise", f"{dose}", float(dose), float(dose), sham=dose == 4),
                    pixels=rng.random((224, 224, 3), np.float32),
                )
                for dose in range(6)
            ),
        )
        for rank in range(1, 10)
    )  # fmt: skip
    assert len(render_case(diagnosed_case(findings=findings))) < 1_300_000
