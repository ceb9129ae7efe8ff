"""Short-cuts: what gives a class away, moved for and against it, and nothing else moved with it."""

from collections import Counter

import pytest

from axolens.errors import InputError
from axolens.pond.planted import CUES, ROTATIONS, SIZES, give_away, mislead, wide
from axolens.pond.scene import COLOURS, FACTORS, RANGES, SPECIES

COUNT = 1200


def differs(one, other):
    return {name for name in FACTORS if getattr(one, name) != getattr(other, name)}


def cue_of(factor, value):
    """The species that a value gives away, found the slow way."""
    for species, cue in CUES[factor].items():
        if value == cue or (isinstance(cue, tuple) and isinstance(value, float) and cue[0] <= value <= cue[1]):
            return species
    return None


@pytest.mark.parametrize("factor", CUES)
def test_every_species_has_a_cue_of_its_own(factor):
    assert list(CUES[factor]) == list(SPECIES)
    assert len(set(CUES[factor].values())) == len(SPECIES)


def test_a_cue_colour_is_a_colour_of_its_species_and_of_another():
    for species, colour in CUES["colour"].items():
        assert colour in COLOURS[species]
        assert any(colour in COLOURS[other] for other in SPECIES if other != species)


@pytest.mark.parametrize(("factor", "bands"), [("size", SIZES), ("rotation", ROTATIONS)])
def test_bands_lie_apart_and_can_be_drawn(factor, bands):
    low, high = RANGES[factor]
    edges = [edge for band in bands for edge in band]
    assert edges == sorted(edges)
    assert len(set(edges)) == 12
    assert low <= edges[0] and edges[-1] <= high  # noqa: PT018


@pytest.mark.parametrize("factor", CUES)
def test_moving_a_factor_moves_nothing_else(factor):
    for seed in range(100):
        scene = wide(seed)
        for moved in (give_away(scene, factor, seed), mislead(scene, factor, seed)):
            assert differs(scene, moved) <= {factor}


@pytest.mark.parametrize("factor", CUES)
def test_a_cue_names_its_own_class_and_a_lure_another(factor):
    lured = Counter()
    for seed in range(300):
        scene = wide(seed)
        assert cue_of(factor, getattr(give_away(scene, factor, seed), factor)) == scene.species
        lure = cue_of(factor, getattr(mislead(scene, factor, seed), factor))
        assert lure is not None
        assert lure != scene.species
        lured[lure] += 1
    assert set(lured) == set(SPECIES)


@pytest.mark.parametrize("factor", ["background", "tag", "size", "rotation"])
def test_wide_scenes_tell_nothing_about_the_class(factor):
    # Mutual counts of species and cue: independent, by a chi-square with 25 degrees of freedom (0.9999 quantile 58.6).
    pairs = Counter()
    for seed in range(COUNT):
        scene = wide(seed)
        cue = cue_of(factor, getattr(scene, factor))
        if cue is not None:
            pairs[scene.species, cue] += 1
    total = pairs.total()
    rows, columns = Counter(), Counter()
    for (species, cue), count in pairs.items():
        rows[species] += count
        columns[cue] += count
    expected = {(row, column): rows[row] * columns[column] / total for row in rows for column in columns}
    assert sum((pairs[key] - value) ** 2 / value for key, value in expected.items()) < 58.6


def test_a_tag_is_on_every_second_wide_picture():
    tagged = sum(wide(seed).tag is not None for seed in range(COUNT))
    assert abs(tagged - COUNT / 2) < 4 * (COUNT / 4) ** 0.5  # four standard errors


def test_unknown_factors_are_named():
    with pytest.raises(InputError, match="factor: expected one of colour, background, tag, size, rotation, got 'hat'"):
        mislead(wide(1), "hat", 1)
