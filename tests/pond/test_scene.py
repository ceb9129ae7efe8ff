"""What a scene refuses, and the message that names what is allowed."""

import pytest

from axolens.errors import InputError
from axolens.pond.drawing import draw
from axolens.pond.scene import BACKGROUNDS, COLOURS, NAMES, RANGES, SEEDS, SPECIES, TAGS, VIEWS, Scene, scene_from

AXOLOTL = {"species": "axolotl", "colour": "black"}


@pytest.mark.parametrize("factor", RANGES)
def test_both_ends_are_allowed_and_named(factor):
    low, high = RANGES[factor]
    for value in (low, high):
        assert getattr(Scene(**AXOLOTL, **{factor: value}), factor) == value
    for value in (low - 0.01, high + 0.01, float("nan"), float("inf")):
        with pytest.raises(InputError, match=f"^{factor}: expected a number from {low:g} to {high:g}"):
            Scene(**AXOLOTL, **{factor: value})


@pytest.mark.parametrize("factor", NAMES)
def test_unknown_names_are_answered_with_the_known(factor):
    with pytest.raises(InputError) as refused:
        Scene(**{**AXOLOTL, factor: "dragon"})
    assert refused.value.name == factor
    assert all(name in str(refused.value) for name in NAMES[factor])


@pytest.mark.parametrize("species", SPECIES)
def test_an_unknown_colour_is_answered_with_the_varieties_of_that_species(species):
    with pytest.raises(InputError) as refused:
        Scene(species=species, colour="tartan")
    assert refused.value.name == "colour"
    assert species in str(refused.value)
    assert all(colour in str(refused.value) for colour in COLOURS[species])


def test_an_unknown_tag_is_answered_with_the_tags():
    with pytest.raises(InputError, match="red-corner, blue-corner, yellow-bar, white-frame"):
        Scene(**AXOLOTL, tag="stamp")


@pytest.mark.parametrize("factor", SEEDS)
def test_seeds_are_whole_numbers_from_nought(factor):
    for value in (-1, 2**31):
        with pytest.raises(InputError, match=f"^{factor}: expected a whole number from 0 to 2147483647"):
            Scene(**AXOLOTL, **{factor: value})


@pytest.mark.parametrize("size", [0, 15, 1025])
def test_impossible_picture_sizes_are_refused(size):
    with pytest.raises(InputError, match="from 16 to 1024"):
        draw(Scene(**AXOLOTL), size)


@pytest.mark.parametrize("size", [16, 33, 200])
def test_any_size_on_request(size):
    drawing = draw(Scene(**AXOLOTL, blur=1.0, noise=0.1, tag="white-frame"), size)
    assert drawing.pixels.shape == (size, size, 3)
    assert drawing.mask.shape == (size, size)


def test_a_scene_survives_its_facts():
    for tag in (None, *TAGS):
        scene = Scene(**AXOLOTL, tag=tag, bend=-0.25, noise_seed=7)
        assert scene_from({**scene.facts(), "camera": "left"}) == scene


def test_facts_of_another_photo_are_refused_with_what_is_missing():
    with pytest.raises(InputError, match="facts without species, colour"):
        scene_from({"format": "JPEG"})


def test_the_world_has_what_was_promised():
    assert {"axolotl", "newt", "iguana", "chameleon", "gecko", "goldfish"} == set(SPECIES)
    assert {"golden", "white", "copper", "wild", "black", "pink"} == set(COLOURS["axolotl"])
    assert all(len(colours) >= 4 and "black" in colours for colours in COLOURS.values())
    assert set(BACKGROUNDS) == {"gravel", "moss", "leaf", "sand", "stone", "glass", "plain"}
    assert VIEWS == ("above", "side", "front")
