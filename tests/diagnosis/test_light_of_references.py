"""Light where references have masks: their brightness, the colour of their light, its placebos and the way back."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from bars import among, bar, model_of
from kornia.augmentation import RandomPlanckianJitter

import axolens as ax
from axolens.cases.diagnose import planned_images
from axolens.diagnosis.company import breaks
from axolens.diagnosis.factors.factor import Picture, luma
from axolens.diagnosis.factors.light import Light
from axolens.diagnosis.factors.spoiled import spoiled
from axolens.diagnosis.factors.white import aside, balanced, gains_at, kelvin_for, warmth
from axolens.diagnosis.plan import plan_for


def lit(kelvin, level=0.4, **shape):
    """A bar on rough grey ground under light of this colour."""
    one = bar(0, level, **shape)
    return Picture(balanced(one.pixels, gains_at(kelvin)), 1.0, one.mask)


def photo(kelvin, references, level=0.4):
    one = lit(kelvin, level)
    return Picture(one.pixels, 1.0, one.mask, tuple(references))


def test_gains_are_those_that_kornia_multiplies_by():
    grey = torch.full((1, 3, 2, 2), 0.5)
    sun, white = (RandomPlanckianJitter("blackbody", [row], p=1.0)(grey)[0, :, 0, 0].numpy() for row in (4, 7))
    assert np.allclose(gains_at(5000.0), sun / white)


@pytest.mark.parametrize(("own", "theirs"), [(8000.0, 6000.0), (5500.0, 6500.0), (6500.0, 8500.0)])
def test_a_photo_gets_the_colour_of_its_references_light(own, theirs):
    picture = photo(own, [lit(theirs)] * 3)
    _, edit = Light().edits(picture)
    assert warmth(Picture(edit.pixels, 1.0, picture.mask)) == pytest.approx(warmth(picture.references[0]), abs=0.01)
    assert ("warmer" in edit.words) == (own > theirs)


def test_no_light_is_moved_beyond_the_sun_at_noon_and_open_shade():
    blue = bar(0)
    blue.pixels[...] *= np.array([0.2, 1.0, 1.0], np.float32)  # no daylight
    picture = Picture(blue.pixels, 1.0, blue.mask, (lit(6500.0),))
    assert Light().edits(picture)[1].dose == 5000.0
    assert kelvin_for(-np.log(2)) == 9000.0


def test_the_object_says_nothing_of_the_lights_colour():
    one, other = bar(0), bar(0)
    other.pixels[other.mask] = (0.9, 0.1, 0.1)
    assert warmth(one) == pytest.approx(warmth(other))


def test_the_brightness_is_that_of_ordinary_photos_whatever_the_references_have():
    picture = photo(6500.0, [lit(6500.0, 0.2), lit(6500.0, 0.7)])
    bare = Picture(picture.pixels, 1.0, None, picture.references)
    found = [Light().edits(one) for one in (picture, bare)]
    assert [len(edits) for edits in found] == [2, 1]
    for edits in found:
        assert luma(edits[0].pixels).mean() == pytest.approx(0.455, abs=0.002)  # the median of 117 photos


def test_placebos_tint_as_strongly_and_towards_green_or_purple():
    gains = gains_at(5000.0)
    grey = np.full((64, 64, 3), 0.4, np.float32)
    mask = np.zeros((64, 64), bool)
    mask[20:40, 20:40] = True
    warm = Picture(balanced(grey, gains_at(5000.0)), 1.0, mask)
    picture = Picture(grey, 1.0, mask, (warm,))
    edits = Light().edits(picture)
    found = []
    for seed in range(20):
        _, sham = Light().sham(picture, edits, np.random.default_rng(seed))
        seen = np.log(sham[0, 0] / grey[0, 0])
        assert np.linalg.norm(seen) == pytest.approx(np.linalg.norm(np.log(gains)), rel=1e-4)
        found.append(seen[1] - (seen[0] + seen[2]) / 2)  # green against purple
    own = abs(np.log(gains)[1] - np.log(gains)[[0, 2]].mean())
    assert min(map(abs, found)) > 2 * own
    assert min(found) < 0 < max(found)
    assert np.log(aside(gains, 90.0)).mean() == pytest.approx(np.log(gains).mean())


def test_a_placebo_follows_its_own_edit_when_the_other_one_is_refused():
    picture = photo(8000.0, [lit(6000.0, 0.7)])
    edits, rng = Light().edits(picture), np.random.default_rng
    both = Light().sham(picture, edits, rng(0))
    assert np.array_equal(Light().sham(picture, edits[1:], rng(0))[0], both[1])


def test_a_reference_is_broken_by_the_colour_of_the_photos_light_where_that_was_the_repair():
    """The model wants warm light; the photo's is cool, and as bright as the references'."""
    counted, truth = model_of(lambda batch: 20 * (batch[..., 0] - batch[..., 2]).mean((1, 2)) + 1)
    references = [lit(6500.0), lit(6500.0)]
    question = among(photo(9000.0, references), references, truth)
    brighter, warmer = Light().edits(question.picture)
    assert breaks(counted, Light(), question, warmer).count == 2
    assert breaks(counted, Light(), question, brighter).count == 0


def test_a_reference_without_a_mask_is_given_the_photos_brightness():
    one = Picture(lit(6500.0, 0.7).pixels)
    lender = lit(9000.0, 0.2)
    edit = Light().edits(photo(9000.0, [lit(6500.0)]))[1]
    wanted = luma(lender.pixels).mean()
    found = luma(spoiled(Light(), one, lender, edit)).mean()
    assert found == pytest.approx(wanted, abs=0.01)  # the power is found for grey levels, and the ground is coloured


def test_images_that_only_the_ranking_without_references_needs_go_to_doses_where_shams_rank():
    """Two factors of two doses: 40 images each and 12 + 2 · 12 for variations; with four repeats of each, 13 more."""
    counts = {"light": 2, "blur": 1}
    assert plan_for(counts, 3 * 40 + 36, 0, 0, repeated=0).doses == {"light": 2, "blur": 1}
    assert plan_for(counts, 3 * 40 + 36, 0, 0).doses == {"light": 1, "blur": 1}


def is_warm(batch):
    """Cats are what is warm, measured at the top, behind the animal."""
    top = np.maximum(np.asarray(batch, np.float32)[:, :8].mean((1, 2)), 0)
    found = 20 * np.log((top[:, 0] + 0.01) / (top[:, 2] + 0.01)) - 1.0
    return np.stack([found, -found], axis=1).astype(np.float32)


WARM = ax.load(is_warm, labels=["cat", "dog"], preprocess={"size": 48}, output="logits")


def shown(kelvin, name):
    """A grey square on rough ground in light of this colour, with its mask."""
    rng, mask = np.random.default_rng(len(name)), np.zeros((96, 120), bool)
    mask[30:66, 40:80] = True
    pixels = np.where(mask[..., None], 0.6, 0.4) + rng.uniform(-0.05, 0.05, (96, 120, 3))
    levels = 255 * balanced(pixels.astype(np.float32), gains_at(kelvin))
    return replace(ax.read(levels.astype(np.uint8), truth="cat"), name=name, mask=mask)


def test_a_model_that_wants_warm_light_is_shown_to_respond_to_light_and_images_are_as_said():
    photo, own = shown(7500.0, "cool"), [shown(5000.0, "m" * long) for long in range(1, 7)]
    names = ["light", "colour", "orientation"]
    found = ax.diagnose(WARM, photo, own, factors=names).diagnosis
    first = found.findings[0]
    assert (first.factor, first.grade) == ("light", "shown")
    assert "made warmer" in first.sentence
    assert "alone makes 6 of 6 right answers to cat wrong" in first.sentence
    assert [one.grade for one in found.findings[1:]] == ["not shown"] * 2
    assert found.cost.forward <= planned_images(WARM, photo, own, factors=names)


@pytest.mark.parametrize(("masked", "each"), [(True, 40), (False, 44)])
def test_no_images_are_set_aside_for_a_ranking_that_shams_do(masked, each):
    """Noise has one edit in range, with 39 shams; without masks it is read four times more."""
    photo, own = shown(7500.0, "cool"), [shown(5000.0, "a"), shown(5000.0, "bb")]
    photo = photo if masked else replace(photo, mask=None)
    more, fewer = (planned_images(WARM, photo, own, factors=names) for names in (["light", "noise"], ["light"]))
    assert more - fewer == each
