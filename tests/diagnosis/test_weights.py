"""What the ranking without references weighs: each part by hand."""

import numpy as np
import pytest

from axolens.classifiers.counted import Counted
from axolens.classifiers.function import wrap_function
from axolens.diagnosis.factors.factor import Edit, Picture
from axolens.diagnosis.ranking import (
    BEYOND,
    EFFECT,
    REPAIRED,
    SURPRISE,
    UPRIGHT,
    Evidence,
    gather,
    rank_factors,
    surprise,
    weigh,
)
from axolens.diagnosis.trial import Trial
from axolens.diagnosis.working import Question
from axolens.records.diagnosis import Measured, Reading
from axolens.records.preprocess import Preprocess
from axolens.records.target import Target

SIDE = 40
TRUE = Target("class 0")


def painted(left, right=None):
    pixels = np.full((SIDE, SIDE, 3), left, np.float32)
    pixels[:, SIDE // 2 :] = left if right is None else right
    return pixels


def asked(function):
    """A model of two classes whose log-odds of the first are what the function gives."""

    def scores(batch):
        odds = function(batch)
        return np.stack([odds, np.zeros_like(odds)], axis=1)

    display = Preprocess(size=(SIDE, SIDE), layout="nhwc")
    return Counted(wrap_function(scores, labels=None, preprocess=display, name="by hand", output="logits"))


def gathered(model, before, *trials):
    truth = model.labels.resolve(TRUE)
    question = Question(Picture(before), Reading(0.0, 0.0, False), truth, truth)
    return gather(model, question, trials)


def trial(name, *pictures, value=0.0, quantile=0.5):
    edits = tuple(Edit(f"edit {dose}", float(dose), one) for dose, one in enumerate(pictures))
    return Trial(name, Measured(value, "", quantile), edits)


def test_effect_and_surprise_by_hand():
    # log-odds 10(mean − 0.5): −3 before; the edits raise them by 2 and 4, and only the second above 0
    model = asked(lambda batch: 10 * (batch.mean((1, 2, 3)) - 0.5))
    found = gathered(
        model,
        painted(0.2),
        trial("light", painted(0.4), painted(0.6), value=0.256, quantile=0.02),
        trial("blur", painted(0.2), value=0.559**2 / 0.436, quantile=0.95),
        trial("background"),
    )
    assert model.forward == 4 * 4  # the picture and three edits, under four variations each
    assert found["light"].effect == pytest.approx(4, abs=1e-4)
    assert found["light"].repaired == 1
    assert found["light"].surprise == pytest.approx(-np.log10(0.04))
    assert found["light"].beyond == 0  # 5 of 100 are as dark
    assert found["blur"].surprise == pytest.approx(1)
    assert found["blur"].beyond == pytest.approx(1)  # as far past the 95th of 100 as that is past the median
    assert abs(found["blur"].effect) < 1e-4
    assert found["blur"].repaired == 0
    assert found["background"] == Evidence(0.0, 0.0, 0.0, 0.0)


def test_an_edit_counts_by_its_mean_over_the_variations_and_by_the_share_it_repairs():
    # the true class is first where the left is brighter, which the mirrored half of the variations turns around
    model = asked(lambda batch: batch[:, :, :16].mean((1, 2, 3)) - batch[:, :, 24:].mean((1, 2, 3)))
    found = gathered(model, painted(0.6), trial("tag", painted(1.0, 0.2)))
    assert found["tag"].repaired == 0.5
    assert found["tag"].effect == pytest.approx(0, abs=0.01)


@pytest.mark.parametrize(
    ("quantile", "side", "expected"),
    [
        (0.05, "low", 1.0),  # 1 in 20 has less, 1 in 10 is as far out on either side
        (0.95, "low", 0.0),
        (0.95, "high", 1.0),
        (0.05, "high", 0.0),
        (0.05, "both", 1.0),
        (0.95, "both", 1.0),
        (0.5, "both", 0.0),
        (1.0, "high", 1.69897),  # beyond all of them counts as beyond 99 in 100
    ],
)
def test_surprise_by_hand(quantile, side, expected):
    assert surprise(quantile, side) == pytest.approx(expected, abs=1e-4)


def test_weights_add_up_and_effects_are_cut():
    parts = Evidence(effect=2.0, repaired=0.5, surprise=1.0, beyond=3.0)
    assert weigh("light", parts) == pytest.approx(2 * EFFECT + REPAIRED / 2 + SURPRISE["light"] + 3 * BEYOND)
    assert weigh("blur", parts) - weigh("light", parts) == pytest.approx(SURPRISE["blur"] - SURPRISE["light"])
    upright = Evidence(effect=2.0, repaired=0.5, surprise=0.0, beyond=0.0)
    assert weigh("orientation", upright) == pytest.approx(2 * EFFECT + REPAIRED / 2 + UPRIGHT)
    assert weigh("tag", upright) == pytest.approx(2 * EFFECT + REPAIRED / 2)
    strong, stronger = (weigh("light", Evidence(effect, 1.0, 0.0, 0.0)) for effect in (6.0, 20.0))
    assert strong == stronger
    assert weigh("light", Evidence(-9.0, 0.0, 0.0, 0.0)) == 0


def test_a_repair_of_what_is_unusual_ranks_before_a_stronger_effect_of_what_is_not():
    found = {
        "blur": Evidence(effect=1.0, repaired=0.75, surprise=1.7, beyond=0.5),
        "light": Evidence(effect=3.0, repaired=0.0, surprise=0.0, beyond=0.0),
        "noise": Evidence(effect=0.5, repaired=0.0, surprise=0.0, beyond=0.0),
    }
    trials = [trial(name) for name in ("light", "noise", "blur")]
    assert [one.name for one in rank_factors(trials, found)] == ["blur", "light", "noise"]
