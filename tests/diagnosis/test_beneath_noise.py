"""In a noisy photo light, scale and blur are measured and edited beneath the noise."""

import numpy as np
import pytest
import skimage.data
from PIL import Image
from scipy.ndimage import gaussian_filter

from axolens.diagnosis.factors.blur import Blur
from axolens.diagnosis.factors.factor import Picture, detail_box
from axolens.diagnosis.factors.light import Light
from axolens.diagnosis.factors.noise import quiet
from axolens.diagnosis.factors.scale import Scale, zoomed

GRAINS = np.random.default_rng(0).normal(0, 0.1, (240, 320, 3)).astype(np.float32)


def cat():
    levels = Image.fromarray(skimage.data.chelsea()).resize((320, 240), Image.Resampling.BOX)
    return (np.asarray(levels, np.float32) / 255).astype(np.float32)


def noisy(pixels):
    return Picture(np.clip(pixels + GRAINS, 0, 1))


def small():
    found = np.full((240, 320, 3), 0.5, np.float32)
    found[80:160, 100:207] = np.asarray(Image.fromarray(skimage.data.chelsea()).resize((107, 80)), np.float32) / 255
    return found


def test_a_quiet_photo_stays_as_it_is_and_a_noisy_one_loses_most_of_its_noise():
    assert quiet(Picture(cat())).pixels is not None
    sound = Picture(cat())
    assert quiet(sound) is sound
    bare, damaged = quiet(noisy(cat())), noisy(cat())
    assert np.abs(bare.pixels - sound.pixels).mean() < 0.5 * np.abs(damaged.pixels - sound.pixels).mean()


def test_light_is_undone_and_the_noise_that_came_after_it_stays():
    # a power of 3 makes the cat dark, and noise is added to that: undoing the power must not enlarge the noise
    dark = cat() ** 3
    edit = Light().edits(noisy(dark))[0]
    middle = float(cat().mean())
    assert edit.pixels.mean() == pytest.approx(middle, abs=0.1)
    plain = np.clip(noisy(dark).pixels ** edit.dose, 0, 1)
    shadows = dark.mean(axis=-1) < 0.1
    assert edit.pixels[shadows].std() < 0.8 * plain[shadows].std()


def test_a_small_object_is_found_and_enlarged_under_noise():
    picture = noisy(small())
    box = detail_box(Picture(small()))
    assert detail_box(picture).side > 0.9  # noise is detail everywhere
    edit = Scale().edits(picture)[0]
    assert 0.6 / box.side < edit.dose < 1.1 / box.side  # not 1.5, the first zoom of a picture full of detail
    assert Scale().measure(picture).words == "small"
    np.testing.assert_allclose(edit.pixels, zoomed(picture.pixels, edit.dose, detail_box(quiet(picture)).middle))


def test_a_blurred_photo_is_found_blurred_under_noise():
    blurred = gaussian_filter(cat(), (3, 3, 0))
    sharp, soft, hidden = (Blur().measure(one).value for one in (noisy(cat()), Picture(blurred), noisy(blurred)))
    assert hidden > sharp
    assert hidden == pytest.approx(soft, abs=0.1)
