"""Photos with coloured squares, and a network that counts them: what is read where is known."""

import numpy as np
import pytest
import torch
from torch import nn

import axolens as ax
from axolens.classifiers.counted import Counted
from axolens.classifiers.torch_module import TorchClassifier
from axolens.diagnosis.lookalikes import lookalikes
from axolens.diagnosis.part_layer import part_layer
from axolens.photos.resize import to_network
from axolens.records.labels import Labels
from axolens.records.photo import Photo
from axolens.records.preprocess import Preprocess

RED, GREEN, BLUE = (1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)
SQUARE = Preprocess(size=(32, 32), mean=(0.0, 0.0, 0.0), std=(1.0, 1.0, 1.0))
CROPPED = Preprocess(size=(32, 32), short_side=32, mean=(0.0, 0.0, 0.0), std=(1.0, 1.0, 1.0))


class Squares(nn.Module):
    """Three channels, how red, green and blue a square of 4 pixels is; classes red, green, and half of each."""

    def __init__(self):
        super().__init__()
        self.look = nn.Conv2d(3, 3, 4, stride=2, padding=1, bias=False)
        self.relu = nn.ReLU()
        with torch.no_grad():
            self.look.weight.copy_(torch.eye(3)[:, :, None, None].expand(3, 3, 4, 4) / 16)

    def forward(self, x):
        return 10 * self.relu(self.look(x)).mean((2, 3))


class Pixels(Squares):
    """The same, behind a layer that sees single pixels."""

    def __init__(self):
        super().__init__()
        self.each = nn.Conv2d(3, 3, 1, bias=False)
        with torch.no_grad():
            self.each.weight.copy_(torch.eye(3)[:, :, None, None])

    def forward(self, x):
        return super().forward(self.each(x))


def model(preprocess=SQUARE, network=Squares):
    return Counted(TorchClassifier(network(), Labels(("red", "green", "blue")), preprocess, name="squares"))


def picture(name, truth, *squares, size=(32, 32)):
    pixels = np.zeros((*size, 3), np.float32)
    for colour, top, left, side in squares:
        pixels[top : top + side, left : left + side] = colour
    return Photo(pixels, name=name, truth=truth)


def asked(counted, photo):
    return photo, counted.asarray(to_network(photo, counted.preprocess)[None])


def touches(box, top, left, side):
    """Tell whether a box and a square overlap, and the box is no larger than twice its view of 4 pixels."""
    over = box[0] < left + side and box[2] > left and box[1] < top + side and box[3] > top
    return over and max(box[2] - box[0], box[3] - box[1]) <= 16


def found(counted, photo, references, others=(), **options):
    return lookalikes(
        counted,
        *asked(counted, photo),
        [asked(counted, one) for one in references],
        [asked(counted, one) for one in others],
        **{"answered": "red"} | options,
    )


MIXED = picture("mixed", "green", (RED, 4, 20, 6), (GREEN, 22, 4, 6))
REDS = [picture("red 1", "red", (RED, 20, 22, 6))]
GREENS = [picture("green 1", "green", (GREEN, 6, 6, 6))]


def test_each_class_finds_its_square_in_its_own_reference():
    made = found(model(), MIXED, REDS + GREENS)
    by_label = {match.label: match for match in reversed(made.matches)}
    assert set(by_label) == {"red", "green"}
    red, green = by_label["red"], by_label["green"]
    assert touches(red.box, 4, 20, 6)
    assert touches(red.reference_box, 20, 22, 6)
    assert touches(green.box, 22, 4, 6)
    assert touches(green.reference_box, 6, 6, 6)
    assert (red.reference, green.reference) == ("red 1", "green 1")
    assert red.similarity == pytest.approx(1, abs=1e-5)
    assert red.floor == pytest.approx(0, abs=1e-5)  # nothing red in the green photo
    assert made.sentence.startswith("Read at layer ")


def test_what_other_classes_have_as_well_is_no_match():
    ground = picture("blue 1", "blue", (RED, 12, 12, 6))
    assert not [match for match in found(model(), MIXED, REDS, [ground]).matches if match.label == "red"]
    half = found(model(), MIXED, REDS, [ground, picture("blue 2", "blue", (BLUE, 12, 12, 6))]).matches
    assert half[0].floor == pytest.approx(0.5, abs=1e-5)  # in one of two photos


def test_without_photos_of_another_class_there_is_no_floor_and_no_match():
    made = found(model(), MIXED, REDS)
    assert made.matches == ()
    assert made.sentence.startswith("No look-alikes: ")


def test_only_inside_the_mask():
    mask = np.zeros((32, 32), bool)
    mask[20:30, :12] = True
    made = found(model(), MIXED, REDS + GREENS, mask=mask).matches
    assert made
    assert {match.label for match in made} == {"green"}


def test_boxes_are_in_pixels_of_the_photo_behind_a_crop():
    # 64 high and 128 wide: the network sees columns 32 to 96, halved.
    wide = picture("wide", "green", (RED, 8, 72, 12), (GREEN, 44, 40, 12), size=(64, 128))
    made = found(model(CROPPED), wide, REDS + GREENS).matches
    red = next(match for match in made if match.label == "red")
    assert touches(red.box, 8, 72, 12)
    assert touches(red.reference_box, 20, 22, 6)


def test_a_region_lies_around_its_evidence_and_not_around_its_place():
    # A place is 2 pixels: the middle of the one that holds pixel 5, 21 is at 5, 21, and that of the pixel at 5.5, 21.5.
    dot, there = picture("dot", "green", (RED, 5, 21, 1)), picture("red 1", "red", (RED, 20, 23, 1))
    counted = model(network=Pixels)
    red = found(counted, dot, [there, *GREENS]).matches[0]
    assert ((red.box[0] + red.box[2]) / 2, (red.box[1] + red.box[3]) / 2) == pytest.approx((21.5, 5.5), abs=1e-6)
    beside = (red.reference_box[0] + red.reference_box[2]) / 2, (red.reference_box[1] + red.reference_box[3]) / 2
    assert beside == pytest.approx((23.5, 20.5), abs=1e-6)  # the likest is one of the places that see it
    high, wide = part_layer(counted).region  # half of it, and 2 pixels a place
    assert (red.box[3] - red.box[1], red.box[2] - red.box[0]) == pytest.approx((high, wide), rel=1e-6)


def test_at_most_so_many_and_regions_apart():
    many = picture("many", "green", (RED, 2, 2, 6), (RED, 2, 22, 6), (RED, 22, 2, 6), (GREEN, 22, 22, 6))
    counted = model()
    made = found(counted, many, REDS + GREENS).matches
    assert len(made) > 2
    assert found(counted, many, REDS + GREENS, count=2).matches == made[:2]
    reds = [match.box for match in made if match.label == "red"]
    middles = [((box[0] + box[2]) / 2, (box[1] + box[3]) / 2) for box in reds]
    assert len(set(middles)) == len(middles)


def test_the_class_it_was_taken_for_comes_first_and_then_they_take_turns():
    for answered, truth, order in (("red", "green", ["red", "green"]), ("green", "red", ["green", "red"])):
        photo = Photo(MIXED.pixels, name="mixed", truth=truth)
        made = found(model(), photo, REDS + GREENS, answered=answered).matches
        assert [match.label for match in made[:2]] == order


def test_one_pass_a_photo_and_one_back_a_class_and_once_more_for_what_is_drawn():
    counted = model()
    found(counted, MIXED, REDS + GREENS)
    before = (counted.forward, counted.backward)
    found(counted, MIXED, REDS + GREENS)
    assert (counted.forward - before[0], counted.backward - before[1]) == (6, 12)


def test_a_photo_without_a_known_truth_is_read_for_its_answer_alone():
    unknown = Photo(MIXED.pixels, name="unknown")
    assert {match.label for match in found(model(), unknown, REDS + GREENS).matches} == {"red"}


def test_a_function_says_that_it_has_none():
    function = ax.load(
        lambda batch: batch.mean((1, 2)), labels=["red", "green", "blue"], preprocess={"size": 32}, output="logits"
    )
    made = found(Counted(function), MIXED, REDS + GREENS)
    assert made.matches == ()
    assert "no layer that can be read" in made.sentence
