"""Factors against their placebos: p by hand, the level under the null, and power where one factor stands out."""

import numpy as np
import pytest

from axolens.maths.placebo import compare_factors


def slow_p(effects, shams):
    """Westfall and Young's step-down, by loops over families and factors."""
    families = 1 + len(shams[0])
    largest = []
    for own, sham in zip(effects, shams, strict=True):
        every = np.vstack([own[None], sham])
        column = [(every[:, d] - every[:, d].mean()) / every[:, d].std() for d in range(len(own))]
        largest.append([max(one[i] for one in column) for i in range(families)])
    left, found, floor = list(range(len(effects))), {}, 0.0
    while left:
        first = max(left, key=lambda f: largest[f][0])
        beaten = sum(max(largest[f][i] for f in left) >= largest[first][0] for i in range(families))
        floor = max(floor, beaten / families)
        found[first] = floor
        left.remove(first)
    return [found[f] for f in range(len(effects))]


def test_ranks_strengths_and_p_of_a_small_case_by_hand():
    shams = np.array([[-1.0], [0.0], [1.0]])
    found = compare_factors([np.array([5.0])], [shams])
    assert found.strength.tolist() == [5.0]  # mean 0, standard deviation 1
    assert found.rank.tolist() == [1]
    assert found.p.tolist() == [0.25]  # 1/(3 + 1)
    assert compare_factors([np.array([0.5])], [shams]).rank.tolist() == [2]


def test_a_tie_with_a_sham_counts_against_the_edit():
    found = compare_factors([np.array([1.0])], [np.array([[-1.0], [0.0], [1.0]])])
    assert (found.rank.tolist(), found.p.tolist()) == ([2], [0.5])


@pytest.mark.parametrize("seed", range(5))
def test_it_is_the_step_down_of_westfall_and_young(seed):
    rng = np.random.default_rng(seed)
    effects = [rng.normal(size=d) + one for d, one in ((3, 2.0), (1, 0.0), (2, 4.0))]
    shams = [rng.normal(size=(19, len(own))) for own in effects]
    assert compare_factors(effects, shams).p.tolist() == pytest.approx(slow_p(effects, shams))


def test_equal_shams_are_no_division_by_zero():
    found = compare_factors([np.array([1.0, 0.0])], [np.zeros((9, 2))])
    assert np.isfinite(found.strength).all()
    assert found.p.tolist() == [0.1]


def test_under_the_null_some_factor_is_called_in_one_of_twenty():
    """400 times nine factors of three doses: 5 % ± 2.1 (two standard errors) hold any p of at most 0.05."""
    rng = np.random.default_rng(0)
    called = 0
    for _ in range(400):
        scale = rng.uniform(0.1, 10, 9)
        effects = [s * rng.standard_t(4, 3) for s in scale]
        shams = [s * rng.standard_t(4, (39, 3)) for s in scale]
        called += bool((compare_factors(effects, shams).p <= 0.05).any())
    assert called / 400 <= 0.072


def test_doses_that_were_tried_count():
    """A dose that stands out among its own shams is nothing where another dose's shams reach as far."""
    rng = np.random.default_rng(1)
    one = rng.normal(size=(39, 1))
    many = rng.normal(size=(39, 30))
    assert compare_factors([np.array([2.4])], [one]).p[0] <= 0.05
    assert compare_factors([np.r_[2.4, np.zeros(29)]], [many]).p[0] > 0.05


def test_each_dose_has_its_own_rank_and_p_beside_the_largest_of_every_sham_family():
    shams = np.c_[np.tile([-0.1, 0.1], 20)[:39], np.linspace(-6, 6, 39)]
    found = compare_factors([np.array([1.0, 4.0])], [shams])
    assert found.p[0] == found.ps[0][0] == 0.025
    assert (found.rank[0], found.ranks[0][0]) == (1, 1)
    spread = np.r_[4.0, shams[:, 1]]
    beside = (spread - spread.mean()) / spread.std()
    first = np.r_[1.0, shams[:, 0]]
    largest = np.maximum((first - first.mean()) / first.std(), beside)
    assert found.ps[0][1] == np.mean(largest >= beside[0]) > 0.05
    assert found.ranks[0][1] == 1 + np.sum(largest[1:] >= beside[0])


@pytest.mark.parametrize("seed", range(5))
def test_no_dose_has_a_smaller_p_than_its_factor_and_the_best_has_its_p(seed):
    rng = np.random.default_rng(seed)
    effects = [rng.normal(size=d) + one for d, one in ((3, 2.0), (1, 0.0), (2, 4.0))]
    found = compare_factors(effects, [rng.normal(size=(39, len(own))) for own in effects])
    assert [one.min() for one in found.ps] == pytest.approx(found.p.tolist())
    assert [one.min() for one in found.ranks] == found.rank.tolist()


def test_a_weaker_factor_is_never_surer_than_a_stronger_one():
    """The second stands above all its own shams, but the first, which is stronger, is nothing among its own."""
    loud = np.array([3.0, -3.0] * 5)[:, None]
    quiet = np.array([0.5, 0.5, 0.5, 0.5, -2.0] * 2)[:, None]
    found = compare_factors([np.array([2.0]), np.array([0.6])], [loud, quiet])
    assert found.strength[0] > found.strength[1] > 0
    assert found.rank.tolist() == [6, 1]
    assert found.p[1] == found.p[0] > 0.5  # by itself it would be 1/11
