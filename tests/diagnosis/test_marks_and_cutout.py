"""Marks at the border, the ground behind an object, and the object moved on it: values by hand and round trips."""

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from axolens import pond
from axolens.diagnosis.factors.cutout import _blurred as blurred_by_matrices
from axolens.diagnosis.factors.cutout import cover, filled, fitted, ground, pasted
from axolens.diagnosis.factors.factor import Picture
from axolens.diagnosis.factors.marks import marked, marks
from axolens.diagnosis.factors.placing import length
from axolens.pond.planted import wide
from axolens.pond.tags import tagged


def rough(seed=0, size=(48, 64), low=0.3, high=0.6):
    return np.random.default_rng(seed).uniform(low, high, (*size, 3)).astype(np.float32)


def boxed(size=(48, 64), rows=slice(20, 30), columns=slice(24, 44)):
    mask = np.zeros(size, bool)
    mask[rows, columns] = True
    return mask


@pytest.mark.parametrize("tag", ["red-corner", "blue-corner", "yellow-bar", "green-bar", "white-frame", "black-frame"])
@pytest.mark.parametrize("background", ["gravel", "glass", "plain"])
def test_every_tag_of_the_pond_is_found_where_it_is(tag, background):
    photo = pond.photo(wide(7, tag=tag, background=background))
    found = marked(Picture(photo.pixels, 2.0, photo.mask))
    true = ~tagged(np.zeros((3, 128, 128)), tag)[1] & ~photo.mask
    assert (found & true).sum() >= 0.9 * (found | true).sum()


def test_few_pictures_without_a_tag_have_a_mark():
    photos = [pond.photo(wide(seed, tag=None)) for seed in range(40)]
    assert sum(bool(marks(Picture(photo.pixels, 2.0, photo.mask))) for photo in photos) <= 4


def test_a_frame_is_as_thick_as_it_is():
    pixels = rough()
    pixels[:3] = pixels[-3:] = 1.0
    pixels[:, :3] = pixels[:, -3:] = 1.0
    assert int(marked(Picture(pixels)).sum()) == 48 * 64 - 42 * 58


def test_neither_a_slope_nor_an_even_picture_nor_the_object_is_a_mark():
    slope = np.tile(np.linspace(0, 1, 64, dtype=np.float32)[None, :, None], (48, 1, 3))
    assert not marks(Picture(slope))
    assert not marks(Picture(np.full((48, 64, 3), 0.5, np.float32)))
    pixels = rough()
    pixels[:10, :10] = [0.9, 0.1, 0.1]
    assert len(marks(Picture(pixels))) == 1
    assert not marks(Picture(pixels, 1.0, boxed(rows=slice(0, 12), columns=slice(0, 12))))


def test_cut_and_pasted_back_is_the_picture():
    picture = Picture(rough(), 1.0, boxed())
    assert np.array_equal(pasted(picture, picture.pixels), picture.pixels)
    turned = pasted(picture, picture.pixels, np.eye(2))
    assert float(np.abs(turned - picture.pixels).max()) < 1e-5


def test_a_filled_hole_leaves_the_rest_and_has_the_texture_of_the_rest():
    pixels, hole = rough(3, (64, 64)), boxed((64, 64), slice(20, 40), slice(20, 40))
    spoilt = np.where(hole[..., None], np.float32(1.0), pixels)
    found = filled(spoilt, hole)
    assert np.array_equal(found[~hole], pixels[~hole])
    assert abs(float(found[hole].mean()) - 0.45) < 0.03
    assert float(found[hole].std()) == pytest.approx(float(pixels.std()), rel=0.3)


@pytest.mark.parametrize("width", [0.8, 5.0, 40.0, 300.0])
@pytest.mark.parametrize("size", [(48, 64), (1, 30)])
def test_a_blur_by_matrices_is_the_one_of_scipy(width, size):
    layers = np.concatenate([rough(4, size), boxed(size, slice(0, 1), slice(3, 20))[..., None]], -1, dtype=np.float32)
    slow = gaussian_filter(layers, (width, width, 0), mode="nearest", truncate=2.5)
    assert np.abs(blurred_by_matrices(layers, width) - slow).max() < 1e-5


def test_nothing_known_or_nothing_missing_fills_nothing():
    pixels = rough()
    assert filled(pixels, np.ones((48, 64), bool)) is pixels
    assert filled(pixels, np.zeros((48, 64), bool)) is pixels


def test_the_ground_has_neither_the_object_nor_the_mark():
    pixels = np.full((64, 64, 3), 0.4, np.float32) + rough(1, (64, 64), -0.02, 0.02)
    mask = boxed((64, 64), slice(28, 40), slice(20, 44))
    pixels[mask] = [0.9, 0.1, 0.1]
    pixels[:8, :8] = [0.1, 0.1, 0.9]
    assert float(np.abs(ground(Picture(pixels, 1.0, mask)) - 0.4).max()) < 0.06


def test_a_quarter_turn_against_the_clock_brings_what_is_above_to_the_left():
    pixels, mask = np.zeros((41, 41, 3), np.float32), np.zeros((41, 41), bool)
    mask[8:33, 20] = mask[20, 16:25] = True
    pixels[8:14, 18:23] = [0, 1, 0]
    picture = Picture(pixels, 0.2, mask)
    turned = pasted(picture, np.zeros_like(pixels), np.array([[0.0, -1.0], [1.0, 0.0]]))
    assert turned[20, 10, 1] > 0.3
    assert turned[10, 20, 1] == turned[20, 30, 1] == 0


def test_twice_as_large_covers_four_times_as_much():
    picture = Picture(np.ones((80, 80, 3), np.float32), 0.5, boxed((80, 80), slice(30, 42), slice(30, 46)))
    black = np.zeros_like(picture.pixels)
    twice, half = (pasted(picture, black, np.eye(2) * zoom)[..., 0] for zoom in (2.0, 0.5))
    once = cover(picture)
    assert float(twice.sum()) == pytest.approx(4 * float(once.sum()), rel=0.02)
    assert float(half.sum()) == pytest.approx(float(once.sum()) / 4, rel=0.05)
    assert length(twice > 0.5) == pytest.approx(2 * length(once > 0.5), rel=0.1)


def test_a_moved_object_lies_where_it_was_moved_to_and_marks_stay():
    pixels, mask = rough(2), boxed()
    pixels[mask] = 1.0
    pixels[:8, :8] = [0.9, 0.1, 0.1]
    picture = Picture(pixels, 0.5, mask)
    moved = pasted(picture, ground(picture), shift=(10.0, -12.0))
    assert float(moved[31:39, 13:31].min()) > 0.95
    assert np.array_equal(moved[:8, :8], pixels[:8, :8])
    assert float(moved[21:29, 33:43].max()) < 0.8


def test_a_ground_of_another_size_is_fitted():
    assert fitted(rough(), (20, 30)).shape == (20, 30, 3)
    assert fitted(rough(), (48, 64)).shape == (48, 64, 3)
