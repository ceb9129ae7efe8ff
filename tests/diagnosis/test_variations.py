import io

import numpy as np
import pytest
from PIL import Image

from axolens.diagnosis.variations import FIXED, Variation, drawn, variations
from axolens.errors import InputError

ROW = [0.0, 0.2, 0.4, 1.0]


def picture(*rows):
    return np.repeat(np.array(rows, np.float32)[..., None], 3, axis=2)


def grey(varied):
    np.testing.assert_array_equal(varied[..., 0], varied[..., 2])
    return varied[..., 0].tolist()


@pytest.mark.parametrize(
    ("right", "expected"),
    [
        (0, [0.0, 0.2, 0.4, 1.0]),
        (1, [0.0, 0.0, 0.2, 0.4]),
        (2, [0.2, 0.0, 0.0, 0.2]),  # what comes in from beyond the left edge is its reflection
        (-1, [0.2, 0.4, 1.0, 1.0]),
        (-3, [1.0, 1.0, 0.4, 0.2]),
    ],
)
def test_a_picture_moves_by_whole_pixels_and_is_reflected_at_its_edges(right, expected):
    np.testing.assert_allclose(grey(Variation(right=right).apply(picture(ROW))), [expected], atol=1e-6)


def test_down_is_down_and_rows_are_no_columns():
    tall = picture([0.0, 0.2], [0.4, 0.6], [0.8, 1.0])
    np.testing.assert_allclose(grey(Variation(down=1).apply(tall)), [[0.0, 0.2], [0.0, 0.2], [0.4, 0.6]], atol=1e-6)


def test_the_mirror_image_is_of_the_moved_picture():
    moved = Variation(right=1, mirrored=True).apply(picture(ROW))
    np.testing.assert_allclose(grey(moved), [[0.4, 0.2, 0.0, 0.0]], atol=1e-6)


def test_a_shift_counts_pixels_of_the_network():
    np.testing.assert_allclose(
        grey(Variation(right=1).apply(picture(ROW), unit=2.0)), [[0.2, 0.0, 0.0, 0.2]], atol=1e-6
    )
    with pytest.raises(InputError, match="unit: expected a number above 0, got 0"):
        FIXED.apply(picture(ROW), unit=0.0)


@pytest.mark.parametrize("scale", [0.97, 1.0, 1.03])
@pytest.mark.parametrize("step", [(0, 0), (3, -2)])
def test_a_scale_is_about_the_centre_and_the_shift_comes_after_it(scale, step):
    # A ramp of one level a pixel stays a ramp under every interpolation: x lands at c + scale·(x − c) + step.
    across, down = np.meshgrid(np.arange(120), np.arange(80))
    ramps = (np.stack([across, down, across], axis=2) / 255).astype(np.float32)
    varied = 255 * Variation(right=step[0], down=step[1], scale=scale).apply(ramps)
    inside = (slice(10, 70), slice(10, 110))
    for channel, (place, centre, by) in enumerate(((across, 59.5, step[0]), (down, 39.5, step[1]))):
        expected = centre + (place - centre - by) / scale
        assert np.abs(varied[..., channel] - expected)[inside].max() <= 0.51  # half a level of rounding


def test_the_jpeg_is_pillows(rng):
    pixels = (rng.integers(0, 256, (24, 40, 3)) / 255).astype(np.float32)
    stream = io.BytesIO()
    Image.fromarray(np.round(pixels * 255).astype(np.uint8)).save(stream, "JPEG", quality=91)
    expected = np.asarray(Image.open(stream)).astype(np.float32) / 255
    np.testing.assert_allclose(Variation(quality=91).apply(pixels), expected, atol=1e-6)


def test_the_declared_set_is_kept_and_used_up_to_its_ends():
    many = drawn(3000, np.random.default_rng(1))
    assert {one.right for one in many} == {one.down for one in many} == set(range(-4, 5))
    assert {one.quality for one in many} == set(range(90, 96))
    scales = [one.scale for one in many]
    assert 0.97 <= min(scales) < 0.9705
    assert 1.0295 < max(scales) <= 1.03
    assert sum(one.mirrored for one in many) == 1500
    assert abs(FIXED.right) <= 4
    assert abs(FIXED.down) <= 4
    assert 90 <= FIXED.quality <= 95
    assert not FIXED.mirrored


def test_half_are_mirrored_in_a_drawn_order_or_none():
    orders = {tuple(one.mirrored for one in drawn(4, np.random.default_rng(seed))) for seed in range(40)}
    assert len(orders) == 6  # all ways to choose two of four
    assert not any(one.mirrored for one in drawn(20, np.random.default_rng(0), mirror=False))
    same, other = drawn(5, np.random.default_rng(3)), drawn(5, np.random.default_rng(3), mirror=False)
    assert [one.right for one in same] == [one.right for one in other]


def test_variations_are_the_generators_not_the_pictures(rng):
    first, second = (rng.random((20, 30, 3)).astype(np.float32) for _ in range(2))
    kept = first.copy()
    names = [[name for name, _ in variations(one, 6, np.random.default_rng(7))] for one in (first, second)]
    assert names[0] == names[1]
    assert len(set(names[0])) == 6
    np.testing.assert_array_equal(first, kept)
    for (_, varied), one in zip(
        variations(first, 6, np.random.default_rng(7), 2.0), drawn(6, np.random.default_rng(7)), strict=True
    ):
        np.testing.assert_array_equal(varied, one.apply(first, 2.0))


def test_a_count_below_zero_is_refused():
    with pytest.raises(InputError, match="count: expected at least 0, got -1"):
        drawn(-1, np.random.default_rng(0))
