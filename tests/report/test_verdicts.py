import base64
import io
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from axolens.errors import InputError
from axolens.records.study import Study
from axolens.records.target import Target
from axolens.records.verdict import NOT_ASKED, Check
from axolens.report.page import render_case, render_pair, write_report
from axolens.report.verdicts import told

HOSTILE = '<script>alert(1)</script> "><img src=x onerror=alert(1)> {{ 7 * 7 }} \u202e'
SHOWN = HOSTILE.replace("\u202e", "\\u202e")


def colour(image):
    """Return the largest distance between the channels of a picture of the page."""
    raw = base64.b64decode(image["src"].partition("base64,")[2])
    pixels = np.asarray(Image.open(io.BytesIO(raw)).convert("RGB")).astype(int)
    return int(np.ptp(pixels, axis=-1).max())


def grey_case(make, verdicts, **fields):
    """Return a case with two maps, of a photo that holds no colour."""
    photo = make.photo(pixels=np.full((30, 40, 3), 0.5, np.float32))
    return make.case(photo, (make.map(photo), make.lime(photo)), verdicts=verdicts, **fields)


@pytest.mark.parametrize("order", [0, 1])
def test_a_failed_verdict_greys_its_map_and_no_other(make, order):
    verdicts = (make.failed(), make.verdict())[:: -1 if order else 1]

    _, heat, lime = make.page(render_case(grey_case(make, verdicts))).all("img")

    greyed, coloured = (lime, heat) if order else (heat, lime)
    assert colour(greyed) < 8  # WebP leaves a trace
    assert colour(coloured) > 60
    assert "drawn in grey. Not to be read as evidence: where it points" in greyed["alt"]
    assert "strongest" not in greyed["alt"]
    assert "evidence" not in coloured["alt"]


@pytest.mark.parametrize("outcome", ["passed", "undecided", "not possible"])
def test_only_a_failed_check_greys_a_map(make, outcome):
    page = make.page(render_case(grey_case(make, (make.verdict(outcome), make.verdict(outcome)))))

    assert all(colour(image) > 60 for image in page.all("img")[1:])
    assert "Not to be read" not in page.text
    assert "Orange speaks for axolotl." in page.text


def test_a_greyed_map_has_no_key_of_colours_and_no_scale(make):
    text = make.page(render_case(grey_case(make, (make.failed(), make.failed())))).text

    assert "Orange" not in text
    assert "Colours compare" not in text
    assert "Outlined: the 3 strongest of 4 regions" in text


def test_sentences_stand_under_one_heading_and_before_the_checks(make):
    said = ("hiding it matters (faithfulness).", "it adds up (completeness).")
    photo = make.photo()
    case = make.case(photo, (make.map(photo),), verdicts=(make.verdict(said=said),))

    page = make.page(render_case(case))

    assert page.text.count("About this map, not the answer") == 1
    assert (
        "About this map, not the answer: hiding it matters (faithfulness). it adds up (completeness). Colours compare"
    ) in page.text
    assert (
        "Check Outcome What was found "
        "values passed It holds numbers, and differs from place to place. "
        "faithfulness passed Hiding it moves 0.52. "
        "stability described It is like itself by 0.9. "
        "completeness not possible The map compares places only. "
        "Not asked in the usual account; the full account asks it: randomisation, class sensitivity."
    ) in page.text
    assert "open" not in page.all("details")[0]


def test_the_warning_says_once_what_must_not_be_done(make):
    photo = make.photo()
    said = ("it shows nothing; do not read it.", "it misses a fifth; do not add them up.")
    case = make.case(photo, (make.map(photo),), verdicts=(make.failed(said=said),))

    assert (
        "About this map, not the answer: Not to be read as evidence: it shows nothing. "
        "it misses a fifth; do not add them up."
    ) in make.page(render_case(case)).text


def test_a_failed_verdict_without_sentences_gives_its_checks_as_the_reason(make):
    verdict = make.failed(said=(), reason="It marks nothing that matters to common_iguana.")

    assert told(verdict, {"common_iguana"}).reason == "It marks nothing that matters to common iguana."
    assert told(make.verdict()).warning == ""


def test_checks_that_share_a_reason_share_a_row(make):
    names = ("randomisation", "class sensitivity", "stability")
    finished = tuple(Check(name, "not possible", "Only a map was given.") for name in names)
    unasked = Check("agreement", "not possible", NOT_ASKED)

    said = told(make.verdict(checks=(unasked, *finished)))

    assert said.checks == (("randomisation, class sensitivity, stability", "not possible", "Only a map was given."),)
    assert said.unasked.endswith("the full account asks it: agreement.")
    assert told(make.verdict(checks=finished)).unasked == ""


def test_each_map_gets_its_own_verdict_however_the_page_orders_them(make):
    photo = make.photo()
    iguana = Target("common_iguana", indices=(1,))
    maps = (make.map(photo), make.lime(photo, iguana), make.lime(photo), make.map(photo, iguana))
    verdicts = [make.verdict(said=(f"verdict {place}.",)) for place in range(4)]

    page = make.page(render_case(make.case(photo, maps, verdicts=verdicts)))

    # the page groups by question: axolotl first (maps 0 and 2), then the iguana (1 and 3)
    marks = ("Grad-CAM: axolotl", "verdict 0", "LIME: axolotl", "verdict 2")
    marks += ("LIME: common iguana", "verdict 1", "Grad-CAM: common iguana", "verdict 3")
    places, start = [], page.text.index("What speaks for")
    for mark in marks:
        start = page.text.index(mark, start)
        places.append(start)
    assert [page.text.count(f"verdict {place}.") for place in range(4)] == [1] * 4


def test_verdicts_that_are_not_one_a_map_are_refused(make):
    with pytest.raises(InputError, match=r"verdicts: expected one a map \(2\) or none, got 1"):
        render_case(make.case(verdicts=(make.failed(),)))


def test_a_pair_tells_each_side_its_own_verdict(make):
    target = Target("common_iguana", against="axolotl", indices=(1,), against_indices=(0,))
    pair = make.pair()

    def side(case, values, verdict):
        made = make.map(case.photo, target, ((values,),), unit="score")
        return make.case(case.photo, (made,), verdicts=(verdict,))

    left = side(pair.case, 0.5, make.verdict(said=("it may be looked at.",)))
    right = side(pair.reference, -2.0, make.failed(said=("it points anywhere.",)))
    page = make.page(render_pair(replace(pair, case=left, reference=right)))

    heading = "About this map, not the answer:"
    assert page.text.index(f"{heading} it may be looked at.") < page.text.index(
        f"{heading} Not to be read as evidence: it points anywhere."
    )
    # a greyed map shares no scale, and its values stretch none
    assert "Full colour is ±0.5 (log-odds)." in page.text
    assert "Both photos are drawn" not in page.text


@pytest.mark.parametrize("said", [(HOSTILE,), ()])
def test_a_hostile_verdict_stays_text(make, said):
    checks = (Check(HOSTILE, "failed", HOSTILE), Check("values", "not possible", HOSTILE))
    photo = make.photo()
    verdict = make.failed(said=said, checks=checks)

    page = make.page(render_case(make.case(photo, (make.map(photo),), verdicts=(verdict,))))

    assert len(page.all("img")) == 2
    assert not page.all("script")
    assert SHOWN in page.all("img")[1]["alt"]
    assert f"Not to be read as evidence: {SHOWN}" in page.text
    assert f"{SHOWN} failed {SHOWN} values not possible {SHOWN}" in page.text


def test_names_of_classes_are_made_readable_in_a_verdict(make):
    photo = make.photo()
    verdict = make.verdict(said=("it shows common_iguana.",), reason="The map for African_chameleon is like it.")
    text = make.page(render_case(make.case(photo, (make.map(photo),), verdicts=(verdict,)))).text

    assert "it shows common iguana." in text
    assert "The map for African chameleon is like it." in text


def test_without_verdicts_nothing_is_said_of_them(make, tmp_path):
    write_report(make.case(), tmp_path / "plain.html")
    write_report(Study((make.case(verdicts=(make.failed(), make.verdict())),)), tmp_path / "judged.html")
    plain, judged = (make.page((tmp_path / name).read_text(encoding="utf-8")) for name in ("plain.html", "judged.html"))

    assert "has not been checked in this version" in plain.text
    assert "About this map" not in plain.text
    assert "failed a check" not in plain.text
    assert "checks" not in {attrs.get("class") for attrs in plain.all("details")}
    assert "A map that failed a check is drawn in grey" in judged.text
    assert "in this version" not in judged.text
