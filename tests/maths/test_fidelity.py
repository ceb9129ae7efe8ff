"""What a map predicts of the score, and on how few places it rests, against numbers on paper."""

import numpy as np
import pytest

from axolens.maths.complexity import entropy, gini
from axolens.maths.fidelity import average_drop, fidelity, infidelity, sensitivity

RNG = np.random.default_rng(0)


def test_fidelity_of_the_sum_is_1_with_the_map_and_minus_1_with_its_negative():
    places, masks = RNG.random(12), RNG.random((40, 12)) < 0.5
    scores = (places * ~masks).sum(axis=1)
    assert fidelity(places, masks, scores, places.sum()) == pytest.approx(1)
    assert fidelity(-places, masks, scores, places.sum()) == pytest.approx(-1)
    assert np.isnan(fidelity(np.ones(12) * 0, masks, scores, 1.0))


def test_the_gradient_of_a_linear_model_has_no_infidelity_and_another_map_has_its_mean_square():
    slopes, moves = RNG.normal(size=6), RNG.normal(size=(50, 6))
    assert infidelity(slopes, moves, moves @ slopes) == pytest.approx(0)
    off = slopes + np.eye(6)[2]
    assert infidelity(off, moves, moves @ slopes) == pytest.approx((moves[:, 2] ** 2).mean())


def test_with_everything_taken_away_infidelity_is_the_squared_residual_of_completeness():
    photo, baseline, values = np.array([3.0, 1.0]), np.array([0.5, 0.0]), np.array([2.0, 0.3])  # values sum to a score
    fall = 2.9
    taken = photo - baseline
    residual = fall - values.sum()
    assert infidelity(values / taken, taken[None], np.array([fall])) == pytest.approx(residual**2)


def test_scaled_infidelity_does_not_know_the_unit_of_a_map_and_is_never_the_larger():
    values, moves, falls = RNG.normal(size=4), RNG.normal(size=(30, 4)), RNG.normal(size=30)
    scaled = infidelity(values, moves, falls, scaled=True)
    assert infidelity(100 * values, moves, falls, scaled=True) == pytest.approx(scaled)
    tried = [infidelity(factor * values, moves, falls) for factor in np.linspace(-2, 2, 4001)]
    assert scaled == pytest.approx(min(tried), abs=1e-5)  # a grid of scales, 0.001 apart
    assert infidelity(0 * values, moves, falls, scaled=True) == pytest.approx((falls**2).mean())


def test_a_constant_explainer_is_perfectly_steady_and_ones_against_zeros_are_8_apart():
    assert sensitivity(np.ones((8, 8)), np.ones((5, 8, 8))) == 0
    again = np.ones((5, 8, 8))
    again[3] = 0
    assert sensitivity(np.ones((8, 8)), again) == 8


def test_the_slope_of_a_rectified_difference_does_not_move_near_3_1():
    """f = relu(x - y), whose slope is (1, -1) wherever x > y."""
    slope = np.array([1.0, -1.0])
    near = np.array([3.0, 1.0]) + RNG.uniform(-0.05, 0.05, (20, 2))
    assert sensitivity(slope, (near[:, :1] > near[:, 1:]) * slope) == 0


def test_average_drop_of_the_two_by_two_sum_under_its_first_pixel_is_0_6_and_nothing_rises():
    image, values = np.array([[0.4, 0.3], [0.2, 0.1]]), np.array([[1.0, 0.0], [0.0, 0.0]])
    assert average_drop(np.array([image.sum()]), np.array([(image * values).sum()])) == (pytest.approx(0.6), 0)
    drop, rise = average_drop(np.array([1.0, 0.5, 1.0]), np.array([0.4, 0.6, np.nan]))
    assert (drop, rise) == (pytest.approx(0.3), 0.5)


def test_gini_and_entropy_are_as_on_paper_whatever_the_signs_and_the_scale():
    assert gini(np.ones((3, 5))) == pytest.approx(0)
    assert gini(np.eye(1, 7)) == pytest.approx(1 - 1 / 7)
    assert gini(-300 * np.array([4.0, 2.0, -1.0, 3.0])) == pytest.approx(0.25)
    assert entropy(np.ones((2, 2))) == pytest.approx(np.log(4))
    assert entropy(np.array([3.0, -1.0, 4.0, 2.0])) == pytest.approx(1.2799, abs=5e-5)  # four digits on paper
    assert entropy(np.eye(1, 7)) == 0
    assert gini(np.zeros(4)) == entropy(np.zeros(4)) == 0
