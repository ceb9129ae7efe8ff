import importlib
from pathlib import Path

import numpy as np
import pytest

from axolens.diagnosis.labels import Doubt, doubt, label_check
from axolens.records.labels import Labels

NAMES = Labels(("newt", "axolotl", "eft"))


def logits(*chances):
    """Rows of probabilities as logits; a constant added to a row changes nothing."""
    return np.log(np.array(chances)) + np.arange(len(chances))[:, None]


def test_log_odds_are_means_over_the_variations_by_hand():
    found = doubt(logits((0.8, 0.1, 0.1), (0.5, 0.25, 0.25)), 1, "logits")
    assert (found.other, found.steady) == (0, 1.0)
    assert found.other_log_odds == pytest.approx((np.log(4) + 0) / 2)
    assert found.log_odds == pytest.approx((np.log(1 / 9) + np.log(1 / 3)) / 2)


def test_independent_classes_are_read_one_by_one():
    found = doubt(np.array([[2.0, -4.0, 5.0], [3.0, -6.0, 4.0]]), 1, "independent-logits")
    assert (found.other, found.other_log_odds, found.log_odds) == (2, 4.5, -5.0)


@pytest.mark.parametrize(
    ("doubted", "warned"),
    [
        (Doubt(0, 1.0, 0.1, -3.1), True),
        (Doubt(0, 0.8, 0.1, -3.1), True),
        (Doubt(0, 0.7, 0.1, -3.1), False),  # not steadily named
        (Doubt(0, 1.0, -0.1, -3.1), False),  # the model is not sure of anything
        (Doubt(0, 1.0, 5.0, -2.9), False),  # the label is not excluded
    ],
)
def test_each_of_the_three_conditions_is_needed(doubted, warned):
    assert bool(doubted) == warned
    assert label_check(doubted, 1, NAMES).outcome == ("failed" if warned else "passed")


def test_a_right_answer_raises_no_doubt_however_sure():
    found = doubt(logits((0.001, 0.998, 0.001)), 1, "logits")
    assert found.other == 1
    assert not found


def test_the_class_named_most_often_counts_not_the_one_with_the_highest_mean():
    # named twice with 0.6, while the other has a mean that one picture raised
    found = doubt(logits((0.6, 0.05, 0.35), (0.6, 0.05, 0.35), (1e-6, 1e-6, 1.0)), 1, "logits")
    assert found.other == 0
    assert found.steady == pytest.approx(2 / 3)


def test_of_two_named_equally_often_the_surer_counts():
    assert doubt(logits((0.5, 0.1, 0.4), (0.09, 0.01, 0.9)), 1, "logits").other == 2
    assert doubt(logits((0.9, 0.01, 0.09), (0.4, 0.1, 0.5)), 1, "logits").other == 0


def test_the_sentences():
    warned = label_check(Doubt(0, 0.9, 1.3863, -4.595), 1, NAMES)
    assert warned.sentence == (
        "The label may be wrong rather than the answer (newt first in 90 % of harmless variations, at 80.0 %; axolotl "
        "at 1.0 %). The model may as well be surely wrong: look at the photo before reading on."
    )
    silent = label_check(Doubt(0, 0.5, 0.0, -9.0), 1, NAMES)
    assert silent.sentence == (
        "Nothing speaks against the label (newt first in 50 % of harmless variations, at 50.0 %; axolotl at "
        "under 0.1 %)."
    )


@pytest.mark.slow
def test_the_newt_and_most_swaps_are_noticed_and_few_right_labels_are_doubted(assets, monkeypatch):
    monkeypatch.syspath_prepend(Path(__file__).parents[2] / "benchmarks")
    counts = importlib.import_module("label_warning").measured(assets, count=60, change=False)
    assert counts["the newt labelled axolotl"] == (1, 1)
    doubted, right = counts["right labels"]
    assert right == 60
    assert doubted <= 6
    caught, swapped = counts["labels of another photo"]
    assert swapped == 60
    assert caught >= 30
