"""Grades and sentences: each evidence permits its own, and no more."""

from dataclasses import replace

import numpy as np
import pytest

from axolens.diagnosis.company import Specific
from axolens.diagnosis.experiment import claimable
from axolens.diagnosis.factors.factor import Edit
from axolens.diagnosis.grading import Broken, Varied, Verdict, effects_of, equivalence_bound, finding_of, grade_of
from axolens.diagnosis.sentences import claimed_twins, sentence_of
from axolens.diagnosis.trial import Trial
from axolens.records.diagnosis import Measured, Reading

BEFORE = Reading(-2.0, -1.0, False)
PIXELS = np.full((4, 4, 3), 0.5, np.float32)
PLAIN = Measured(0.4, "of full brightness", 0.5)
STEADY = Varied(repaired=0.9, unedited=0.0, low=1.0, high=4.0, count=10)
ABOVE = Verdict(dose=0, placebo_rank=1, p=0.025, varied=STEADY)


def trial(change=3.0, measured=PLAIN, right=True, name="light"):
    edit = Edit("brightened", 0.5, PIXELS)
    after = Reading(BEFORE.log_odds + change, 1.0, right)
    return Trial(name, measured, (edit,), (after,), np.zeros((39, 1)), ((PIXELS, BEFORE),), (), (PIXELS,))


@pytest.mark.parametrize(
    ("verdict", "change", "grade"),
    [
        (ABOVE, 3.0, "shown"),
        (replace(ABOVE, p=0.051), 3.0, "suggested"),  # repaired only
        (replace(ABOVE, varied=replace(STEADY, repaired=0.79)), 3.0, "suggested"),  # above its shams only
        (replace(ABOVE, varied=replace(STEADY, unedited=0.8)), 3.0, "suggested"),  # nothing to repair
        (replace(ABOVE, varied=replace(STEADY, low=0.0)), 3.0, "suggested"),
        (replace(ABOVE, varied=None), 3.0, "suggested"),
        (replace(ABOVE, varied=None), -0.1, "not shown"),  # above shams that do worse, but no repair
        (replace(ABOVE, p=0.5, varied=None), 3.0, "not shown"),
    ],
)
def test_a_grade_wants_both_the_shams_and_the_variations(verdict, change, grade):
    assert grade_of(trial(change), BEFORE, verdict) == grade


def test_without_edits_a_measurement_suggests_and_nothing_else_does():
    bare = Trial("colour", PLAIN)
    assert grade_of(bare, BEFORE, None) == "not testable"
    assert grade_of(replace(bare, measured=replace(PLAIN, words="colourless")), BEFORE, None) == "suggested"


def test_the_sentence_of_what_is_shown_holds_every_number():
    said = sentence_of(trial(), BEFORE, ABOVE, "cat")
    assert said == (
        "On this photo the wrong answer responds to light: the photo brightened raises the log-odds of cat by 3.0; "
        "none of 39 sham edits of the same strength did as much (p 0.025 over all factors); cat comes first in 9 of 10 "
        "harmless variations, unedited in 0 (change +1.0 to +4.0). Whether light alone breaks right answers was not "
        "tested."
    )


@pytest.mark.parametrize(
    ("specific", "words"),
    [
        (Specific(8, 10), "takes it as evidence for cat, whatever is shown"),
        (Specific(0, 10), "needed to see cat here, not a short-cut"),
        (Specific(3, 10), "both readings stay open"),
        (Specific(0, 5), "too few to say what that means"),
        (Specific(5, 5), "too few to say what that means"),
    ],
)
def test_other_photos_choose_the_sentence_not_the_grade(specific, words):
    said = sentence_of(trial(), BEFORE, replace(ABOVE, broken=Broken(4, 5, 5)), "cat", specific)
    assert "Light alone makes 4 of 5 right answers to cat wrong." in said
    assert words in said
    assert said.startswith("On this photo the wrong answer responds to light")


@pytest.mark.parametrize(
    ("broken", "grade"),
    [
        (None, "shown"),  # not tested
        (Broken(count=0, moved=3, tried=6), "suggested"),
        (Broken(count=0, moved=4, tried=6), "shown"),  # more than half of them are moved
        (Broken(count=1, moved=1, tried=10), "shown"),
        (Broken(count=0, moved=0, tried=5), "shown"),  # too few to count against it
    ],
)
def test_a_factor_that_leaves_right_answers_as_they_are_is_suggested_at_most(broken, grade):
    verdict = replace(ABOVE, broken=broken)
    assert grade_of(trial(), BEFORE, verdict) == grade
    assert grade_of(trial(), BEFORE, replace(verdict, p=1.0)) == "suggested"  # never raises a grade
    said = sentence_of(trial(), BEFORE, verdict, "cat")
    assert ("what repairs this photo is not what makes such answers wrong" in said) == (grade == "suggested")
    assert ("was not tested" in said) == (broken is None)


def test_what_a_factor_did_to_references_is_said_with_its_counts():
    said = sentence_of(trial(), BEFORE, replace(ABOVE, broken=Broken(0, 2, 9)), "cat")
    assert "Light alone makes 0 of 9 right answers to cat wrong and takes more than 0.5 log-odds from 2 of them" in said


def test_variations_that_the_budget_did_not_reach_for_are_named():
    said = sentence_of(trial(), BEFORE, replace(ABOVE, varied=None, cut=True), "cat")
    assert said.startswith("Light is suggested, not shown")
    assert "(p 0.025 over all factors); the budget did not reach for its harmless variations." in said


@pytest.mark.parametrize("grade", ["suggested", "not shown", "not testable"])
def test_what_is_not_shown_is_never_said_to_be(grade):
    cases = {
        "suggested": (trial(), replace(ABOVE, p=0.2)),
        "not shown": (trial(0.9, right=False), replace(ABOVE, p=0.2, varied=None)),
        "not testable": (Trial("background", PLAIN), None),
    }
    one, verdict = cases[grade]
    assert grade_of(one, BEFORE, verdict) == grade
    assert "responds to" not in sentence_of(one, BEFORE, verdict, "cat")


def test_absence_wants_every_dose_within_the_bound_and_the_answer_unchanged():
    quiet = replace(ABOVE, p=1.0, varied=None)
    assert "does not matter here" in sentence_of(trial(0.4, right=False), BEFORE, quiet, "cat")
    assert "does not matter" not in sentence_of(trial(0.4, right=True), BEFORE, quiet, "cat")
    assert "does not matter" not in sentence_of(trial(0.6, right=False), BEFORE, quiet, "cat")
    assert equivalence_bound(0.3) == 0.15


def test_an_edit_that_lowers_is_no_repair_however_its_shams_do():
    said = sentence_of(trial(-3.0, right=False), BEFORE, replace(ABOVE, varied=None), "cat")
    assert (
        said == "Not shown: at its best the photo brightened lowers the log-odds of cat by 3.0, so it repairs nothing."
    )


def test_what_cannot_be_told_apart_is_said_of_each():
    twins = claimed_twins({"noise": "shown", "compression": "suggested", "blur": "not shown", "light": "shown"})
    assert twins == {"noise": ("compression",), "compression": ("noise",)}
    said = sentence_of(trial(name="noise"), BEFORE, ABOVE, "cat", twins=twins["noise"])
    assert "It cannot be told apart from compression here." in said


def test_a_finding_keeps_edits_shams_and_refusals():
    one = replace(trial(), refused=((Edit("darkened", 2.0, PIXELS), "its light is beyond 98 of 100 ordinary photos"),))
    finding = finding_of(one, BEFORE, ABOVE, 1, "…")
    assert (finding.grade, finding.effect, finding.range, finding.shams) == ("shown", 3.0, (1.0, 4.0), 39)
    edit, sham, refused = effects_of(one, BEFORE, ABOVE)
    assert (edit.sham, sham.sham, refused.sham) == (False, True, False)
    assert (edit.change, sham.change, refused.change) == (3.0, 0.0, 0.0)
    assert refused.refused.startswith("its light")
    assert edit.repaired == 0.9


def test_an_effect_within_the_bound_of_none_is_not_suggested_however_quiet_its_shams():
    quiet = replace(ABOVE, varied=None)
    assert grade_of(trial(0.4, right=False), BEFORE, quiet) == "not shown"
    assert "does not matter here" in sentence_of(trial(0.4, right=False), BEFORE, quiet, "cat")
    assert grade_of(trial(0.6, right=False), BEFORE, quiet) == "suggested"
    assert grade_of(trial(0.4, right=True), BEFORE, quiet) == "suggested"


def test_edits_that_harm_less_than_their_shams_take_no_place_under_the_variations():
    ordered = [trial(-0.6, right=False, name="blur"), trial(-1.0, right=False, name="noise"), trial(name="light")]
    unread = replace(ABOVE, varied=None)
    verdicts = {"blur": unread, "noise": unread, "light": unread}
    assert [one.name for one in claimable(ordered, BEFORE, verdicts)] == ["light", "blur"]


def test_every_factor_that_stands_out_is_read_under_the_variations():
    ordered = [trial(name=name) for name in ("light", "tag", "colour")] + [trial(-1.0, right=False, name="noise")]
    verdicts = {one.name: replace(ABOVE, varied=None) for one in ordered}
    assert [one.name for one in claimable(ordered, BEFORE, verdicts)] == ["light", "tag", "colour"]


def test_without_placebos_a_repair_is_suggested_and_what_was_read_is_said():
    bare = replace(trial(name="background"), shams=None, sham=())
    assert grade_of(bare, BEFORE, None) == "suggested"
    assert sentence_of(bare, BEFORE, None, "cat") == (
        "Background is suggested, not shown: the photo brightened raises the log-odds of cat by 3.0 and cat comes "
        "first, but sham edits need 26 rightly answered photos of other classes with masks, and there are fewer."
    )
    weak = replace(trial(1.0, right=False, name="background"), shams=None, sham=())
    assert grade_of(weak, BEFORE, None) == "not shown"
    assert sentence_of(weak, BEFORE, None, "cat").startswith("Background is not shown either way: the photo brightened")
    assert finding_of(weak, BEFORE, None, 3, "…").effect == 1.0
    assert finding_of(Trial("tag", PLAIN), BEFORE, None, 3, "…").effect is None


def test_rounded_probabilities_show_no_absence_and_refused_doses_are_no_part_of_it():
    quiet = replace(ABOVE, p=1.0, varied=None)
    rounded = Reading(-85.0, -85.0, False)
    still = replace(trial(right=False), readings=(rounded,))
    assert "does not matter" not in sentence_of(still, rounded, quiet, "cat")
    refused = ((Edit("darkened", 2.0, PIXELS), "its light is beyond 98 of 100 ordinary photos"),)
    said = sentence_of(replace(trial(0.4, right=False), refused=refused), BEFORE, quiet, "cat")
    assert "at every dose that is in range" in said
    none = replace(Trial("light", PLAIN), refused=refused)
    assert sentence_of(none, BEFORE, None, "cat") == (
        "Not tested: edited, its light is beyond 98 of 100 ordinary photos."
    )
