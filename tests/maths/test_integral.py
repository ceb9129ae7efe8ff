import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from nets import KINDS

from axolens.errors import InputError
from axolens.maths.array import to_numpy
from axolens.maths.integral import gauss_legendre, points_between, weighed_sum


@given(st.integers(1, 40), st.data())
def test_exact_up_to_its_degree(steps, data):
    degree = data.draw(st.integers(0, 2 * steps - 1))
    nodes, weights = gauss_legendre(steps)
    assert weights @ nodes**degree == pytest.approx(1 / (degree + 1), rel=1e-9)


def test_two_nodes_by_hand():
    # (1 ± 1/√3)/2, each of weight one half; x⁴ is one degree too many: its integral 1/5 comes out as 7/36.
    nodes, weights = gauss_legendre(2)
    np.testing.assert_allclose(nodes, [(1 - 3**-0.5) / 2, (1 + 3**-0.5) / 2])
    np.testing.assert_allclose(weights, [0.5, 0.5])
    assert weights @ nodes**4 == pytest.approx(7 / 36)


@pytest.mark.parametrize("steps", [2, 3, 32])
def test_nodes_are_inside_ascending_and_mirrored(steps):
    nodes, weights = gauss_legendre(steps)
    assert nodes[0] > 0
    assert (np.diff(nodes) > 0).all()
    np.testing.assert_allclose(nodes + nodes[::-1], 1)
    np.testing.assert_allclose(weights, weights[::-1])


def test_no_steps_are_refused():
    with pytest.raises(InputError, match="at least 1, got 0"):
        gauss_legendre(0)


@pytest.mark.parametrize("kind", KINDS)
def test_points_and_sums_on_every_kind_of_array(kind):
    array = lambda values: KINDS[kind](np.array(values, np.float32))  # noqa: E731
    start, end = array([[0.0, 1.0], [2.0, 3.0]]), array([[4.0, 1.0], [0.0, -1.0]])
    points = points_between(start, end, array([0.0, 0.25, 1.0]))
    by_hand = [[[0, 1], [2, 3]], [[1, 1], [1.5, 2]], [[4, 1], [0, -1]]]
    np.testing.assert_allclose(to_numpy(points), by_hand)
    summed = weighed_sum(array([1.0, 4.0, -1.0]), points)
    np.testing.assert_allclose(to_numpy(summed), [[0, 4], [8, 12]])
