"""What a factor does on other photos: only edits that carry this photo's value over can break them."""

from dataclasses import replace

import numpy as np
from bars import SIZE, among, bar, model_of

import axolens as ax
from axolens.classifiers.counted import Counted
from axolens.diagnosis.company import Company, breaks, company_of, mirror_is_harmless, specificity
from axolens.diagnosis.factors.factor import Edit, Picture
from axolens.diagnosis.plan import KNOWN

BEST = Edit("not looked at, as both have masks", 1.0, np.zeros((1, 1, 3), np.float32))


def test_a_reference_is_broken_by_the_photos_mark_and_not_by_the_loss_of_its_own():
    """The model wants a red corner: losing it breaks an answer, but a photo with a blue one lends blue corners."""
    red, blue = (0.9, 0.1, 0.1), (0.1, 0.1, 0.9)
    references = [bar(20, corner=red), bar(40, corner=red)]
    counted, truth = model_of(lambda batch: batch[:, :8, :8].max(axis=3).mean((1, 2)) - 0.8)
    lent = breaks(counted, KNOWN["tag"], among(bar(0, corner=blue), references, truth), BEST)
    assert (lent.count, lent.tried) == (0, 2)  # as bright as the red ones
    bare = breaks(counted, KNOWN["tag"], among(bar(0), references, truth), BEST)
    assert (bare.count, bare.tried) == (2, 2)
    assert breaks(counted, KNOWN["tag"], among(bar(0), [bar(20)], truth), BEST) is None  # no mark on either


def test_a_reference_that_lies_as_the_photo_does_is_not_turned_to_break_it():
    counted, truth = model_of(lambda batch: 0 * batch.mean((1, 2, 3)) - 1)
    found = breaks(counted, KNOWN["orientation"], among(bar(0), [bar(0), bar(90)], truth), BEST)
    assert (found.count, found.tried) == (1, 1)


def test_broken_counts_wrong_answers_and_losses_beyond_the_bound():
    """The log-odds are four times the mean level; a dark photo lends its light: all are wrong, two fall by over 0.5."""
    levels = [0.5, 0.6, 0.9]
    references = [Picture(np.full((SIZE, SIZE, 3), level, np.float32)) for level in levels]
    lender = Picture(np.full((SIZE, SIZE, 3), 0.4, np.float32))
    counted, truth = model_of(lambda batch: 2 * (batch.mean((1, 2, 3)) - 0.45))
    found = breaks(counted, KNOWN["light"], among(lender, references, truth), BEST)
    assert (found.count, found.moved, found.tried) == (3, 2, 3)  # from 0.5 to 0.4: by 0.4 in log-odds
    steady, _ = model_of(lambda batch: 2 + 0 * batch.mean((1, 2, 3)))
    found = breaks(steady, KNOWN["light"], among(lender, references, truth), BEST)
    assert (found.count, found.moved, found.tried, found.failed) == (0, 0, 3, False)


def test_without_masks_a_reference_is_turned_back_whole_and_beside_masks_it_is_not_tried():
    """The model wants the top bright; the photo was righted by 180°, which sets a reference on its head."""
    counted, truth = model_of(lambda batch: batch[:, :32].mean((1, 2, 3)) - batch[:, 32:].mean((1, 2, 3)))
    levels = np.tile(np.linspace(0.9, 0.1, SIZE, dtype=np.float32)[:, None, None], (1, SIZE, 3))
    upright, fallen = Picture(levels), Picture(levels[::-1].copy())
    half = Edit("turned by 180°", 180.0, upright.pixels)
    found = breaks(counted, KNOWN["orientation"], among(fallen, [upright, upright], truth), half)
    assert (found.count, found.moved, found.tried) == (2, 2, 2)
    assert breaks(counted, KNOWN["background"], among(fallen, [upright], truth), half) is None
    mixed = among(bar(0), [upright, bar(90), bar(90)], truth)  # the photo's own edits move the object alone
    assert breaks(counted, KNOWN["orientation"], mixed, half).tried == 2


def test_photos_of_one_individual_or_file_are_one_unit():
    shot = ax.read(np.full((8, 8, 3), 9, np.uint8), truth="a")
    own = [
        replace(shot, group="tom", digest="1"), replace(shot, group="tom", digest="2"), replace(shot, digest="3"),
        replace(shot, digest="3"), replace(shot, digest=""), replace(shot, digest=""),
    ]  # fmt: skip
    assert Company(tuple(own)).independent == (0, 2, 4, 5)


def test_light_is_not_repeated_on_photos_of_other_light():
    counted, truth = model_of(lambda batch: batch.mean((1, 2, 3)))
    one = bar(0, 0.1)
    picture = Picture(one.pixels, 1.0, one.mask, (bar(0),), (bar(10),), (bar(20),))
    assert specificity(counted, KNOWN["light"], picture, truth, 1.0, 0) is None
    assert specificity(counted, KNOWN["blur"], picture, truth, 1.0, 0).tried == 2


def test_other_classes_take_turns():
    def letters(batch):
        return np.eye(4, dtype=np.float32)[np.round(4 * np.asarray(batch)[:, 0, 0, 0]).astype(int)]

    model = Counted(ax.load(letters, labels=list("abcd"), preprocess={"size": 4}, output="logits"))
    levels = dict(zip("abcd", (0, 64, 128, 191), strict=True))

    def photo(label, number):
        levels_of = np.full((4, 4, 3), levels[label], np.uint8)
        return replace(ax.read(levels_of, truth=label), name=f"{label}{number}", digest=f"{label}{number}")

    references = [photo(label, number) for label in "abcd" for number in range(3)]
    found = company_of(model, photo("a", 9), references, truth=0, answered=1, most=100)
    assert [one.name for one in found.rest] == ["c0", "d0", "c1", "d1", "c2", "d2"]
    assert [one.name for one in found.taken] == ["b0", "b1", "b2"]


def test_specificity_asks_the_class_it_is_taken_for_once_while_there_are_others():
    """Ten of the answered class rise, the nine of other classes do not: one of ten."""
    counted, truth = model_of(lambda batch: 50 * np.abs(np.diff(batch, axis=1)).mean((1, 2, 3)))
    rough = bar(0)
    flat = Picture(np.full_like(rough.pixels, 0.5), 1.0, rough.mask)
    picture = Picture(rough.pixels, 1.0, rough.mask, (bar(0),), (rough,) * 10, (flat,) * 9)
    found = specificity(counted, KNOWN["blur"], picture, truth, 1.0, 0)
    assert (found.count, found.tried) == (1, 10)


def test_a_mirror_image_is_harmless_only_where_references_keep_their_answer():
    leaning, upright = [bar(20) for _ in range(3)], []
    counted, truth = model_of(lambda batch: batch[:, :, :32].mean((1, 2, 3)) - batch[:, :, 32:].mean((1, 2, 3)))
    brighter_left = [Picture(np.dstack([np.tile(np.linspace(0.9, 0.1, SIZE, dtype=np.float32), (SIZE, 1))] * 3))]
    assert not mirror_is_harmless(counted, brighter_left * 3, truth)
    even, _ = model_of(lambda batch: batch.mean((1, 2, 3)))
    assert mirror_is_harmless(even, leaning, truth)
    assert mirror_is_harmless(counted, upright, truth)
