import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from axolens.maths.likeness import apart, best_in_each, mutual, peaks, readings, speaking, spread


def test_a_view_counted_from_what_one_pixel_moves():
    change = np.zeros((8, 8))
    change[2:5, 3:5] = 1.0  # three rows of two
    assert spread(change, 1.0) == pytest.approx((3, 2))
    assert spread(change, 0.5) == pytest.approx((1.5, 1))
    assert spread(np.zeros((3, 3)), 0.9) == (0.0, 0.0)


def test_a_weak_rim_is_left_out_and_a_strong_one_is_not():
    change = np.array([[1.0, 8.0, 1.0]])
    assert spread(change, 0.8)[1] == pytest.approx(1)
    assert spread(change, 0.95)[1] == pytest.approx(2.5)  # 9.5 of 10: the middle, one neighbour, half of the other


def test_what_speaks_against_is_no_direction_and_no_evidence():
    activations = np.array([[[[1.0, 2.0]], [[3.0, 0.0]], [[1.0, 1.0]]]], np.float32)  # (1, 3, 1, 2)
    gradients = np.array([[[[2.0, -1.0]], [[0.0, 5.0]], [[-1.0, -1.0]]]], np.float32)
    # First place: 2, 0, −1; second: −2, 0, −1, nothing that speaks for it.
    np.testing.assert_allclose(readings(activations, gradients), [[[1, 0, 0], [0, 0, 0]]])
    np.testing.assert_allclose(speaking(activations, gradients), [[[2, 0]]])


def test_readings_place_by_place(rng):
    a, g = (rng.normal(size=(2, 5, 3, 4)).astype(np.float32) for _ in range(2))
    directions, evidence = readings(a, g), speaking(a, g)
    for n in range(2):
        for p in range(12):
            up = np.array([max(0.0, float(a[n, c, p // 4, p % 4] * g[n, c, p // 4, p % 4])) for c in range(5)])
            np.testing.assert_allclose(directions[n, p], up / np.sqrt((up**2).sum()), rtol=1e-4, atol=1e-6)
            assert evidence[n, p // 4, p % 4] == pytest.approx(up.sum(), abs=1e-5)


def test_nearest_places_one_by_one(rng):
    own, others = rng.normal(size=(4, 3)).astype(np.float32), rng.normal(size=(2, 5, 3)).astype(np.float32)
    slow = [[max(float(own[p] @ others[n, q]) for q in range(5)) for n in range(2)] for p in range(4)]
    np.testing.assert_allclose(best_in_each(own, others), slow, rtol=1e-5)


def test_mutual_allows_for_one_place_of_slack():
    # Both like the first place of the other photo; it likes place 0, the left neighbour of 1 and far from 3.
    likeness = np.array([[0.9, 0.0], [0.8, 0.1], [0.0, 0.0], [0.7, 0.2]], np.float32)
    nearest, both = mutual(likeness, width=4)
    assert nearest.tolist()[:2] == [0, 0]
    assert both.tolist() == [True, True, False, False]
    assert mutual(likeness, width=4, reach=0)[1].tolist() == [True, False, False, False]


def test_a_row_break_is_no_neighbourhood():
    likeness = np.array([[0.0], [0.9], [0.8], [0.0]], np.float32)  # places (0,1) and (1,0) of a width of 2
    assert mutual(likeness, width=2, reach=0)[1].tolist() == [False, True, False, False]
    likeness = np.array([[0.0], [0.0], [0.0], [0.9], [0.8], [0.0], [0.0], [0.0]], np.float32)
    assert not mutual(likeness, width=4)[1][4]  # (1,0) and (0,3) are three columns apart


def test_heavier_neighbours_push_lighter_ones_out():
    weights = np.array([[0, 9, 8, 0], [0, 0, 0, 7], [6, 0, 0, -1]], float).ravel()
    assert apart(weights, 4, 2.0) == (1, 7, 8)
    assert apart(weights, 4, 1.0) == (1, 2, 7, 8)
    assert apart(np.zeros(4), 2, 1.0) == ()


def test_peaks_are_found_one_by_one_as_well():
    # A second, slow way: a fine place belongs to the coarse one that holds its middle, also where 7 are not 3 times.
    evidence = np.random.default_rng(4).random((7, 9), dtype=np.float32)
    strength, middle = peaks(evidence, (3, 4))
    smooth = gaussian_filter(evidence, (7 / 3 / 2, 9 / 4 / 2), mode="constant")
    for place in range(12):
        row, column = divmod(place, 4)
        own = {
            (i, j): smooth[i, j]
            for i in range(7)
            for j in range(9)
            if row <= (i + 0.5) * 3 / 7 < row + 1 and column <= (j + 0.5) * 4 / 9 < column + 1
        }
        i, j = max(own, key=own.get)
        assert strength[place] == own[i, j]
        np.testing.assert_allclose(middle[place], ((i + 0.5) * 3 / 7, (j + 0.5) * 4 / 9), rtol=1e-12)
