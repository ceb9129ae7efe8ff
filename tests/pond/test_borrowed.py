from itertools import pairwise

import numpy as np
import pytest

from axolens import pond
from axolens.errors import InputError
from axolens.pond.anatomy import Pose
from axolens.pond.bodies import BODIES
from axolens.pond.borrowed import wear_crest
from axolens.pond.scene import SPECIES, Scene

HOSTS = [name for name in SPECIES if name != "iguana"]


@pytest.mark.parametrize("species", HOSTS)
@pytest.mark.parametrize("view", ["above", "side", "front"])
def test_every_animal_wears_it_where_it_can_be_seen(species, view):
    scene = pond.sample(3, species=species, view=view, tag=None, x=0.5, y=0.5, size=0.8)
    plain = pond.draw(scene)
    worn, parts = pond.crested(scene)
    crest = parts["crest"]
    assert 20 < crest.sum() < 0.5 * worn.mask.sum()
    # It reaches out of the animal or lies on its back, and nothing else of the animal appears or moves.
    assert not (plain.mask & ~worn.mask).any()
    assert (worn.mask & ~plain.mask & ~crest).sum() <= 3  # pixels that it half covers together with what is beneath
    shrunk = {name: mask & ~plain.parts[name] for name, mask in parts.items() if name != "crest"}
    assert sum(int(mask.sum()) for mask in shrunk.values()) < 0.01 * plain.mask.sum()  # soft edges between parts


def test_far_from_the_crest_and_its_shadow_every_pixel_is_as_it_was():
    scene = Scene(species="gecko", colour="green", view="side", background="moss", noise=0.02, noise_seed=4)
    plain, (worn, parts) = pond.photo(scene), pond.crested(scene)
    rows, columns = np.nonzero((plain.pixels != worn.pixels).any(axis=2))
    crest_rows, crest_columns = np.nonzero(parts["crest"])
    for row, column in zip(rows, columns, strict=True):
        assert np.hypot(crest_rows - row, crest_columns - column).min() < 25


def test_it_has_the_colour_of_its_iguana():
    scene = Scene(species="newt", colour="black", view="side", light_colour="neutral", light_strength=0.2)
    pale, parts = pond.crested(scene, "golden")
    dark, _ = pond.crested(scene, "black")
    crest = parts["crest"]
    assert pale.pixels[crest].mean() > dark.pixels[crest].mean() + 0.2
    body = parts["limbs"]
    np.testing.assert_allclose(pale.pixels[body], dark.pixels[body], atol=0.02)


def test_its_own_colour_where_iguanas_have_it_and_brown_otherwise():
    assert pond.crested(Scene(species="gecko", colour="golden"), size=32)[0].facts["crest"] == "golden"
    assert pond.crested(Scene(species="newt", colour="olive"), size=32)[0].facts["crest"] == "brown"


def test_it_is_not_drawn_again_without_its_crest():
    photo, _ = pond.crested(Scene(species="newt", colour="olive"), size=32)
    assert photo.truth == "newt"
    with pytest.raises(InputError, match="a photo of the pond"):
        pond.rerender(photo, view="side")


def test_an_iguana_has_one_and_no_other_animal_lends_one():
    with pytest.raises(InputError, match="without a crest of its own"):
        pond.crested(Scene(species="iguana", colour="green"))
    with pytest.raises(InputError, match="one of green, brown"):
        pond.crested(Scene(species="newt", colour="olive"), "pink")


@pytest.mark.parametrize("species", HOSTS)
def test_spikes_follow_the_spine_as_on_the_iguana(species):
    figure = BODIES[species](Pose())
    wear_crest(figure, "green")
    own = [rod for rod in BODIES["iguana"](Pose()).rods if rod.part == "crest"]
    worn = [rod for rod in figure.rods if rod.part == "crest"]
    assert 6 <= len(worn) <= len(own)
    assert [rod.radii for rod in worn] == [rod.radii for rod in own[: len(worn)]]
    assert all(behind.start[0] < before.start[0] for before, behind in pairwise(worn[:5]))
