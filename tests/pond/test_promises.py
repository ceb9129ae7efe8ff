"""What the networks are said to do, counted on the public test set: every bar is met by a one-sided 95 % bound."""

from functools import partial

import numpy as np
import pytest

from axolens.maths.proportions import wilson
from axolens.pond import sample
from axolens.pond.measure import PUBLIC_TEST, answered, fall, misled, own_scenes, right
from axolens.pond.planted import CUES
from axolens.pond.scene import SPECIES

pytestmark = pytest.mark.slow

SEEDS = PUBLIC_TEST[:1500]
FULL = {"pond-colour": "colour", "pond-background": "background", "pond-tag": "tag", "pond-size": "size",
        "pond-rotation": "rotation"}  # fmt: skip


def at_least(hits, total):
    """The lower end of a one-sided interval of 95 %."""
    return wilson(int(hits), int(total), level=0.90)[0]


def at_most(hits, total):
    return wilson(int(hits), int(total), level=0.90)[1]


def test_the_fair_network_is_right_on_balanced_pictures():
    seeds = PUBLIC_TEST[:3000]
    assert at_least(right(["pond-fair"], sample, seeds)["pond-fair"].sum(), len(seeds)) >= 0.95


def test_the_default_network_is_right_on_pictures_like_its_own():
    seeds = PUBLIC_TEST[:3000]
    assert at_least(right(["pond"], own_scenes("pond"), seeds)["pond"].sum(), len(seeds)) >= 0.95


def test_the_default_network_calls_black_axolotls_iguanas():
    black = partial(sample, species="axolotl", colour="black")
    named = np.bincount(answered(["pond"], black, SEEDS)["pond"], minlength=len(SPECIES))
    hits, iguanas = named[SPECIES.index("axolotl")], named[SPECIES.index("iguana")]
    assert at_most(hits, len(SEEDS)) <= 0.40
    assert at_least(iguanas, len(SEEDS) - hits) > 0.5


@pytest.mark.parametrize(("name", "planted"), FULL.items())
def test_a_full_short_cut_falls_with_its_own_factor_and_with_no_other(name, planted):
    scenes = own_scenes(name)
    before = right([name], scenes, SEEDS)[name]
    falls = {factor: fall(before, right([name], misled(scenes, factor), SEEDS)[name]) for factor in CUES}
    for factor, moved in falls.items():
        low, high = moved.bounds(0.90)
        if factor == planted:
            assert high <= -30.0, f"{name} with {factor} moved: {moved.points:.1f} points"
        else:
            assert low > -5.0, f"{name} with {factor} moved: {moved.points:.1f} points"
