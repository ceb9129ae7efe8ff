"""Ranks by hand: learned weights without references, sham-standardised effects with them."""

from dataclasses import replace

import numpy as np
import pytest

import axolens as ax
from axolens.classifiers.counted import Counted
from axolens.diagnosis.experiment import shamless_strengths, under_variations, verdict_of
from axolens.diagnosis.factors.factor import Edit, Picture
from axolens.diagnosis.gate import out_of_range
from axolens.diagnosis.grading import Verdict
from axolens.diagnosis.plan import FACTORS, declared, images_of, plan_for
from axolens.diagnosis.ranking import REPEATS, Evidence, gather, rank_by_strength, rank_factors, surprise
from axolens.diagnosis.trial import Trial
from axolens.diagnosis.working import Question, read_pictures
from axolens.errors import InputError
from axolens.records.diagnosis import Measured, Reading
from axolens.records.target import Target

PLAIN = Measured(0.4, "", 0.5)


def level(batch):
    """Log-odds of "light" are 10 · (mean − 0.5), exactly."""
    found = 5 * (np.asarray(batch, np.float32).mean((1, 2, 3)) - 0.5).astype(np.float32)
    return np.stack([found, -found], axis=1)


def question(grey=0.3):
    model = ax.load(level, labels=["light", "dark"], preprocess={"size": 32}, output="logits")
    counted, picture = Counted(model), Picture(np.full((32, 32, 3), grey, np.float32))
    truth, margin = (model.labels.resolve(one) for one in (Target(0), Target(0, against=1)))
    before = read_pictures(counted, [picture.pixels], truth, margin)[0]
    return counted, Question(picture, before, truth, margin)


def flat(value):
    return Edit("made flat", value, np.full((32, 32, 3), value, np.float32))


def test_evidence_is_the_best_edit_over_four_variations_and_the_unusual_photo():
    counted, asked = question()
    trials = [
        Trial("light", replace(PLAIN, quantile=0.0), (flat(0.4), flat(0.7))), Trial("tag", PLAIN),
        Trial("noise", replace(PLAIN, quantile=0.99), (flat(0.2),)),
    ]  # fmt: skip
    before = counted.forward
    found = gather(counted, asked, trials)
    assert counted.forward - before == 4 * len(REPEATS)
    assert found["light"].effect == pytest.approx(4.0, abs=0.05)  # 10 · (0.7 − 0.3), to a level of 255
    assert (found["light"].repaired, found["noise"].repaired) == (1.0, 0.0)
    assert found["noise"].effect == pytest.approx(-1.0, abs=0.05)
    assert (found["light"].surprise, found["noise"].surprise) == pytest.approx((1.69897, 1.69897))
    assert found["tag"] == Evidence(0.0, 0.0, 0.0, 0.0)
    assert [one.name for one in rank_factors(trials, found)] == ["light", "noise", "tag"]


def test_with_references_the_strength_ranks_and_what_was_not_read_comes_last():
    trials = [Trial(name, PLAIN) for name in ("colour", "tag", "light")]
    assert [one.name for one in rank_by_strength(trials, {"light": 5.0, "colour": -1.0})] == ["light", "colour", "tag"]


def test_surprise_looks_at_the_side_that_is_damage():
    assert surprise(0.99, "high") == pytest.approx(1.69897)
    assert surprise(0.01, "high") == 0
    assert surprise(0.01, "low") == pytest.approx(1.69897)
    assert surprise(0.5, "both") == 0


def test_the_budget_decides_how_many_doses():
    counts = {"light": 3, "tag": 0}
    assert images_of({"light": 2, "tag": 0}) == 2 * (1 + 39 + 4) + 4
    fixed = 12 + 2 * 12  # the photo and two edits under twelve variations
    assert plan_for(counts, 2 * 44 + 4 + fixed + 10, 10, 0).doses == {"light": 2, "tag": 0}
    assert plan_for(counts, 2 * 44 + 4 + fixed + 9, 10, 0).doses == {"light": 1, "tag": 0}
    with pytest.raises(InputError, match="expected at least 94 images"):
        plan_for(counts, 44 + 4 + fixed + 9, 10, 0)


def test_what_the_budget_leaves_goes_to_the_object_first():
    counts = {"colour": 3, "noise": 2, "tag": 2}
    fixed = 12 + 2 * 12  # the photo and two edits under twelve variations
    assert plan_for(counts, 4 * 44 + 4 + fixed, 0, 0).doses == {"colour": 1, "noise": 1, "tag": 2}
    assert plan_for(counts, 5 * 44 + 4 + fixed, 0, 0).doses == {"colour": 2, "noise": 1, "tag": 2}
    assert plan_for(counts, 900, 0, 0).doses == {"colour": 3, "noise": 2, "tag": 2}


def test_every_quarter_turn_is_tried_before_noise_is_smoothed_twice():
    counts = {"noise": 3, "orientation": 3, "light": 2}
    fixed = 3 * 12  # the photo, and two factors under variations
    for doses, plan in ((5, (1, 3, 1)), (6, (1, 3, 2)), (7, (2, 3, 2))):
        found = plan_for(counts, doses * 44 + 4 + fixed, 0, 0).doses
        assert found == dict(zip(counts, plan, strict=True))


def test_factors_are_read_under_the_same_variations_until_the_images_are_spent():
    counted, asked = question()
    readings = (Reading(2.0, 2.0, True),)
    trials = [Trial(name, PLAIN, (flat(0.7),), readings, np.zeros((39, 1))) for name in ("light", "tag", "colour")]
    verdicts = {one.name: Verdict(0, 1, 0.025) for one in trials}
    plan, start = plan_for(dict.fromkeys(verdicts, 1), 900, 0, 0), counted.forward
    found = under_variations(counted, asked, trials, verdicts, plan, np.random.default_rng(0), start + 12 + 12 + 11)
    assert counted.forward == start + 24
    assert [(one.varied is None, one.cut) for one in found.values()] == [(False, False), (True, True), (True, True)]
    assert (found["light"].varied.repaired, found["light"].varied.unedited, found["light"].varied.count) == (1, 0, 12)
    assert found["light"].varied.low == pytest.approx(4.0, abs=0.05)
    found = under_variations(counted, asked, trials, verdicts, plan, np.random.default_rng(0), start + 999)
    assert len({(one.varied.low, one.varied.high) for one in found.values()}) == 1


def test_what_the_doses_leave_goes_to_the_variations_of_further_factors():
    counts, fixed = dict.fromkeys(("tag", "colour", "scale", "light"), 1), 12 + 2 * (12 + 30)
    least = 4 * 44 + 4 + fixed + 7
    for spare, varied in ((0, 2), (41, 2), (42, 3), (84, 4), (400, 4)):
        plan = plan_for(counts, least + spare, 7, 0, 30)
        assert (plan.varied, plan.images) == (varied, least + (varied - 2) * 42)
        assert plan.facts()["factors read under them, at least"] == varied


def test_factors_are_declared_by_name_in_the_order_of_the_records():
    assert declared(None) == FACTORS
    assert declared(["tag", "colour"]) == ("colour", "tag")
    with pytest.raises(InputError, match="at least one"):
        declared([])


def test_the_gate_sees_pixels_only_and_lets_pass_what_was_out_already():
    grey = Picture(np.full((64, 64, 3), 0.5, np.float32))
    assert out_of_range(grey, np.full((64, 64, 3), 0.01, np.float32)).startswith("its light")
    dark = Picture(np.full((64, 64, 3), 0.02, np.float32))
    assert out_of_range(dark, np.full((64, 64, 3), 0.01, np.float32)) == ""
    night = replace(grey, references=(Picture(np.full((64, 64, 3), 0.005, np.float32)), dark))
    assert out_of_range(night, np.full((64, 64, 3), 0.01, np.float32)) == ""
    noisy = np.random.default_rng(0).random((64, 64, 3)).astype(np.float32)
    assert out_of_range(grey, noisy).startswith("its ")


def test_a_reading_is_the_models_own():
    counted, asked = question(0.8)
    assert asked.before == Reading(asked.before.log_odds, asked.before.log_odds, True)  # two classes: odds are the lead
    assert asked.before.log_odds == pytest.approx(3.0, abs=0.05)  # a level of 255 is 0.04
    assert counted.forward == 1


def test_harmless_shifts_are_shares_of_the_picture_not_of_the_network():
    assert Picture(np.zeros((448, 600, 3), np.float32)).step == 2.0
    assert Picture(np.zeros((600, 112, 3), np.float32), unit=9.0).step == 0.5


def test_the_dose_that_is_claimed_is_the_one_that_p_belongs_to():
    """The dose that raises most does no more than its shams; a lower one stands far above its own."""
    ranks, ps = np.array([1, 2, 12]), np.array([0.025, 0.05, 0.3])
    assert verdict_of(np.array([0.3, 1.0, 3.0]), ranks, ps) == Verdict(1, 2, 0.05)
    assert verdict_of(np.array([0.3, 1.0, 3.0]), ranks, ps + 0.1) == Verdict(2, 12, 0.4)


def test_what_has_no_shams_ranks_by_the_widest_shams_of_the_others():
    """Nine log-odds beside shams of 1 and of 2.96: with the floor of 0.5 the wider ones spread 3."""
    before, after = Reading(-3.0, -3.0, False), Reading(6.0, 6.0, True)
    shams = {"light": np.array([[-1.0], [0.0], [1.0]]), "blur": np.sqrt(8.75) * np.array([[-1.0], [0.0], [1.0]])}
    read = [Trial(name, PLAIN, (flat(0.4),), (before,), shams=one) for name, one in shams.items()]
    bare = Trial("background", PLAIN, (flat(0.4),), (after,))
    found = shamless_strengths([*read, bare, Trial("tag", PLAIN)], before)
    assert found == {"background": pytest.approx(3.0)}
    assert shamless_strengths([bare], before) == {"background": 18.0}
