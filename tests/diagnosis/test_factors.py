"""Each factor: edits along it, shams as strong beside it, measurements that follow it."""

import io

import numpy as np
import pytest
import skimage.data
from PIL import Image
from scipy.ndimage import map_coordinates
from skimage.color import lab2rgb, rgb2lab

from axolens.diagnosis.factors.blur import Blur, sharpened
from axolens.diagnosis.factors.colour import Colour
from axolens.diagnosis.factors.compression import Compression, blockiness, deblocked
from axolens.diagnosis.factors.factor import Picture, coarse, detail_box, luma, misplaced, smooth_field
from axolens.diagnosis.factors.light import Light, power_to
from axolens.diagnosis.factors.noise import Noise
from axolens.diagnosis.factors.orientation import Orientation, swirled, turned
from axolens.diagnosis.factors.scale import Scale, zoomed

FACTORS = (Light(), Colour(), Blur(), Noise(), Compression(), Orientation(), Scale())


def cat(width=160, height=120):
    """A photo that is wider than high."""
    levels = Image.fromarray(skimage.data.chelsea()).resize((width, height), Image.Resampling.BOX)
    return Picture((np.asarray(levels, np.float32) / 255).astype(np.float32))


def jpeg(pixels, quality):
    held = io.BytesIO()
    Image.fromarray(np.round(pixels * 255).astype(np.uint8)).save(held, "JPEG", quality=quality)
    return (np.asarray(Image.open(held), np.float32) / 255).astype(np.float32)


def blurred(pixels, width):
    from scipy.ndimage import gaussian_filter

    return gaussian_filter(pixels, (width, width, 0))


def noisy(pixels, sigma):
    rng = np.random.default_rng(0)
    return np.clip(pixels + rng.normal(0, sigma, pixels.shape), 0, 1).astype(np.float32)


DAMAGE = {
    "light": lambda x: x**3,
    "blur": lambda x: blurred(x, 2),
    "noise": lambda x: noisy(x, 0.15),
    "compression": lambda x: jpeg(x, 5),
    "orientation": lambda x: np.ascontiguousarray(np.rot90(x)),
    "colour": lambda x: np.clip(luma(x)[..., None] - 1.0 * (x - luma(x)[..., None]), 0, 1).astype(np.float32),
}


@pytest.mark.parametrize("factor", [one for one in FACTORS if one.name in DAMAGE], ids=lambda one: one.name)
def test_some_edit_brings_a_damaged_photo_nearer_to_what_it_was_and_no_sham_does_as_well(factor):
    sound = cat()
    damaged = Picture(DAMAGE[factor.name](sound.pixels))
    edits = factor.edits(damaged)

    def miss(pixels):
        return float(((pixels - sound.pixels) ** 2).mean()) if pixels.shape == sound.pixels.shape else np.inf

    repaired = min(miss(edit.pixels) for edit in edits)
    shams = [factor.sham(damaged, edits, np.random.default_rng(seed)) for seed in range(5)]
    assert repaired < miss(damaged.pixels)
    assert repaired < min(miss(one) for family in shams for one in family)


@pytest.mark.parametrize("factor", FACTORS, ids=lambda one: one.name)
def test_a_family_holds_one_sham_an_edit_in_range_and_another_seed_gives_another(factor):
    picture = cat()
    edits = factor.edits(picture)
    first, again, other = (factor.sham(picture, edits, np.random.default_rng(seed)) for seed in (0, 0, 1))
    assert len(first) == len(edits) >= 1
    assert all(np.array_equal(one, two) for one, two in zip(first, again, strict=True))
    assert any(not np.array_equal(one, two) for one, two in zip(first, other, strict=True))
    for one in (*first, *(edit.pixels for edit in edits)):
        assert one.dtype == np.float32
        assert 0 <= one.min() <= one.max() <= 1


@pytest.mark.parametrize("factor", [Blur(), Noise(), Compression()], ids=lambda one: one.name)
def test_a_misplaced_change_is_as_strong_as_the_edit(factor):
    """Up to what is cut at black and white: the same squares of the change, at other places."""
    picture = cat()
    edits = factor.edits(picture)
    for edit, sham in zip(edits, misplaced(picture, edits, np.random.default_rng(3)), strict=True):
        own, moved = ((one - picture.pixels) ** 2 for one in (edit.pixels, sham))
        assert moved.mean() == pytest.approx(own.mean(), rel=0.1)
        assert not np.allclose(own, moved)


@pytest.mark.parametrize(
    ("factor", "damage", "word"),
    [
        (Light(), lambda x: x**5, "dark"),
        (Light(), lambda x: x**0.1, "bright"),
        (Colour(), lambda x: np.repeat(luma(x)[..., None], 3, axis=-1), "colourless"),
        (Colour(), lambda x: noisy(np.repeat(luma(x)[..., None], 3, axis=-1), 0.1), "colourless"),
        (Blur(), lambda x: blurred(x, 3), "blurred"),
        (Noise(), lambda x: noisy(x, 0.2), "noisy"),
        (Compression(), lambda x: jpeg(x, 5), "blocky"),
        (Scale(), lambda x: zoomed(x, 0.4, np.array([0.5, 0.5])), "small"),
    ],
)
def test_a_measurement_names_what_stands_out(factor, damage, word):
    sound = cat(320, 240)
    assert factor.measure(sound).words == ""
    assert factor.measure(Picture(damage(sound.pixels))).words == word


def test_a_grey_photo_refuses_to_be_recoloured():
    grey = Picture(np.repeat(luma(cat().pixels)[..., None], 3, axis=-1))
    assert Colour().edits(grey) == ()


def test_powers_bring_the_mean_where_it_should_be():
    levels = luma(cat().pixels)
    assert float((levels ** power_to(levels, 0.3)).mean()) == pytest.approx(0.3, abs=1e-4)
    assert power_to(np.zeros(4), 0.5) == pytest.approx(1 / 8)


def test_quarters_are_turned_against_the_clock_without_loss():
    wide = np.zeros((2, 3, 3), np.float32)
    wide[0, 2] = 1  # top right
    assert turned(wide, 90.0)[0, 0].tolist() == [1, 1, 1]  # top left
    assert turned(wide, 90.0).shape == (3, 2, 3)
    assert np.array_equal(turned(turned(cat().pixels, 90.0), 270.0), cat().pixels)


def test_a_small_angle_turns_as_quarters_do():
    """A right angle in steps of three degrees that go through the warp, on a smooth square picture."""
    rows, columns = np.mgrid[:65, :65] / 64
    smooth = np.stack([np.sin(3 * rows), np.cos(2 * columns), rows * columns], axis=-1).astype(np.float32) * 0.4 + 0.4
    warped = swirled(smooth, np.full((65, 65), 90, np.float32))
    assert np.abs(warped - turned(smooth, 90.0))[8:-8, 8:-8].max() < 1e-3


@pytest.mark.parametrize("size", [(40, 53), (1, 30), (30, 1), (1, 1)])
def test_a_warp_is_the_bilinear_one_of_scipy(size):
    """Each place turned by its own angle, far beyond the edges too: the slow way channel by channel."""
    rng = np.random.default_rng(0)
    pixels, degrees = rng.random((*size, 3), np.float32), rng.uniform(-180, 180, size).astype(np.float32)
    pixels.flags.writeable = False  # as a photo's are
    middle = (np.array(size) - 1)[:, None, None] / 2
    (y, x), turn = np.mgrid[: size[0], : size[1]] - middle, np.deg2rad(degrees)
    places = np.stack([np.cos(turn) * y + np.sin(turn) * x, np.cos(turn) * x - np.sin(turn) * y]) + middle
    slow = [map_coordinates(pixels[..., c], places, order=1, mode="mirror") for c in range(3)]
    assert np.abs(swirled(pixels, degrees) - np.stack(slow, axis=-1)).max() < 1e-4


@pytest.mark.filterwarnings("ignore:Conversion from CIE-LAB")
def test_placebos_of_colour_turn_every_step_in_the_plane_of_chroma():
    """The slow way: Lab of the picture and of every edit anew for each sham."""
    picture = cat()
    edits, angle = Colour().edits(picture), np.random.default_rng(7).uniform(np.pi / 3, 5 * np.pi / 3)
    lab = rgb2lab(picture.pixels)
    for edit, sham in zip(edits, Colour().sham(picture, edits, np.random.default_rng(7)), strict=True):
        step = (rgb2lab(edit.pixels) - lab)[..., 1:] @ [1, 1j] * np.exp(1j * angle)
        slow = lab2rgb(np.stack([lab[..., 0], lab[..., 1] + step.real, lab[..., 2] + step.imag], axis=-1))
        assert np.abs(sham - np.clip(slow, 0, 1)).max() < 1e-4


def test_enlarging_cuts_the_middle_and_shrinking_keeps_the_size():
    picture = cat(200, 100).pixels
    inner = zoomed(picture, 2.0, np.array([0.5, 0.5]))
    assert inner.shape == picture.shape
    assert np.abs(inner[::2, ::2] - picture[25:75, 50:150]).mean() < 0.03  # a pixel's interpolation
    assert zoomed(picture, 0.5, np.array([0.5, 0.5])).shape == picture.shape


def test_sharpening_undoes_the_blur_it_is_told():
    sound = cat().pixels
    damaged = blurred(sound, 1.5)
    assert ((sharpened(damaged, 1.5) - sound) ** 2).mean() < 0.5 * ((damaged - sound) ** 2).mean()


def test_blocks_are_measured_at_any_offset_and_deblocking_takes_them_away():
    blocky = jpeg(cat().pixels, 5)
    assert blockiness(luma(blocky)) > 1.5 > blockiness(luma(cat().pixels))
    assert blockiness(luma(blocky[3:, 5:])) == pytest.approx(blockiness(luma(blocky)), rel=0.1)
    assert blockiness(luma(deblocked(blocky, 10))) < 0.6 * blockiness(luma(blocky))


def test_a_field_has_mean_0_and_deviation_1_and_is_smooth():
    field = smooth_field(np.random.default_rng(0), (60, 90))
    assert abs(float(field.mean())) < 1e-5
    assert float(field.std()) == pytest.approx(1, abs=1e-5)
    assert np.abs(np.diff(field, axis=1)).max() < 0.2


def test_a_box_holds_the_detail():
    small = zoomed(cat(300, 200).pixels, 0.4, np.array([0.5, 0.5]))
    assert detail_box(Picture(small)).side == pytest.approx(0.4, abs=0.06)
    assert detail_box(cat()).side > 0.85
    assert coarse(cat().pixels, 500).shape == (1, 1, 3)
