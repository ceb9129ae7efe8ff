"""Deletion, insertion and imputation against numbers on paper."""

import numpy as np
import pytest

from axolens.errors import InputError
from axolens.maths.curves import area, hidden, order
from axolens.maths.imputation import imputed

RNG = np.random.default_rng(0)


def curve(image, values, shares, score, *, least):
    """The score while a picture's places go to black: a whole curve, one place a cell."""
    masks = hidden(order(values, np.random.default_rng(0)), shares, image.shape, least=least)
    return np.array([score(np.where(mask, 0, image)) for mask in masks])


def test_deletion_and_insertion_of_the_two_by_two_sum_are_as_on_paper():
    image, shares = np.array([[0.4, 0.3], [0.2, 0.1]]), [0.0, 0.5, 1.0]
    deleted = curve(image, image, shares, np.sum, least=False)
    inserted = curve(image, image, shares, np.sum, least=True)[::-1]  # hidden 1, 0.5, 0 is shown 0, 0.5, 1
    assert deleted == pytest.approx([1, 0.3, 0])
    assert inserted == pytest.approx([0, 0.7, 1])
    assert area(shares, deleted) == pytest.approx(0.4)
    assert area(shares, inserted) == pytest.approx(0.6)


def test_uneven_steps_weigh_by_their_width():
    image, shares = np.array([[0.3, 0.25, 0.2, 0.15, 0.1]]), [0.0, 0.4, 0.8, 1.0]
    deleted = curve(image, image, shares, np.sum, least=False)
    inserted = curve(image, image, [0.0, 0.2, 0.6, 1.0], np.sum, least=True)[::-1]
    assert deleted == pytest.approx([1, 0.45, 0.1, 0])
    assert inserted == pytest.approx([0, 0.55, 0.9, 1])
    assert area(shares, deleted) == pytest.approx(0.41)
    assert area(shares, inserted) == pytest.approx(0.59)


def test_a_model_that_breaks_at_the_first_hidden_place_has_deletion_0_and_one_that_wakes_at_the_first_insertion_1():
    image, shares = np.full((16, 16), 0.5), np.linspace(0, 1, 257).tolist()
    values = RNG.random((16, 16))
    breaks = curve(image, values, shares, lambda shown: float((shown != 0).all()), least=False)
    wakes = curve(image, values, shares, lambda shown: float((shown != 0).any()), least=True)[::-1]
    assert area(shares, breaks) == pytest.approx(0, abs=0.01)
    assert area(shares, wakes) == pytest.approx(1, abs=0.01)


def test_one_white_pixel_of_64_has_area_1_of_128_under_the_perfect_map_and_half_under_random_ones():
    image = np.zeros((8, 8))
    image[2, 5] = 1
    shares = np.linspace(0, 1, 65).tolist()
    perfect = area(shares, curve(image, image, shares, np.sum, least=False))
    random = [area(shares, curve(image, RNG.random((8, 8)), shares, np.sum, least=False)) for _ in range(64)]
    assert perfect == pytest.approx(1 / 128)
    assert np.mean(random) == pytest.approx(0.5, abs=0.12)  # 64 orders of deviation 0.29 each


def test_equal_values_are_hidden_in_a_drawn_order_not_from_the_top():
    firsts = {int(order(np.zeros((3, 3)), np.random.default_rng(seed))[0]) for seed in range(40)}
    assert len(firsts) > 4


def test_a_map_that_is_no_number_somewhere_has_no_order():
    with pytest.raises(InputError, match="1 that are none"):
        order(np.array([[np.nan, 1.0]]), RNG)


def slowly_imputed(image, hidden):
    """Each hidden pixel by turns the weighted mean of its neighbours, until nothing moves."""
    found, (height, width) = image.astype(np.float64).copy(), hidden.shape
    found[hidden] = 0.5
    for _ in range(3000):
        for row, column in np.argwhere(hidden):
            near = [
                (1 / 12 if down and right else 1 / 6, found[row + down, column + right])
                for down in (-1, 0, 1)
                for right in (-1, 0, 1)
                if (down or right) and 0 <= row + down < height and 0 <= column + right < width
            ]
            found[row, column] = sum(w * v for w, v in near) / sum(w for w, _ in near)
    return found


def test_imputed_pixels_are_weighted_means_of_their_neighbours_also_at_the_border():
    image = RNG.random((5, 7, 3)).astype(np.float32)
    away = np.zeros((5, 7), bool)
    away[0:3, 0:4], away[4, 6] = True, True
    assert imputed(image, away) == pytest.approx(slowly_imputed(image, away), abs=1e-6)


def test_imputation_leaves_what_is_seen_adds_noise_to_the_rest_alone_and_knows_the_ends():
    image, away = RNG.random((4, 4, 3)).astype(np.float32) * np.float32(0.5), np.eye(4, dtype=bool)
    noisy = imputed(image, away, np.full((4, 4, 3), 0.25))
    assert (noisy[~away] == image[~away]).all()
    assert noisy[away] == pytest.approx(imputed(image, away)[away] + 0.25, abs=1e-6)
    assert imputed(image, np.zeros((4, 4), bool)) is image
    assert imputed(image, np.ones((4, 4), bool)) == pytest.approx(np.broadcast_to(image.mean((0, 1)), (4, 4, 3)))
