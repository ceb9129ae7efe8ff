import math

import pytest

from axolens.report.ratios import margin, times


@pytest.mark.parametrize(
    ("ratio", "said"),
    [
        (1.0, "1.00 times"),
        (1.994, "1.99 times"),
        (1.996, "2.0 times"),
        (9.94, "9.9 times"),
        (9.96, "10 times"),
        (999.4, "999 times"),
        (999.6, "about 1,000 times"),
        (12_345, "about 12,000 times"),
        (996_000, "about 1 million times"),
        (3.3e8, "about 330 million times"),
        (4.56e9, "about 4.6 billion times"),
        (9.9e11, "about 990 billion times"),
        (0.9999e12, "about 1 trillion times"),
        (1.001e12, "more than a trillion times"),
        (math.inf, "more than a trillion times"),
    ],
)
def test_a_ratio_is_said_in_words(ratio, said):
    assert times(math.log(ratio)) == said


@pytest.mark.parametrize(
    ("log_odds", "said"),
    [
        (math.log(3.21), "gives common iguana 3.2 times the probability of axolotl on this photo (log-odds +1.17)."),
        (
            -math.log(3.21),
            "gives axolotl 3.2 times the probability of common iguana on this photo "
            "(log-odds of common iguana against axolotl −1.17).",
        ),
        (
            math.log(1.049),
            "holds common iguana about as probable as axolotl on this photo (1.05 times, log-odds +0.05).",
        ),
        (math.log(1.051), "gives common iguana 1.05 times the probability of axolotl on this photo (log-odds +0.05)."),
        (
            -math.log(1.02),
            "holds axolotl about as probable as common iguana on this photo "
            "(1.02 times, log-odds of common iguana against axolotl −0.02).",
        ),
        (0.0, "holds common iguana about as probable as axolotl on this photo (1.00 times, log-odds +0.00)."),
        (
            math.inf,
            "gives common iguana more than a trillion times the probability of axolotl on this photo (log-odds +∞).",
        ),
    ],
)
def test_a_margin_is_turned_round_below_one_and_called_alike_near_it(log_odds, said):
    assert margin("common_iguana", "axolotl", log_odds, "this photo", "logits") == f"The model {said}"


def test_classes_judged_on_their_own_have_odds():
    assert "7.4 times the odds of" in margin("a", "b", 2.0, "this photo", "independent-logits")
    assert "about the same odds as" in margin("a", "b", 0.01, "this photo", "independent-logits")


def test_a_margin_that_is_no_number_is_said_so():
    assert margin("a_b", "c", math.nan, "this photo", "logits").startswith("The model's margin between a b and c")
