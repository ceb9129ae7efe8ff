import numpy as np
import pytest

from axolens import pond
from axolens.diagnosis.boxes import mask_from_box
from axolens.diagnosis.masks import checked_mask, grown, repeats, shrunk, size_of
from axolens.errors import InputError


def box_of(mask):
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1


def overlap(found, mask):
    return (found & mask).sum() / (found | mask).sum()


def disc(size, x, y, radius):
    down, across = np.mgrid[: size[0], : size[1]] + 0.5
    return (across - x) ** 2 + (down - y) ** 2 <= radius**2


def painted(mask, inside, outside, rng, noise=0.03):
    pixels = np.where(mask[..., None], np.array(inside), np.array(outside)) + rng.normal(0, noise, (*mask.shape, 3))
    return pixels.clip(0, 1).astype(np.float32)


def test_the_animals_of_the_pond_are_found_from_their_boxes():
    # Measured: 0.825 over these 20 scenes, 0.80 and 0.81 over 44 others; standard error 0.025. The ellipse in the box
    # has 0.36 and the box itself 0.32.
    photos = [pond.photo(pond.sample(seed)) for seed in range(20)]
    boxed = [mask_from_box(photo.pixels, box_of(photo.mask)) for photo in photos]
    assert np.mean([overlap(one.mask, photo.mask) for one, photo in zip(boxed, photos, strict=True)]) >= 0.78
    assert not any(one.note for one in boxed)


@pytest.mark.parametrize("size", [(90, 140), (700, 500)])
def test_a_disc_of_another_colour_is_found_on_photos_of_any_size(size, rng):
    mask = disc(size, size[1] * 0.6, size[0] * 0.4, min(size) * 0.2)
    pixels = painted(mask, (0.5, 0.45, 0.2), (0.3, 0.45, 0.5), rng)
    x0, y0, x1, y1 = box_of(mask)
    found, note = mask_from_box(pixels, (x0 - 2.4, y0 - 1, x1 + 3, y1 + 2.6))
    assert overlap(found, mask) > 0.93
    assert not note


def test_a_small_animal_is_looked_at_closely(rng):
    mask = disc((600, 900), 700, 100, 14)
    found, note = mask_from_box(painted(mask, (0.6, 0.4, 0.2), (0.2, 0.4, 0.6), rng), box_of(mask))
    assert overlap(found, mask) > 0.9
    assert not note


def test_nothing_outside_the_box_is_object(rng):
    mask = disc((700, 500), 240, 340, 200)
    found, _ = mask_from_box(painted(mask, (0.8, 0.2, 0.2), (0.2, 0.3, 0.2), rng), (151, 251, 338, 620))
    left, top, right, bottom = box_of(found)
    assert left >= 151
    assert top >= 251
    assert right <= 338
    assert bottom <= 620
    assert found.any()


def test_a_box_in_which_nothing_stands_out_gives_its_ellipse_and_says_so():
    found, note = mask_from_box(np.full((40, 60, 3), 0.5, np.float32), (10, 5, 41, 26))
    assert note == (
        "Nothing in the box stands out by its colour from what is around it, so the mask is the ellipse in the box."
    )
    assert box_of(found) == (10, 5, 41, 26)
    assert found.sum() == pytest.approx(np.pi / 4 * 31 * 21, rel=0.03)


def test_a_box_that_stands_out_as_a_whole_gives_its_ellipse_and_says_so():
    pixels = np.zeros((60, 60, 3), np.float32)
    pixels[10:40, 10:50] = 1.0
    found, note = mask_from_box(pixels, (10, 10, 50, 40))
    assert note.startswith("Everything in the box, up to its edges, stands out")
    assert found.sum() == pytest.approx(np.pi / 4 * 40 * 30, rel=0.03)


@pytest.mark.parametrize(
    ("box", "sentence"),
    [
        ((5, 5, 6, 30), "box: expected x0,y0,x1,y1 with at least 2 x 2 pixels on a photo of 60 x 40, got"),
        ((30, 5, 10, 30), "box: expected x0,y0,x1,y1"),
        ((70, 5, 90, 30), "box: expected x0,y0,x1,y1"),
        ((-10, -10, 100, 100), "box: expected a part of the photo outside it, got a box around everything. Draw it"),
    ],
)
def test_a_box_without_an_inside_or_an_outside_is_refused(box, sentence):
    with pytest.raises(InputError) as refused:
        mask_from_box(np.zeros((40, 60, 3), np.float32), box)
    assert str(refused.value).startswith(sentence)


def test_masks_of_nothing_and_of_everything_are_refused():
    half = np.eye(3, dtype=bool)
    assert checked_mask(half, (3, 3)) is half
    with pytest.raises(InputError, match=r"^mask: expected an object and something around it, got .* covers nothing"):
        checked_mask(np.zeros((3, 3), bool), (3, 3))
    with pytest.raises(InputError, match=r"^mask of a.png: expected .* covers everything"):
        checked_mask(np.ones((3, 3), bool), (3, 3), "mask of a.png")
    with pytest.raises(InputError, match=r"^mask: expected the photo's size, \(3, 4\), got \(3, 3\)"):
        checked_mask(half, (3, 4))


def slowly(mask, reach, value):
    """All pixels that have a pixel of ``value`` within reach, one by one."""
    places = np.argwhere(mask == value)
    found = np.zeros(mask.shape, bool)
    for row, column in np.ndindex(mask.shape):
        found[row, column] = any((row - r) ** 2 + (column - c) ** 2 <= reach**2 for r, c in places)
    return found


@pytest.mark.parametrize("share", [0.02, 0.1, 0.2])
def test_masks_grow_and_shrink_by_a_share_of_the_objects_size(share, rng):
    mask = disc((24, 30), 12, 11, 8) | (rng.random((24, 30)) < 0.02)
    reach = max(1.0, share * 2 * np.sqrt(mask.sum() / np.pi))
    np.testing.assert_array_equal(grown(mask, share), slowly(mask, reach, True))
    np.testing.assert_array_equal(shrunk(mask, share), ~slowly(mask, reach, False))


def test_by_hand_a_disc_of_diameter_100_grows_and_shrinks_by_5_pixels():
    mask = disc((160, 160), 80, 80, 50)
    assert size_of(mask) == pytest.approx(100, abs=0.2)
    assert size_of(grown(mask, 0.05)) == pytest.approx(110, abs=0.6)
    assert size_of(shrunk(mask, 0.05)) == pytest.approx(90, abs=0.6)


def test_an_object_cut_by_the_photos_edge_does_not_shrink_from_it():
    mask = np.zeros((40, 40), bool)
    mask[:, :20] = True
    assert shrunk(mask, 0.05).sum(axis=1).tolist() == [19] * 40  # 5 % of 31.9 is 1.6: one column lies within it


def test_repeats_leave_out_what_covers_nothing_or_everything():
    dot = np.zeros((3, 3), bool)
    dot[1, 1] = True
    assert [name for name, _ in repeats(dot)] == ["grown by 2 %", "grown by 5 %"]
    hole = ~dot
    assert [name for name, _ in repeats(hole)] == ["shrunk by 2 %", "shrunk by 5 %"]
    with pytest.raises(InputError, match="share: expected a number from 0 to 1, got 2"):
        grown(dot, 2.0)
