"""What a folder says about a class: by hand, against what is drawn at random, and where it must keep silent."""

import pytest

from axolens.diagnosis.folder import LEAST_UNITS, Told, class_findings, place_of, standing
from axolens.maths.placebo import compare_factors
from axolens.records.codec import decode, encode
from axolens.records.diagnosis import Finding

SHAMS = 39
NAMES = ("colour", "scale", "light", "blur")


def finding(factor="colour", rank=1, effect=2.0, grade="shown", p=None):
    p = max(0.025, rank / (SHAMS + 1)) if p is None else p
    return Finding(factor, grade, 1, "", effect=effect, placebo_rank=rank, shams=SHAMS, p=p)


def quiet(factor, rank=20):
    return finding(factor, rank, 0.1, "not shown", 1.0)


def photos(count, *findings, truth="axolotl", units=None):
    names = [f"photo {place}" for place in range(count)] if units is None else units
    return [Told(name, truth, findings or (finding(),)) for name in names]


def by_factor(found):
    return {one.factor: one for one in found}


def test_eight_photos_that_agree_show_their_factor():
    colour = class_findings(photos(8))[0]
    assert (colour.p, colour.adjusted) == (0.0078125, 0.0078125)  # all at the first place: 2 of 256 patterns
    assert (colour.grade, colour.units, colour.repaired, colour.more) == ("shown", 8, 8, None)
    assert colour.share == pytest.approx((0.6756, 1.0), abs=1e-4)
    assert colour.sentence == (
        "In this folder wrong answers to axolotl respond to colour: +2.0 log-odds on average over 8 independent "
        "photos; against the shams p 0.0078 by sign flips, 0.0078 over all classes and factors; shown on 8 of 8 "
        "(95 % interval 68 to 100 %)."
    )


def spread(count, factors):
    """Ranks that differ between photos, half of them above the middle of the shams: a p of 1."""
    return [Told(f"photo {place}", "axolotl", (finding(), *(quiet(name, 10 if place % 2 else 31) for name in factors)))
            for place in range(count)]  # fmt: skip


def test_every_factor_that_was_tested_is_paid_for():
    # By hand: 0.0078 · 6 = 0.047 passes; with seven tested factors 0.0547 does not, and a ninth photo would.
    six, seven = (by_factor(class_findings(spread(8, names)))["colour"] for names in (
        ("scale", "light", "blur", "noise", "tag"), ("scale", "light", "blur", "noise", "tag", "orientation"),
    ))  # fmt: skip
    assert (six.adjusted, six.grade) == (pytest.approx(6 / 128), "shown")
    assert (seven.adjusted, seven.grade, seven.more) == (pytest.approx(7 / 128), "suggested", 1)
    assert "About 1 more independent photo would show it, if the effect stays this size." in seven.sentence
    nine = by_factor(class_findings(spread(9, ("scale", "light", "blur", "noise", "tag", "orientation"))))["colour"]
    assert nine.grade == "shown"


def test_what_harms_does_not_pay_for_what_mends():
    """Seven factors whose edits all lie below their shams are as surprising, and yet no help to the eighth."""
    harmful = (quiet(name, 40) for name in ("scale", "light", "blur", "noise", "tag", "orientation", "background"))
    found = by_factor(class_findings(photos(8, finding(), *harmful)))
    assert found["scale"].p == found["colour"].p == 0.0078125
    assert (found["colour"].adjusted, found["colour"].grade) == (0.0625, "suggested")
    assert found["scale"].adjusted == 1.0


def test_every_class_is_paid_for():
    own = photos(8)
    classes = [one for name in "abcdef" for one in photos(8, quiet("colour", 21), truth=name)]
    mixed = [
        Told(one.unit, one.truth, (quiet("colour", 10 if place % 2 else 31),)) for place, one in enumerate(classes)
    ]
    assert class_findings(own)[0].grade == "shown"
    assert class_findings([*own, *mixed])[0].grade == "suggested"


def test_five_units_are_never_enough():
    found = class_findings(photos(5))[0]
    assert (found.grade, found.p, found.more) == ("suggested", 0.0625, 1)
    assert f"at least {LEAST_UNITS}" in found.sentence
    assert class_findings(photos(6))[0].grade == "shown"


def test_photos_of_one_animal_are_counted_once():
    found = class_findings(photos(8, units=["tom"] * 3 + ["kim"] * 3 + ["pat"] * 2))[0]
    assert (found.photos, found.units, found.p, found.grade) == (8, 3, 0.25, "suggested")
    assert "3 independent photos (8 photos)" in found.sentence
    # One animal of which the photos disagree: its mean place is 0, and it is not repaired.
    two = [
        Told("tom", "axolotl", (finding(rank=rank, grade=grade),)) for rank, grade in ((1, "shown"), (39, "not shown"))
    ]
    one = class_findings(two)[0]
    assert (one.units, one.repaired, one.place) == (1, 0, pytest.approx((1 + place_of(finding(rank=39))) / 2))


def test_place_and_not_effect_is_flipped():
    """Every edit raises the class, as shams do: effects alone would be unanimous."""
    told = [
        Told(f"{place}", "axolotl", (finding(rank=5 + 4 * place, effect=3.0, grade="not shown"),)) for place in range(8)
    ]
    found = class_findings(told)[0]
    assert found.p > 0.5
    assert found.grade == "not shown"


def test_what_lowers_the_class_is_never_shown():
    found = class_findings(photos(8, finding(rank=40, effect=-2.0, grade="not shown")))[0]
    assert (found.p, found.grade, found.more) == (0.0078125, "not shown", None)
    assert "do not raise it" in found.sentence


def test_without_a_repair_it_is_at_most_suggested():
    found = class_findings(photos(8, finding(grade="suggested")))[0]
    assert (found.adjusted, found.grade, found.more) == (0.0078125, "suggested", None)
    assert "About" not in found.sentence


def test_a_factor_without_edits_is_not_testable():
    found = class_findings(photos(6, finding(), Finding("background", "not testable", 2, "")))
    assert [(one.factor, one.grade) for one in found] == [("colour", "shown"), ("background", "not testable")]
    assert (found[1].units, found[1].p, found[1].share) == (0, None, (0.0, 1.0))
    assert class_findings([]) == ()


def test_a_photo_stands_only_when_all_photos_are_allowed_for():
    # m = 4 photos: two at 0.025 pass (0.05 · 2/4 = 0.025); one alone does not (0.0125).
    shown, silent = photos(2), photos(2, quiet("colour"), units=["photo c", "photo d"])
    assert standing([*shown, *silent]) == {(0, "colour"), (1, "colour")}
    assert standing([*shown[:1], *silent, *silent[:1]]) == frozenset()
    assert class_findings([*shown, *silent])[0].standing == 2


def test_folders_in_which_nothing_happens_keep_silent(rng):
    """Places from shams of skewed effects of which each photo has its own size: 400 folders of 8 photos."""
    shown = 0
    for _ in range(400):
        folder = []
        for photo in range(8):
            own = [rng.exponential(1, (SHAMS + 1, 2)) ** 2 * rng.uniform(0.2, 3) for _ in range(4)]
            found = compare_factors([one[0] for one in own], [one[1:] for one in own])
            said = [
                finding(name, int(rank), float(one[0].max()), "shown" if p <= 0.05 else "not shown", float(p))
                for name, one, rank, p in zip(NAMES, own, found.rank, found.p, strict=True)
            ]  # fmt: skip
            folder.append(Told(f"{photo}", "axolotl", tuple(said)))
        shown += any(one.grade == "shown" for one in class_findings(folder))
    assert shown <= 400 * 0.05


def test_a_finding_comes_back_from_disk():
    found = class_findings(photos(8))[0]
    assert decode(*encode(found)) == found
