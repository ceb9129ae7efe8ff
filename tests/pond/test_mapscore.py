"""What maps are worth against a part that is known: values by hand, and maps that know nothing."""

import numpy as np
import pytest

from axolens.errors import InputError
from axolens.maths.means import mean_interval
from axolens.pond.mapscore import fitted, marks, summed_up

SIZE = 8


def quarter(place):
    """A quarter of the picture: 16 of 64 pixels."""
    mask = np.zeros((SIZE, SIZE), bool)
    row, column = divmod(place % 4, 2)
    mask[4 * row : 4 * row + 4, 4 * column : 4 * column + 4] = True
    return mask


MASKS = [quarter(place) for place in range(12)]
TRUE = [mask.astype(np.float32) for mask in MASKS]


def test_a_map_that_is_the_truth():
    found = marks(TRUE, MASKS)
    assert {one.auc for one in found} == {1.0}
    assert {one.mass for one in found} == {0.75}
    # Of the 11 other maps two are the same quarter (AUC 1); the others hold 16 of the 48 outside: (32/2)/48.
    np.testing.assert_allclose([one.swapped for one in found], 1 / 3)
    score = summed_up(found)
    assert (score.count, score.better, score.auc) == (12, 12, (1.0, 1.0, 1.0))
    np.testing.assert_allclose(score.over_swapped, 2 / 3)


def test_a_map_that_says_the_opposite():
    score = summed_up(marks([-one for one in TRUE], MASKS))
    assert score.auc[0] == 0
    assert score.mass[0] == 0  # it has none
    assert score.over_swapped[2] < 0
    assert score.better == 0


def test_the_same_map_for_every_picture_leads_over_nothing():
    score = summed_up(marks([TRUE[0]] * 12, MASKS))
    assert score.over_swapped == (0.0, 0.0, 0.0)
    assert score.better == 0


def test_constant_maps_tell_nothing_apart():
    found = marks([fitted(np.full((3, 3), value), SIZE) for value in (0.0, 0.3, -2.0)], MASKS[:3])
    assert [(one.auc, one.swapped, one.mass) for one in found] == [(0.5, 0.5, 0.0)] * 3
    assert summed_up(found).better == 0


def test_the_blob_in_the_middle_by_hand():
    corner = np.zeros((3, 3), bool)
    corner[0, 0] = True
    (found,) = marks([np.eye(3, dtype=np.float32)], [corner])
    assert found.centre == 1.5 / 8  # three corners tie, five places are nearer
    assert np.isnan(found.swapped)


def test_a_map_is_not_among_those_it_is_held_against():
    found = marks([TRUE[0], TRUE[1]], MASKS[:2])
    assert [one.swapped for one in found] == [1 / 3, 1 / 3]


def test_nineteen_maps_are_lent_by_the_seed():
    rng = np.random.default_rng(0)
    maps, masks = [rng.random((SIZE, SIZE)).astype(np.float32) for _ in range(40)], [quarter(i) for i in range(40)]
    assert marks(maps, masks, seed=1) == marks(maps, masks, seed=1)
    assert marks(maps, masks, seed=1) != marks(maps, masks, seed=2)
    assert marks(maps, masks, swaps=39, seed=1) == marks(maps, masks, swaps=39, seed=2)


def test_maps_that_know_nothing_seldom_lead():
    rng, held = np.random.default_rng(3), 0
    for _ in range(50):
        maps = [rng.random((SIZE, SIZE)).astype(np.float32) for _ in range(20)]
        found = marks(maps, [quarter(i) for i in range(20)], swaps=9, seed=int(rng.integers(99)))
        _, low, high = summed_up(found).over_swapped
        held += low <= 0 <= high
    assert 44 <= held <= 50


def test_a_map_is_brought_to_the_picture():
    assert fitted(np.array([[0.0, 4.0], [0.0, -8.0]]), 2).tolist() == [[0.0, 0.5], [0.0, -1.0]]
    assert fitted(np.eye(2)[None, None], 8).shape == (8, 8)
    assert np.isfinite(fitted(np.eye(2) * 1e300, 4)).all()
    assert fitted(np.eye(2) * 1e-300, 4).max() == 1
    assert fitted(np.eye(4, dtype=bool), 4).tolist() == np.eye(4).tolist()
    assert np.ptp(fitted(np.full((7, 7), 0.3), 64)) == 0


@pytest.mark.parametrize(
    ("values", "said"),
    [
        (np.ones((3, 8, 8)), r"as many rows as columns, like the picture, got \(3, 8, 8\). Sum the colour channels"),
        (np.ones((4, 8)), r"got \(4, 8\)"),
        (np.ones(16), r"got \(16,\)"),
        (np.ones((0, 0)), r"got \(0, 0\)"),
        (np.full((2, 2), np.nan), "finite numbers, got 4 of 4"),
        (np.array([[0, np.inf], [0, 0]]), "finite numbers, got 1 of 4"),
        (np.ones((2, 2), complex), "real numbers, got an array of complex128"),
        (np.array([["a", "b"], ["c", "d"]]), "real numbers"),
    ],
)
def test_what_is_no_map_is_refused(values, said):
    with pytest.raises(InputError, match=said):
        fitted(values, SIZE)


def test_an_interval_of_one_value_is_none():
    assert np.isnan(mean_interval(np.array([2.0]))[1:]).all()
    assert mean_interval(np.array([2.0]))[0] == 2
    assert np.isnan(mean_interval(np.array([]))).all()
    assert mean_interval(np.full(5, 2.0)) == (2.0, 2.0, 2.0)
