"""The page of methods compared on a folder, from a comparison made by hand."""

import re
from dataclasses import replace
from html import unescape

import pytest

from axolens.errors import InputError
from axolens.records.case import Provenance
from axolens.records.comparison import Comparison, MethodPair, MethodScore
from axolens.records.study import Failure
from axolens.report.compared import lead, score_table, why_open, write_comparison

READINGS = ("most, blur", "most, imputed", "least, blur", "least, imputed")
SCORES = (
    MethodScore("rise", 2.5, (5.6, 5.5, -0.48, -0.29), 2.23, 0.0003, 8, (0.63, 1.0)),
    MethodScore("lime", 2.25, (5.5, 5.0, -0.5, -1.0), 0.5, 0.2, 6, (0.41, 0.93)),
    MethodScore("centre blob", 1.0, (3.0, 3.0, -1.0, -1.0), 0.0, 1.0, 0, (0.0, 0.32)),
)
PAIRS = (
    MethodPair("rise", "centre blob", 1.5, 0.0234, True),
    MethodPair("lime", "centre blob", 1.25, 0.04, False),
    MethodPair("rise", "lime", 0.25, 0.7, False),
)
ORIGIN = Provenance(
    "torchvision/resnet18", "ab" * 32, None, 3, {"rise": {"samples": 400}}, {"numpy": "2"},
    "axolens trust 'my photos' --method rise --method lime --out found",
)  # fmt: skip


@pytest.fixture
def found():
    failures = (Failure("broken<b>.png", "broken<b>.png: zero bytes."),)
    return Comparison("torchvision/resnet18", 12, 8, READINGS, SCORES, PAIRS, failures, ORIGIN)


@pytest.fixture
def page(found, tmp_path):
    write_comparison(found, tmp_path / "index.html")
    return (tmp_path / "index.html").read_text(encoding="utf-8")


def text(page):
    return re.sub(r"\s+", " ", unescape(re.sub(r"<style>.*?</style>|<[^>]+>", " ", page, flags=re.S)))


def test_each_method_has_its_numbers_and_the_blob_is_held_against_nothing(found):
    table = score_table(found)
    assert table.head[2:6] == ("Most, blur", "Most, imputed", "Least, blur", "Least, imputed")
    assert table.head[-2:] == ("Groups ahead", "95 % interval")
    assert table.rows[0] == (
        "rise", "+2.50", "+5.60", "+5.50", "−0.48", "−0.29", "+2.23", "0.0003", "8 of 8", "63 to 100 %",
    )  # fmt: skip
    assert table.rows[2] == ("centre blob", "+1.00", "+3.00", "+3.00", "−1.00", "−1.00", "", "", "", "")
    assert score_table(replace(found, photos=8)).head[-2] == "Photos ahead"


def test_only_what_is_shown_leads(found):
    assert lead(found) == "Shown to know the photo that a map was made for: rise. Of 3 pairs, 1 may be ranked."
    worse = replace(SCORES[0], over_swapped=-2.23)  # surely worse than another photo's map: that is no knowledge
    assert lead(replace(found, scores=(worse,), pairs=PAIRS[1:])) == (
        "No method's maps are shown to know the photo they were made for. Of 2 pairs, none may be ranked."
    )


def test_a_pair_that_may_not_be_ranked_says_why():
    assert [why_open(pair) for pair in PAIRS] == [
        "",
        "the orders or fills disagree",
        "the difference may be chance, and the orders or fills disagree",
    ]


def test_the_page_holds_what_a_reader_needs(page):
    said = text(page)
    assert "This is about maps, not about answers" in said
    assert "rise before centre blob: by 1.50 on average, p 0.0234; every order and fill agrees." in said
    assert "rise, lime +0.25 0.7 the difference may be chance" in said
    assert "lime before" not in said
    assert "broken<b>.png: zero bytes." in said
    assert ORIGIN.command in said
    assert ORIGIN.model_digest in said
    assert "In how many groups the photo's own map" in said
    assert "broken<b>" not in page  # escaped
    assert not re.search(r"(src|href)=\"(?!#|data:)", page)  # loads nothing


def test_a_comparison_without_origin_or_failures_has_its_page(found, tmp_path):
    write_comparison(replace(found, failures=(), provenance=None), tmp_path / "index.html", title="A & B")
    page = (tmp_path / "index.html").read_text(encoding="utf-8")
    assert "Nothing is recorded." in page
    assert 'id="failed"' not in page
    assert "<title>A &amp; B</title>" in page
    with pytest.raises(InputError, match="a place that can be written"):
        write_comparison(found, tmp_path / "missing" / "index.html")
