import numpy as np
import pytest

from axolens.classifiers.counted import Counted
from axolens.classifiers.function import wrap_function
from axolens.errors import InputError
from axolens.maths.rise import covariance_form, gathered, interpolation, paper_form, stretched
from axolens.maths.windows import sliding_windows
from axolens.methods.perturbation.occlusion import Occlusion
from axolens.methods.perturbation.rise import Rise
from axolens.records.labels import Labels
from axolens.records.preprocess import Preprocess
from axolens.records.target import Target


def model_of(score, size):
    """Logits (score, 0) of a function of the pixels' first channel."""

    def ask(batch):
        said = score(np.asarray(batch)[..., 0].astype(np.float64))
        return np.stack([said, np.zeros_like(said)], axis=1)

    display = Preprocess(size=size, layout="nhwc")
    return wrap_function(ask, labels=Labels(("a", "b")), preprocess=display, name="by hand", output="logits")


def maps_of(method, score, plane, seed=0):
    model = model_of(score, plane.shape)
    image = np.repeat(plane[..., None], 3, axis=-1).astype(np.float32)
    asked = [[model.labels.resolve(Target(0, score="logit"))]]
    counted = Counted(model)
    raw = method.attribute(counted, image[None], asked, [np.random.default_rng(seed)])
    return raw.maps[0, 0], counted.forward, raw.notes[0][0]


FIVE = np.zeros((5, 5))
FIVE[1, 1] = FIVE[3, 3] = 1


@pytest.mark.parametrize("chunk", [0, 2])
def test_occlusion_of_two_bright_pixels(chunk):
    # Score 3 times the sum; every window over a bright pixel takes 3 from it. PAIR saliency sums the falls.
    truth = [[3, 6, 6, 3, 0], [6, 15, 18, 12, 3], [6, 18, 24, 18, 6], [3, 12, 18, 15, 6], [0, 3, 6, 6, 3]]
    method = Occlusion(window=3, stride=1, fill="black", overlap="sum", chunk=chunk)
    values, forward, _ = maps_of(method, lambda x: 3 * x.sum((1, 2)), FIVE)
    np.testing.assert_allclose(values, truth, atol=1e-5)
    assert forward == 10


def net_b(x):
    total = x.sum((1, 2)) * 100
    return np.maximum(total - 10, 0) + 3 * np.maximum(total + 1, 0) - 1


@pytest.mark.parametrize(
    ("window", "stride", "truth"),
    [(1, 1, (80, 200, 120)), (2, 2, (280, 280, 120))],
)
def test_net_b_on_paper(window, stride, truth):
    method = Occlusion(window=window, stride=stride, fill="black")
    values, _, _ = maps_of(method, net_b, np.array([[0.2, 0.5, 0.3]]))
    np.testing.assert_allclose(values[0], truth, atol=1e-3)


def test_overlapping_windows_are_averaged():
    # 4·s − 8 for s above 10; windows (1, 2) and (2, 3) take 280 and 320: the middle place gets their mean.
    values, _, _ = maps_of(Occlusion(window=2, stride=1, fill="black"), net_b, np.array([[0.2, 0.5, 0.3]]))
    np.testing.assert_allclose(values[0], (280, 300, 320), atol=1e-3)


def test_rise_finds_the_slope_of_a_linear_score_that_sees_one_place():
    # f = 2·x at one pixel, over black: the covariance form gives 2·x there, exactly, with any masks.
    plane = np.full((9, 14), 0.5)
    method = Rise(samples=400, cells=3, fill="black")
    values, forward, notes = maps_of(method, lambda x: 2 * x[:, 2, 10], plane)
    assert values[2, 10] == pytest.approx(1.0, abs=1e-4)
    assert np.unravel_index(values.argmax(), values.shape) == (2, 10)
    assert values[8, 0] == pytest.approx(0, abs=0.2)
    assert forward == 400
    assert "sampling noise" in notes[1]


def test_a_constant_score_has_no_map_but_in_the_papers_form():
    plane = np.random.default_rng(0).random((8, 12))
    constant = [
        maps_of(Rise(samples=200, form=form), lambda x: 0 * x[:, 0, 0] + 3, plane)[0]
        for form in ("covariance", "paper")
    ]
    assert np.abs(constant[0]).max() < 1e-4
    assert constant[1].mean() == pytest.approx(3, rel=0.1)


def test_the_forms_against_a_slow_second_implementation(rng):
    masks, scores = rng.random((40, 3, 5), np.float32), rng.normal(size=(40, 2)).astype(np.float32)
    sums = gathered(masks, scores)
    for q in range(2):
        for y in range(3):
            for x in range(5):
                m, f = masks[:, y, x], scores[:, q]
                slope = np.cov(m, f, bias=True)[0, 1] / m.var()
                assert covariance_form(sums)[q, y * 5 + x] == pytest.approx(slope, rel=1e-3, abs=1e-5)
                assert paper_form(sums, 0.3)[q, y * 5 + x] == pytest.approx((f * m).mean() / 0.3, rel=1e-4, abs=1e-5)


def test_masks_are_bilinear_and_each_has_its_own_shift(rng):
    grids = rng.random((4, 5, 5)).astype(np.float32)
    shifts = rng.random((2, 4))
    rows, columns = (interpolation(size, 3, own) for size, own in zip((9, 14), shifts, strict=True))
    np.testing.assert_allclose(rows.sum(-1), 1, atol=1e-6)
    fast = stretched(grids, rows, columns)
    for n in range(4):
        for y in range(9):
            for x in range(14):
                v, u = (y + 0.5) / 3 + shifts[0, n], (x + 0.5) * 3 / 14 + shifts[1, n]
                i, j = int(v), int(u)
                a, b = v - i, u - j
                slow = (1 - a) * ((1 - b) * grids[n, i, j] + b * grids[n, i, j + 1])
                slow += a * ((1 - b) * grids[n, i + 1, j] + b * grids[n, i + 1, j + 1])
                assert fast[n, y, x] == pytest.approx(slow, abs=1e-5)
    assert len({tuple(row) for row in rows[:, 0].round(4).tolist()}) == 4


def test_masks_come_with_their_complements():
    method = Rise(samples=20)
    grids, rows, columns = method._drawn(np.random.default_rng(0), 20, 8, 12)
    masks = stretched(grids, rows, columns)
    np.testing.assert_allclose(masks[:10] + masks[10:], 1, atol=1e-6)


def test_two_seeds_differ_by_one_over_root_n():
    plane = np.random.default_rng(1).random((8, 12))

    def bent(x):
        return (x[:, :4].sum((1, 2)) - x[:, 4:].sum((1, 2))) ** 2 + x[:, 2, 3] ** 3

    gaps = []
    for samples in (256, 4096):
        maps = [maps_of(Rise(samples=samples, fill="black"), bent, plane, seed)[0] for seed in range(8)]
        gaps.append(np.std(maps, axis=0).mean())
    assert gaps[0] / gaps[1] == pytest.approx(4, rel=0.3)  # 8 seeds: the spread of a spread


@pytest.mark.parametrize(
    ("method", "setting", "value"),
    [
        (Rise, "samples", 3), (Rise, "samples", 7), (Rise, "visible", 1.0), (Rise, "form", "sum"), (Rise, "cells", 0),
        (Occlusion, "window", 0), (Occlusion, "stride", 40), (Occlusion, "overlap", "max"),
        (Occlusion, "fill", "nosuch"),
    ],
)  # fmt: skip
def test_settings_that_mean_nothing_are_refused(method, setting, value):
    with pytest.raises(InputError, match=setting):
        method(**{setting: value})


def test_windows_against_a_slow_second_implementation():
    # 5 rows: windows from 0 and 3; 9 columns: from 0, 3 and 6, the last cut off.
    slow = []
    for top in (0, 3):
        for left in (0, 3, 6):
            plane = np.zeros((5, 9), bool)
            plane[top : top + 4, left : left + 4] = True
            slow.append(plane)
    np.testing.assert_array_equal(sliding_windows((5, 9), 4, 3), slow)
