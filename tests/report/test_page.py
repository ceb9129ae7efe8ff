import itertools
import re
import subprocess
import sys
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from axolens.errors import InputError
from axolens.records.labels import Labels
from axolens.records.study import Confusion, Failure, Study
from axolens.records.target import Target
from axolens.report.page import render_case, render_pair, write_report
from axolens.report.sheets import pair_lead

HOSTILE = (
    "<script>alert(1)</script>.jpg",
    '"><img src=x onerror=alert(1)>',
    "cats & 'dogs' \"birds\" </style></title>",
    "{{ 7 * 7 }}{% raw %}",
    "photo\u202egpj.exe\x00\x1b[31m\ud800",
)
POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"


def written(make, items, tmp_path, **fields):
    write_report(items, tmp_path / "report.html", **fields)
    text = (tmp_path / "report.html").read_text(encoding="utf-8")
    return text, make.page(text)


def study_of(make):
    """One wrong with its pair, one right, one without truth, one whose truth is no class of the model, one failure."""
    right = make.case(make.photo("right.jpg", "common iguana"))
    unknown = make.case(make.photo("unknown.jpg", None))
    stranger = make.case(make.photo("stranger.jpg", "platypus"))
    pair = make.pair()
    return Study(
        cases=(unknown, right, pair.case, stranger),
        pairs=(pair,),
        confusions=(Confusion("axolotl", "common_iguana", 1), Confusion("common iguana", "common_iguana", 1)),
        failures=(Failure("broken.jpg", "broken.jpg: expected a photo, got 12 bytes."),),
        notes=("2 photos were left out.",),
    )


def test_the_page_is_one_file_that_loads_nothing(make, tmp_path):
    text, page = written(make, study_of(make), tmp_path)

    assert "http://" not in text
    assert "https://" not in text
    assert not {"script", "link", "iframe", "base", "form", "object", "svg"} & {tag for tag, _ in page.tags}
    assert "url(" not in text
    assert "@import" not in text
    assert {"http-equiv": "Content-Security-Policy", "content": POLICY} in page.all("meta")
    sources = [attrs["src"] for _, attrs in page.tags if "src" in attrs]
    assert sources
    assert all(source.startswith("data:image/webp;base64,") for source in sources)
    assert not [name for _, attrs in page.tags for name in attrs if name.startswith("on")]


def test_the_page_can_be_read_without_eyes_and_mouse(make, tmp_path):
    _, page = written(make, study_of(make), tmp_path)

    assert page.all("html") == [{"lang": "en"}]
    assert all(image["alt"].strip() for image in page.all("img"))
    ids = [attrs["id"] for _, attrs in page.tags if "id" in attrs]
    assert len(ids) == len(set(ids))
    anchors = [link["href"].removeprefix("#") for link in page.all("a")]
    assert set(anchors) <= set(ids)
    assert anchors[0] == "content"
    levels = [int(tag[1]) for tag, _ in page.tags if re.fullmatch("h[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(below - above <= 1 for above, below in itertools.pairwise(levels))
    tags = Counter(tag for tag, _ in page.tags)
    assert tags["caption"] == tags["table"]
    assert all(cell.get("scope") in ("col", "row") for cell in page.all("th"))


@pytest.mark.parametrize("hostile", HOSTILE)
def test_strings_from_outside_stay_text_everywhere(make, tmp_path, hostile):
    plain = make.page(render_case(make.case()))
    labels = Labels((hostile, *make.labels.names[1:]))
    photo = make.photo(hostile, hostile, facts={hostile: hostile}, group=hostile)
    target = Target(hostile, against="common_iguana", indices=(0,), against_indices=(1,))
    maps = (
        make.map(
            photo, target, method=hostile, title=hostile, reading=hostile, settings={hostile: hostile}, notes=(hostile,)
        ),
        make.lime(photo),
    )
    case = make.case(photo, maps, make.prediction(labels=labels), notes=(hostile,))
    study = Study((case,), (), (Confusion(hostile, hostile, 1),), (Failure(hostile, hostile),), (hostile,))

    text, page = written(make, study, tmp_path, title=hostile)

    assert not {"script", "b"} & {tag for tag, _ in page.tags}
    assert len(page.all("img")) == len(plain.all("img"))
    assert {name for _, attrs in page.tags for name in attrs} <= {
        "alt", "aria-hidden", "aria-label", "aria-labelledby", "charset", "class", "content", "height", "href",
        "http-equiv", "id", "lang", "name", "open", "role", "scope", "src", "style", "tabindex", "title", "width",
    }  # fmt: skip
    assert not re.search("[\u202a-\u202e\u2066-\u2069\x00\x1b]", text)
    shown = "".join(ascii(char)[1:-1] if char in "\u202e\x00\x1b\ud800" else char for char in hostile)
    assert page.text.count(shown) >= 10
    assert sum(shown in image["alt"] for image in page.all("img")) == 3


def test_a_study_comes_in_the_order_of_what_matters(make, tmp_path):
    text, page = written(make, study_of(make), tmp_path)

    assert "Photos 5 Right 1 Wrong 1 Truth not known 2 Failed 1" in page.text
    marks = (
        "2 photos were left out.", "axolotl common iguana Wrong 1", "Wrong answers (1)", "Right answers (1)",
        "Photos without a known truth (2)", "Photos that could not be used", "How to read this", "Where it comes from",
    )  # fmt: skip
    places = [page.text.index(mark) for mark in marks[:5]] + [page.text.rindex(mark) for mark in marks[5:]]
    assert places == sorted(places)
    assert "broken.jpg: expected a photo, got 12 bytes." in page.text
    assert "platypus, is not a class of this model" in page.text
    # every photo once: the pair's photo is not drawn again as a case
    assert text.count("Numbers and settings of <bdi>Axolotl schwarz.jpg</bdi>") == 1
    assert "why the model learned" in page.text
    assert "has not been checked in this version" in page.text


def test_an_interrupted_study_counts_every_answer(make, tmp_path):
    # One of four photos was explained; the four answers are known.
    counted = (Confusion("axolotl", "axolotl", 3), Confusion("axolotl", "common_iguana", 1))
    study = Study((make.case(make.photo("right.jpg", "common iguana")),), confusions=counted)
    _, page = written(make, study, tmp_path)
    assert "answered 3 of 4 photos rightly" in page.text


def test_how_to_read_a_method_stands_once_where_its_maps_are(make, tmp_path):
    photo = make.photo()
    maps = [make.map(photo, title="IG", method="ig", reading="Sums up."), make.lime(photo)]
    case, beside = make.case(photo, maps), make.case(photo, [make.map(photo, title="CAM", reading="Looks late.")])

    _, page = written(make, [case, case, beside], tmp_path)

    assert "IG Sums up. CAM Looks late." in page.text
    assert page.text.count("Sums up.") == 1
    assert "LIME Looks" not in page.text  # it came without a reading
    assert "Looks late" not in written(make, [case], tmp_path)[1].text


def test_a_pair_says_what_stands_beside_what(make):
    pair = make.pair()
    assert pair_lead(pair).startswith("A photo of axolotl that the model takes for common iguana, beside a photo of")
    other = replace(pair, reference=replace(pair.reference, photo=replace(pair.reference.photo, truth="banjo")))
    assert "beside a photo of banjo" in pair_lead(other)
    unknown = replace(pair, reference=replace(pair.reference, photo=replace(pair.reference.photo, truth=None)))
    assert "beside one whose class is not known" in pair_lead(unknown)
    right = replace(pair, case=replace(pair.case, photo=replace(pair.case.photo, truth=pair.case.answered)))
    assert "rightly answered" in pair_lead(right)


def test_provenance_stands_once_with_digests_short_and_in_full(make, tmp_path):
    _, page = written(make, study_of(make), tmp_path)

    assert page.text.count("keras/VGG19") == 1
    assert "fedcba98fedc… " in page.text
    assert page.text.count("fedcba98" * 8) == 1
    assert "shorter side to 256, centre of 224 × 224 cut out (bilinear)" in page.text
    assert "axolens explain photo.jpg" in page.text
    assert "samples = 1000" in page.text


def test_cases_are_read_once_and_one_at_a_time(make, tmp_path):
    class Folder(list):
        reads = 0

        def __iter__(self):
            for case in super().__iter__():
                self.reads += 1
                yield case

    study = study_of(make)
    folder = Folder(study.cases)
    object.__setattr__(study, "cases", folder)

    written(make, study, tmp_path)

    assert folder.reads == 4


def test_a_list_of_cases_and_pairs_keeps_its_order(make, tmp_path):
    _, page = written(make, [make.case(make.photo("second.jpg", None)), make.pair()], tmp_path)

    assert [anchor["href"] for anchor in page.all("a")][1:3] == ["#photo-1", "#photo-2"]
    assert page.text.index("second.jpg truth not known") < page.text.index("Axolotl schwarz.jpg wrong answer")


def test_what_is_missing_is_said(make, tmp_path):
    assert "No maps were made for this photo." in make.page(render_case(make.case(maps=()))).text
    assert "The true class was not given." in make.page(render_case(make.case(make.photo(truth=None)))).text
    _, empty = written(make, Study(()), tmp_path)
    assert "There are no photos in this report." in empty.text
    assert "Nothing is recorded." in empty.text
    pair = make.pair()
    object.__setattr__(pair, "reference", make.case(pair.reference.photo, ()))
    assert make.page(render_pair(pair)).text.count("This map was not made here.") == 2


@pytest.mark.parametrize("grain", [1, 5])  # pixels; at 5 each pixel of the reduced picture is noise of its own
def test_a_noisy_photo_with_four_maps_beside_its_reference_stays_under_300_kilobytes(make, tmp_path, grain):
    noise = np.random.default_rng(0).random((1500 // grain, 2000 // grain, 3), dtype=np.float32)
    noise = noise.repeat(grain, axis=0).repeat(grain, axis=1)
    pair = make.pair()
    for side in ("case", "reference"):
        photo = make.photo(pixels=noise)
        maps = []
        for target in (Target("axolotl", indices=(0,)), Target("common_iguana", indices=(1,))):
            maps += [make.map(photo, target, np.random.default_rng(1).normal(size=(14, 14))), make.lime(photo, target)]
        object.__setattr__(pair, side, make.case(photo, maps))

    text, page = written(make, [pair], tmp_path)

    assert len(page.all("img")) == 10
    assert len(text.encode()) < 300_000


def test_a_place_that_cannot_be_written_is_refused_in_a_sentence(make, tmp_path):
    (tmp_path / "folder").mkdir()
    for place in (tmp_path / "nowhere" / "report.html", tmp_path / "folder"):
        with pytest.raises(InputError, match="path: expected a place that can be written"):
            write_report([make.case()], place)
    assert [path.name for path in tmp_path.iterdir()] == ["folder"]


def test_something_else_than_a_case_is_refused():
    # In a process of its own: here the types of the arguments are checked before axolens can say a sentence.
    program = "from axolens.report.page import write_report; write_report(['photo.jpg'], 'report.html')"

    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)

    assert done.stderr.endswith("InputError: items: expected cases, pairs or a study, got str.\n")


def test_what_is_folded_away_is_printed(make, tmp_path):
    text, _ = written(make, [make.case()], tmp_path)

    printed = text[text.index("@media print") :]
    assert "details::details-content { content-visibility: visible; block-size: auto; }" in printed
    assert "nav { display: none" not in printed
