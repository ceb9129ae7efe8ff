"""The edits that need masks and references: what they move, what they leave, and what their placebos do not reach."""

import gc
import weakref
from dataclasses import replace

import numpy as np
import pytest
from skimage.color import lab2rgb, rgb2lab

import axolens as ax
from axolens.classifiers.counted import Counted
from axolens.diagnosis.experiment import masked_range
from axolens.diagnosis.factors.animal import aims, recoloured, toned
from axolens.diagnosis.factors.background import Background
from axolens.diagnosis.factors.colour import Colour
from axolens.diagnosis.factors.cutout import cover, ground
from axolens.diagnosis.factors.factor import Picture
from axolens.diagnosis.factors.orientation import Orientation
from axolens.diagnosis.factors.placing import length, turns
from axolens.diagnosis.factors.scale import Scale
from axolens.diagnosis.factors.tag import Tag
from axolens.diagnosis.trial import prepare
from axolens.diagnosis.working import Question, read_pictures
from axolens.records.target import Target

FACTORS = (Colour(), Background(), Scale(), Orientation(), Tag())
BLACK, GOLD, WHITE, BLUE = (18.0, 1.0, -2.0), (75.0, 8.0, 45.0), (90.0, 2.0, 2.0), (40.0, 5.0, -35.0)


def animal(angle=0.0, long=17.0, size=72):
    """Return the mask of a body that is thicker at its head, to the right at 0 degrees, with one leg."""
    down, across = np.mgrid[:size, :size] - (size - 1) / 2
    turn = np.deg2rad(angle)
    ahead, left = across * np.cos(turn) - down * np.sin(turn), -across * np.sin(turn) - down * np.cos(turn)
    body = (np.abs(ahead) <= long) & (np.abs(left) <= 2 + 3 * (ahead + long) / (2 * long))
    return body | ((np.abs(ahead - long / 3) <= 2) & (left > 0) & (left <= 11))


def drawn(colour, behind=(0.45, 0.45, 0.45), seed=0, **shape):
    """Return a picture of a flat-coloured animal, given in Lab, on a rough ground."""
    rng = np.random.default_rng(seed)
    mask = animal(**shape)
    pixels = np.clip(np.array(behind) + rng.uniform(-0.08, 0.08, (*mask.shape, 3)), 0, 1)
    lab = np.array(colour) + rng.normal(0, 2, (int(mask.sum()), 3))
    pixels[mask] = np.clip(lab2rgb(lab), 0, 1)
    return Picture(pixels.astype(np.float32), 1.0, mask)


def case(colour=BLACK, references=(), strangers=(), **shape):
    one = drawn(colour, **shape)
    return Picture(one.pixels, 1.0, one.mask, tuple(references), tuple(strangers[:5]), tuple(strangers[5:]))


REFERENCES = [drawn(GOLD, (0.2, 0.6, 0.2), seed, angle=90 + seed, long=25.0) for seed in range(6)]
STRANGERS = [drawn(BLUE, (0.2, 0.2, 0.7), 20 + seed, angle=13 * seed) for seed in range(28)]


@pytest.mark.parametrize("factor", FACTORS, ids=lambda factor: factor.name)
def test_edits_and_placebos_are_pictures_that_the_seed_repeats(factor):
    picture = case(references=REFERENCES, strangers=STRANGERS)
    edits = factor.edits(picture)
    assert edits
    draws = [factor.sham(picture, edits, np.random.default_rng(seed)) for seed in (1, 1, 2)]
    for one in (*(edit.pixels for edit in edits), *draws[0]):
        assert one.dtype == np.float32
        assert one.shape == picture.pixels.shape
        assert 0 <= float(one.min()) <= float(one.max()) <= 1
    assert all(np.array_equal(one, other) for one, other in zip(draws[0], draws[1], strict=True))
    assert len(draws[0]) == len(edits)
    assert not any(np.array_equal(one, other) for one, other in zip(draws[0], draws[2], strict=True))
    factor.measure(picture)


def test_its_own_colour_changes_nothing():
    picture = drawn(GOLD)
    assert float(np.abs(recoloured(picture, toned(picture)) - picture.pixels).max()) < 0.01


@pytest.mark.parametrize("dose", [0.5, 1.0])
def test_a_black_animal_takes_the_references_colour_and_the_ground_stays(dose):
    picture = case(references=REFERENCES)
    found = recoloured(picture, aims(picture)[0][1], dose)
    core = np.zeros_like(picture.mask)
    core[34:38, 24:48] = True
    mean = rgb2lab(found)[core & picture.mask].mean(axis=0)
    assert np.allclose(mean, np.array(BLACK) + dose * (np.array(GOLD) - BLACK), atol=3.0)
    assert np.array_equal(found[:15], picture.pixels[:15])


def test_references_of_two_colours_are_two_aims_and_alike_ones_are_one():
    gold = [drawn(GOLD, seed=seed) for seed in range(3)]
    white = [drawn(WHITE, seed=seed) for seed in range(2)]
    (many, first), (few, second) = aims(case(references=gold + white))
    assert (many, few) == (3, 2)
    assert np.allclose(first[0], GOLD, atol=2)
    assert np.allclose(second[0], WHITE, atol=2)
    assert [count for count, _ in aims(case(references=gold))] == [3]


def test_placebo_colours_are_as_far_and_are_not_the_references():
    picture = case(colour=(50.0, 20.0, -10.0), references=REFERENCES)
    edits = Colour().edits(picture)
    core = np.zeros_like(picture.mask)
    core[34:38, 24:48] = True
    core &= picture.mask
    start, aim = (rgb2lab(pixels)[core].mean(axis=0) for pixels in (picture.pixels, edits[0].pixels))
    for seed in range(10):
        sham = rgb2lab(Colour().sham(picture, edits, np.random.default_rng(seed))[0])[core].mean(axis=0)
        assert np.linalg.norm(sham - start) == pytest.approx(np.linalg.norm(aim - start), rel=0.2)
        assert np.linalg.norm(sham - aim) > 0.7 * np.linalg.norm(aim - start)


def test_a_grey_photo_is_recoloured_only_where_there_is_an_animal_to_recolour():
    grey = np.repeat(drawn(BLACK).pixels[..., :1], 3, axis=-1)
    assert Colour().edits(Picture(grey)) == ()
    assert Colour().edits(Picture(grey, 1.0, None, tuple(REFERENCES))) == ()
    assert len(Colour().edits(Picture(grey, 1.0, animal(), tuple(REFERENCES)))) == 2


def test_backgrounds_come_from_references_and_those_of_placebos_from_other_classes():
    picture = case(references=REFERENCES, strangers=STRANGERS)
    edits = Background().edits(picture)
    far = ~(picture.mask | np.roll(picture.mask, 3, 0) | np.roll(picture.mask, -3, 0))
    far[10:62, 10:62] = False
    assert len(edits) == 3
    assert all(np.allclose(edit.pixels[far].mean(axis=0), [0.2, 0.6, 0.2], atol=0.02) for edit in edits)
    shams = Background().sham(picture, edits, np.random.default_rng(0))
    assert len(shams) == 3
    assert all(np.allclose(sham[far].mean(axis=0), [0.2, 0.2, 0.7], atol=0.02) for sham in shams)
    core = np.zeros_like(picture.mask)
    core[35:37, 30:44] = True
    assert np.allclose(edits[0].pixels[core], picture.pixels[core], atol=0.02)


def test_without_masks_or_with_few_other_photos_there_are_no_backgrounds_or_no_placebos():
    bare = Picture(case().pixels, 1.0, None, tuple(REFERENCES), (), tuple(STRANGERS))
    assert Background().edits(bare) == ()
    few = case(references=REFERENCES, strangers=STRANGERS[:25])
    assert Background().sham(few, Background().edits(few), np.random.default_rng(0)) == ()


def test_the_object_is_brought_to_the_references_length_and_the_placebo_keeps_its_share():
    picture = case(references=REFERENCES)
    edits = Scale().edits(picture)
    ratio = length(REFERENCES[0].mask) / length(picture.mask)
    assert [edit.dose for edit in edits] == pytest.approx([ratio, ratio], rel=0.03)
    dark = rgb2lab(edits[0].pixels)[..., 0] < 32
    assert length(dark) == pytest.approx(length(REFERENCES[0].mask), rel=0.06)
    for seed in range(5):
        sham = Scale().sham(picture, edits, np.random.default_rng(seed))[0]
        assert int((rgb2lab(sham)[..., 0] < 32).sum()) == pytest.approx(int(picture.mask.sum()), rel=0.12)


@pytest.mark.parametrize("angle", [-120.0, -35.0, 50.0, 160.0])
def test_the_object_is_turned_to_lie_as_the_references_do(angle):
    references = [drawn(GOLD, seed=seed, angle=angle + 4 * seed) for seed in (0, 1)]
    picture = case(references=references, angle=25.0)
    found = turns(picture, 2)
    assert abs((found[0] - (angle - 25) + 180) % 360 - 180) <= 8
    assert abs((found[1] - found[0] + 180) % 360 - 180) >= 60
    edits = Orientation().edits(picture)
    dark, aim = centred(rgb2lab(edits[0].pixels)[..., 0] < 32), centred(animal(angle))
    assert (dark & aim).sum() > 0.7 * (dark | aim).sum()


def test_placebo_turns_keep_away_from_the_references():
    picture = case(references=REFERENCES)
    edits = Orientation().edits(picture)
    aim = centred(animal(edits[0].dose))
    for seed in range(40):
        for sham in Orientation().sham(picture, edits, np.random.default_rng(seed)):
            dark = centred(rgb2lab(sham)[..., 0] < 32)
            assert (dark & aim).sum() < 0.7 * (dark | aim).sum()


def centred(mask):
    """Move a mask so that its middle is the picture's."""
    return np.roll(mask, np.round(35.5 - np.argwhere(mask).mean(axis=0)).astype(int), (0, 1))


def with_corner(picture, colour, side=9):
    pixels = picture.pixels.copy()
    pixels[:side, -side:] = colour
    return Picture(pixels, 1.0, picture.mask)


def test_a_mark_is_taken_off_or_replaced_by_that_of_the_references():
    red = with_corner(drawn(BLACK), [0.9, 0.1, 0.1])
    blue = tuple(with_corner(one, [0.1, 0.1, 0.9]) for one in REFERENCES)
    green = tuple(with_corner(one, [0.1, 0.8, 0.1]) for one in STRANGERS)
    picture = Picture(red.pixels, 1.0, red.mask, blue, (), green)
    cleared, given = Tag().edits(picture)
    corner = (slice(0, 9), slice(63, 72))
    assert np.abs(cleared.pixels[corner] - 0.45).max() < 0.2
    assert np.allclose(given.pixels[corner], [0.1, 0.1, 0.9])
    assert np.array_equal(cleared.pixels[20:, :50], picture.pixels[20:, :50])
    for seed in range(5):
        beside, other = Tag().sham(picture, (cleared, given), np.random.default_rng(seed))
        assert np.allclose(other[corner], [0.1, 0.8, 0.1])
        changed = np.abs(beside - picture.pixels).sum(axis=-1) > 0.05
        assert changed.any()
        assert not (changed & picture.mask).any()
    assert Tag().measure(picture).words


def test_without_a_mark_the_border_is_filled_in_and_the_middle_stays():
    picture = drawn(BLACK, long=14.0)
    (edit,) = Tag().edits(picture)
    assert "border" in edit.words
    assert np.array_equal(edit.pixels[6:-6, 6:-6], picture.pixels[6:-6, 6:-6])
    assert not np.array_equal(edit.pixels[:6], picture.pixels[:6])
    assert Tag().measure(picture).words == ""


def test_placebo_colours_are_as_far_as_their_own_edit_when_another_one_is_refused():
    """Three golden references lie far off, one black one near: alone, the edit towards black has placebos as near."""
    near = [drawn((24.0, 1.0, -2.0), (0.2, 0.6, 0.2), 9, angle=20, long=25.0)]
    picture = case(references=[*REFERENCES[:3], *near], strangers=STRANGERS)
    edits = Colour().edits(picture)

    def moved(pixels):
        there = Picture(pixels, 1.0, picture.mask)
        return float(np.linalg.norm(toned(there)[0] - toned(picture)[0]))

    far, own = (moved(one.pixels) for one in edits[:2])
    assert own < 0.1 * far
    rng = np.random.default_rng(0)
    for _ in range(8):
        assert moved(Colour().sham(picture, edits[1:2], rng)[0]) == pytest.approx(own, rel=0.1)


def test_the_mask_is_varied_under_the_edit_that_is_claimed_when_another_one_is_refused():
    picture = case(references=REFERENCES, strangers=STRANGERS)
    trial = prepare(Scale(), picture, 3)
    assert [one.place for one in trial.edits] == [0, 1]
    model = ax.load(
        lambda batch: np.stack([9 * batch.mean((1, 2, 3)), 0 * batch.mean((1, 2, 3))], 1),
        labels=["cat", "dog"], preprocess={"size": 72}, output="logits",
    )  # fmt: skip
    counted = Counted(model)
    truth, margin = (model.labels.resolve(one) for one in (Target(0), Target(0, against=1)))
    before = read_pictures(counted, [picture.pixels], truth, margin)[0]
    question = Question(picture, before, truth, margin)
    last = replace(trial, edits=trial.edits[1:])
    assert masked_range(counted, question, last, 0) == masked_range(counted, question, trial, 1)
    assert masked_range(counted, question, last, 0) != masked_range(counted, question, trial, 0)


def test_what_is_remembered_of_a_picture_goes_with_it():
    picture = case(references=REFERENCES[:2], strangers=STRANGERS)
    kept = [weakref.ref(held(picture)) for held in (ground, cover, toned)]
    assert ground(picture) is ground(picture)
    assert all(one() is not None for one in kept)
    del picture
    gc.collect()
    assert all(one() is None for one in kept)
