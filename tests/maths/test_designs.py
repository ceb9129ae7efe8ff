import numpy as np
import pytest
from scipy.stats import chi2

from axolens.maths.blocks import disagreement, fit_blocks, moderated
from axolens.maths.designs import balanced_block, block_order, hadamard
from axolens.maths.surrogate import Fit, fit_linear

ORDERS = [order for order in range(4, 132, 4) if order not in (52, 92, 100, 116)]


@pytest.mark.parametrize("order", ORDERS)
def test_columns_are_orthogonal(order):
    matrix = hadamard(order)
    assert set(np.unique(matrix)) == {-1, 1}
    np.testing.assert_array_equal(matrix.T @ matrix, order * np.eye(order))


@pytest.mark.parametrize("regions", [1, 2, 3, 7, 39, 48, 63, 90, 150])
def test_any_two_regions_are_balanced_and_every_mask_has_its_complement(rng, regions):
    keep = balanced_block(rng, regions)
    signs = 2 * keep.astype(int) - 1
    half = len(keep) // 2
    assert half == block_order(regions) > regions
    np.testing.assert_array_equal(signs[:half], -signs[half:])
    np.testing.assert_array_equal(signs.T @ signs, len(keep) * np.eye(regions))


def test_each_mask_by_itself_is_fair_coins():
    # 3 regions, 2,000 blocks of 8 masks: each of the 8 masks equally often, as its sign and column are drawn.
    rng = np.random.default_rng(0)
    first = np.array([balanced_block(rng, 3)[0] for _ in range(2000)]) @ [1, 2, 4]
    counts = np.bincount(first, minlength=8)
    assert ((counts - 250) ** 2 / 250).sum() < chi2.ppf(0.999, 7)


def test_even_orders_drop_out_of_a_fold_over(rng):
    # f = x0·x1 + 3·x2 with x = ±1: coefficient of "visible" is twice that of x, and the product leaves no trace.
    keep = balanced_block(rng, 6)
    x = 2.0 * keep - 1
    fit = fit_linear(keep, (x[:, 0] * x[:, 1] + 3 * x[:, 2])[:, None], np.ones(len(keep)))
    np.testing.assert_allclose(fit.coefficients[0], [0, 0, 6, 0, 0, 0], atol=1e-12)


def simulated(spread, seed):
    rng = np.random.default_rng(seed)
    true = np.exp(spread * rng.standard_normal(40))
    return true, true * rng.chisquare(3, 40) / 3


def test_variances_are_drawn_together_as_far_as_they_are_alike():
    alike = [moderated(simulated(0.0, seed)[1], 3).freedom for seed in range(20)]
    apart = [moderated(simulated(2.0, seed)[1], 3).freedom for seed in range(20)]
    assert np.median(alike) > 20
    assert np.median(apart) < 6


def test_intervals_over_four_blocks_cover_in_95_of_100():
    hits = []
    for seed in range(300):
        rng = np.random.default_rng(seed)
        blocks = rng.standard_normal((4, 1, 30))
        whole = Fit(blocks.mean(axis=0), np.zeros(1), np.ones(1), None)
        hits.append(np.abs(whole.coefficients) <= fit_blocks(whole, blocks).half_width)
    assert 0.94 < np.mean(hits) < 0.96  # 9,000 intervals: standard error 0.0023, more as one variance serves 30


def test_one_region_has_the_plain_interval():
    blocks = np.array([1.0, 2.0, 3.0, 4.0]).reshape(4, 1, 1)
    whole = Fit(blocks.mean(axis=0), np.zeros(1), np.ones(1), None)
    # t with 3 degrees of freedom, 3.18245; standard deviation 1.29099 over the root of 4
    np.testing.assert_allclose(fit_blocks(whole, blocks).half_width, [[3.182446 * 1.290994 / 2]], rtol=1e-5)


def test_disagreement_is_what_two_more_runs_show():
    # 12 regions, coefficients of both signs, standard error 1.5: count over runs that are really drawn.
    rng, centre = np.random.default_rng(0), np.arange(12.0) * (-1) ** np.arange(12)
    runs = centre + 1.5 * rng.standard_normal((2, 20_000, 12))
    tops = [[set(row[:5]) for row in np.argsort(-abs(run), axis=1)] for run in runs]
    share = np.mean([len(one & other) < 4 for one, other in zip(*tops, strict=True)])
    fit = Fit(centre[None], np.zeros(1), np.ones(1), np.full((1, 12), 1.5 * 1.96))
    assert disagreement(fit, rng)[0] == pytest.approx(share, abs=0.05)  # three standard errors of 1,000 draws
