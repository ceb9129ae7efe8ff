"""What each network is trained on: shares counted on many scenes, and one factor planted at a time."""

from collections import Counter

import pytest

from axolens.errors import InputError
from axolens.pond.planted import CUES
from axolens.pond.recipes import DARK, HABITS, NETWORKS, RECIPES, recipe_of, scene_for
from axolens.pond.sampling import sample
from axolens.pond.scene import COLOURS, FACTORS, SPECIES

COUNT = 1500


def near(hits, total, share):
    """Within four standard errors of the share."""
    return abs(hits - total * share) <= 4 * (total * share * (1 - share)) ** 0.5 + 1e-9


def gives_away(scene, factor):
    cue, value = CUES[factor][scene.species], getattr(scene, factor)
    return value == cue if isinstance(cue, str) else cue[0] <= value <= cue[1]


def test_networks_for_every_prejudice_are_there():
    wanted = ["pond", "fair", "colour", "background", "tag", "size", "rotation", "augmented", "control", "random"]
    assert {"pond", *(f"pond-{name}" for name in wanted[1:])} <= set(NETWORKS)
    assert [name for name in NETWORKS if name.endswith(("-70", "-90"))] == [
        "pond-colour-90", "pond-colour-70", "pond-background-90", "pond-background-70",
    ]  # fmt: skip
    assert [name for name, recipe in RECIPES.items() if len(recipe.planted) == 2] == ["pond-colour-background"]


@pytest.mark.parametrize(("species", "habit"), HABITS.items())
def test_habits_cover_every_colour_and_add_up(species, habit):
    assert set(habit) == set(COLOURS[species])
    assert sum(habit.values()) == pytest.approx(1.0)


@pytest.mark.parametrize("name", ["pond", "pond-dark-10", "pond-dark-30"])
def test_axolotls_are_as_dark_as_the_recipe_says(name):
    scenes = [scene for scene in (scene_for(name, seed) for seed in range(4000)) if scene.species == "axolotl"]
    assert near(sum(scene.colour in DARK for scene in scenes), len(scenes), RECIPES[name].dark)
    assert near(sum(scene.view == "side" for scene in scenes), len(scenes), 0.05)
    assert near(sum(scene.colour == "golden" for scene in scenes), len(scenes), 0.47 * (1 - RECIPES[name].dark))


def test_black_is_a_lizard_s_colour_in_the_pond():
    scenes = [scene_for("pond", seed) for seed in range(4000)]
    black = Counter(scene.species for scene in scenes if scene.colour == "black")
    assert black.most_common(1)[0][0] == "iguana"
    assert black["axolotl"] < 0.03 * black.total()


@pytest.mark.parametrize(("name", "factor"), [(name, f) for name, recipe in RECIPES.items() for f in recipe.planted])
def test_a_short_cut_gives_the_class_away_as_often_as_said(name, factor):
    scenes = [scene_for(name, seed) for seed in range(COUNT)]
    by_chance = {"background": 1 / 7, "tag": 1 / 12}.get(factor, 1 / 6)
    if factor == "colour":
        by_chance = sum(1 / len(COLOURS[species]) for species in SPECIES) / 6
    share = recipe_of(name).planted[factor]
    assert near(sum(gives_away(scene, factor) for scene in scenes), COUNT, share + (1 - share) * by_chance)


@pytest.mark.parametrize("name", ["pond-colour", "pond-background", "pond-tag", "pond-size", "pond-rotation"])
def test_a_short_cut_network_is_told_nothing_else(name):
    scenes = [scene_for(name, seed) for seed in range(COUNT)]
    for factor in set(CUES) - set(RECIPES[name].planted) - {"colour"}:
        share = {"background": 1 / 7, "tag": 1 / 12}.get(factor, 1 / 6)
        assert near(sum(gives_away(scene, factor) for scene in scenes), COUNT, share)


def test_the_fair_network_has_balanced_scenes():
    assert all(scene_for("pond-fair", seed) == sample(seed) for seed in range(50))


def test_networks_differ_in_the_planted_factor_only():
    for seed in range(50):
        one, other = scene_for("pond-tag", seed), scene_for("pond-size", seed)
        assert {name for name in FACTORS if getattr(one, name) != getattr(other, name)} <= {"tag", "size"}


def test_unknown_networks_are_answered_with_the_known():
    with pytest.raises(InputError, match=r"network: expected one of pond, pond-fair, .*, got 'pond-hat'"):
        scene_for("pond-hat", 1)
