"""Expected gradients: closed forms over the baselines that were asked, and what is said of them."""

import numpy as np
import pytest
import torch
from nets import IT, KINDS, logit, net_a, power, reading, reading_order, small

from axolens.cases.explain import explain
from axolens.classifiers.counted import Counted
from axolens.errors import InputError, ModelError
from axolens.maths.array import to_numpy
from axolens.methods.gradient.expectedgradients import ExpectedGradients
from axolens.photos.read import read


def run(method, model, batch, targets, seed=0):
    """Maps, residuals, the baselines of all images (those that were asked a score, less the photos), and the rest."""
    counted, seen = Counted(model), []
    scores = model.scores
    model.scores = lambda images: (seen.append(to_numpy(images)), scores(images))[1]
    raw = method.attribute(counted, batch, targets, [np.random.default_rng(seed)] * batch.shape[0])
    model.scores = scores
    baselines = [one[0] for i, one in enumerate(seen) if i % (method.draws + 1)]
    return to_numpy(raw.maps), to_numpy(raw.residual), np.stack(baselines).astype(np.float64), raw, counted


@pytest.mark.parametrize("exponent", [1, 2, 5, 8])
@pytest.mark.parametrize("baseline", ["colours", "shuffled"])
@pytest.mark.parametrize("kind", KINDS)
def test_a_power_has_a_closed_form(rng, exponent, baseline, kind):
    # f = Σ w·xᵖ: from each baseline w·(xᵖ − bᵖ), and so w·(xᵖ − mean bᵖ); four nodes are exact for p ≤ 8.
    weights, pixels = rng.normal(size=(3, 4, 3)), rng.random((1, 3, 4, 3), dtype=np.float32)
    model = power(weights, exponent, kind)
    method = ExpectedGradients(draws=7, steps=4, baseline=baseline, chunk=3)
    maps, residual, starts, _, counted = run(method, model, model.asarray(pixels), [[IT]])
    truth = (weights * (pixels[0].astype(np.float64) ** exponent - (starts**exponent).mean(0))).sum(axis=-1)
    np.testing.assert_allclose(maps[0, 0], truth, atol=2e-5)
    np.testing.assert_allclose(residual, 0, atol=1e-4)
    assert (counted.forward, counted.backward) == (method.images, 28)


def test_baselines_are_made_of_the_photos_own_pixels(rng):
    pixels = rng.random((1, 3, 4, 3), np.float32)
    places = {tuple(place) for place in pixels.reshape(-1, 3).tolist()}
    model = power(np.ones((3, 4, 3)), 1, "numpy")
    starts = run(ExpectedGradients(draws=40, baseline="colours"), model, pixels, [[IT]])[2]
    colours = [{tuple(place) for place in one.reshape(-1, 3).tolist()} for one in starts]
    assert all(len(one) == 1 for one in colours)
    assert set().union(*colours) == places  # one of forty draws is each place's, but for a chance of 3 %
    starts = run(ExpectedGradients(draws=3, baseline="shuffled"), model, pixels, [[IT]])[2]
    assert all({tuple(place) for place in one.reshape(-1, 3).tolist()} == places for one in starts)
    assert not np.array_equal(starts[0], starts[1])


def test_a_colour_is_as_likely_as_its_area():
    # Three quarters black and one white. f = Σ x: white gets 3·(1 − mean b) and black −3·(mean b), mean b about 1/4.
    pixels = np.zeros((1, 8, 8, 3), np.float32)
    pixels[:, :4, :4] = 1
    model = power(np.ones((8, 8, 3)), 1, "numpy")
    maps, residual, _, _, _ = run(ExpectedGradients(draws=400, steps=1), model, pixels, [[IT]])
    error = 5 * 3 * np.sqrt(0.25 * 0.75 / 400)  # five standard errors
    np.testing.assert_allclose(maps[0, 0], np.where(pixels[0, ..., 0] > 0, 2.25, -0.75), atol=error)
    assert abs(residual[0, 0]) < 1e-3


def test_channels_are_found_where_the_model_has_them():
    # Net A takes one channel first, as it is: a colour is one of the numbers 0 to 15.
    model = net_a()
    starts = run(ExpectedGradients(draws=6), model, reading_order(model), [[logit(0)]])[2]
    assert starts.shape == (6, 1, 4, 4)
    assert all(np.ptp(one) == 0 and one.flat[0] in range(16) for one in starts)
    assert len({one.flat[0] for one in starts}) > 1


def test_one_node_falls_short_and_the_note_says_so():
    # From white to black and from black to white f = x⁵ rises by ∓1, of which one node sees 5/16; nothing from itself.
    model = power([[[1, 0, 0], [0, 0, 0]]], 5, "numpy")
    pixels = np.array([[[[1, 1, 1], [0, 0, 0]]]], np.float32)
    maps, residual, starts, raw, _ = run(ExpectedGradients(draws=8, steps=1), model, pixels, [[IT]])
    black = 1 - starts[:, 0, 0, 0].mean()
    assert 0 < black < 1
    assert maps.sum() == pytest.approx(black * 5 / 16, rel=1e-5)
    assert residual[0, 0] == pytest.approx(black * 11 / 16, rel=1e-5)
    said = raw.notes[0][0][0]
    assert said.startswith(
        "Compared with the mean of 8 pictures of one colour each, taken from random places of the photo:"
    )
    ends = (
        f"logit +1.00 on the photo, +{1 - black:.2f} there; of this difference the map misses {black * 11 / 16:+.2g}."
    )
    assert said.endswith(f"{ends} More steps miss less.")


def test_more_draws_mean_less_noise_and_more_steps_a_smaller_residual(rng):
    photo, said, missed = read(rng.integers(0, 256, (20, 12, 3), dtype=np.uint8)), [], []
    for draws in (4, 64):
        method = ExpectedGradients(draws=draws, steps=2)
        note = explain(small(), photo, target=1, methods=[method]).attributions[0].notes[-1]
        said.append(int(note.split("About ")[1].split(" %")[0]) if "About" in note else 0)
    assert said[1] < said[0] / 6  # as one over the draws: a sixteenth, and a few percent is what the note rounds to
    for steps in (1, 32):
        method = ExpectedGradients(draws=8, steps=steps)
        missed.append(abs(explain(small(), photo, target=1, methods=[method]).attributions[0].residual))
    assert missed[1] < missed[0] / 5


def test_a_photo_of_one_colour_has_nothing_to_share_out():
    photo = read(np.full((20, 12, 3), 90, np.uint8))
    found = explain(small(), photo, target=1, methods=["expectedgradients"]).attributions[0]
    assert np.abs(found.values).max() == 0
    assert abs(found.residual) < 1e-5


def test_a_baseline_without_a_score_is_refused():
    model = reading(lambda x: torch.log(x.sum((1, 2, 3))))
    photo = model.asarray(np.array([[[[0, 0, 0], [0.5, 0.5, 0.5], [0, 0, 0]]]], np.float32))
    with pytest.raises(ModelError, match="on one of the pictures of one colour each"):
        run(ExpectedGradients(), model, photo, [[IT]])


@pytest.mark.parametrize("settings", [{"draws": 1}, {"steps": 0}, {"chunk": 0}, {"baseline": "black"}])
def test_settings_that_mean_nothing_are_refused(settings):
    with pytest.raises(InputError, match=next(iter(settings))):
        ExpectedGradients(**settings)
