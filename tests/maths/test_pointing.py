"""Where maps point, against the table of masks and maps that two people can recompute."""

import numpy as np
import pytest

from axolens.maths.pointing import alike, mass_inside, points_inside, ranked_inside, told_apart

SIDE = 224


def block(rows, columns):
    found = np.zeros((SIDE, SIDE))
    found[slice(*rows), slice(*columns)] = 1
    return found


def noisy(values):
    """The map on a ground of uniform noise below 0.1."""
    return np.where(values > 0, values, np.random.default_rng(0).uniform(0, 0.1, values.shape))


SQUARE = block((50, 150), (50, 150))


def test_a_map_that_is_the_mask_hits_it_wholly():
    mask = SQUARE > 0
    assert points_inside(SQUARE, mask) == 1
    assert mass_inside(SQUARE, mask) == 1
    assert ranked_inside(SQUARE, mask) == ranked_inside(noisy(SQUARE), mask) == 1
    assert told_apart(SQUARE, mask) == 1


def test_a_map_beside_the_mask_misses_it():
    mask, values = block((0, 100), (0, 100)) > 0, block((100, 200), (100, 200))
    assert points_inside(values, mask) == 0
    assert mass_inside(values, mask) == 0
    assert ranked_inside(values, mask) == 0


def test_half_of_a_map_over_the_mask_is_half_of_its_mass_and_rank():
    mask, values = block((0, 50), (50, 100)) > 0, block((0, 100), (75, 100))
    assert mass_inside(values, mask) == 0.5
    assert ranked_inside(values, mask) == 0.5
    below = block((50, 100), (50, 100)) > 0
    assert ranked_inside(noisy(values), below) == 0.5
    assert points_inside(values, below) == 0.5  # every highest place counts alike


def test_noise_outside_takes_its_share_of_the_mass():
    mask = block((0, 150), (0, 150)) > 0
    assert mass_inside(SQUARE, mask) == 1
    assert mass_inside(noisy(SQUARE), mask) == pytest.approx(0.885, abs=0.002)
    assert ranked_inside(noisy(SQUARE), mask) == pytest.approx(0.617, abs=0.01)


def test_ties_count_half_when_mask_and_rest_are_told_apart():
    mask, values = block((0, 112), (0, 112)) > 0, block((112, 224), (112, 224))
    assert mass_inside(values, mask) == 0
    assert told_apart(values, mask) == pytest.approx(1 / 3)


def test_likeness_is_rank_correlation_and_undefined_for_constants():
    ramp = np.arange(6.0).reshape(2, 3)
    assert alike(ramp, np.exp(ramp)) == 1
    assert alike(ramp, -ramp) == -1
    assert np.isnan(alike(ramp, np.ones((2, 3))))
    assert np.isnan(alike(ramp, np.where(ramp == 2, np.nan, ramp)))


def test_nothing_to_point_at_gives_no_number():
    nothing = np.zeros((2, 2), bool)
    assert np.isnan(ranked_inside(np.ones((2, 2)), nothing))
    assert np.isnan(told_apart(np.ones((2, 2)), ~nothing))
    assert np.isnan(mass_inside(-np.ones((2, 2)), ~nothing))


def test_places_that_tie_for_the_last_rank_share_it():
    """Two places are wanted: the first is sure, and three tie for the second, one of them inside: (1 + 1/3)/2."""
    values, mask = np.array([[3.0, 2.0, 2.0, 2.0]]), np.array([[True, True, False, False]])
    assert ranked_inside(values, mask) == pytest.approx(2 / 3)
