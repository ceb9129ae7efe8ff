"""Random scenes: repeatable, balanced, and each factor on its own."""

from collections import Counter

import pytest

from axolens.errors import InputError
from axolens.pond.sampling import CHOICES, SPREAD, sample
from axolens.pond.scene import COLOURS, FACTORS, RANGES, SPECIES, Scene

COUNT = 3000


@pytest.fixture(scope="module")
def drawn():
    return [sample(seed) for seed in range(COUNT)]


def chi_square(counts, expected):
    return sum((count - expected) ** 2 / expected for count in counts)


def test_a_seed_is_a_scene(drawn):
    assert all(sample(seed) == drawn[seed] for seed in range(20))
    assert len(set(drawn[:500])) == 500


@pytest.mark.parametrize("factor", CHOICES)
def test_names_are_equally_likely(drawn, factor):
    counts = Counter(getattr(scene, factor) for scene in drawn)
    assert set(counts) == set(CHOICES[factor])
    # 27.9 is the 0.9999 quantile of chi-square with 6 degrees of freedom, the most that any factor has.
    assert chi_square(counts.values(), COUNT / len(CHOICES[factor])) < 27.9


@pytest.mark.parametrize("species", SPECIES)
def test_colours_of_a_species_are_equally_likely(drawn, species):
    counts = Counter(scene.colour for scene in drawn if scene.species == species)
    assert set(counts) == set(COLOURS[species])
    assert chi_square(counts.values(), counts.total() / len(counts)) < 27.9


@pytest.mark.parametrize("factor", SPREAD)
def test_numbers_fill_their_range_evenly(drawn, factor):
    low, high = SPREAD[factor]
    assert RANGES[factor][0] <= low < high <= RANGES[factor][1]
    tenths = Counter(min(int((getattr(scene, factor) - low) / (high - low) * 10), 9) for scene in drawn)
    # The 0.9999 quantile with 9 degrees of freedom.
    assert chi_square((tenths[i] for i in range(10)), COUNT / 10) < 33.7


def test_factors_do_not_know_each_other(drawn):
    by_view = Counter((scene.view, scene.background) for scene in drawn)
    assert chi_square(by_view.values(), COUNT / 21) < 60  # 0.9999 quantile with 20 degrees of freedom: 52.4


FIXED = [
    ("species", "newt"),
    ("colour", "black"),
    ("view", "front"),
    ("bend", 0.5),
    ("background", "moss"),
    ("size", 0.7),
    ("rotation", 90.0),
    ("tag", "red-corner"),
    ("tag", None),
    ("noise_seed", 3),
]


@pytest.mark.parametrize(("factor", "value"), FIXED)
def test_fixing_a_factor_leaves_the_others(factor, value):
    # A colour belongs to a species, so these two may move together; black is a colour of all six.
    tied = {"species": {"species", "colour"}}.get(factor, {factor})
    for seed in range(40):
        free, held = sample(seed), sample(seed, **{factor: value})
        assert getattr(held, factor) == value
        assert all(getattr(free, name) == getattr(held, name) for name in FACTORS if name not in tied)


def test_a_colour_of_one_species_chooses_it():
    assert {sample(seed, colour="pink").species for seed in range(20)} == {"axolotl"}
    assert len({sample(seed, colour="black").species for seed in range(60)}) == 6


def test_every_factor_can_be_fixed():
    scene = sample(3)
    assert sample(9, **{name: getattr(scene, name) for name in FACTORS}) == scene


def test_bad_requests_name_what_is_allowed():
    with pytest.raises(InputError, match="one of species, colour, bend"):
        sample(1, hat="red")
    with pytest.raises(InputError, match="seed: expected a whole number of at least 0, got -1"):
        sample(-1)
    with pytest.raises(InputError, match="species: expected one of axolotl"):
        sample(1, species="dragon")
    with pytest.raises(InputError, match="colour: expected one of"):
        sample(1, species="newt", colour="pink")


def test_a_scene_is_a_value():
    assert sample(4) == Scene(**{name: getattr(sample(4), name) for name in FACTORS})
