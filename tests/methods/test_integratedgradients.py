import tracemalloc

import numpy as np
import pytest
import torch
from nets import IT, KINDS, Formula, logit, net_a, power, reading, reading_order, small

from axolens.cases.explain import explain
from axolens.classifiers.counted import Counted
from axolens.errors import InputError, ModelError
from axolens.maths.array import to_numpy
from axolens.maths.scores import score
from axolens.methods.gradient.integratedgradients import IntegratedGradients
from axolens.photos.fill import blurred
from axolens.photos.read import read
from axolens.records.target import Target


def run(method, model, batch, targets):
    counted = Counted(model)
    raw = method.attribute(counted, batch, targets, [np.random.default_rng(0)] * batch.shape[0])
    return to_numpy(raw.maps), to_numpy(raw.residual), raw, counted


@pytest.mark.parametrize("exponent", [1, 2, 3, 5, 8])
@pytest.mark.parametrize(("baseline", "level"), [("black", 0.0), ("#808080", 128 / 255)])
@pytest.mark.parametrize("kind", KINDS)
def test_a_power_has_a_closed_form(rng, exponent, baseline, level, kind):
    # f = Σ w·xᵖ: each value gets w·(xᵖ − bᵖ); four nodes are exact for p ≤ 8.
    weights, pixels = rng.normal(size=(3, 4, 3)), rng.random((2, 3, 4, 3), dtype=np.float32)
    model = power(weights, exponent, kind)
    method = IntegratedGradients(steps=4, baseline=baseline)
    maps, residual, _, _ = run(method, model, model.asarray(pixels), [[IT], [IT]])
    truth = (weights * (pixels.astype(np.float64) ** exponent - level**exponent)).sum(axis=-1)
    np.testing.assert_allclose(maps[:, 0], truth, atol=2e-5)
    np.testing.assert_allclose(residual, 0, atol=1e-4)


def test_one_node_falls_short_by_eleven_sixteenths_and_says_so():
    # The slope 5x⁴ at half the way is 5/16 of its mean: of f = 2 the map gets 0.625, and 1.375 is missed.
    model = power(np.full((1, 2, 3), 1 / 3), 5, "numpy")
    maps, residual, raw, _ = run(IntegratedGradients(steps=1), model, np.ones((1, 1, 2, 3), np.float32), [[IT]])
    assert maps.sum() == pytest.approx(2 * 5 / 16, rel=1e-5)
    assert residual[0, 0] == pytest.approx(2 * 11 / 16, rel=1e-5)
    assert raw.notes[0][0][0] == (
        "Compared with a picture of black: logit +2.00 on the photo, +0.00 there; of this difference the map misses "
        "+1.4. More steps miss less."
    )


@pytest.mark.parametrize("steps", [1, 2, 20, 50])
def test_a_line_is_exact_at_any_number_of_steps(steps):
    # Weights that do not sum to 1 (a trapezoid of n points weighed (n − 1)/n) would give 1.0, 1.9 and 1.96.
    model = power([[[2, 0, 0]]], 1, "numpy")
    maps, _, _, _ = run(IntegratedGradients(steps=steps), model, np.ones((1, 1, 1, 3), np.float32), [[IT]])
    assert maps[0, 0, 0, 0] == pytest.approx(2, rel=1e-6)


def relu(x):
    return torch.clamp(x, min=0)


FIRST = [
    lambda a, b: relu(relu(a) - 1 - relu(b)),
    lambda a, b: relu(relu(a - 1) - relu(b)),
]


@pytest.mark.parametrize("function", FIRST)
def test_two_networks_of_one_function_give_one_map(function):
    # At (3, 1), on the way from (0, 0): the slope is (1, −1) on the second half of the way, 0 on the first.
    model = reading(lambda x: function(x[:, 0, 0, 0], x[:, 0, 0, 1]))
    image = model.asarray(np.array([[[[3, 0, 0], [1, 0, 0], [0, 0, 0]]]], np.float32))
    maps, residual, _, _ = run(IntegratedGradients(steps=10, baseline="#000000"), model, image, [[IT]])
    np.testing.assert_allclose(maps[0, 0, 0], [1.5, -0.5, 0], atol=1e-6)
    np.testing.assert_allclose(residual, 0, atol=1e-6)


def test_a_separable_function_from_a_baseline_of_three_channels():
    # 5a + b² + sin c, each in its own pixel and channel: (1, 2, 3) from (128/255, 1, 1).
    model = reading(lambda x: 5 * x[:, 0, 0, 0] + x[:, 1, 0, 1] ** 2 + torch.sin(x[:, 2, 0, 2]))
    image = np.zeros((1, 1, 3, 3), np.float32)
    image[0, 0, [0, 1, 2], [0, 1, 2]] = (1, 2, 3)
    maps, _, _, _ = run(IntegratedGradients(baseline="#80ffff"), model, model.asarray(image), [[IT]])
    by_hand = [5 * (1 - 128 / 255), 4 - 1, np.sin(3) - np.sin(1)]
    np.testing.assert_allclose(maps[0, 0, 0], by_hand, atol=1e-5)


@pytest.mark.parametrize(
    "target",
    [Target(1), Target(1, against=3), Target((0, 2)), Target(2, score="probability"), Target(4, score="logit")],
)
def test_sum_and_residual_make_the_difference_of_the_scores(rng, target):
    model, pixels = small(smooth=True), rng.random((2, 20, 12, 3), np.float32)
    asked = model.labels.resolve(target)
    with torch.no_grad():  # a steep network, so that few steps miss something
        model.module.features[0].weight.mul_(4)
    ends = [to_numpy(score(model.scores(model.asarray(one)), asked, model.kind)) for one in (pixels, 0 * pixels)]
    missed = []
    for steps in (1, 3, 9, 27):
        maps, residual, _, _ = run(IntegratedGradients(steps=steps), model, model.asarray(pixels), [[asked]] * 2)
        np.testing.assert_allclose(maps.sum((1, 2, 3)) + residual[:, 0], ends[0] - ends[1], atol=1e-5)
        missed.append(np.abs(residual).max())
    assert missed[0] > 1e-3
    assert missed[3] < 0.1 * missed[0]


def test_all_targets_come_from_the_same_passes_and_the_chunk_does_not_matter(rng):
    model, pixels = small(), rng.random((2, 20, 12, 3), np.float32)
    asked = [[model.labels.resolve(Target(i)) for i in row] for row in ((0, 1, 2), (3, 4, 0))]
    found = []
    for chunk in (1, 3, 8, 100):
        method = IntegratedGradients(steps=7, chunk=chunk)
        maps, _, _, counted = run(method, model, model.asarray(pixels), asked)
        assert (counted.forward, counted.backward) == (2 * (7 + 2), 2 * 7 * 3)
        found.append(maps)
    for maps in found[1:]:
        np.testing.assert_allclose(maps, found[0], atol=1e-5)
    assert method.images == 9


def passes(model):
    sizes, own = [], model.gradient
    model.gradient = lambda batch, targets: sizes.append(len(batch)) or own(batch, targets)
    return sizes


def test_the_images_of_a_pass_are_ours_to_set_whatever_the_number_of_photos(rng):
    model = small()
    sizes = passes(model)
    asked = [[model.labels.resolve(Target(0))]] * 3
    run(IntegratedGradients(steps=5, chunk=2), model, model.asarray(rng.random((3, 20, 12, 3), np.float32)), asked)
    assert sizes == [2, 2, 1] * 3


def test_memory_does_not_grow_with_the_steps(rng):
    model, batch = power(rng.normal(size=(160, 120, 3)), 3, "numpy"), rng.random((1, 160, 120, 3), np.float32)
    peaks = []
    for steps in (4, 16, 160):
        tracemalloc.start()
        run(IntegratedGradients(steps=steps, chunk=4), model, batch, [[IT]])
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[2] < 1.05 * peaks[1]  # ten times the steps


def test_baselines_are_the_pictures_they_are_called(rng):
    pixels = rng.random((1, 20, 12, 3), np.float32)
    expected = {
        "mean": np.broadcast_to(pixels.mean((1, 2)), (20, 12, 3)),
        "blur": blurred(pixels[0], 12 / 8),
        "white": np.ones((20, 12, 3)),
        "network-zero": np.broadcast_to([0.4, 0.5, 0.6], (20, 12, 3)),  # the mean of this network's preprocess
    }
    for name, picture in expected.items():
        model = small(smooth=True)
        asked, seen, own = model.labels.resolve(Target(0)), [], model.scores
        model.scores = lambda batch, seen=seen, own=own: seen.append(to_numpy(batch)) or own(batch)
        _, _, raw, _ = run(IntegratedGradients(steps=2, baseline=name), model, model.asarray(pixels), [[asked]])
        np.testing.assert_allclose(seen[0], [pixels[0], picture], atol=1e-6)
        assert raw.notes[0][0][0].startswith("Compared with ")


def test_a_photo_that_is_its_own_baseline_says_so():
    model = small()
    asked = [[model.labels.resolve(Target(i)) for i in (0, 1)]]
    maps, _, raw, _ = run(
        IntegratedGradients(steps=2), model, model.asarray(np.zeros((1, 20, 12, 3), np.float32)), asked
    )
    assert not maps.any()
    assert raw.notes == ((("The photo is a picture of black itself, so there is no difference to share out.",),) * 2,)


@pytest.mark.parametrize(("value", "said"), [(np.nan, "logit nan"), (np.inf, "logit inf"), (-np.inf, "logit -inf")])
@pytest.mark.parametrize(("bad", "where"), [(0, "a picture of black"), (1, "the photo")])
def test_scores_without_a_difference_are_refused_before_the_way_is_asked(value, said, bad, where):
    model = Formula(lambda x: np.where(x[:, 0, 0, 0] == bad, np.float32(value), 0), lambda x: x, (1, 2))
    sizes = passes(model)
    with pytest.raises(ModelError, match=f"finite scores .*, got {said} on {where}.*another baseline"):
        run(IntegratedGradients(), model, np.ones((1, 1, 2, 3), np.float32), [[IT]])
    assert not sizes


def test_a_gradient_on_the_way_that_is_no_number_is_said_so():
    model = Formula(lambda x: x[:, 0, 0, 0], lambda x: x + np.float32("nan"), (1, 2))
    _, _, raw, _ = run(IntegratedGradients(steps=2), model, np.ones((1, 1, 2, 3), np.float32), [[IT]])
    ((said,),) = raw.notes[0]
    assert said.startswith("Not a number at 100 %")


def test_a_photo_that_speaks_against_the_class_everywhere_is_not_called_dead():
    model = power([[[-1, -2, -3]]], 1, "numpy")
    _, _, raw, _ = run(IntegratedGradients(steps=2), model, np.ones((1, 1, 1, 3), np.float32), [[IT]])
    assert raw.notes[0][0][1].startswith("No positive evidence")


def test_a_model_without_a_preprocess_is_compared_with_zeros_only():
    model = net_a()
    method = IntegratedGradients(steps=200, baseline="network-zero")
    maps, residual, _, _ = run(method, model, reading_order(model), [[logit(0)]])
    assert maps.sum() + residual.sum() == pytest.approx(54)  # from 0, where both channels are below zero
    assert abs(residual).max() < 1
    with pytest.raises(InputError, match=r"network-zero.*got 'black'"):
        run(IntegratedGradients(), model, reading_order(model), [[logit(0)]])


@pytest.mark.parametrize(
    ("settings", "said"),
    [({"steps": 0}, "steps: expected a whole number"), ({"chunk": 0}, "chunk"),
     ({"baseline": "blak"}, "a colour name")],
)  # fmt: skip
def test_settings_that_mean_nothing_are_refused(settings, said):
    with pytest.raises(InputError, match=said):
        IntegratedGradients(**settings)


def test_an_attribution_carries_unit_residual_and_cost(rng):
    photo = read(rng.integers(0, 256, (30, 40, 3), dtype=np.uint8))
    model, settings = small(), {"integratedgradients": {"steps": "6"}}
    made = explain(model, photo, target=1, methods="integrated-gradients", settings=settings)
    (one,) = made.attributions
    assert (one.unit, one.settings["steps"], one.title) == ("score", 6, "Integrated gradients")
    assert (one.cost.forward, one.cost.backward) == (8, 6)
    chance, black = made.prediction.probabilities[1], model.scores(torch.zeros(1, 20, 12, 3)).softmax(1)[0, 1].item()
    rise = np.log(chance / (1 - chance)) - np.log(black / (1 - black))
    assert one.values.sum() + one.residual == pytest.approx(rise, abs=1e-4)
