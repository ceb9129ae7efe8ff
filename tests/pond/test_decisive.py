"""What decides an answer, on networks whose answers are read off the scene, and on those with a planted short-cut."""

from functools import partial

import numpy as np
import pytest

import axolens as ax
from axolens.classifiers.asking import log_odds_of
from axolens.pond.decisive import chosen, decide
from axolens.pond.planted import changed
from axolens.pond.recipes import scene_for
from axolens.pond.scene import Scene

SCENE = Scene(species="newt", colour="olive", background="moss", tag="white-frame")


def reading(*values):
    """A network of two classes whose second has the sum of these values as its log-odds; kept where asked."""

    def log_odds(photos):
        found = np.array([sum(value(photo.facts) for value in values) for photo in photos])
        return np.stack([-found, found], axis=1)

    return log_odds


def species(facts):
    return 4.0 * (facts["species"] == "newt")


def ground(facts):
    return 3.0 * (facts["background"] == "moss")


def tag(facts):
    return {"white-frame": 2.0, "none": 0.0, "black-frame": -2.0}[facts["tag"]]


def test_weights_are_mean_falls_by_hand():
    found = decide(SCENE, reading(species, ground, tag), 16)
    assert found.answer == 1
    assert found.weights == {"animal": 2.0, "background": 3.0, "tag": 3.0}  # 4 of 8; 8 of 8; (2 + 4)/2
    assert (found.part, found.why) == (None, "two parts move the answer about as much")
    assert found.mask is None


@pytest.mark.parametrize(("value", "part"), [(species, "animal"), (ground, "background"), (tag, "tag")])
def test_the_part_that_is_read_decides(value, part):
    found = decide(SCENE, reading(value), 32)
    assert found.part == part
    assert found.mask.shape == (32, 32)
    assert found.mask[0].all() == (part == "tag")


def test_the_class_that_is_named_is_asked_about():
    found = decide(SCENE, reading(lambda facts: -ground(facts)), 16)
    assert (found.answer, found.weights["background"]) == (0, 3.0)


def test_a_part_that_speaks_against_the_answer_does_not_decide():
    found = decide(SCENE, reading(lambda facts: 10.0, ground, lambda facts: -2 * species(facts)), 16)
    assert (found.answer, found.part) == (1, "background")
    assert found.weights == {"animal": -4.0, "background": 3.0, "tag": 0.0}


def test_an_answer_that_nothing_moves_is_decided_by_nothing():
    found = decide(SCENE, reading(lambda facts: 1.0), 16)
    assert (found.part, found.why) == (None, "no part moves the answer")


def test_a_part_that_is_not_in_the_picture_is_no_truth():
    covered = changed(SCENE, {"x": 1.0, "y": 0.0, "size": 0.2, "tag": "red-corner"})
    found = decide(covered, reading(species), 48)
    assert found.weights["animal"] == 2.0
    assert (found.part, found.why, found.mask) == (None, "the part that decides is not in the picture", None)


@pytest.mark.parametrize(
    ("weights", "part"),
    [
        ({"animal": 0.5, "background": 0.0}, "animal"),
        ({"animal": 0.49, "background": 0.0}, None),
        ({"animal": 3.0, "background": 2.0}, "animal"),
        ({"animal": 2.99, "background": 2.0}, None),
        ({"animal": 1.0, "background": -5.0}, "animal"),
        ({"animal": 1.0, "background": 2.0, "tag": 9.0}, "tag"),
    ],
)
def test_where_the_line_is_drawn(weights, part):
    assert chosen(weights)[0] == part
    assert bool(chosen(weights)[1]) == (part is None)


@pytest.mark.parametrize(
    ("network", "part"), [("pond-tag", "tag"), ("pond-background", "background"), ("pond-colour", "animal")]
)
def test_a_planted_short_cut_decides(network, part):
    ask = partial(log_odds_of, ax.load(network))
    found = [decide(scene_for(network, seed), ask) for seed in (2_000_000, 2_000_001)]
    assert [one.part for one in found] == [part, part]
    assert all(one.weights[part] > 2 for one in found)


def test_log_odds_are_those_of_the_probabilities():
    model, shots = ax.load("pond"), [ax.pond.photo(ax.pond.sample(seed), 64) for seed in (1, 2)]
    shares = np.stack([ax.predict(model, shot).probabilities for shot in shots]).astype(float)
    np.testing.assert_allclose(log_odds_of(model, shots), np.log(shares / (1 - shares)), atol=1e-3)
