"""Noise where references have masks: a clean photo is made as noisy as they are, beside coarser grain, and back."""

from dataclasses import replace

import numpy as np
import pytest
from bars import among, bar, model_of

from axolens.diagnosis.company import breaks, specificity
from axolens.diagnosis.factors.factor import Picture, coarse
from axolens.diagnosis.factors.noise import Noise

SIZE = 64


def smooth(sigma=0.0, seed=1):
    """A dark bar on a flat ground, with noise."""
    mask = bar(0).mask
    pixels = np.where(mask[..., None], 0.3, 0.6) + np.random.default_rng(seed).normal(0, sigma, (SIZE, SIZE, 3))
    return Picture(pixels.clip(0, 1).astype(np.float32), 1.0, mask)


def among_noisy(own=0.005, theirs=(0.02, 0.06, 0.2)):
    one = smooth(own)
    return replace(one, references=tuple(smooth(sigma, 2 + place) for place, sigma in enumerate(theirs)))


def test_a_clean_photo_is_first_made_as_noisy_as_its_references_in_the_middle():
    picture = among_noisy(own=0.025)
    first, *rest = Noise().edits(picture)
    assert first.dose == pytest.approx(-np.sqrt(0.06**2 - 0.025**2), rel=0.1)  # the median is noise itself
    assert Noise().measure(Picture(first.pixels)).value == pytest.approx(0.06, rel=0.1)
    assert [edit.dose for edit in rest] == [edit.dose for edit in Noise().edits(smooth(0.025))]


@pytest.mark.parametrize(
    ("own", "theirs"),
    [(0.04, (0.06,)), (0.0, (0.004,)), (0.1, (0.02,))],
    ids=["less than twice as noisy", "no noisier than ordinary photos", "less noisy"],
)
def test_no_noise_is_put_on_where_the_references_have_hardly_more(own, theirs):
    assert all(edit.dose > 0 for edit in Noise().edits(among_noisy(own, theirs)))


def test_without_masks_noise_is_only_taken_away():
    assert all(edit.dose > 0 for edit in Noise().edits(replace(among_noisy(), mask=None)))


@pytest.mark.parametrize("unit", [1.0, 2.0])
def test_the_placebo_of_noise_is_as_strong_where_the_network_sees_it_and_coarser(unit):
    picture = replace(among_noisy(), unit=unit)
    edit = Noise().edits(picture)[0]
    sham = Noise().sham(picture, [edit], np.random.default_rng(0))[0]
    block = int(unit)
    real, false = (coarse(pixels - picture.pixels, block) for pixels in (edit.pixels, sham))
    assert false.std() == pytest.approx(real.std(), rel=0.1)  # both are drawn, and cut off at black and white
    steps = [np.diff(one, axis=0).std() / one.std() for one in (real, false)]
    assert steps[0] == pytest.approx(np.sqrt(2), rel=0.1)  # neighbours are independent
    assert steps[1] < 0.7
    again = Noise().sham(picture, [edit], np.random.default_rng(0))[0]
    assert np.array_equal(sham, again)


def test_a_placebo_of_denoising_stays_what_it_was():
    picture = among_noisy()
    edits = Noise().edits(picture)
    both = Noise().sham(picture, edits, np.random.default_rng(3))
    alone = Noise().sham(picture, edits[1:], np.random.default_rng(3))
    assert all(np.array_equal(one, other) for one, other in zip(both[1:], alone, strict=True))


def test_a_reference_loses_its_noise_where_noise_was_the_repair():
    """The model wants rough ground."""
    counted, truth = model_of(lambda batch: 40 * np.abs(np.diff(batch, axis=1)).mean((1, 2, 3)) - 1)
    references = [smooth(0.06, 2), smooth(0.06, 3)]
    question = among(smooth(), references, truth)
    noisy, *_ = Noise().edits(question.picture)
    assert breaks(counted, Noise(), question, noisy).count == 2
    assert breaks(counted, Noise(), question, Noise().edits(question.picture)[1]).count == 0


def test_noise_is_not_repeated_on_photos_of_other_noise():
    counted, truth = model_of(lambda batch: batch.mean((1, 2, 3)))
    picture = replace(smooth(), references=(smooth(0.06),), others=(smooth(0.1),), unrelated=(smooth(),))
    assert specificity(counted, Noise(), picture, truth, 1.0, 0) is None
