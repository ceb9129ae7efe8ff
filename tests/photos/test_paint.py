import numpy as np
import pytest

from axolens.photos.paint import DIMMED, FADED, frame_on, greyed, heatmap, lay_on, regions, thumbnail
from axolens.records import frame as frames
from axolens.records.segments import Segments

WHOLE = frames.Frame(box=(0.0, 0.0, 8.0, 4.0), size=(7, 7), photo=(4, 8))
CROP = frames.Frame(box=(1.6, 0.0, 6.4, 4.0), size=(7, 7), photo=(4, 8))
TALL = frames.Frame(box=(0.0, 2.0, 4.0, 6.0), size=(7, 7), photo=(8, 4))


def array(*rows):
    return np.array(rows, np.float32)


def plain(shape, level=0.5):
    return np.full((*shape, 3), level, np.float32)


def test_one_value_over_a_crop_is_constant_inside_its_rounded_box_and_unseen_outside():
    laid, seen = lay_on(array([3.0]), CROP)

    row = [False, False, True, True, True, True, False, False]  # 1.6 rounds to 2, 6.4 to 6
    assert seen.tolist() == [row] * 4
    np.testing.assert_array_equal(laid, np.where(seen, 3.0, 0.0))


def test_a_tall_photo_keeps_its_height_and_width():
    laid, seen = lay_on(array([1.0, 2.0]), TALL)

    assert laid.shape == (8, 4)
    assert seen[:, 0].tolist() == [False] * 2 + [True] * 4 + [False] * 2
    # two cells on four pixels: bilinear between the cells' centres at 1 and 3, constant beyond them
    np.testing.assert_allclose(laid[2], [1.0, 1.25, 1.75, 2.0])


def test_enlarging_goes_through_no_eight_bits():
    laid, _ = lay_on(array([1.0, 1.0 + 1e-5]), WHOLE)

    assert len(np.unique(laid)) > 2


def test_a_value_that_is_no_number_stays_at_its_place_and_colours_no_neighbour():
    laid, _ = lay_on(array([np.nan, 2.0]), WHOLE)

    assert np.isnan(laid[:, :4]).all()
    np.testing.assert_allclose(laid[:, 4:], 2.0)


def test_a_box_that_leaves_the_photo_is_cut_to_it():
    laid, seen = lay_on(array([1.0, 3.0]), frames.Frame(box=(-2.0, 0.0, 2.0, 1.0), size=(1, 4), photo=(1, 4)))

    assert seen.tolist() == [[True, True, False, False]]
    np.testing.assert_allclose(laid, [[2.5, 3.0, 0.0, 0.0]])


def test_a_zero_map_leaves_the_grey_photo():
    photo = plain((4, 8))
    photo[..., 0] = 1.0

    painted = heatmap(photo, *lay_on(array([0.0]), WHOLE))

    np.testing.assert_allclose(painted, 0.2126 + 0.5 * (1 - 0.2126), atol=1e-6)


@pytest.mark.parametrize(("value", "strongest", "weakest"), [(2.0, 0, 2), (-2.0, 2, 0)])
def test_the_sign_gives_the_hue(value, strongest, weakest):
    painted = heatmap(plain((4, 8)), *lay_on(array([value]), WHOLE))

    assert (painted[..., strongest] > painted[..., weakest] + 0.3).all()


def test_opacity_grows_with_the_value_up_to_the_limit():
    values, seen = array([0.0, 1.0, 2.0, 4.0]), np.ones((1, 4), bool)

    red = heatmap(plain((1, 4)), values, seen, limit=2.0)[0, :, 0]

    assert red[0] == pytest.approx(0.5)
    assert red[1] - red[0] == pytest.approx((red[2] - red[0]) / 2, rel=1e-5)
    assert red[3] == red[2]


def test_a_place_without_a_number_is_hatched_in_grey():
    values, seen = np.full((9, 9), np.nan, np.float32), np.ones((9, 9), bool)

    painted = heatmap(plain((9, 9), 0.1), values, seen)

    assert np.unique(painted).tolist() == [0.5, 0.75]


def test_what_the_network_did_not_see_is_dark_with_a_line_round_the_crop():
    painted = heatmap(plain((4, 8)), *lay_on(array([0.0]), CROP))

    np.testing.assert_allclose(painted[0, :, 0], [0.5 * DIMMED, 0.9, 0.5, 0.5, 0.5, 0.5, 0.9, 0.5 * DIMMED])


def test_regions_are_tinted_by_their_sign_and_the_rest_is_dim():
    # Four stripes of eight columns on a tall photo: 0 supports, 3 opposes, 1 and 2 are not shown.
    frame = frames.Frame(box=(0.0, 0.0, 32.0, 64.0), size=(2, 4), photo=(64, 32))
    segments = Segments(np.tile(np.arange(4, dtype=np.int32), (2, 1)), "by hand")

    painted = regions(plain((64, 32)), segments, frame, [0], [3])

    assert painted.shape == (64, 32, 3)
    supporting, hidden, boundary, opposing = painted[30, 3], painted[30, 11], painted[30, 15], painted[30, 28]
    assert supporting[0] > supporting[1] > supporting[2]
    assert opposing[2] > opposing[1] > opposing[0]
    np.testing.assert_allclose(hidden, 0.5 * (DIMMED + 0.1), rtol=1e-6)
    assert (boundary > hidden).all()


def test_a_thumbnail_keeps_the_proportions_and_never_enlarges():
    photo = plain((80, 20))

    assert thumbnail(photo, 40).shape == (40, 10, 3)
    assert thumbnail(photo, 100) is photo
    np.testing.assert_allclose(thumbnail(photo, 40), 128 / 255)


def test_a_frame_follows_the_photo_to_another_size():
    small = frame_on(TALL, (4, 2))

    assert (small.box, small.size, small.photo) == ((0.0, 1.0, 2.0, 3.0), (7, 7), (4, 2))


def test_a_greyed_picture_has_no_colour_and_keeps_the_order_of_light():
    ramp = np.linspace(0, 1, 5, dtype=np.float32)
    painted = np.stack([ramp, ramp[::-1], np.zeros_like(ramp)], axis=-1)[None]

    faded = greyed(painted)

    assert (np.ptp(faded, axis=-1) < 1e-6).all()
    assert (np.diff(faded[0, :, 0]) < 0).all()  # green weighs more than red
    ends = greyed(np.array([[[0, 0, 0], [1, 1, 1]]], np.float32))[0, :, 0]
    assert np.allclose(ends, FADED)
