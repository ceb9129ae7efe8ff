import warnings

import numpy as np
import pytest
from PIL import Image

from axolens.errors import InputError
from axolens.records.target import Target
from axolens.report.picture import draw, save_picture


def texts(figure):
    return [axes.get_title() for axes in figure.get_axes() if axes.get_title()]


def test_a_row_a_question_holds_the_photo_and_each_map(make):
    photo = make.photo()
    iguana = Target("common_iguana", indices=(1,))
    figure = draw(make.case(photo, (make.map(photo), make.lime(photo), make.map(photo, iguana))))

    assert texts(figure) == [
        "Axolotl schwarz.jpg", "Grad-CAM: axolotl\np(axolotl) 0.055", "LIME: axolotl\np(axolotl) 0.055",
        "Axolotl schwarz.jpg", "Grad-CAM: common iguana\np(common iguana) 0.380",
    ]  # fmt: skip


def test_a_contrast_says_its_margin(make):
    photo = make.photo()
    lead = Target("common_iguana", "axolotl", indices=(1,), against_indices=(0,))
    case = make.case(photo, (make.map(photo, lead),))
    margin = f"log-odds {case.prediction.margin(1, 0):+.2f}"
    assert texts(draw(case))[1] == f"Grad-CAM: common iguana rather than\naxolotl\n{margin}"


def test_the_map_is_drawn_where_the_record_says(make):
    photo = make.photo(pixels=np.full((30, 40, 3), 0.5, np.float32))
    figure = draw(make.case(photo, (make.map(photo, values=((0.0, 0.0), (0.0, -2.0))),)))

    shown = figure.get_axes()[1].images[0].get_array()
    blue = shown[..., 2] - shown[..., 0]
    height, width = blue.shape
    assert blue[-1, -1] > 0.3
    assert abs(blue[: height // 4, : width // 4]).max() < 1e-6


def test_a_pair_has_a_block_each(make):
    figure = draw(make.pair())

    headings = [part.get_suptitle() for part in figure.subfigs]
    assert headings[0].replace("\n", " ").startswith("This photo: Axolotl schwarz.jpg: answered common iguana 0.380")
    assert headings[1].replace("\n", " ").startswith("The reference: iguana.jpg")
    assert len(texts(figure)) == 6


def test_names_are_not_read_as_formulas(make, tmp_path):
    photo = make.photo(name="$x_{1}$ $\\frac{$ a_b.jpg")

    save_picture(make.case(photo), tmp_path / "why.png")

    assert texts(draw(make.case(photo)))[0] == "$x_{1}$ $\\frac{$ a_b.jpg"


def test_scripts_without_a_font_are_drawn_without_a_warning(make, tmp_path):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        save_picture(make.case(make.photo(name="山椒魚 سمندل \x00.jpg")), tmp_path / "why.png")


@pytest.mark.parametrize("name", ["why.png", "why.PNG", "why.jpg", "why.svg", "why.pdf"])
def test_the_suffix_says_what_is_written(make, tmp_path, name):
    save_picture(make.case(maps=()), tmp_path / name)

    starts = {"png": b"\x89PNG", "jpg": b"\xff\xd8", "svg": b"<?xml", "pdf": b"%PDF"}
    assert (tmp_path / name).read_bytes().startswith(starts[name[-3:].lower()])


def test_a_png_has_pixels_other_than_white(make, tmp_path):
    save_picture(make.pair(), tmp_path / "why.png")

    pixels = np.asarray(Image.open(tmp_path / "why.png").convert("RGB"))
    assert (pixels < 128).mean() > 0.05


@pytest.mark.parametrize("name", ["why.bmp3", "why", "why.html"])
def test_other_suffixes_are_refused(make, tmp_path, name):
    with pytest.raises(InputError, match=r"ends in one of .*\.png.*PNG is a good choice"):
        save_picture(make.case(), tmp_path / name)


def test_a_place_that_cannot_be_written_is_refused(make, tmp_path):
    with pytest.raises(InputError, match="expected a place that can be written"):
        save_picture(make.case(maps=()), tmp_path / "nowhere" / "why.png")


def written_on(axes):
    return "\n".join(text.get_text() for text in axes.texts)


@pytest.mark.parametrize("order", [1, -1])
def test_a_failed_verdict_greys_its_map_in_the_picture_and_says_why(make, order):
    photo = make.photo(pixels=np.full((30, 40, 3), 0.5, np.float32))
    verdicts = (make.failed(), make.verdict())[::order]
    figure = draw(make.case(photo, (make.map(photo), make.lime(photo)), verdicts=verdicts))

    greyed, coloured = figure.get_axes()[1:][::order]

    assert np.ptp(greyed.images[0].get_array(), axis=-1).max() < 1e-6
    assert np.ptp(coloured.images[0].get_array(), axis=-1).max() > 0.2
    assert "Not to be read as evidence" in written_on(greyed)
    assert "where it points matters no more" in written_on(greyed).replace("\n", " ")
    assert written_on(coloured) == "About this map, not the answer:\n– it may be looked at (faithfulness)."
    assert "Grey maps are not to be read as evidence." in figure.get_supxlabel()


def test_verdicts_follow_their_maps_into_the_rows_of_the_picture(make):
    photo = make.photo()
    iguana = Target("common_iguana", indices=(1,))
    maps = (make.map(photo), make.map(photo, iguana), make.lime(photo))
    figure = draw(make.case(photo, maps, verdicts=[make.verdict(said=(f"verdict {place}.",)) for place in range(3)]))

    said = [(axes.get_title().split("\n")[0], written_on(axes)[-10:]) for axes in figure.get_axes() if axes.texts]

    assert said == [
        ("Grad-CAM: axolotl", "verdict 0."), ("LIME: axolotl", "verdict 2."),
        ("Grad-CAM: common iguana", "verdict 1."),
    ]  # fmt: skip
    assert "Grey" not in figure.get_supxlabel()


def test_a_picture_without_verdicts_holds_no_words_about_them(make):
    figure = draw(make.case())

    assert not any(axes.texts for axes in figure.get_axes())
    assert "Grey" not in figure.get_supxlabel()


def test_a_long_verdict_lies_on_the_picture_and_on_nothing_else(make):
    photo = make.photo(size=(300, 4))
    long = ("it says " + "a good deal " * 40 + "of $x_{1}$ <b>.",)
    figure = draw(make.case(photo, (make.map(photo), make.lime(photo)), verdicts=[make.failed(said=long)] * 2))
    figure.canvas.draw()

    boxes = [axes.texts[0].get_window_extent() for axes in figure.get_axes()[1:]]
    assert all(figure.bbox.x0 <= box.x0 < box.x1 <= figure.bbox.x1 for box in boxes)
    assert boxes[0].x1 <= boxes[1].x0
    assert all(box.y0 > figure._supxlabel.get_window_extent().y1 for box in boxes)


def test_a_verdict_takes_its_room_below_and_none_from_the_map(make):
    long = ("it says " + "a good deal " * 30 + ".",)
    sizes = []
    for verdicts in ((), [make.verdict(said=long)] * 2):
        figure = draw(make.case(verdicts=verdicts))
        figure.canvas.draw()
        sizes.append(figure.get_axes()[1].get_window_extent().width)

    assert sizes[1] > 0.95 * sizes[0]
