import array_api_strict
import numpy as np
import pytest
import torch

from axolens.maths.array import to_numpy
from axolens.maths.cam import grad_cam, hires_cam, layer_cam

KINDS = {"numpy": np.asarray, "torch": torch.tensor, "strict": array_api_strict.asarray}


@pytest.fixture(params=KINDS)
def array(request):
    return lambda values: KINDS[request.param](np.asarray(values, np.float32))


def test_line_detector(array):
    # Mean gradient: (2 + 2 + 3·3 + 3·3)/25 = 0.88.
    activations, gradients = np.zeros((5, 5)), np.zeros((5, 5))
    line = np.array([1, 2, 3, 2, 1])
    activations[[1, 3]], activations[[0, 4]] = line, -line
    gradients[0, 0] = gradients[4, 4] = 2
    gradients[1, 1:4] = gradients[4, 1:4] = 3
    found = to_numpy(grad_cam(array(activations[None, None]), array(gradients[None, None, None])))[0, 0]
    np.testing.assert_allclose(found[1], 0.88 * line, atol=1e-6)
    np.testing.assert_allclose(np.maximum(found, 0)[[0, 2, 4]], 0)
    np.testing.assert_allclose(found[3] / found.max(), [1 / 3, 2 / 3, 1, 2 / 3, 1 / 3], atol=1e-6)


def test_channel_means(array):
    gradients = np.array(
        [[[1, 1], [1, 1]], [[1, 1], [0, 0]], [[1, 0.5], [0, 0]], [[0.5, 0], [0, 0]]], np.float32
    )  # means 1, 0.5, 0.375, 0.125
    found = to_numpy(grad_cam(array(gradients[None]), array(gradients[None, None])))[0, 0]
    by_hand = [[1 + 0.5 + 0.375 + 0.0625, 1 + 0.5 + 0.1875], [1, 1]]
    np.testing.assert_allclose(found, by_hand, atol=1e-6)


def test_against_a_slow_second_implementation(array, rng):
    activations, gradients = rng.normal(size=(2, 3, 4, 5)), rng.normal(size=(2, 2, 3, 4, 5))
    found = to_numpy(grad_cam(array(activations), array(gradients)))
    for i in range(2):
        for j in range(2):
            slow = sum(gradients[i, j, c].mean() * activations[i, c] for c in range(3))
            np.testing.assert_allclose(found[i, j], slow, atol=1e-5)


def test_each_place_is_weighed_by_its_own_gradient(array):
    # One image, one target, two channels over 1 × 3 places.
    activations = array([[[[1, 2, -3]], [[4, 5, 6]]]])
    gradients = array([[[[[1, -1, 2]], [[-0.5, 0, 1]]]]])
    # HiResCAM: 1·1 − 0.5·4, −1·2 + 0·5, 2·(−3) + 1·6; LayerCAM leaves out −0.5·4 and −1·2.
    np.testing.assert_allclose(to_numpy(hires_cam(activations, gradients))[0, 0], [[-1, -2, 0]])
    np.testing.assert_allclose(to_numpy(layer_cam(activations, gradients))[0, 0], [[1, 0, 0]])


def test_places_are_weighed_as_a_loop_over_them_does(array, rng):
    activations, gradients = rng.normal(size=(2, 3, 4, 5)), rng.normal(size=(2, 2, 3, 4, 5))
    high, positive = np.zeros((2, 2, 4, 5)), np.zeros((2, 2, 4, 5))
    for i, j, c, y, x in np.ndindex(gradients.shape):
        slope, value = gradients[i, j, c, y, x], activations[i, c, y, x]
        high[i, j, y, x] += slope * value
        positive[i, j, y, x] += slope * value if slope > 0 else 0
    np.testing.assert_allclose(to_numpy(hires_cam(array(activations), array(gradients))), high, atol=1e-5)
    np.testing.assert_allclose(to_numpy(layer_cam(array(activations), array(gradients))), positive, atol=1e-5)


def test_where_the_gradient_is_the_same_everywhere_two_of_them_are_one(array, rng):
    activations = array(rng.normal(size=(1, 3, 4, 5)))
    gradients = array(np.broadcast_to(rng.normal(size=(1, 2, 3, 1, 1)), (1, 2, 3, 4, 5)))
    found = to_numpy(hires_cam(activations, gradients))
    np.testing.assert_allclose(found, to_numpy(grad_cam(activations, gradients)), atol=1e-6)
