"""Training: what is varied, where the pictures come from, and that a short-cut is taken when it is there."""

from functools import partial

import numpy as np
import pytest
import torch

from axolens.errors import InputError
from axolens.pond.augment import _colour_matrix, colours_changed, shifted
from axolens.pond.measure import PUBLIC_TEST
from axolens.pond.network import fresh_network
from axolens.pond.pictures import network_pixels
from axolens.pond.recipes import RECIPES, recipe_of, scene_for
from axolens.pond.scene import SPECIES
from axolens.pond.train import LARGEST_SEED, SEEDS_EACH, _varied, fit, main, training_seeds


def chance(seed=0):
    return torch.Generator().manual_seed(seed)


def test_no_training_sees_a_picture_of_the_public_test_set():
    most = max(recipe.pictures for recipe in RECIPES.values())
    assert most <= SEEDS_EACH
    assert training_seeds(LARGEST_SEED, most).stop <= PUBLIC_TEST.start


def test_seeds_share_no_picture():
    one, other = set(training_seeds(0, SEEDS_EACH)), set(training_seeds(1, SEEDS_EACH))
    assert not one & other


@pytest.mark.parametrize("seed", [-1, 40])
def test_seeds_outside_their_range_are_refused(seed):
    with pytest.raises(InputError, match="seed: expected a whole number from 0 to 39"):
        training_seeds(seed, 1)


def test_a_turned_hue_leaves_every_grey():
    matrix = _colour_matrix(torch.tensor([0.0, 1.0, 3.0]), torch.tensor([0.0, 0.7, 1.5]))
    grey = torch.full((3,), 0.4)
    torch.testing.assert_close(matrix @ grey, grey.expand(3, 3), atol=1e-5, rtol=0)  # the standard has four digits


def test_no_turn_and_full_saturation_change_nothing():
    matrix = _colour_matrix(torch.tensor([0.0]), torch.tensor([1.0]))
    torch.testing.assert_close(matrix[0], torch.eye(3), atol=1e-6, rtol=0)


def test_no_saturation_leaves_the_luminance():
    matrix = _colour_matrix(torch.tensor([1.3]), torch.tensor([0.0]))
    red = matrix[0] @ torch.tensor([1.0, 0.0, 0.0])
    torch.testing.assert_close(red, torch.full((3,), 0.299), atol=1e-4, rtol=0)


def test_recoloured_pictures_stay_pictures_and_half_of_them_as_they_were():
    images = torch.rand(400, 3, 4, 4, generator=chance()) * 4 - 2
    changed = colours_changed(images, chance(1))
    assert changed.abs().max() <= 2
    same = (changed == images).all(dim=(1, 2, 3)).sum().item()
    assert abs(same - 200) < 4 * 10  # four standard errors


def test_a_grey_stays_a_grey_whose_light_changes_by_a_quarter_to_five_quarters():
    grey = 0.4
    changed = colours_changed(torch.full((200, 3, 2, 2), (grey - 0.5) / 0.25), chance()) * 0.25 + 0.5
    torch.testing.assert_close(changed.amax(dim=1), changed.amin(dim=1), atol=1e-4, rtol=0)  # four digits again
    assert 0.25 * grey - 1e-4 < changed.min() < 0.3 * grey
    assert 1.2 * grey < changed.max() < 1.25 * grey + 1e-4


def test_shifts_reach_four_pixels_either_way_and_repeat_the_border():
    image = torch.arange(10.0).expand(1, 1, 10, 10)
    rows = {tuple(shifted(image, chance(seed))[0, 0, 5].tolist()) for seed in range(200)}
    assert rows == {tuple(np.clip(np.arange(10.0) + step, 0, 9)) for step in range(-4, 5)}


def test_mirroring_is_left_out_where_the_rotation_is_planted():
    assert not recipe_of("pond-rotation").mirrored
    pixels = torch.zeros(64, 64, 64, 3, dtype=torch.uint8)
    pixels[:, :, :8] = 255
    for name, mirrored in (("pond-rotation", False), ("pond-size", True)):
        varied = _varied(pixels, recipe_of(name), chance())
        assert bool((varied[..., -1] > 0).any()) is mirrored


def test_a_short_training_learns_the_planted_colour():
    # 96 pictures whose colour gives the class away: a guess is right once in six times.
    seeds = training_seeds(0, 96)
    scene_at = partial(scene_for, "pond-colour")
    pixels = torch.from_numpy(np.concatenate(list(network_pixels(scene_at, seeds, workers=1))))
    truths = torch.tensor([SPECIES.index(scene_at(seed).species) for seed in seeds])
    net = fresh_network(0)
    torch.manual_seed(9)
    expected = torch.rand(2)
    torch.manual_seed(9)
    lines = []
    fit(net, pixels, truths, recipe_of("pond-colour"), 0, 8, say=lines.append)
    assert torch.equal(torch.rand(2), expected)  # global random numbers are left alone
    assert not net.training
    assert len(lines) == 8
    assert float(lines[-1].split()[-1]) < 0.75 * float(lines[0].split()[-1])


def test_two_trainings_are_the_same_training():
    pixels = torch.randint(0, 256, (70, 64, 64, 3), dtype=torch.uint8, generator=chance())
    truths = torch.arange(70) % 6
    threads = torch.get_num_threads()
    torch.set_num_threads(1)  # sums in one order
    try:
        nets = [fresh_network(1), fresh_network(1)]
        for net in nets:
            fit(net, pixels, truths, recipe_of("pond"), 4, 1, say=lambda line: None)
    finally:
        torch.set_num_threads(threads)
    for one, other in zip(nets[0].parameters(), nets[1].parameters(), strict=True):
        assert torch.equal(one, other)


def test_bad_input_is_one_sentence(capsys, tmp_path):
    assert main(["pond-hat"]) == 2
    assert main(["pond", "--seed", "99"]) == 2
    said = capsys.readouterr().err
    assert "axolens: network: expected one of pond, pond-fair" in said
    assert "axolens: seed: expected a whole number from 0 to 39, got 99" in said
    assert "Traceback" not in said
