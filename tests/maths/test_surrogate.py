import itertools

import numpy as np
import pytest
from sklearn.linear_model import Ridge
from sklearn.metrics import pairwise_distances

from axolens.errors import InputError
from axolens.maths.noise import same_smoothness
from axolens.maths.surrogate import cosine_kernel, fit_linear


def net_b(x):
    """f = max(s − 10, 0) + 3·max(s + 1, 0) − 1 with s the sum of the three features."""
    s = x.sum(axis=-1)
    return np.maximum(s - 10, 0) + 3 * np.maximum(s + 1, 0) - 1


ALL = np.array(list(itertools.product([False, True], repeat=3)))


@pytest.mark.parametrize(
    ("x", "coefficients", "intercept"),
    [((20, 50, 30), (77.5, 197.5, 117.5), -3.0), ((10, 14, 4), (36, 52, 15), None)],
)
def test_net_b_over_all_subsets(x, coefficients, intercept):
    fit = fit_linear(ALL, net_b(ALL * np.array(x, float))[:, None], np.ones(8))
    np.testing.assert_allclose(fit.coefficients[0], coefficients, atol=1e-9)
    if intercept is not None:
        assert fit.intercept[0] == pytest.approx(intercept)


def test_net_b_with_two_features_as_one_region():
    keep = np.array(list(itertools.product([False, True], repeat=2)))
    x = keep[:, [0, 0, 1]] * np.array([20.0, 50.0, 30.0])
    np.testing.assert_allclose(fit_linear(keep, net_b(x)[:, None], np.ones(4)).coefficients[0], (275, 115), atol=1e-9)


def test_kernel_with_half_of_many_regions_visible():
    # exp(−(1 − 1/√2)²/(2·0.0625)) = 0.503
    keep = np.arange(2000)[None] < 1000
    assert cosine_kernel(keep, 0.25)[0] == pytest.approx(np.exp(-((1 - 2**-0.5) ** 2) / 0.125))
    assert cosine_kernel(keep, 0.25)[0] == pytest.approx(0.503, abs=5e-4)


def test_kernel_is_the_one_of_the_lime_package(rng):
    keep = rng.random((50, 17)) < 0.5
    keep[0], keep[1] = True, False
    distance = pairwise_distances(keep.astype(float), np.ones((1, 17)), metric="cosine").ravel()
    np.testing.assert_allclose(cosine_kernel(keep, 0.25), np.sqrt(np.exp(-(distance**2) / 0.25**2)), atol=1e-12)


@pytest.mark.parametrize(("masks", "regions"), [(120, 15), (40, 90)])
@pytest.mark.parametrize("alpha", [0.5, 1.0])
def test_ridge_against_scikit_learn(rng, masks, regions, alpha):
    keep, weights = rng.random((masks, regions)) < 0.5, rng.random(masks)
    responses = rng.normal(size=(masks, 2))
    fit = fit_linear(keep, responses, weights, alpha)
    for q in range(2):
        peer = Ridge(alpha=alpha).fit(keep, responses[:, q], sample_weight=weights)
        np.testing.assert_allclose(fit.coefficients[q], peer.coef_, atol=1e-8)
        assert fit.intercept[q] == pytest.approx(peer.intercept_, abs=1e-8)
        assert fit.r2[q] == pytest.approx(peer.score(keep, responses[:, q], sample_weight=weights), abs=1e-8)


def test_a_linear_score_is_found_exactly(rng):
    truth = rng.normal(size=9)
    keep = rng.random((64, 9)) < 0.5
    fit = fit_linear(keep, (2.5 + keep @ truth)[:, None], rng.random(64) + 0.1)
    np.testing.assert_allclose(fit.coefficients[0], truth, atol=1e-9)
    assert fit.r2[0] == pytest.approx(1)
    assert fit.half_width is not None
    np.testing.assert_allclose(fit.half_width, 0, atol=1e-7)


def test_intervals_against_a_slow_sandwich(rng):
    keep, weights = rng.random((40, 4)) < 0.5, rng.random(40) + 0.2
    response = keep @ np.array([1.0, -2.0, 0.0, 3.0]) + rng.normal(size=40) * (1 + keep[:, 0])
    x = np.column_stack([np.ones(40), keep])
    bread = np.linalg.inv(x.T @ np.diag(weights) @ x)
    beta = bread @ x.T @ (weights * response)
    hat = np.diag(x @ bread @ x.T) * weights
    residual = (response - x @ beta) / (1 - hat)
    meat = sum((w * r) ** 2 * np.outer(row, row) for w, r, row in zip(weights, residual, x, strict=True))
    error = np.sqrt(np.diag(bread @ meat @ bread))[1:]
    fit = fit_linear(keep, response[:, None], weights)
    np.testing.assert_allclose(fit.half_width[0], 2.0301079 * error, rtol=1e-6)  # t, 35 degrees of freedom


def test_intervals_cover_the_limit_in_95_of_100_runs():
    # f = AND of the first two regions plus a linear part: the limit under fair coins is known.
    # E over x of x0·x1 with coins: coefficient 1/2 each (Banzhaf value), flat weights.
    limit = np.array([0.5 + 1.0, 0.5, -2.0, 0, 0, 0])
    hits = []
    for seed in range(400):
        keep = np.random.default_rng(seed).random((60, 6)) < 0.5
        response = keep[:, 0] * keep[:, 1] * 1.0 + keep[:, 0] - 2.0 * keep[:, 2]
        fit = fit_linear(keep, response[:, None], np.ones(60))
        hits.append(np.abs(fit.coefficients[0] - limit) <= fit.half_width[0])
    assert 0.93 < np.mean(hits) < 0.985  # 2,400 intervals; HC3 is a little wide on small designs


def test_no_interval_where_regions_outnumber_masks(rng):
    fit = fit_linear(rng.random((10, 30)) < 0.5, rng.normal(size=(10, 1)), np.ones(10))
    assert fit.half_width is None
    assert fit.r2[0] == pytest.approx(1)


def test_scores_that_are_no_numbers_are_not_fitted(rng):
    keep = rng.random((40, 3)) < 0.5
    responses = np.column_stack([keep @ np.ones(3), np.where(keep[:, 0], np.nan, 1.0)])
    fit = fit_linear(keep, responses, np.ones(40))
    np.testing.assert_allclose(fit.coefficients[0], 1, atol=1e-9)
    assert np.isnan(fit.coefficients[1]).all()
    assert np.isnan(fit.r2[1])
    assert np.isnan(fit.half_width[1]).all()
    assert fit.r2[0] == pytest.approx(1)


def test_weights_of_zero_are_refused(rng):
    with pytest.raises(InputError, match="kernel_width"):
        fit_linear(rng.random((9, 3)) < 0.5, np.ones((9, 1)), np.zeros(9))


def test_rounding_is_no_effect(rng):
    responses = 5 + 1e-6 * rng.normal(size=(60, 1))
    fit = fit_linear(rng.random((60, 4)) < 0.5, responses, np.ones(60), resolution=1e-5)
    assert (fit.r2[0], np.abs(fit.coefficients).max()) == (0, 0)


def test_a_constant_score_has_no_coefficients(rng):
    fit = fit_linear(rng.random((30, 5)) < 0.5, np.full((30, 1), 4.0), np.ones(30))
    np.testing.assert_allclose(fit.coefficients, 0, atol=1e-12)
    assert (fit.intercept[0], fit.r2[0]) == (pytest.approx(4), 0)


def test_noise_is_as_smooth_as_the_map_and_elsewhere(rng):
    values = np.outer(np.hanning(13), np.hanning(17))
    noise = np.stack([same_smoothness(values, rng) for _ in range(200)])
    assert noise.mean() == pytest.approx(values.mean(), abs=1e-6)
    assert noise.std(axis=(1, 2)) == pytest.approx(values.std(), rel=1e-5)
    assert np.abs([np.corrcoef(values.ravel(), one.ravel())[0, 1] for one in noise]).mean() < 0.5
    neighbours = np.mean([np.corrcoef(one[:, :-1].ravel(), one[:, 1:].ravel())[0, 1] for one in noise])
    assert neighbours > 0.9
