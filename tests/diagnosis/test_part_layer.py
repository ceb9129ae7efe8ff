import numpy as np
import pytest
import torch
from torch import nn

import axolens as ax
from axolens.classifiers.counted import Counted
from axolens.classifiers.torch_module import TorchClassifier
from axolens.diagnosis.part_layer import MAIN, NEARLY_ALL, part_layer
from axolens.records.labels import Labels
from axolens.records.preprocess import Preprocess

PLAIN = Preprocess(size=(48, 48), mean=(0.0, 0.0, 0.0), std=(1.0, 1.0, 1.0))


class Stack(nn.Module):
    """Boxes of ones after each other, so that the view of each is a sum of boxes; read out by the mean."""

    def __init__(self, sides, stride=1, read=None):
        super().__init__()
        first = [nn.Conv2d(3, 1, stride, stride=stride, bias=False)]
        self.body = nn.Sequential(*first, *[nn.Conv2d(1, 1, side, padding=side // 2, bias=False) for side in sides])
        self.read = read
        for part in self.body:
            nn.init.ones_(part.weight)

    def forward(self, x):
        for number, part in enumerate(self.body):
            x = part(x)
            if number == self.read:
                seen = x
        value = (x if self.read is None else seen).mean((1, 2, 3))
        return torch.stack([value, 0 * value], 1)


def counted(module):
    return Counted(TorchClassifier(module, Labels(("a", "b")), PLAIN, name="stack"))


def test_a_box_is_as_wide_as_its_side():
    # One box of 9 over 48: one pixel moves 9 columns alike; 95 % of them are 8.55, 90 % are 8.1.
    found = part_layer(counted(Stack([9])))
    assert found.layer.name == "body.1"
    assert found.view == pytest.approx(NEARLY_ALL * 9 / 48, abs=0.001)
    assert found.region == pytest.approx((MAIN * 9, MAIN * 9), abs=0.01)


def test_places_of_a_stride_are_counted_in_places():
    # A stride of 3 leaves 16 places; a box of 3 places, 9 pixels of 48.
    found = part_layer(counted(Stack([3], stride=3)))
    assert (found.layer.grid, found.layer.name) == ((16, 16), "body.1")
    assert found.view == pytest.approx(NEARLY_ALL * 3 / 16, abs=0.01)


def test_the_deepest_that_sees_a_part_is_taken():
    # The second box of 31 sees nearly all of the 48.
    assert part_layer(counted(Stack([5, 31]))).layer.name == "body.1"
    assert part_layer(counted(Stack([5, 5, 5]))).layer.name == "body.3"


def test_a_coarse_grid_only_where_none_is_finer():
    class Halving(Stack):
        def __init__(self, strides):
            super().__init__([])
            first = nn.Conv2d(3, 1, strides[0], stride=strides[0], bias=False)
            self.body = nn.Sequential(first, *[nn.Conv2d(1, 1, side, stride=side, bias=False) for side in strides[1:]])
            for part in self.body:
                nn.init.ones_(part.weight)

    assert part_layer(counted(Halving([3, 2]))).layer.grid == (16, 16)  # and not the deeper 8 × 8
    assert part_layer(counted(Halving([6]))).layer.grid == (8, 8)


def test_evidence_is_looked_for_on_a_grid_at_most_four_times_as_fine():
    class Cutting(nn.Module):
        def __init__(self, *sizes):
            super().__init__()
            self.body = nn.Sequential(*[nn.Conv2d(3, 3, side, stride=step, bias=False) for side, step in sizes])
            for part in self.body:
                nn.init.ones_(part.weight)

        def forward(self, x):
            return self.body(x).mean((2, 3))[:, :2]

    found = part_layer(counted(Cutting((1, 1), (2, 2), (2, 2))))
    assert (found.layer.grid, found.fine.name) == ((12, 12), "body.0")  # of 48, and not of 24 places a side
    found = part_layer(counted(Cutting((1, 1), (9, 4))))
    assert found.fine == found.layer  # 48 are more than four times 10
    assert part_layer(counted(Stack([9]))).fine.name == "body.1"  # none is finer


def test_a_layer_that_the_answer_does_not_depend_on_is_passed_over():
    assert part_layer(counted(Stack([5, 5], read=1))).layer.name == "body.1"


def test_no_layer_where_every_place_sees_the_photo():
    class Whole(nn.Module):
        def __init__(self):
            super().__init__()
            self.mix = nn.Conv2d(3, 4, 41, padding=20, bias=False)
            nn.init.ones_(self.mix.weight)

        def forward(self, x):
            return self.mix(x).mean((2, 3))[:, :2]

    assert part_layer(counted(Whole())) is None


def test_no_layer_in_a_function():
    model = ax.load(lambda batch: batch.mean((1, 2)), labels=["r", "g", "b"], preprocess={"size": 8}, output="logits")
    assert part_layer(Counted(model)) is None


def test_in_the_pond_it_is_the_third_block_and_it_is_measured_once():
    model = ax.load("pond-fair")
    first = Counted(model)
    found = part_layer(first)
    assert found.layer.name == "features.block3_conv1_relu"
    assert 0.15 < found.view < 20 / 64  # of a theoretical view of 20 pixels
    assert first.forward <= 12
    again = Counted(model)
    assert part_layer(again) is found
    assert again.forward == 0
    assert "16 × 16 places" in found.sentence()
    assert np.isfinite(found.region).all()
