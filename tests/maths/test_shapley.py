import numpy as np
import pytest
from games import by_definition, interacting

from axolens.maths.blocks import fit_blocks
from axolens.maths.shapley import every_coalition, fit_shapley, paired_coalitions, pseudo_values, size_shares


def ends_of(value, regions):
    return value(np.array([[True] * regions, [False] * regions]))[:, None]


def exactly(value, regions):
    keep, weights = every_coalition(regions)
    return fit_shapley(keep, value(keep)[:, None], weights, ends_of(value, regions))


# Net B: f = max(s − 10, 0) + 3·max(s + 1, 0) − 1 of the sum s. It is 4s − 8 from s = 10 on and 3s + 2 below.
@pytest.mark.parametrize(
    ("shown", "hidden", "truth"),
    [
        ((20, 50, 30), (0, 0, 0), (230 / 3, 590 / 3, 350 / 3)),
        ((20, 50, 30), (10, 20, 10), (40, 120, 80)),
        ((2, 10, 3), (0, 0, 0), (7, 32.5, 10.5)),
    ],
)
def test_net_b_by_hand(shown, hidden, truth):
    def value(keep):
        total = np.where(keep, shown, hidden).sum(axis=1).astype(float)
        return np.maximum(total - 10, 0) + 3 * np.maximum(total + 1, 0) - 1

    np.testing.assert_allclose(exactly(value, 3).coefficients[0], truth, atol=1e-9)
    np.testing.assert_allclose(by_definition(value, 3), truth, atol=1e-9)


@pytest.mark.parametrize("regions", [1, 2, 3, 6])
def test_every_coalition_gives_the_mean_over_all_orders(regions):
    value = interacting(regions, regions)
    fit = exactly(value, regions)
    np.testing.assert_allclose(fit.coefficients[0], by_definition(value, regions), atol=1e-9)
    whole, nothing = ends_of(value, regions)[:, 0]
    assert fit.coefficients.sum() == pytest.approx(whole - nothing, abs=1e-9)
    assert fit.intercept[0] == nothing


def test_every_coalition_weighs_as_the_paper_says():
    # (s − 1)/(C(s, k)·k·(s − k)) of four regions: 1/4, 1/8 and 1/4 for one, two and three, in all 2.75.
    keep, weights = every_coalition(4)
    assert len(keep) == len(np.unique(keep, axis=0)) == 14
    np.testing.assert_allclose(weights, np.array([0, 1 / 4, 1 / 8, 1 / 4])[keep.sum(axis=1)] / 2.75)


def test_draws_follow_the_kernel_and_any_region_is_as_likely():
    keep = np.concatenate([paired_coalitions(np.random.default_rng(seed), 200, 6) for seed in range(50)])
    shares = np.bincount(keep.sum(axis=1), minlength=7)[1:6] / len(keep)
    np.testing.assert_allclose(shares, size_shares(6), atol=1e-4)  # sizes are systematic: off by one draw a call
    np.testing.assert_allclose(keep.mean(axis=0), 0.5, atol=1e-12)  # every one has its complement
    half = keep.reshape(50, 2, 200, 6)[:, 0].reshape(-1, 6)
    singles = half[half.sum(axis=1) == 1].mean(axis=0)
    np.testing.assert_allclose(singles, 1 / 6, atol=0.035)  # 5 standard errors of about 2,900 draws


def test_a_sum_has_its_parts_back_from_few_draws():
    parts = np.random.default_rng(0).normal(size=30)
    keep = paired_coalitions(np.random.default_rng(1), 40, 30)
    fit = fit_shapley(keep, (keep @ parts + 5)[:, None], np.ones(80), np.array([[parts.sum() + 5], [5.0]]))
    np.testing.assert_allclose(fit.coefficients[0], parts, atol=1e-9)
    assert (fit.intercept[0], fit.r2[0]) == (5.0, pytest.approx(1))


def test_more_regions_than_pairs_still_sum_to_the_difference():
    value = interacting(0, 30)
    keep = paired_coalitions(np.random.default_rng(1), 5, 30)
    fit = fit_shapley(keep, value(keep)[:, None], np.ones(10), ends_of(value, 30))
    assert fit.coefficients.sum() == pytest.approx(float(np.diff(ends_of(value, 30)[::-1, 0])[0]))


def test_a_constant_is_worth_nothing_and_what_is_no_number_stays_none():
    keep, weights = every_coalition(4)
    said = np.stack([np.full(14, 7.0), np.arange(14.0)], axis=1)
    said[3, 1] = np.nan
    fit = fit_shapley(keep, said, weights, np.full((2, 2), 7.0))
    assert (fit.coefficients[0].tolist(), fit.intercept[0], fit.r2[0]) == ([0.0] * 4, 7.0, 0.0)
    assert np.isnan([*fit.coefficients[1], fit.intercept[1], fit.r2[1]]).all()


def drawn(value, regions, seed, blocks=8, pairs=25):
    rng = np.random.default_rng(seed)
    parts = [paired_coalitions(rng, pairs, regions) for _ in range(blocks)]

    def fit_to(some):
        keep = np.concatenate(some)
        return fit_shapley(keep, value(keep)[:, None], np.ones(len(keep)), ends_of(value, regions))

    fit = fit_to(parts)
    left = np.stack([fit_to(parts[:i] + parts[i + 1 :]).coefficients for i in range(blocks)])
    return fit_blocks(fit, pseudo_values(fit.coefficients, left))


def test_intervals_cover_the_exact_values_and_say_how_far_off_they_are():
    misses, widths, errors = 0, [], []
    for seed in range(100):
        value = interacting(seed, 10)
        fit, truth = drawn(value, 10, seed), exactly(value, 10).coefficients
        misses += int((np.abs(fit.coefficients - truth) > fit.half_width).sum())
        widths.append(fit.half_width / np.sqrt((fit.coefficients - truth).var()))
        errors.append(fit.coefficients - truth)
    # 1,000 intervals of 95 % miss 50; those of one photo are not independent. Wider ones would miss hardly any.
    assert 15 < misses < 85
    assert np.abs(np.mean(errors)) < 1e-9  # they sum to the difference, so their errors sum to nothing
