"""A diagnosis on models whose only cause is known, and on what it must refuse."""

from dataclasses import replace

import numpy as np
import pytest
import skimage.data

import axolens as ax
from axolens import pond
from axolens.cases.diagnose import planned_images
from axolens.diagnosis.references import References
from axolens.errors import InputError, LabelError, ModelError
from axolens.records.codec import decode, encode
from axolens.records.diagnosis import FACTORS

LEVELS = skimage.data.chelsea()[::3, ::3]  # 100 × 151, not square


def asked(score, name="stub"):
    """A model that says "cat" where the score of a picture (n, 48, 48, 3) is above 0."""

    def logits(batch):
        found = score(np.asarray(batch, np.float32)).astype(np.float32)
        return np.stack([found, -found], axis=1)

    return ax.load(logits, labels=["cat", "dog"], preprocess={"size": 48}, output="logits")


def luma(batch):
    return batch @ np.array([0.299, 0.587, 0.114], np.float32)


def is_light(batch):
    return 20 * (luma(batch).mean((1, 2)) - 0.4)


def is_upright(batch):
    bright = luma(batch)
    return 40 * (bright[:, :24].mean((1, 2)) - bright[:, 24:].mean((1, 2)) - 0.02)


def is_sharp(batch):
    return 200 * (np.abs(np.diff(luma(batch), axis=2)).mean((1, 2)) - 0.025)


def nothing(batch):
    return np.full(len(batch), -1.0)


def dark():
    return ax.read((255 * (LEVELS / 255) ** 3).astype(np.uint8), truth="cat")


@pytest.fixture(scope="module")
def light_case():
    return ax.diagnose(asked(is_light), dark())


def test_the_one_cause_is_shown_and_comes_first(light_case):
    first = light_case.diagnosis.findings[0]
    assert (first.factor, first.grade, first.rank) == ("light", "shown", 1)
    assert first.placebo_rank == 1
    assert first.p <= 0.05
    assert 0 < first.range[0] <= first.effect
    assert first.measured.words == "dark"
    assert "responds to light" in first.sentence


def test_nothing_else_is_shown(light_case):
    assert [one.factor for one in light_case.diagnosis.findings if one.grade == "shown"] == ["light"]


def test_every_declared_factor_has_one_finding_and_one_rank(light_case):
    findings = light_case.diagnosis.findings
    assert sorted(one.factor for one in findings) == sorted(FACTORS)
    assert [one.rank for one in findings] == list(range(1, 10))


def test_no_more_images_are_asked_than_was_said(light_case):
    said = planned_images(asked(is_light), dark())
    assert light_case.diagnosis.cost.forward <= said <= 900


def test_the_same_seed_gives_the_same_and_the_record_comes_back_from_disk(light_case):
    again = ax.diagnose(asked(is_light), dark())
    assert [one.sentence for one in again.diagnosis.findings] == [one.sentence for one in light_case.diagnosis.findings]
    back = decode(*encode(light_case))
    assert back.diagnosis.plan == light_case.diagnosis.plan
    assert [one.sentence for one in back.diagnosis.findings] == [one.sentence for one in light_case.diagnosis.findings]


def test_a_photo_that_lies_on_its_head_is_righted():
    photo = ax.read(LEVELS, truth="cat")
    model = asked(is_upright) if ax.predict(asked(is_upright), photo).top(1)[0].label == "dog" else asked(
        lambda batch: -is_upright(batch)
    )  # fmt: skip
    found = ax.diagnose(model, photo, factors=["orientation", "light", "colour"]).diagnosis.findings
    assert (found[0].factor, found[0].grade) == ("orientation", "shown")
    assert "turned by 180°" in found[0].sentence


@pytest.mark.parametrize(("red", "grade"), [(False, "shown"), (True, "suggested")])
def test_without_masks_a_turn_that_breaks_no_reference_is_suggested_at_most(red, grade):
    """A cat is what is red, or has its top bright: references that are red do not need to lie as they do."""

    def is_red_or_upright(batch):
        redness = batch[..., 0].mean((1, 2)) - batch[..., 1:].mean((1, 2, 3))
        return np.where(redness > 0.3, 3.0, is_upright(batch))

    rows = np.linspace(0.75, 0.25, 96)[:, None, None] + 0.05 * np.sin(np.arange(120))[None, :, None] * np.ones(3)
    upright = (255 * rows).astype(np.uint8)
    dyed = (upright * (1.0, 0.1, 0.1)).astype(np.uint8) if red else upright
    own = [replace(ax.read(dyed, truth="cat"), name=f"{one}", digest=f"{one}") for one in range(7)]
    model, photo = asked(is_red_or_upright), ax.read(upright[::-1].copy(), truth="cat")
    said = planned_images(model, photo, own, factors=["orientation", "light"])
    found = ax.diagnose(model, photo, own, factors=["orientation", "light"]).diagnosis
    first = next(one for one in found.findings if one.factor == "orientation")
    assert (first.grade, f"makes {0 if red else 7} of 7 right answers to cat wrong" in first.sentence) == (grade, True)
    assert found.cost.forward <= said


def test_a_model_that_listens_to_nothing_gets_no_cause():
    found = ax.diagnose(asked(nothing), dark()).diagnosis.findings
    assert not [one for one in found if one.grade == "shown"]
    without = [one for one in found if "does not matter here" in one.sentence]
    assert {"orientation", "blur", "scale"} <= {one.factor for one in without}


def test_an_answer_that_hangs_by_a_thread_is_said_and_nothing_is_shown():
    """The score turns with a shift of one pixel: the unedited photo is right in about half of the variations."""

    def flickers(batch):
        return 1e4 * (luma(batch)[:, :, :24].mean((1, 2)) - luma(batch)[:, :, 24:].mean((1, 2)))

    photo = ax.read(LEVELS, truth="cat")
    model = asked(flickers)
    if ax.predict(model, photo).top(1)[0].label == "cat":
        model = asked(lambda batch: -flickers(batch))
    diagnosis = ax.diagnose(model, photo, factors=["light", "orientation"]).diagnosis
    (check,) = (one for one in diagnosis.preflight if one.name == "steady answer")
    assert check.outcome == "failed"
    assert "the wrong answer hangs by a thread" in check.sentence
    assert not [one for one in diagnosis.findings if one.grade == "shown"]


def test_a_right_answer_is_said_and_explain_offered():
    with pytest.raises(InputError, match=r"got the right one, cat\. Ask axolens explain"):
        ax.diagnose(asked(lambda batch: -nothing(batch)), dark())


def test_what_is_not_known_is_refused():
    model = asked(is_light)
    with pytest.raises(LabelError, match="expected the true class, got none"):
        ax.diagnose(model, replace(dark(), truth=None))
    with pytest.raises(LabelError, match="truth of"):
        ax.diagnose(model, replace(dark(), truth="axolotl"))
    with pytest.raises(InputError, match="factor: expected one of colour"):
        ax.diagnose(model, dark(), factors=["pose"])
    with pytest.raises(InputError, match="budget: expected at least"):
        ax.diagnose(model, dark(), budget=100)
    with pytest.raises(InputError, match="mask of"):
        ax.diagnose(model, dark(), mask=np.zeros((100, 151), bool))
    with pytest.raises(InputError, match="mask of"):
        ax.diagnose(model, dark(), mask=np.ones((100, 151), bool))


def test_a_grey_photo_cannot_be_recoloured_but_its_greyness_is_named():
    grey = np.repeat(dark().pixels.mean(axis=2, keepdims=True), 3, axis=2).astype(np.float32)
    photo = replace(dark(), pixels=grey)
    found = ax.diagnose(asked(is_light), photo, factors=["colour", "light"]).diagnosis.findings
    colour = next(one for one in found if one.factor == "colour")
    assert (colour.grade, colour.p, colour.effect) == ("suggested", None, None)
    assert "colourless" in colour.sentence


def test_references_are_counted_and_those_that_cannot_serve_are_named():
    photo = replace(dark(), group="tom", digest="ab")
    right = ax.read(LEVELS, truth="cat")
    company = [
        replace(right, name="right"), replace(dark(), name="wrong"), replace(right, name="newt", truth="newt"),
        replace(photo, name="itself"), replace(right, name="twin", group="tom"),
        replace(right, name="open", truth=None),
    ]  # fmt: skip
    diagnosis = ax.diagnose(asked(is_light), photo, company, factors=["light"]).diagnosis
    assert dict(diagnosis.references) == {"right": 1, "asked": 2}
    left = next(one for one in diagnosis.limits if one.startswith("References left out"))
    for words in (
        "wrong is itself wrongly answered", "newt is of a class", "itself is the photo itself",
        "twin shows the same individual (tom)", "open has no class",
    ):  # fmt: skip
        assert words in left


def test_progress_counts_every_image():
    counts = []
    cost = ax.diagnose(asked(is_light), dark(), factors=["light"], progress=counts.append).diagnosis.cost
    assert sum(counts) == cost.forward


def test_round_trips_are_read(light_case):
    trips = light_case.diagnosis.round_trips
    assert set(trips) == {
        "Lab there and back", "turned and turned back", "JPEG at 98", "reduced to twice the network's size"
    }  # fmt: skip
    assert max(abs(change) for change in trips.values()) < 0.1
    assert not any(one.startswith("Empty edits") for one in light_case.diagnosis.limits)


def test_references_that_were_asked_for_the_plan_are_not_asked_again():
    right = ax.read(LEVELS, truth="cat")
    company = [replace(right, name=f"{number}", digest=f"{number}") for number in range(7)]
    held, factors = References(company), ["light", "blur"]
    said = planned_images(asked(is_light), dark(), held, factors=factors)
    assert said == planned_images(asked(is_light), dark(), company, factors=factors) - 7
    once = ax.diagnose(asked(is_light), dark(), held, factors=factors).diagnosis
    anew = ax.diagnose(asked(is_light), dark(), company, factors=factors).diagnosis
    assert once.cost.forward == anew.cost.forward - 7 <= said
    assert [one.sentence for one in once.findings] == [one.sentence for one in anew.findings]


def test_a_repair_whose_factor_leaves_references_as_they_are_is_suggested():
    """Light repairs a dark photo. A darkened reference is wrong, unless more red than blue is enough for the model."""
    right = ax.read(LEVELS, truth="cat")
    company = [replace(right, name=f"{number}", digest=f"{number}") for number in range(7)]

    def is_light_or_red(batch):
        return np.where(batch[..., 0].mean((1, 2)) > batch[..., 2].mean((1, 2)), 5.0, is_light(batch))

    photo = replace(dark(), pixels=np.ascontiguousarray(dark().pixels[..., ::-1]))
    first = ax.diagnose(asked(is_light), photo, company, factors=["light"]).diagnosis.findings[0]
    assert (first.grade, "Light alone makes 7 of 7 right answers to cat wrong." in first.sentence) == ("shown", True)
    first = ax.diagnose(asked(is_light_or_red), photo, company, factors=["light"]).diagnosis.findings[0]
    assert (first.grade, "Light alone makes 0 of 7 right answers" in first.sentence) == ("suggested", True)
    one_cat = [replace(one, group="tom") for one in company]
    first = ax.diagnose(asked(is_light_or_red), photo, one_cat, factors=["light"]).diagnosis.findings[0]
    assert (first.grade, "Light alone makes 0 of 1 right answers" in first.sentence) == ("shown", True)


def test_an_empty_edit_that_moves_the_answer_is_named():
    """A model that listens to the finest detail hears a photo turned and turned back."""
    photo = ax.read(LEVELS, truth="cat")
    limits = ax.diagnose(asked(lambda batch: is_sharp(batch) - 30), photo, factors=["light"]).diagnosis.limits
    assert any(one.startswith("Empty edits") and "turned and turned back" in one for one in limits)


def test_a_planted_background_is_shown_with_mask_and_references_and_other_photos_are_asked():
    """An axolotl on leaves that a network trained on backgrounds takes for a chameleon, on the references' gravel."""
    model = ax.load("pond-background")
    scenes = [pond.sample(seed) for seed in range(400)]
    planted = {
        "axolotl": "gravel", "newt": "moss", "iguana": "stone", "chameleon": "leaf", "gecko": "sand",
        "goldfish": "glass",
    }  # fmt: skip
    held = {name: [] for name in planted}
    for number, scene in enumerate(one for one in scenes if one.species in held):
        if len(held[scene.species]) < 8 and scene.size > 0.4:
            shot = pond.photo(replace(scene, background=planted[scene.species], tag=None))
            if ax.predict(model, shot).top(1)[0].label == scene.species:
                held[scene.species].append(replace(shot, name=f"{scene.species} {number}"))
    scene = next(one for one in scenes if one.species == "axolotl" and one.size > 0.5 and one.view == "above")
    wrong = pond.photo(replace(scene, background="leaf", tag=None))
    assert ax.predict(model, wrong).top(1)[0].label == "chameleon"
    assert ax.predict(model, pond.rerender(wrong, background="gravel")).top(1)[0].label == "axolotl"
    references = [shot for shots in held.values() for shot in shots]
    diagnosis = ax.diagnose(model, wrong, references, factors=["background", "orientation"]).diagnosis
    first = diagnosis.findings[0]
    assert (first.factor, first.grade) == ("background", "shown")
    assert "with the mask grown and shrunk" in first.sentence
    assert "alone makes" in first.sentence
    assert "photos of other classes" in first.sentence
    assert diagnosis.matches
    assert set(diagnosis.matched) == {one.reference for one in diagnosis.matches}
    assert "cut and pasted back" in diagnosis.round_trips


@pytest.mark.parametrize("size", [(1, 1), (1, 300), (300, 1), (3, 5), (8, 8)])
@pytest.mark.parametrize("level", [0, 90, 255, None])
def test_thin_tiny_and_flat_photos_are_diagnosed(size, level):
    made = np.random.default_rng(0).integers(0, 255, (*size, 3)) if level is None else np.full((*size, 3), level)
    diagnosis = ax.diagnose(asked(nothing), ax.read(made.astype(np.uint8), truth="cat")).diagnosis
    assert sorted(one.factor for one in diagnosis.findings) == sorted(FACTORS)
    assert not [one for one in diagnosis.findings if one.grade == "shown"]
    values = [one.measured.value for one in diagnosis.findings if one.measured is not None]
    assert np.isfinite(values).all()


@pytest.mark.parametrize("which", [60, 150, 400])
def test_a_model_that_loses_its_numbers_over_one_edit_is_refused(which):
    """A sham that is no number made every p 0."""
    count = 0

    def loses(batch):
        nonlocal count
        found = is_light(batch)
        places = np.arange(count, count + len(batch))
        count += len(batch)
        return np.where(places == which, np.nan, found)

    with pytest.raises(ModelError, match="expected finite scores of every edited picture"):
        ax.diagnose(asked(loses), dark(), factors=["light", "blur", "colour", "noise"])


def test_a_mask_that_is_lost_on_the_way_to_the_network_is_refused():
    """Two pixels of 300 × 453, reduced to 96 × 145: none of them is left."""
    large = (255 * (skimage.data.chelsea() / 255) ** 3).astype(np.uint8)
    mask = np.zeros(large.shape[:2], bool)
    mask[0, :2] = True
    with pytest.raises(InputError, match="at the size the network sees: expected an object"):
        ax.diagnose(asked(is_light), ax.read(large, truth="cat"), mask=mask)


@pytest.mark.parametrize("fill", [False, True])
def test_a_reference_whose_mask_says_nothing_serves_without_it(fill):
    mask = np.zeros((100, 151), bool)
    mask[30:60, 40:90] = True
    sound = replace(ax.read(LEVELS, truth="cat"), name="right", mask=np.full((100, 151), fill))
    found = ax.diagnose(asked(is_light), dark(), [sound], mask=mask, factors=["light", "scale", "background"])
    background = next(one for one in found.diagnosis.findings if one.factor == "background")
    assert background.grade == "not testable"
    assert "references of its class with masks" in background.sentence


def test_reducing_a_large_photo_is_a_round_trip_too():
    model = asked(lambda batch: is_light(batch) + is_sharp(batch))
    large = ax.read((255 * (skimage.data.chelsea() / 255) ** 3).astype(np.uint8), truth="cat")
    diagnosis, whole = ax.diagnose(model, large, factors=["light"]).diagnosis, ax.predict(model, large).scores
    trip = diagnosis.round_trips["reduced to twice the network's size"]
    assert diagnosis.margin == pytest.approx(float(whole[0] - whole[1]) + trip, abs=1e-4)
    assert trip != 0
    assert (
        "reduced to twice the network's size"
        not in ax.diagnose(
            model, replace(large, pixels=dark().pixels[:90, :90], digest=""), factors=["light"]
        ).diagnosis.round_trips
    )


def test_a_model_that_any_other_preparation_mends_is_asked_no_more_than_was_said():
    def out_of_range(batch):
        return np.where(np.abs(batch - 0.5).max((1, 2, 3)) > 0.51, 5.0, -5.0)

    said = planned_images(asked(out_of_range), dark(), factors=["light", "blur"])
    assert ax.diagnose(asked(out_of_range), dark(), factors=["light", "blur"]).diagnosis.cost.forward <= said
