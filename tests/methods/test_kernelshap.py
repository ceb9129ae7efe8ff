"""KernelSHAP: net B by hand, what its maps sum to, what it costs, and what its notes say."""

import numpy as np
import pytest
from games import by_definition
from nets import small

from axolens.cases.explain import explain
from axolens.classifiers.function import wrap_function
from axolens.errors import InputError
from axolens.methods.perturbation.kernelshap import KernelShap
from axolens.photos.fill import fill_image
from axolens.photos.read import read
from axolens.records.labels import Labels
from axolens.records.preprocess import Preprocess
from axolens.records.target import Target

SIZE = (48, 72)


def asking(function):
    """Logits (function, 0) of display-space pictures."""

    def ask(batch):
        said = function(np.asarray(batch, np.float64))
        return np.stack([said, np.zeros_like(said)], axis=1)

    display = Preprocess(size=SIZE, layout="nhwc")
    return wrap_function(ask, labels=Labels(("it", "other")), preprocess=display, name="by hand", output="logits")


def bars(*levels):
    """A photo of upright bars of these grey levels, which felzenszwalb cuts into one region a bar."""
    row = np.repeat(np.array(levels), SIZE[1] // len(levels))
    return read(np.broadcast_to(row[None, :, None], (*SIZE, 3)).astype(np.uint8))


def explained(model, photo, seed=0, target="it", **settings):
    method = KernelShap(**{"segmenter": "felzenszwalb", **settings})
    return explain(model, photo, target=target, methods=[method], seed=seed).attributions[0]


def net_b(batch):
    """f = max(s − 10, 0) + 3·max(s + 1, 0) − 1 of the sum s of the bars' grey levels."""
    total = 255 * batch.mean((1, 2, 3)) * 3
    return np.maximum(total - 10, 0) + 3 * np.maximum(total + 1, 0) - 1


def test_net_b_by_hand():
    # Up to s = 10 a grey level is worth 3 and then 4, so whichever bar appears first loses 10: 4·level − 10/3 each.
    found = explained(asking(net_b), bars(20, 50, 30), fill="black")
    sums = found.values.reshape(48, 3, 24).sum((0, 2))
    np.testing.assert_allclose(sums, (230 / 3, 590 / 3, 350 / 3), atol=1e-3)  # float32 of scores up to 392
    np.testing.assert_allclose(np.sort(found.regions.coefficients), (230 / 3, 350 / 3, 590 / 3), atol=1e-3)
    assert found.values.sum() == pytest.approx(390, abs=1e-3)
    assert abs(found.residual) < 1e-3
    assert found.regions.intercept == pytest.approx(2, abs=1e-5)
    assert (found.cost.forward, found.cost.backward) == (8, 0)
    assert "log-odds +392.00 on the photo, +2.00 with all of them hidden" in found.notes[0]
    assert found.notes[1].startswith("All 6 coalitions were asked, so the values are exact")
    np.testing.assert_array_equal(found.regions.low, found.regions.high)


def test_few_regions_get_the_mean_over_all_orders(rng):
    weights = rng.normal(size=(2, *SIZE, 3)) / 100
    model = asking(
        lambda batch: np.tanh((batch * weights[0]).sum((1, 2, 3))) + (batch * weights[1]).sum((1, 2, 3)) ** 2
    )
    photo = bars(20, 250, 90, 170, 50, 210)
    found = explained(model, photo, fill="blur")
    labels = found.regions.segments.labels
    assert found.regions.segments.count == 6
    filled = fill_image(photo.pixels, found.regions.segments, "blur", None)

    def value(keep):
        shown = np.where(keep[:, labels][..., None], photo.pixels, filled)
        return model.scores(shown.astype(np.float32))[:, 0].astype(np.float64)

    truth = by_definition(value, 6)
    np.testing.assert_allclose(found.regions.coefficients, truth, atol=2e-5)
    np.testing.assert_allclose(np.bincount(labels.ravel(), weights=found.values.ravel()), truth, atol=2e-5)


def test_draws_come_near_the_exact_values_within_their_intervals(rng):
    weights = rng.normal(size=(*SIZE, 3)) / 40
    model = asking(lambda batch: ((batch * weights).sum((1, 2, 3))) ** 2 + np.sin(3 * batch.mean((1, 2, 3))))
    blocks = np.array([[20, 250, 90], [170, 50, 210], [130, 240, 10]])
    photo = read(np.kron(blocks[..., None], np.ones((16, 24, 3))).astype(np.uint8))
    exact = explained(model, photo, fill="black", samples=2000)
    assert exact.cost.forward == 2**exact.regions.segments.count == 1024
    errors = []
    for seed in range(12):
        found = explained(model, photo, seed, fill="black", samples=200)
        assert found.cost.forward == 202
        assert abs(found.residual) < 1e-4
        error = found.regions.coefficients - exact.regions.coefficients
        errors.append(error / (found.regions.high - found.regions.low) * 2)
    assert np.mean(np.abs(errors) <= 1) > 0.85  # of 120 intervals of 95 %, those of a seed not independent
    assert 0.2 < np.sqrt(np.mean(np.square(errors))) < 0.75  # 0.5 where an interval is as wide as it should be


def test_all_targets_share_the_coalitions_and_sum_to_their_own_differences(rng):
    model, photo = small(), read(rng.integers(0, 256, (20, 12, 3), dtype=np.uint8))
    targets = [Target(0, score="logit"), Target(3, score="logit"), Target(0, against=3)]
    method = KernelShap(samples=300)
    found = explain(model, photo, target=targets, methods=[method]).attributions
    assert [one.cost.forward for one in found] == [302] * 3
    np.testing.assert_allclose(found[2].values, found[0].values - found[1].values, atol=1e-6)
    filled = fill_image(photo.pixels, found[0].regions.segments, "mean", model.preprocess)
    scores = model.scores(model.asarray(np.stack([photo.pixels, filled]))).numpy()
    rise = scores[0] - scores[1]
    for one, truth in zip(found, (rise[0], rise[3], rise[0] - rise[3]), strict=True):
        assert float(one.values.sum()) == pytest.approx(truth, abs=1e-4)


def test_a_constant_model_gives_zeros():
    found = explained(asking(lambda batch: np.full(len(batch), 3.0)), bars(20, 50, 30))
    assert np.abs(found.values).max() == 0
    assert found.residual == 0
    assert any("changes nothing" in note for note in found.notes)


def test_one_region_gets_everything_and_says_so():
    found = explained(asking(net_b), bars(90), fill="black")
    assert found.regions.segments.count == 1
    assert found.cost.forward == 2
    assert found.values.sum() == pytest.approx(net_b(np.full((1, *SIZE, 3), 90 / 255))[0] - 2, rel=1e-5)
    assert any("Only one region" in note for note in found.notes)


def test_too_few_coalitions_have_no_intervals_and_say_so(rng):
    found = explain(
        small(), read(rng.integers(0, 256, (20, 12, 3), dtype=np.uint8)), target=0, methods=[KernelShap(samples=10)]
    ).attributions[0]
    assert found.regions.low is None
    assert any("Too few coalitions for the regions: 10" in note for note in found.notes)
    assert abs(found.residual) < 1e-4


def test_scores_that_break_under_hiding_are_said():
    def fragile(batch):
        return np.where(batch.min((1, 2, 3)) < 1e-6, np.nan, 1.0)

    found = explained(asking(fragile), bars(20, 50, 30), fill="black")
    assert np.isnan(found.values).all()
    assert "Not a number" in found.notes[-1]


@pytest.mark.parametrize("settings", [{"samples": 1}, {"samples": 7}, {"chunk": -1}, {"segmenter": "slicc"}])
def test_settings_that_mean_nothing_are_refused(settings):
    with pytest.raises(InputError, match=next(iter(settings))):
        KernelShap(**settings)
