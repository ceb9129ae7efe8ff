"""Each check on networks and maps whose verdict is known."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pytest
import torch
from torch import nn

import axolens as ax
from axolens.classifiers.counted import Counted
from axolens.errors import CapabilityError
from axolens.methods.gradient.saliency import Saliency
from axolens.methods.method import Card, Raw
from axolens.methods.nulls.edgemap import EdgeMap
from axolens.records.attribution import Attribution, Cost
from axolens.records.frame import Frame
from axolens.records.verdict import OPENING, Check
from axolens.scrutiny.account import USUAL
from axolens.scrutiny.completeness import completeness
from axolens.scrutiny.faithfulness import Floors, agreement, faithfulness
from axolens.scrutiny.localisation import localisation
from axolens.scrutiny.randomisation import Shuffled, randomisation, shuffled
from axolens.scrutiny.repeats import Repeats, class_sensitivity, repeats, stability
from axolens.scrutiny.sentences import sentences, values_check

RNG = np.random.default_rng(0)
SIZE = (28, 42)


class Net(nn.Module):
    """Three classes that read the picture's pixels linearly behind a ReLU: shuffling it changes what matters."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.first, self.last = nn.Conv2d(3, 8, 5, stride=2), nn.Linear(8 * 12 * 19, 3)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.last(torch.relu(self.first(x)).flatten(1))


def network():
    return ax.load(Net(), labels=["a", "b", "c"], preprocess={"size": SIZE}, output="logits")


@dataclass(frozen=True, kw_only=True)
class Painted:
    """A method whose maps a test makes itself."""

    paint: object
    card: ClassVar[Card] = Card(
        name="painted", title="Painted", family="none", needs="predictions", unit="relative", contrast="exact",
        source="by hand",
    )  # fmt: skip
    images: ClassVar[int] = 0

    def attribute(self, model, batch, targets, rngs):
        maps = [
            np.stack([self.paint(image.numpy(), target, rng) for target in row])
            for image, row, rng in zip(batch, targets, rngs, strict=True)
        ]
        return Raw(maps=model.asarray(np.stack(maps).astype(np.float32)))


def attribution(values, unit="relative", residual=None):
    frame = Frame((0.0, 0.0, 42.0, 28.0), SIZE, SIZE)
    target = ax.Labels(("a", "b")).resolve(ax.Target("a"))
    return Attribution(
        np.asarray(values, np.float32), unit, frame, target, "m", {}, 0, Cost(1, 0, 0.0), residual=residual
    )


def fallen(*by):
    """Curves of maps by whose hiding the log-odds of the first of two classes fall by this, whatever is hidden."""
    scores = np.zeros((len(USUAL.readings), len(by), len(USUAL.shares), 2), np.float32)
    scores[..., 0] = 5 - np.array(by)[:, None]
    return scores


@pytest.mark.parametrize("check", [faithfulness, agreement])
def test_what_hiding_shows_credits_a_map_only_above_every_floor(check):
    target = ax.Labels(("a", "b")).resolve(ax.Target("a"))
    others = fallen(*np.linspace(0, 1, 19))
    for blob, outcome in ((1.9, "passed"), (2.1, "undecided")):
        floors = Floors(others, "maps of 19 other photos", {"a centre blob": fallen(blob), "smooth noise": fallen(0.5)})
        found = check(fallen(2.0), floors, np.array([5, 0], np.float32), target, "logits", USUAL)
        assert (found.outcome, found.p, found.value) == (outcome, 0.05, pytest.approx(2))
        assert ("but a centre blob does as well." in found.reason) == (outcome == "undecided")


def test_a_map_that_ignores_the_model_is_as_alike_as_can_be_and_fails_randomisation():
    images = RNG.random((10, *SIZE, 3), np.float32)
    found = shuffled(Counted(network()), EdgeMap(), images, 3, np.random.default_rng(0))
    assert found.likeness == pytest.approx(1)
    check = randomisation(found)
    assert check.outcome == "failed"
    assert check.value == pytest.approx(1)


def test_gradients_pass_randomisation_and_the_network_is_left_as_found():
    model, images = network(), RNG.random((10, *SIZE, 3), np.float32)
    before = {name: tensor.clone() for name, tensor in model.module.state_dict().items()}
    counted = Counted(model)
    found = shuffled(counted, Saliency(), images, 3, np.random.default_rng(0))
    assert randomisation(found).outcome == "passed"
    assert all(torch.equal(tensor, before[name]) for name, tensor in model.module.state_dict().items())
    assert counted.forward == 10 + 10 + 2 * 3 * 10
    assert counted.backward == 10 + 2 * 3 * 10


def test_weights_are_shuffled_within_each_tensor_from_the_scores_down():
    model = network()
    half, whole = model.randomised(0, 0.5), model.randomised(0, 1.0)
    assert torch.equal(half.module.first.weight, model.module.first.weight)
    for one in (half, whole):
        assert not torch.equal(one.module.last.weight, model.module.last.weight)
    for name, tensor in whole.module.named_parameters():
        own = dict(model.module.named_parameters())[name]
        assert torch.equal(tensor.flatten().sort().values, own.flatten().sort().values)
    assert torch.equal(model.randomised(0, 1.0).module.last.weight, whole.module.last.weight)


def test_shuffled_networks_are_read_at_the_same_layer_as_the_intact_one():
    read = []

    @dataclass(frozen=True, kw_only=True)
    class Choosing(Painted):
        layer: str | None = None

        def attribute(self, model, batch, targets, rngs):
            read.append(self.layer)
            raw = Painted.attribute(self, model, batch, targets, rngs)
            return Raw(maps=raw.maps, settings={"layer": self.layer or f"chosen {len(read)}"})

    method = Choosing(paint=blind)
    shuffled(Counted(network()), method, RNG.random((5, *SIZE, 3), np.float32), 2, np.random.default_rng(0))
    assert read == [None, *["chosen 1"] * 4]


def test_a_network_without_weights_cannot_be_shuffled():
    class Sums(nn.Module):
        def forward(self, x):
            return x.mean((2, 3))

    model = ax.load(Sums(), labels=["r", "g", "b"], preprocess={"size": SIZE}, output="logits")
    with pytest.raises(CapabilityError, match="weights to shuffle"):
        model.randomised(0, 1.0)


def test_constant_maps_of_shuffled_networks_are_undecided_when_they_are_many_and_left_out_when_few():
    likeness, between = RNG.uniform(-0.05, 0.05, (2, 3, 10)), np.full(10, 0.3)
    few = likeness.copy()
    few[1, 0, :3] = np.nan
    assert randomisation(Shuffled(few, between)).outcome == "passed"
    assert "5 % of the maps" in randomisation(Shuffled(few, between)).reason
    many = likeness.copy()
    many[1, :, :6] = np.nan
    assert randomisation(Shuffled(many, between)).outcome == "undecided"


def test_randomisation_fails_above_the_likeness_of_different_photos_and_is_undecided_across_it():
    def found(middle, spread=0.01):
        return Shuffled(RNG.normal(middle, spread, (2, 3, 10)), np.full(10, 0.3))

    assert randomisation(found(0.1)).outcome == "passed"
    assert randomisation(found(0.5)).outcome == "failed"
    assert randomisation(found(0.3, spread=0.3)).outcome == "undecided"


def blind(image, target, rng):
    return image[..., 0]


def aware(image, target, rng):
    return image[..., target.indices[0]]


def sensitivity(paint, count=19):
    image = np.kron(np.random.default_rng(1).random((4, 6, 3)), np.ones((7, 7, 1))).astype(np.float32)
    model = Counted(network())
    own, *others = (model.labels.resolve(ax.Target(name)) for name in "abc")
    return repeats(model, Painted(paint=paint), image, own, others, count, np.random.default_rng(0))


def test_a_map_that_is_the_same_for_every_class_fails_class_sensitivity():
    assert class_sensitivity(sensitivity(blind)).outcome == "failed"
    assert class_sensitivity(sensitivity(aware)).outcome == "passed"


def test_mirrored_photos_are_mirrored_back_before_maps_are_compared():
    found = sensitivity(aware)
    assert min(found.again) > 0.5  # a shift by a pixel moves a third of a cell; unmirrored ones would be near 0


def test_noise_drawn_for_each_class_is_not_taken_for_class_sensitivity():
    found = sensitivity(lambda image, target, rng: rng.random(SIZE))
    assert class_sensitivity(found).outcome != "passed"


def test_steadiness_is_described_and_never_passed():
    check = stability(Repeats((1.0,) * 19, {}))
    assert check.described
    assert check.outcome == "undecided"
    assert check.value == 1


def test_a_residual_is_held_against_the_difference_and_other_units_are_not_possible():
    values = np.full((2, 2), 0.25)
    assert completeness(attribution(values, "score", 0.01)).outcome == "passed"
    assert completeness(attribution(values, "score", 0.1)).outcome == "undecided"
    assert completeness(attribution(values, "score", -0.5)).outcome == "failed"
    assert completeness(attribution(values, "score", float("nan"))).outcome == "failed"
    assert completeness(attribution(values)).outcome == "not possible"


def located(values, mask, swapped):
    return localisation(values, mask, swapped, "maps of 19 other photos", np.random.default_rng(0))


def test_a_map_on_the_object_is_localised_where_maps_of_other_photos_are_not():
    mask = np.zeros(SIZE, bool)
    mask[2:10, 4:16] = True
    on, off = np.zeros((14, 21)), np.zeros((14, 21))
    on[1:5, 2:8], off[8:12, 12:18] = 1, 1
    others = np.stack([np.roll(off, i, axis=1) for i in range(19)])
    assert located(on, mask, others).outcome == "passed"
    assert located(off, mask, others).outcome == "failed"
    assert located(on, mask, np.stack([on] * 19)).outcome == "failed"  # every map points there
    assert located(-on, mask, others).outcome == "undecided"
    assert located(on, ~np.zeros(SIZE, bool), others).outcome == "not possible"
    assert located(on, np.zeros(SIZE, bool), others).outcome == "not possible"


def said(**outcomes):
    checks = [Check(name.replace("_", " "), outcome, "") for name, outcome in outcomes.items()]
    return sentences(checks, "newt", None, "maps of 19 other photos")


def test_every_sentence_begins_as_it_must_and_names_what_it_rests_on():
    everything = said(
        values="passed", faithfulness="passed", agreement="passed", randomisation="passed", class_sensitivity="passed"
    )
    assert all(one.startswith(f"{OPENING}: ") for one in everything)
    assert "(faithfulness, agreement, randomisation, class sensitivity)" in everything[0]


@pytest.mark.parametrize("failed", ["randomisation", "faithfulness", "agreement", "class_sensitivity", "localisation"])
def test_no_sentence_credits_a_map_that_failed_a_check(failed):
    passed = dict.fromkeys(("values", "faithfulness", "agreement", "randomisation", "class_sensitivity"), "passed")
    texts = said(**(passed | {failed: "failed"}))
    assert not any("may be read" in text or "more than hiding" in text for text in texts)


def test_without_faithfulness_nothing_is_said_about_where_the_evidence_lies():
    texts = said(values="passed", faithfulness="undecided", agreement="undecided", localisation="passed")
    assert texts == (f"{OPENING}: it is not shown either way whether it points at what matters here: maps of 19 other "
                     "photos do nearly as well.",)  # fmt: skip


def test_a_map_of_one_value_or_of_no_numbers_says_nothing():
    assert values_check(1.0, 1.0, 1.0).outcome == "failed"
    assert values_check(0.0, 1.0, 0.99).outcome == "failed"
    assert values_check(-2.0, 0.0, 1.0).outcome == "undecided"
    assert said(values="undecided", faithfulness="passed") == (
        f"{OPENING}: no place speaks for newt, so it marks nothing that could be hidden.",
    )
    assert said(values="failed", faithfulness="passed") == (f"{OPENING}: it shows nothing; do not read it.",)
