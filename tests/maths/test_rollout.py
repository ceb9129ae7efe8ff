import array_api_strict
import numpy as np
import pytest
import torch

from axolens.maths.array import to_numpy
from axolens.maths.rollout import rollout

KINDS = {"numpy": np.asarray, "torch": torch.tensor, "strict": array_api_strict.asarray}


@pytest.fixture(params=KINDS)
def array(request):
    return lambda values: KINDS[request.param](np.asarray(values, np.float32))


def test_three_tokens_through_two_blocks_by_hand(array):
    # Two heads whose mean is (0, ½, ½), (0, 1, 0), (0, 0, 1); halved, and half of each token handed on:
    # rows (½, ¼, ¼), (0, 1, 0), (0, 0, 1). Once more, all from the third: (½, 0, ½) times that.
    first = array([[[[0, 1, 0], [0, 1, 0], [0, 0, 1]], [[0, 0, 1], [0, 1, 0], [0, 0, 1]]]])
    second = array([[[[0, 0, 1], [0, 1, 0], [0, 0, 1]]]])
    np.testing.assert_allclose(to_numpy(rollout([first]))[0], [[0.5, 0.25, 0.25], [0, 1, 0], [0, 0, 1]])
    np.testing.assert_allclose(to_numpy(rollout([first, second]))[0, 0], [0.25, 0.125, 0.625])
    # The other way round: (½, 0, ½) first, of which the first token keeps half, and takes ¼ and ¼ of the others.
    np.testing.assert_allclose(to_numpy(rollout([second, first]))[0, 0], [0.25, 0.25, 0.5])


def test_without_skipping_the_blocks_are_multiplied(array):
    first, second = [[0, 1], [0, 1]], [[1, 0], [1, 0]]
    found = rollout([array([[first]]), array([[second]])], skipped=0.0)
    np.testing.assert_allclose(to_numpy(found)[0], np.array(second) @ np.array(first))


def test_against_a_walk_over_all_paths(array, rng):
    weights = rng.random((3, 2, 2, 4, 4))
    weights /= weights.sum(-1, keepdims=True)
    found = to_numpy(rollout([array(block) for block in weights], skipped=0.25))
    for i in range(2):
        for start, end in np.ndindex(4, 4):
            total = 0.0
            for one, two in np.ndindex(4, 4):
                share = 1.0
                for block, (to, come) in zip((2, 1, 0), ((start, one), (one, two), (two, end)), strict=True):
                    share *= 0.25 * (to == come) + 0.75 * weights[block, i, :, to, come].mean()
                total += share
            assert found[i, start, end] == pytest.approx(total, abs=1e-6)
    np.testing.assert_allclose(found.sum(-1), 1, atol=1e-6)
