import re

import numpy as np
import pytest

from axolens.records.frame import Frame
from axolens.records.target import Target
from axolens.report.page import render_case, render_pair


def test_the_numbers_shown_are_the_records_numbers(make):
    page = make.page(render_case(make.case()))

    said = "The model answers common iguana, with probability 0.380. The true class is axolotl, 6th with 0.055."
    assert said in page.text
    for row in ("common iguana 0.380", "African chameleon 0.200", "gecko 0.165", "newt 0.100", "crane 0.060"):
        assert row in page.text
    assert "axolotl (true class, 6th) 0.055" in page.text
    assert "tabby" not in page.text
    assert "R² 0.612" in page.text
    # region 1 of four stripes: rows 2 and 3 of 8, its middle 3/8 down, in the middle third of width and height
    assert (
        "1 middle −0.456 −0.556 to −0.356 0 top 0.123 0.023 to 0.223 3 bottom 0.021 −0.079 to 0.121 (includes 0)"
        in page.text
    )
    assert "layer = block5_conv4" in page.text
    assert "LIME: axolotl score, log-odds layer = block5_conv4 7 0.004 1 / 1 / 0.5" in page.text


def test_an_alt_text_says_class_place_and_share(make):
    photo = make.photo(size=(100, 200))
    crop = Frame(box=(50.0, 0.0, 150.0, 100.0), size=(8, 8), photo=(100, 200))
    photo_image, map_image = make.page(render_case(make.case(photo, (make.map(photo, frame=crop),)))).all("img")

    assert photo_image["alt"] == "The photo Axolotl schwarz.jpg, 200 by 100 pixels."
    # the strongest cell is the lower right of the crop: its middle at x = 125 of 200, y = 75 of 100
    assert map_image["alt"] == (
        "Grad-CAM of Axolotl schwarz.jpg for axolotl: the strongest place, at the bottom of the photo, "
        "speaks for axolotl. The network saw 50 % of the photo; what is dark on the maps was cut off."
    )


def test_a_crop_is_said_in_the_text_too(make):
    photo = make.photo(size=(100, 200))
    crop = Frame(box=(50.0, 0.0, 150.0, 100.0), size=(8, 8), photo=(100, 200))

    cropped = make.page(render_case(make.case(photo, (make.map(photo, frame=crop),)))).text
    uncropped = make.page(render_case(make.case())).text

    assert "The network saw 50 % of the photo" in cropped
    assert "The network saw the whole photo." in uncropped


def test_the_legend_says_in_words_what_the_colours_mean(make):
    photo = make.photo()
    contrast = Target("common_iguana", against="axolotl", indices=(1,), against_indices=(0,))

    alone = make.page(render_case(make.case(photo, (make.map(photo),)))).text
    against = make.page(render_case(make.case(photo, (make.map(photo, contrast),)))).text

    assert "Orange speaks for axolotl. Blue speaks against axolotl." in alone
    assert "Orange speaks for common iguana. Blue speaks for axolotl." in against


def test_only_maps_that_sum_to_the_score_share_a_scale(make):
    target = Target("common_iguana", against="axolotl", indices=(1,), against_indices=(0,))
    pair = make.pair()
    case = make.case(pair.case.photo, (make.map(pair.case.photo, target, ((0.5,),), unit="score"),))
    beside = make.case(pair.reference.photo, (make.map(pair.reference.photo, target, ((-2.0,),), unit="score"),))
    object.__setattr__(pair, "case", case)
    object.__setattr__(pair, "reference", beside)

    shared = make.page(render_pair(pair)).text
    relative = make.page(render_pair(make.pair())).text

    assert shared.count("Full colour is ±2 (log-odds). Both photos are drawn on this scale.") == 2
    assert relative.count("Colours compare places within one map only: each map has its own scale.") == 1
    assert "Both photos" not in relative


def test_a_pair_says_both_margins_and_stands_side_by_side(make):
    page = make.page(render_pair(make.pair(notes=("The reference is itself wrong.",))))

    # exp(1.9329) = 6.91; exp(0.6931) = 2.00 the other way round
    assert (
        "The model gives common iguana 6.9 times the probability of axolotl on this photo (log-odds +1.93)."
        in page.text
    )
    assert (
        "The model gives axolotl 2.0 times the probability of common iguana on the reference "
        "(log-odds of common iguana against axolotl −0.69)." in page.text
    )
    assert "The reference is itself wrong." in page.text
    names = [re.search("of (.*?) for|photo (.*?),", image["alt"]).group(1, 2) for image in page.all("img")]
    left, right = "Axolotl schwarz.jpg", "iguana.jpg"
    assert [one or other for one, other in names] == [left, right] * 3


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        (((np.nan, np.nan),), "Hatched places hold no number."),
        (((np.nan, 1.0),), "Hatched places hold no number."),
        (((0.0, 0.0),), "The map is empty"),
        (((np.inf, 1.0),), "Hatched places hold no number."),
    ],
)
def test_maps_with_nothing_to_show_say_so(make, values, sentence):
    photo = make.photo()

    page = make.page(render_case(make.case(photo, (make.map(photo, values=values),))))

    assert sentence in page.text
    assert all(image["alt"] for image in page.all("img"))


def test_probabilities_that_are_no_numbers_do_not_stop_the_page(make):
    prediction = make.prediction((np.nan,) * 7)

    assert "not a number" in make.page(render_case(make.case(prediction=prediction))).text


def test_a_tiny_and_a_very_tall_photo_are_drawn(make):
    tiny, tall = make.photo(size=(1, 1)), make.photo(size=(900, 3))

    for photo, size in ((tiny, ("360", "360")), (tall, ("1", "360"))):
        image = make.page(render_case(make.case(photo, (make.map(photo), make.lime(photo))))).all("img")[1]
        assert (image["width"], image["height"]) == size


def maps_of(make, photo, layer_note, own=("first", "second")):
    questions = (
        Target("common_iguana", indices=(1,)),
        Target("common_iguana", against="axolotl", indices=(1,), against_indices=(0,)),
    )
    return [
        made
        for question, note in zip(questions, own, strict=True)
        for made in (make.map(photo, question, notes=(layer_note, note)), make.lime(photo, question))
    ]


def test_what_all_maps_of_a_method_share_stands_once_above_them(make):
    photo = make.photo()
    text = make.page(render_case(make.case(photo, maps_of(make, photo, "The layer was chosen.")))).text

    assert text.count("The layer was chosen.") == 1
    assert text.count("each map has its own scale") == 1
    assert "All Grad-CAM maps of this photo: Colours compare places" in text
    places = [text.index(line) for line in ("The layer was chosen.", "What speaks for and against", "first", "second")]
    assert places == sorted(places)


def test_one_map_keeps_its_notes_under_it(make):
    photo = make.photo()
    text = make.page(render_case(make.case(photo, (make.map(photo, notes=("The layer was chosen.",)),)))).text

    assert "All Grad-CAM maps" not in text
    assert text.index("Blue speaks against axolotl.") < text.index("The layer was chosen.")


def test_a_pair_shares_what_both_photos_share_and_nothing_else(make):
    pair = make.pair()
    here, there = pair.case.photo, pair.reference.photo
    object.__setattr__(pair, "case", make.case(here, maps_of(make, here, "The layer was chosen.", ("alike", "left"))))
    beside = make.case(there, maps_of(make, there, "The layer was chosen.", ("alike", "right")))
    object.__setattr__(pair, "reference", beside)
    page = make.page(render_pair(pair))

    assert page.text.count("The layer was chosen.") == 1
    assert "All Grad-CAM maps of both photos:" in page.text
    assert "All LIME maps" not in page.text
    assert [page.text.count(note) for note in (" alike", " left ", " right ")] == [2, 1, 1]
    levels = [tag for tag, _ in page.tags if re.fullmatch("h[1-6]", tag)]
    assert levels == ["h3", "h4", "h4", "h4", "h5", "h5", "h4", "h5", "h5"]


def test_labels_are_shown_for_reading_and_kept_exactly_in_titles(make):
    photo = make.photo("common_iguana.jpg", "common_iguana")
    contrast = Target("common_iguana", against="African_chameleon", indices=(1,), against_indices=(2,))
    maps = (make.map(photo, contrast, notes=("It is common_iguana.",)), make.lime(photo, contrast))
    page = make.page(render_case(make.case(photo, maps, notes=("Not African_chameleon.",))))

    said = " ".join([page.text, *(image["alt"] for image in page.all("img"))]).replace("common_iguana.jpg", "")
    assert "_iguana" not in said
    assert "_chameleon" not in said
    assert {"title": "common_iguana"} in page.all("bdi")
    assert {"title": "African_chameleon"} in page.all("bdi")
    assert {"title": "gecko"} not in page.all("bdi")


def test_the_caption_says_how_many_regions_are_drawn_and_r_squared(make):
    photo = make.photo()
    text = make.page(render_case(make.case(photo, (make.lime(photo),)))).text

    assert "In colour: the 3 strongest of 4 regions (R² of all 4: 0.612)." in text


def test_an_interval_is_marked_only_where_it_includes_zero(make):
    photo = make.photo()
    text = make.page(render_case(make.case(photo, (make.lime(photo),)))).text

    assert text.count("(includes 0)") == 1
    assert "−0.079 to 0.121 (includes 0)" in text


def test_a_method_without_a_known_name_is_shown_readably(make):
    photo = make.photo()
    made = make.map(photo, method="smooth_grad", title="")

    assert "Smooth grad: axolotl" in make.page(render_case(make.case(photo, (made,)))).text
