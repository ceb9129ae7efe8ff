"""The parts of a scene, and the same scene with one of them moved: only its own pixels may change."""

from collections import Counter

import numpy as np
import pytest
from scipy.ndimage import binary_dilation

from axolens.errors import InputError
from axolens.pond.drawing import draw
from axolens.pond.moved import moves, regions
from axolens.pond.planted import changed
from axolens.pond.scene import BACKGROUNDS, TAGS, Scene

SCENE = Scene(species="newt", colour="olive", background="moss", tag="white-frame", blur=0.5, noise=0.02, size=0.9)


def pixels(scene):
    return draw(scene, 64).pixels.astype(int)


def changed_pixels(moved):
    return (pixels(SCENE) != pixels(moved)).any(axis=2)


@pytest.mark.parametrize("tag", [None, *TAGS])
def test_regions_are_the_picture_in_parts(tag):
    found = regions(changed(SCENE, {"tag": tag}), 48)
    assert list(found) == ["animal", "background", *(["tag"] if tag else [])]
    assert (sum(mask.astype(int) for mask in found.values()) == 1).all()
    assert all(mask.any() for mask in found.values())


def test_the_tag_is_where_the_picture_with_it_and_without_differ():
    scene = changed(SCENE, {"tag": "red-corner"})
    without = pixels(changed(scene, {"tag": None}))
    assert np.array_equal(regions(scene, 64)["tag"], (pixels(scene) != without).any(axis=2))


def test_moving_the_tag_changes_no_other_pixel():
    found = moves(SCENE)["tag"]
    assert [one.tag for one in found] == [None, "black-frame"]
    for one in found:
        assert changed_pixels(one).any()
        assert not (changed_pixels(one) & ~regions(SCENE, 64)["tag"]).any()


def test_a_bar_has_no_twin_and_no_tag_has_no_moves():
    assert [one.tag for one in moves(changed(SCENE, {"tag": "green-bar"}))["tag"]] == [None]
    assert list(moves(changed(SCENE, {"tag": None}))) == ["animal", "background"]


def test_another_colour_stays_within_the_outline():
    own = [one for one in moves(SCENE)["animal"] if one.species == "newt"]
    near = binary_dilation(regions(SCENE, 64)["animal"], iterations=3)
    assert len(own) == 4
    for one in own:
        assert one.colour != "olive"
        assert not (changed_pixels(one) & ~near).any()


def test_every_second_animal_is_another_and_stands_as_it_stood():
    for place, one in enumerate(moves(SCENE)["animal"]):
        assert (one.species == "newt") == (place % 2 == 0)
        kept = ("bend", "view", "x", "y", "size", "rotation", "background", "background_seed", "noise_seed", "tag")
        assert all(getattr(one, name) == getattr(SCENE, name) for name in kept)


def test_another_background_leaves_the_animal():
    inside = ~binary_dilation(~regions(SCENE, 64)["animal"], iterations=3)
    assert inside.sum() > 20
    for one in moves(SCENE)["background"]:
        assert changed_pixels(one).mean() > 0.3
        assert not (changed_pixels(one) & inside).any()


def test_each_other_background_comes_as_often():
    kinds = Counter(one.background for one in moves(SCENE, 12)["background"])
    assert kinds == dict.fromkeys(set(BACKGROUNDS) - {"moss"}, 2)


def test_moves_hang_on_the_seed_and_the_scene():
    assert moves(SCENE, 4, 1) == moves(SCENE, 4, 1)
    assert moves(SCENE, 4, 1) != moves(SCENE, 4, 2)
    other = changed(SCENE, {"texture_seed": 9})
    skins = [[one.texture_seed for one in moves(scene, 4)["animal"]] for scene in (SCENE, other)]
    assert skins[0] != skins[1]


def test_one_redraw_is_refused():
    with pytest.raises(InputError, match="at least 2 redraws"):
        moves(SCENE, 1)
