"""What the page says about classes: claims first, every number, and text that stays text."""

from dataclasses import replace

import axolens as ax
from axolens.records.study import ClassFinding, Study
from axolens.report.classes import class_part, class_table

SHOWN = ClassFinding(
    "green_lizard", "colour", "shown", "In this folder wrong answers to green_lizard respond to colour.", 9, 8,
    effect=2.125, place=0.9, p=0.0078, adjusted=0.047, repaired=6, standing=5, share=(0.409, 0.929),
)  # fmt: skip
NOT_SHOWN = replace(SHOWN, factor="light", grade="not shown", sentence="Not shown: light.", effect=-0.5, more=1234)
UNTESTED = ClassFinding("green_lizard", "tag", "not testable", "Not tested.", 0, 0)


def test_claims_come_first_and_the_rest_is_folded_away():
    part = class_part([SHOWN, NOT_SHOWN, UNTESTED], {"green_lizard"})
    assert [one.sentence for one in part.lines] == ["In this folder wrong answers to green lizard respond to colour."]
    assert [one.grade for one in part.rest] == ["not shown", "not testable"]
    assert class_part([], ()) is None


def test_every_number_is_in_the_table():
    shown, other, untested = class_table([SHOWN, NOT_SHOWN, UNTESTED]).rows
    assert shown == (
        "green_lizard", "colour", "shown", "8 (9 photos)", "+2.12", "+0.90", "0.0078", "0.047", "6 of 8", "41 to 93 %",
        "5", "none known",
    )  # fmt: skip
    assert (other[4], other[-1]) == ("−0.50", "about 1,234")
    assert untested[3:] == ("0", *["not tested"] * 8)


def test_the_page_holds_them_and_strings_stay_text(tmp_path):
    hostile = replace(SHOWN, truth="<b>newt</b>", sentence="<script>alert(1)</script>")
    ax.write_report(Study((), findings=(hostile, UNTESTED)), tmp_path / "page.html")
    page = (tmp_path / "page.html").read_text()
    assert "What the wrong answers to each class respond to" in page
    assert "<script>" not in page
    assert "<b>newt" not in page
    assert "What is not shown, or could not be tested (1)" in page
    ax.write_report(Study(()), tmp_path / "without.html")
    assert "respond to" not in (tmp_path / "without.html").read_text()
