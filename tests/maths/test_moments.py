from functools import reduce

import numpy as np
import pytest
from nets import KINDS

from axolens.maths.array import to_numpy
from axolens.maths.moments import moments, noise_share, pooled


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("sizes", [(7,), (1, 6), (3, 3, 1)])
def test_parts_together_are_the_whole(rng, kind, sizes):
    values = (1000 + rng.normal(size=(7, 2, 3, 4))).astype(np.float32)  # large sums, small differences
    parts = np.split(values, np.cumsum(sizes)[:-1])
    found = reduce(pooled, (moments(KINDS[kind](part)) for part in parts))
    assert found.number == 7
    np.testing.assert_allclose(to_numpy(found.mean), values.astype(np.float64).mean(0), rtol=1e-6)
    np.testing.assert_allclose(to_numpy(found.squares), 7 * values.astype(np.float64).var(0), rtol=1e-2)


@pytest.mark.parametrize("kind", KINDS)
def test_the_share_of_noise_by_hand(kind):
    # Three maps of two places. First target: means 2 and 8, variance of the places 9; standard errors² 1/3·(3·… )
    # = 8/(2·3) at the first place and 0 at the second, on average 2/3; the share is 2/27. Second target: no variance.
    maps = np.array([[[[0, 8]], [[5, 5]]], [[[2, 8]], [[5, 5]]], [[[4, 8]], [[5, 5]]]], np.float32)
    np.testing.assert_allclose(to_numpy(noise_share(moments(KINDS[kind](maps)))), [2 / 27, 0], rtol=1e-6)


def test_a_map_of_noise_alone_is_noise_altogether(rng):
    maps = rng.normal(size=(40, 1, 50, 50)).astype(np.float32)
    assert noise_share(moments(maps))[0] == pytest.approx(1, abs=0.1)
