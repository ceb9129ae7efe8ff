import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from axolens.errors import InputError
from axolens.photos.resize import enlarge, frame_of, to_network
from axolens.records.frame import Frame
from axolens.records.photo import Photo
from axolens.records.preprocess import Preprocess
from axolens.records.segments import Segments


@pytest.mark.parametrize("bad", [-0.01, 1.01, np.nan])
def test_pixels_outside_display_space_are_refused(bad):
    pixels = np.full((2, 3, 3), 0.5, np.float32)
    pixels[1, 2, 0] = bad
    with pytest.raises(InputError, match=r"sRGB values in \[0, 1\]"):
        Photo(pixels)


def test_a_photo_keeps_its_own_copy():
    pixels = np.zeros((2, 3, 3), np.float32)
    photo = Photo(pixels)
    pixels[:] = 1
    assert photo.pixels.max() == 0


def test_segments_without_a_number_are_refused():
    with pytest.raises(InputError, match="without gaps"):
        Segments(np.array([[0, 2]], np.int32), "by hand")
    with pytest.raises(InputError, match="without gaps"):
        Segments(np.array([[1, 2]], np.int32), "by hand")


def test_a_tall_photo_is_cropped_in_the_middle():
    # 300 x 100 (h, w): short side to 50 gives 150 x 50; the middle 40 x 50 begins at row 55: photo rows 110 to 190.
    frame = frame_of((300, 100), Preprocess(size=(40, 50), short_side=50))
    assert frame.box == (0.0, 110.0, 100.0, 190.0)
    assert frame.share == pytest.approx(80 / 300)


def test_an_exact_resize_sees_the_whole_photo():
    frame = frame_of((300, 100), Preprocess(size=(40, 50)))
    assert frame.box == (0.0, 0.0, 100.0, 300.0)


@given(
    st.tuples(st.integers(1, 900), st.integers(1, 900)),
    st.tuples(st.floats(-50, 950), st.floats(-50, 950)),
)
def test_the_two_maps_of_a_frame_undo_each_other(photo, point):
    frame = frame_of(photo, Preprocess(size=(32, 48), short_side=60))
    there = frame.to_network(*point)
    np.testing.assert_allclose(frame.to_photo(*there), point, atol=1e-6)


def test_what_the_network_sees_lies_where_the_frame_says():
    # One bright pixel block: its centre on the network grid must be where the frame puts it.
    pixels = np.zeros((200, 120, 3), np.float32)
    pixels[90:110, 20:40] = 1.0
    preprocess = Preprocess(size=(50, 60), short_side=60)
    seen = to_network(Photo(pixels), preprocess)[..., 0]
    rows, columns = np.mgrid[0:50, 0:60] + 0.5
    x, y = frame_of((200, 120), preprocess).to_network(30.0, 100.0)
    assert (seen * columns).sum() / seen.sum() == pytest.approx(x, abs=0.05)
    assert (seen * rows).sum() / seen.sum() == pytest.approx(y, abs=0.05)


def test_a_map_is_enlarged_in_float_and_by_rows():
    small = np.array([[0.0, 1e-4], [2e-4, 3e-4], [4e-4, 5e-4]], np.float32)
    large = enlarge(small, (6, 2))
    np.testing.assert_allclose(large[:, 0], np.array([0, 0.5, 1.5, 2.5, 3.5, 4]) * 1e-4, atol=1e-9)


def test_a_point_of_a_wide_frame_by_hand():
    # 40 × 60 of the network over photo columns 10 to 130 and rows 20 to 60: two photo pixels a column, one a row.
    frame = Frame((10.0, 20.0, 130.0, 60.0), (40, 60), (100, 200))
    assert frame.to_photo(30.0, 10.0) == (70.0, 30.0)
    assert frame.to_network(70.0, 30.0) == (30.0, 10.0)


def test_a_frame_is_hashable_data():
    box = (0.0, 0.0, 1.0, 1.0)
    assert {Frame(box, (2, 2), (3, 3)): 1}[Frame(box, (2, 2), (3, 3))] == 1


@pytest.mark.parametrize(
    "settings", [{"size": (0, 3)}, {"size": (9, 9), "short_side": 8}, {"size": (3, 3), "std": (1.0, 0.0, 1.0)}]
)
def test_a_preprocess_that_means_nothing_is_refused(settings):
    with pytest.raises(InputError, match="preprocess"):
        Preprocess(**settings)
