"""Methods compared photo by photo, on effects that can be counted by hand."""

import numpy as np
import pytest

from axolens.study.comparing import paired, scored


def effects(*means, photos=8, spread=0.0):
    """(n, 2, m): every photo and reading has the method's mean, plus what the photo adds to all methods alike."""
    own = np.zeros((photos, 2, len(means))) + np.array(means)
    return own + spread * np.random.default_rng(0).standard_normal((photos, 1, 1))


def test_a_method_that_is_better_on_all_of_eight_photos_is_ranked_before_the_other():
    (pair,) = paired(["weak", "strong"], effects(1.0, 2.0, spread=5.0))
    assert (pair.first, pair.second) == ("strong", "weak")
    assert pair.difference == pytest.approx(1)
    assert pair.p == pytest.approx(2 / 2**8)  # unanimous, and what photos add to both cancels
    assert pair.ranked


def test_readings_that_disagree_rank_nothing():
    own = effects(1.0, 2.0)
    own[:, 1, 1] = 0.9  # under the second fill the first method is ahead
    (pair,) = paired(["a", "b"], own)
    assert pair.p <= 0.05
    assert not pair.agree
    assert not pair.ranked


def test_p_is_adjusted_for_the_number_of_pairs_by_holm():
    pairs = paired(["a", "b", "c"], effects(1.0, 2.0, 3.0))
    assert sorted(one.p for one in pairs) == pytest.approx([3 * 2 / 2**8] * 3)
    assert not paired(["a", "b", "c"], effects(1.0, 2.0, 3.0, photos=6))[0].ranked  # 3 times 2/64


def test_a_method_is_held_against_its_maps_of_other_photos():
    own, swapped = effects(2.0, 1.0, 0.5), effects(0.5, 1.0)
    first, second, blob = scored(["knows", "habit", "blob"], own, swapped)
    assert (first.method, first.ahead, first.over_swapped) == ("knows", 8, 1.5)
    assert first.p == pytest.approx(2 * 2 / 2**8)
    assert (second.ahead, second.p) == (0, 1.0)
    assert (blob.method, blob.over_swapped) == ("blob", 0.0)
