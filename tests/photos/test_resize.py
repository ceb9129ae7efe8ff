import numpy as np
import pytest

from axolens.photos.resize import reduced
from axolens.records.photo import Photo
from axolens.records.preprocess import Preprocess

SQUARE = Preprocess(size=(50, 50), short_side=60)
STRETCHED = Preprocess(size=(50, 50))


@pytest.mark.parametrize(
    ("size", "preprocess", "after", "unit"),
    [
        ((240, 480), SQUARE, (120, 240), 2.0),  # four pixels to one become two
        ((90, 120), SQUARE, (90, 120), 1.5),
        ((30, 45), SQUARE, (30, 45), 0.5),
        ((400, 200), STRETCHED, (200, 100), 2.0),  # the narrower side keeps its two pixels
    ],
)
def test_a_photo_has_at_most_two_pixels_to_one_of_the_network(size, preprocess, after, unit):
    photo = Photo(np.zeros((*size, 3), np.float32), truth="newt", facts={"mode": "RGB"}, mask=np.zeros(size, bool))
    small, found = reduced(photo, preprocess)
    assert (small.size, small.mask.shape) == (after, after)
    assert found == pytest.approx(unit, rel=1e-6)
    assert (small.truth, small.facts) == ("newt", {"mode": "RGB"})
    assert (small is photo) == (size == after)


def test_picture_and_mask_shrink_alike():
    pixels = np.zeros((240, 480, 3), np.float32)
    pixels[40:160, 100:300] = 0.6
    small, _ = reduced(Photo(pixels, mask=pixels[..., 0] > 0.5), SQUARE)
    expected = np.zeros((120, 240), bool)
    expected[20:80, 50:150] = True
    np.testing.assert_array_equal(small.mask, expected)
    np.testing.assert_array_equal(small.pixels[..., 1] > 0.3, expected)
