"""The grid of cells, what hidden cells show, and the maps of ignorance."""

import numpy as np
import pytest

import axolens as ax
from axolens.classifiers.counted import Counted
from axolens.errors import InputError
from axolens.maths.blob import centre_blob
from axolens.methods.nulls.edgemap import EdgeMap
from axolens.scrutiny.account import FULL, USUAL, Account
from axolens.scrutiny.cells import cell_of, grid_of, to_cells, to_pixels
from axolens.scrutiny.floors import moved_copies, smooth_noise, swapped_maps
from axolens.scrutiny.hiding import hidden_answers
from axolens.scrutiny.standing import standing

RNG = np.random.default_rng(0)


def shares(batch):
    """Mean red, green and blue."""
    return batch.mean((1, 2))


def colours(size=(28, 42)):
    return Counted(ax.load(shares, labels=["red", "green", "blue"], preprocess={"size": size}, output="logits"))


def test_cells_of_a_finer_map_are_means_over_the_pixels_that_are_hidden_together():
    values = RNG.random((45, 67))
    cells = to_cells(values, (14, 21))
    rows, columns = cell_of((45, 67), (14, 21))
    slow = [[values[(rows == r) & (columns == c)].mean() for c in range(21)] for r in range(14)]
    assert cells == pytest.approx(np.array(slow))


def test_a_mask_of_cells_hides_each_pixel_of_its_cell_and_no_other():
    mask = RNG.random((1, 3, 5)) < 0.5
    pixels = to_pixels(mask, (9, 20))[0]
    assert (pixels[::3, ::4] == mask[0]).all()
    assert pixels.sum() == 12 * mask.sum()


def test_a_coarse_map_keeps_its_middle_and_its_sides_on_the_grid():
    cells = to_cells(np.array([[0.0, 1.0]]), grid_of((8, 8)))
    assert cells[:, 0] == pytest.approx(0)
    assert cells[:, -1] == pytest.approx(1)
    assert cells[0, 3] + cells[0, 4] == pytest.approx(1)


@pytest.mark.parametrize("fill", ["blur", "imputed", "mean", "#000000"])
def test_what_is_not_hidden_is_seen_and_what_is_hidden_is_not(fill):
    model, image = colours(), np.full((28, 42, 3), 0.25, np.float32)
    image[:14] = (1, 0, 0)  # the upper half is red
    masks = np.zeros((3, 14, 21), bool)
    masks[1, :7], masks[2] = True, True
    seen, without, nothing = hidden_answers(model, image, masks, fill, np.random.default_rng(0))
    assert seen == pytest.approx([0.625, 0.125, 0.125], abs=1e-4)
    if fill == "imputed":
        assert without == pytest.approx([0.25] * 3, abs=0.01)  # noise of 0.01 on each pixel, and its mean over 588
    if fill == "#000000":
        assert without == pytest.approx([0.125] * 3, abs=1e-4)
        assert nothing == pytest.approx([0] * 3, abs=1e-6)
    if fill == "mean":
        assert nothing == pytest.approx(seen, abs=1e-3)
    assert model.forward == 3


def test_moved_copies_hold_the_same_values_in_another_place():
    own = RNG.random((6, 7))
    copies = moved_copies(own, 19, np.random.default_rng(0))
    assert len({one.tobytes() for one in copies}) == 19
    for one in copies:
        assert sorted(one.ravel()) == pytest.approx(sorted(own.ravel()))
        assert not np.array_equal(one, own)


def test_a_photo_lends_the_map_that_the_method_makes_of_it():
    model, images = colours(), RNG.random((3, 28, 42, 3), np.float32)
    rngs = [np.random.default_rng(i) for i in range(3)]
    maps = swapped_maps(model, EdgeMap(), images, (14, 21), rngs)
    asked = [[model.labels.resolve(ax.Target("red"))]]
    alone = EdgeMap().attribute(model, model.asarray(images[1:2]), asked, rngs[:1]).maps[0, 0]
    assert maps[1] == pytest.approx(to_cells(alone.astype(np.float64), (14, 21)))


def test_the_blob_is_in_the_middle_and_noise_is_as_smooth_as_the_map():
    blob = centre_blob((14, 21))
    assert np.unravel_index(blob[:, :11].argmax(), (14, 11)) == (6, 10)
    assert blob == pytest.approx(blob[::-1, ::-1])
    noise = smooth_noise(blob, 2, np.random.default_rng(0))
    steps = [np.abs(np.diff(one, axis=1)).mean() / one.std() for one in (*noise, RNG.random((14, 21)))]
    assert max(steps[:2]) < steps[2] / 2


def test_a_map_stands_above_others_only_where_it_beats_each_of_them():
    swapped = np.arange(19.0)[None]
    best = standing(np.array([19.0]), swapped, {"blob": np.array([[18.5]])})
    assert best.p == pytest.approx(0.05)
    assert best.passed
    tied = standing(np.array([18.0]), swapped, {})
    assert tied.p == pytest.approx(0.1)
    assert not tied.passed
    beaten = standing(np.array([19.0]), swapped, {"blob": np.array([[19.5]])})
    assert not beaten.passed
    assert not beaten.failed
    assert standing(np.array([5.0]), swapped, {}).failed


def test_readings_that_contradict_each_other_settle_nothing():
    swapped = np.stack([np.arange(19.0), np.arange(19.0)])
    torn = standing(np.array([60.0, 3.0]), swapped, {})
    assert torn.p == pytest.approx(0.05)
    assert torn.torn
    assert not torn.passed


def test_the_place_of_a_map_among_its_fellows_is_uniform_when_it_knows_no_more_than_they():
    places = [standing(RNG.random(2), RNG.random((2, 19)), {}).p for _ in range(2000)]
    share = np.mean(np.array(places) <= 0.05)
    assert 0.05 - 0.02 < share < 0.05 + 0.02  # four standard errors of 2,000 draws are 0.0195


def test_an_account_that_no_verdict_could_rest_on_is_refused():
    for broken in ({"swaps": 18}, {"fills": ("blur",)}, {"shares": (0.2, 0.1)}, {"shares": (0.1, 0.3)}, {"orders": ()}):
        with pytest.raises(InputError, match="expected"):
            Account(**broken)
    assert USUAL.curve_images(1) == 5 * 2 * (19 + 1 + 1 + 2)
    assert FULL.each == 10 * 2 * 2
