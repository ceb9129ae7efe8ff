"""References: drawn by class where there are many, asked about once, and given what the photo has."""

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
import skimage.data
from skimage.color import lab2rgb, rgb2lab

import axolens as ax
from axolens.classifiers.counted import Counted
from axolens.diagnosis.company import company_of
from axolens.diagnosis.factors.factor import Edit, Picture, luma
from axolens.diagnosis.factors.spoiled import spoiled
from axolens.diagnosis.plan import KNOWN
from axolens.diagnosis.references import References, drawn_by_class
from axolens.errors import InputError


def photos(counts):
    """Flat photos whose level is their class; class 1 of four is never recognised."""
    made = []
    for index, count in counts.items():
        shot = ax.read(np.full((4, 4, 3), 60 * index, np.uint8), truth="abcd"[index])
        made += [replace(shot, name=f"{index} {number}", digest=f"{index} {number}") for number in range(count)]
    return made


def model(counts=None):
    def logits(batch):
        index = np.round(255 * np.asarray(batch)[:, 0, 0, 0] / 60).astype(int)
        return np.eye(4, dtype=np.float32)[np.where(index == 1, 0, np.minimum(index, 3))]

    return Counted(ax.load(logits, labels=list("abcd"), preprocess={"size": 4}, output="logits"))


def drawn(counts, most=20, seed=0):
    fit = [(one, index) for one in photos(counts) for index in ("abcd".index(one.truth),)]
    chosen = drawn_by_class(fit, 0, 1, most, seed)
    assert [one.name for one, _ in fit if one.name in {one.name for one, _ in chosen}] == [
        one.name for one, _ in chosen
    ]
    return chosen


@pytest.mark.parametrize(
    ("counts", "taken"),
    [
        ({0: 3, 1: 4, 2: 5}, {0: 3, 1: 4, 2: 5}),  # few enough: all
        ({0: 50, 1: 50, 2: 50, 3: 50}, {0: 6, 1: 4, 2: 5, 3: 5}),
        ({0: 2, 1: 50, 2: 50, 3: 3}, {0: 2, 1: 4, 2: 11, 3: 3}),  # what one class lacks goes to the others
        ({0: 50, 1: 50}, {0: 16, 1: 4}),  # no others: what is spare, the true class first
    ],
)
def test_the_draw_is_by_class(counts, taken):
    assert Counter(index for _, index in drawn(counts)) == taken


def test_the_draw_is_by_seed():
    many = {0: 50, 1: 50, 2: 50}
    names = [[one.name for one, _ in drawn(many, seed=seed)] for seed in (0, 0, 1)]
    assert names[0] == names[1] != names[2]


def test_a_reference_is_asked_about_once_for_several_photos():
    counted, held = model(), References(photos({0: 3, 1: 2, 2: 2}))
    beside = ax.read(np.full((4, 4, 3), 200, np.uint8), truth="a")
    first = company_of(counted, beside, held, 0, 2, 100)
    assert (counted.forward, first.images, first.known) == (7, 7, 0)
    again = company_of(counted, beside, held, 2, 0, 100)
    assert (counted.forward, again.images, again.known) == (7, 7, 7)
    assert [one.name for one in again.own] == [one.name for one in first.taken] == ["2 0", "2 1"]
    assert [one.split()[0] for one in again.left_out] == ["1", "1"]
    company_of(counted, beside, list(held), 0, 2, 100)
    assert counted.forward == 14


def test_of_many_references_a_share_of_the_budget_is_asked_and_that_is_said():
    levels = skimage.data.chelsea()[::6, ::6]
    right = ax.read(levels, truth="cat")
    many = [replace(right, name=f"{number}", digest=f"{number}") for number in range(500)]

    def logits(batch):
        score = 20 * (np.asarray(batch, np.float32).mean((1, 2, 3)) - 0.4)
        return np.stack([score, -score], axis=1)

    asked = ax.load(logits, labels=["cat", "dog"], preprocess={"size": 24}, output="logits")
    dark = ax.read((255 * (levels / 255) ** 3).astype(np.uint8), truth="cat")
    found = ax.diagnose(asked, dark, many, factors=["light"], budget=450).diagnosis
    assert "50 of 500 references were asked, drawn by class: a ninth of the budget." in found.limits
    assert (found.references["asked"], found.cost.forward <= 450) == (50, True)
    with pytest.raises(InputError, match="budget: expected at least"):
        ax.diagnose(asked, dark, many, factors=["light"], budget=90)


SHARP = Picture((skimage.data.chelsea()[:240, :320] / 255).astype(np.float32), 2.0)


@pytest.mark.parametrize(
    ("name", "damage"),
    [
        ("light", lambda x: x**2.5),
        ("blur", lambda x: spoilt_by("blur", x, 2.0)),
        ("noise", lambda x: spoilt_by("noise", x, 0.1)),
        ("compression", lambda x: spoilt_by("compression", x, 10.0)),
    ],
)
def test_a_reference_is_given_as_much_damage_as_the_photo_has_and_no_more(name, damage):
    factor, worse = KNOWN[name], Picture(damage(SHARP.pixels).astype(np.float32), 2.0)
    wanted, was = factor.measure(worse).value, factor.measure(SHARP).value
    given = factor.measure(Picture(spoiled(factor, SHARP, worse), 2.0)).value
    assert abs(given - wanted) < 0.25 * abs(was - wanted)
    if name != "light":
        assert np.array_equal(spoiled(factor, worse, SHARP), worse.pixels)  # nothing is mended


def spoilt_by(name, pixels, dose):
    from axolens.diagnosis.factors.spoiled import DAMAGES

    return DAMAGES[name][0](Picture(pixels, 2.0), dose)


def test_a_reference_is_lit_as_the_photo_and_its_colours_go_along():
    lender = Picture(SHARP.pixels**3, 2.0)
    lit = spoiled(KNOWN["light"], SHARP, lender)
    assert float(luma(lit).mean()) == pytest.approx(float(luma(lender.pixels).mean()), abs=0.015)


def test_without_masks_no_object_is_moved():
    for name in ("colour", "background", "scale", "orientation", "tag"):
        assert spoiled(KNOWN[name], SHARP, Picture(SHARP.pixels**3, 2.0)) is None


def whole(name, one, lender, dose=1.0):
    """A reference that is given what the photo has, where the photo's best edit moved all of it."""
    return spoiled(KNOWN[name], one, lender, Edit("moved", dose, lender.pixels))


def in_lab(lightness, a, b):
    return Picture(lab2rgb(np.stack(np.broadcast_arrays(lightness, a, b), axis=-1)).astype(np.float32))


def test_without_masks_a_reference_gets_the_photos_colours_at_its_own_lightness():
    """Colours that are halfway up and down around their means: ±2 becomes ±4 about the lender's mean, light stays."""
    signs, rows = np.tile([-1.0, 1.0], (8, 4)), np.linspace(50, 60, 8)[:, None]
    one, lender = in_lab(rows, 10 + 2 * signs, 2 * signs), in_lab(40.0, -12 + 4 * signs, 20 + 4 * signs)
    found = rgb2lab(whole("colour", one, lender))
    truth = np.stack(np.broadcast_arrays(rows, -12 + 4 * signs, 20 + 4 * signs), axis=-1)
    np.testing.assert_allclose(found, truth, rtol=0, atol=0.02)  # single precision and the rounded matrices of sRGB
    calm = rgb2lab(whole("colour", one, in_lab(40.0, -12.0, 20 + 0 * signs)))
    np.testing.assert_allclose(calm[..., 1].std(), 2 / 3, rtol=0, atol=0.02)  # no less than a third of its spread


def test_without_masks_a_reference_is_shrunk_by_as_much_as_the_photo_was_enlarged():
    pixels = np.zeros((64, 64, 3), np.float32)
    pixels[24:40, 24:40] = 1
    square = Picture(pixels)
    smaller, larger = whole("scale", square, SHARP, 2.0), whole("scale", square, SHARP, 0.5)
    assert (smaller[28:36, 28:36].min() > 0.5, int((smaller[..., 0] > 0.5).sum())) == (True, 64)
    assert int((larger[..., 0] > 0.5).sum()) == 32**2
    assert 0.05 < float(smaller[15, 32, 0]) < 0.4  # around it its own blurred surround, no black frame


@pytest.mark.parametrize("angle", [90.0, 180.0, 270.0])
def test_without_masks_a_reference_is_turned_the_opposite_way(angle):
    back = whole("orientation", SHARP, SHARP, angle)
    again = KNOWN["orientation"].edits(Picture(back, 2.0))
    assert np.array_equal(next(edit.pixels for edit in again if edit.dose == angle), SHARP.pixels)


def test_without_masks_a_reference_gets_the_photos_marks_and_nothing_else_changes():
    rough = np.random.default_rng(0).uniform(0.3, 0.6, (64, 64, 3)).astype(np.float32)
    red, blue = rough.copy(), rough.copy()
    red[:10, :10], blue[:16, :16] = (0.9, 0.1, 0.1), (0.1, 0.1, 0.9)
    plain, marked, other = Picture(rough), Picture(red), Picture(blue)
    assert np.array_equal(whole("tag", plain, marked), red)
    swapped = whole("tag", other, marked)  # its own mark, which is larger, is filled in
    assert np.array_equal(swapped[:10, :10], red[:10, :10])
    assert np.abs(swapped[11:16, :16] - (0.1, 0.1, 0.9)).sum(-1).min() > 0.3
    assert np.array_equal(swapped[16:], rough[16:])
    cleared = whole("tag", other, plain)
    assert np.abs(cleared[:16, :16] - (0.1, 0.1, 0.9)).sum(-1).min() > 0.3
    assert whole("tag", plain, plain) is None
    assert whole("background", plain, marked) is None
