"""Sign flips against values by hand and against all patterns written out."""

from itertools import product

import numpy as np
import pytest

from axolens.errors import InputError
from axolens.maths.signflip import DRAWN, more_needed, sign_flip, unit_means


def slowly(values):
    """Write out every pattern of signs and count those whose mean is as far out."""
    seen = abs(sum(values))
    sums = [abs(sum(sign * value for sign, value in zip(signs, values, strict=True)))
            for signs in product((1, -1), repeat=len(values))]  # fmt: skip
    return sum(one >= seen - 1e-9 for one in sums) / len(sums)


@pytest.mark.parametrize(("units", "p"), [(1, 1.0), (2, 0.5), (5, 0.0625), (6, 0.03125), (8, 0.0078125)])
def test_units_that_agree_reach_the_smallest_p(units, p):
    assert sign_flip(np.full(units, 0.3)) == p
    assert sign_flip(np.full(units, -0.3)) == p


def test_sizes_count_and_not_signs_alone():
    # Of 16 patterns of (5, 1, 1, −1) the sums 6, 6, 6, 8 and their negatives are as far out as 6.
    assert sign_flip(np.array([5.0, 1, 1, -1])) == 0.5
    # The one that disagrees is small: only ±(1, 2, 3, ∓0.1) are as far out, 4 of 16.
    assert sign_flip(np.array([1.0, 2, 3, -0.1])) == 0.25


@pytest.mark.parametrize("count", [3, 7, 10])
def test_every_pattern_is_asked(rng, count):
    values = rng.normal(0.4, 1, count).round(1)
    assert sign_flip(values) == pytest.approx(slowly(values.tolist()), abs=1e-12)


def test_above_sixteen_units_patterns_are_drawn_with_a_seed(rng):
    values = rng.normal(0.3, 1, 17)
    drawn, exact = sign_flip(values, seed=3), slowly(values.tolist())
    assert drawn == sign_flip(values, seed=3)
    assert drawn == pytest.approx(exact, abs=4 * np.sqrt(exact * (1 - exact) / DRAWN))
    assert sign_flip(np.ones(40)) == pytest.approx(1 / (DRAWN + 1))


def test_under_the_null_p_is_no_smaller_than_it_says(rng):
    found = np.array([sign_flip(rng.normal(0, 1 + rng.random(8))) for _ in range(2000)])
    for level in (0.0078125, 0.05, 0.25):
        assert (found <= level).mean() <= level + 3 * np.sqrt(level * (1 - level) / 2000)


def test_nothing_says_nothing():
    assert sign_flip(np.zeros(0)) == sign_flip(np.zeros(9)) == 1.0
    with pytest.raises(InputError, match="finite"):
        sign_flip(np.array([1.0, np.nan]))


def test_photos_of_one_group_are_one_unit():
    # Eight photos of three animals: 0.25 at best, not 0.0078.
    units = unit_means(np.array([1.0, 2, 3, 4, 5, 6, 7, 8]), ["a", "a", "b", "b", "b", "c", "c", "c"])
    assert units.tolist() == [1.5, 4.0, 7.0]
    assert sign_flip(units) == 0.25
    with pytest.raises(InputError, match="one for each of 2"):
        unit_means(np.ones(2), ["a"])


def test_more_units_of_this_size_reach_the_level_about_every_second_time(rng):
    effects = np.array([2.0, 1.0, -1.0, 1.5, -0.5])  # mean 0.6, q² 1.7: (1.96² · 1.7/0.36) = 18.1, so 19 units
    assert more_needed(effects) == 14
    reached = [sign_flip(rng.choice(effects, 19), seed=one) <= 0.05 for one in range(200)]
    assert 0.3 < np.mean(reached) < 0.75


def test_what_cannot_be_reached_by_more_of_it_is_none():
    assert more_needed(np.array([-1.0, 0.5])) is None
    assert more_needed(np.zeros(3)) is None
    assert more_needed(np.zeros(0)) is None
    assert more_needed(np.ones(5), level=0.05 / 9) == 4  # 2/2⁹ = 0.0039 is the first below 0.0056
    with pytest.raises(InputError, match="share between"):
        more_needed(np.ones(3), level=0.0)
