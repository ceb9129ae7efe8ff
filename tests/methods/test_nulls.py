import numpy as np
import pytest
import torch
from nets import net_a, reading_order, small
from scipy.ndimage import gaussian_filter

import axolens as ax
from axolens.classifiers.counted import Counted
from axolens.errors import InputError
from axolens.maths.array import to_numpy
from axolens.maths.noise import blur_width, blurred_noise
from axolens.methods.cam.gradcam import GradCam
from axolens.methods.nulls.blind import BLIND
from axolens.methods.nulls.blurrednoise import BlurredNoise
from axolens.methods.nulls.centreblob import CentreBlob
from axolens.methods.nulls.edgemap import EdgeMap
from axolens.methods.nulls.matched import ELSEWHERE, map_of_another, noise_as_smooth_as
from axolens.methods.nulls.noise import Noise
from axolens.records.target import Target

ALL = [Noise(), BlurredNoise(), CentreBlob(), EdgeMap()]


class Never:
    """A classifier that must not be asked."""

    def __init__(self, size=(20, 12)):
        self.name, self.labels, self.digest, self.kind = "never", small().labels, "", "logits"
        self.preprocess = ax.Preprocess(size=size)

    def asarray(self, values):
        return values

    def scores(self, batch):
        raise AssertionError("a null asked the model")


def run(method, batch, count=1, seed=0):
    model = Never(batch.shape[1:3])
    asked = [[model.labels.resolve(Target(j)) for j in range(count)]] * len(batch)
    return method.attribute(Counted(model), batch, asked, [np.random.default_rng([seed, i]) for i in range(len(batch))])


@pytest.mark.parametrize("method", ALL, ids=lambda one: one.card.name)
def test_no_null_asks_the_model_and_each_says_so(method, rng):
    batch = rng.random((2, 20, 12, 3), np.float32)
    raw = run(method, batch, 3)
    assert raw.maps.shape == (2, 3, 20, 12)
    assert raw.maps.dtype == np.float32
    assert raw.notes == (((BLIND,),) * 3,) * 2
    assert method.images == 0
    assert method.card.about in ("nothing", "photo")
    assert (method.card.family, method.card.contrast, method.card.unit) == ("null", "not offered", "relative")


def test_a_case_of_nulls_costs_nothing_and_is_told_as_one(rng):
    photo = ax.read(rng.integers(0, 256, (40, 24, 3), dtype=np.uint8))
    case = ax.explain(small(), photo, target=1, methods=["noise", "blurred-noise", "centre-blob", "edge-map"])
    assert [(one.cost.forward, one.cost.backward) for one in case.attributions] == [(0, 0)] * 4
    assert all(BLIND in one.notes and one.reading for one in case.attributions)


def test_noise_is_normal(rng):
    values = run(Noise(), np.zeros((1, 200, 300, 3), np.float32)).maps[0, 0]
    assert abs(values.mean()) < 0.02
    assert abs(values.std() - 1) < 0.02
    assert abs(np.mean(values**4) - 3) < 0.15
    assert blur_width(values) < 0.4


def test_a_blob_by_hand():
    # 4 rows and 2 columns: centres at −3/8, −1/8, 1/8, 3/8 down and −1/4, 1/4 across, in widths of 1/4.
    values = run(CentreBlob(width=0.25), np.zeros((1, 4, 2, 3), np.float32)).maps[0, 0]
    down, across = np.exp([-1.125, -0.125, -0.125, -1.125]), np.exp([-0.5, -0.5])
    np.testing.assert_allclose(values, np.outer(down, across), rtol=1e-6)


def test_edges_by_hand():
    # A white lower half: luminance rises by 1 between rows 1 and 2, so by ½ a row at both, and nowhere across.
    picture = np.zeros((1, 4, 6, 3), np.float32)
    picture[:, 2:] = 1
    np.testing.assert_allclose(run(EdgeMap(), picture).maps[0, 0], np.outer([0, 0.5, 0.5, 0], np.ones(6)), atol=1e-6)
    # A green right half: the same across, by green's share of the luminance, 0.7152.
    picture = np.zeros((1, 4, 6, 3), np.float32)
    picture[:, :, 3:, 1] = 1
    by_hand = np.outer(np.ones(4), [0, 0, 0.3576, 0.3576, 0, 0])
    np.testing.assert_allclose(run(EdgeMap(), picture).maps[0, 0], by_hand, atol=1e-6)
    # A slope of 3/100 a row and 4/100 a column is 5/100 within.
    rows, columns = np.mgrid[0:8, 0:9]
    slope = ((3 * rows + 4 * columns) / 100)[None, :, :, None].repeat(3, -1).astype(np.float32)
    np.testing.assert_allclose(run(EdgeMap(), slope).maps[0, 0, 1:-1, 1:-1], 0.05, atol=1e-6)


def test_batches_that_are_whatever_the_network_takes():
    model = net_a()
    asked = [[model.labels.resolve(Target(0))]]
    raw = EdgeMap().attribute(Counted(model), reading_order(model), asked, [np.random.default_rng(0)])
    assert raw.maps.shape == (1, 1, 4, 4)
    np.testing.assert_allclose(raw.maps[0, 0, 1:3, 1:3], 17**0.5, rtol=1e-6)  # 4 a row, 1 a column
    assert BlurredNoise().attribute(Counted(model), reading_order(model), asked, [np.random.default_rng(0)]).maps.shape


@pytest.mark.parametrize("width", [0.0, 0.6, 1.5, 4.0])
def test_blurred_noise_has_the_width_that_was_asked(width):
    size = (240, 320)
    noise = blurred_noise(size, width, np.random.default_rng(1))
    slow = gaussian_filter(np.random.default_rng(1).standard_normal(size), width, mode="wrap", truncate=8)
    if width > 1:  # narrower blurs of whole places are no Gaussians
        np.testing.assert_allclose(noise, (slow - slow.mean()) / slow.std(), atol=1e-4)
    assert (noise.mean(), noise.std()) == pytest.approx((0, 1), abs=1e-5)
    # An estimate from 76,800 places.
    assert blur_width(noise) == pytest.approx(width, rel=0.06, abs=0.35 if width == 0 else 0.0)


def test_a_width_is_a_share_of_the_shorter_side():
    for size in ((200, 300), (300, 200)):
        values = run(BlurredNoise(width=0.02), np.zeros((1, *size, 3), np.float32)).maps[0, 0]
        assert blur_width(values) == pytest.approx(4, rel=0.06)


def test_the_width_of_a_map_by_hand():
    # Mean ½, variance ¼. Of the steps, 2 · 5 across and 6 down, one in each row is 1 and the rest are 0: mean square
    # 2/16, so neighbours are alike by 1 − (1/8) / (2 · 1/4) = 3/4, and the width is 1/√(4 ln 4/3).
    assert blur_width(np.array([[0.0, 0, 0, 1, 1, 1]] * 2)) == pytest.approx((4 * np.log(4 / 3)) ** -0.5)
    assert blur_width(np.indices((4, 6)).sum(0) % 2.0) == 0.0  # a chessboard is rougher than noise
    assert blur_width(np.array([[0.0, np.nan, 0, 1, np.inf, 1]] * 2)) == blur_width(
        np.array([[0.0, 0, 0, 1, 0, 1]] * 2)
    )
    with pytest.raises(InputError, match="got 2 everywhere"):
        blur_width(np.full((3, 3), 2.0))


def test_noise_as_smooth_as_a_map_keeps_its_mean_and_spread(rng):
    values = 3 + 0.5 * blurred_noise((200, 260), 3.0, rng)
    made = noise_as_smooth_as(values, rng)
    assert made.shape == values.shape
    assert made.mean() == pytest.approx(3, abs=1e-4)
    assert made.std() == pytest.approx(0.5, abs=1e-4)
    assert blur_width(made) == pytest.approx(blur_width(values), rel=0.08)
    assert abs(np.corrcoef(made.ravel(), values.ravel())[0, 1]) < 0.2


def test_the_map_of_another_photo_is_that_photos_map_for_the_same_questions(rng):
    model, method = small(), GradCam(layer="features.3")
    batch, others = (model.asarray(rng.random((2, 20, 12, 3), np.float32)) for _ in range(2))
    asked = [[model.labels.resolve(Target(i)), model.labels.resolve(Target(3))] for i in range(2)]
    rngs = [np.random.default_rng(i) for i in range(2)]
    raw = map_of_another(method, Counted(model), batch, others, asked, rngs)
    np.testing.assert_array_equal(
        to_numpy(raw.maps), to_numpy(method.attribute(Counted(model), others, asked, rngs).maps)
    )
    assert raw.notes == (((ELSEWHERE,),) * 2,) * 2
    assert raw.settings == {"layer": "features.3"}
    with pytest.raises(InputError, match="the photo itself as image 1"):
        map_of_another(method, Counted(model), batch, torch.stack([others[0], batch[1]]), asked, rngs)
    with pytest.raises(InputError, match=r"images of shape \(2, 20, 12, 3\), got images of shape \(1, 20"):
        map_of_another(method, Counted(model), batch, others[:1], asked, rngs)


@pytest.mark.parametrize(
    ("kind", "width"), [(CentreBlob, 0.0), (CentreBlob, 1.5), (BlurredNoise, -0.1), (BlurredNoise, float("nan"))]
)
def test_a_width_that_is_no_share_is_refused(kind, width):
    with pytest.raises(InputError, match=r"\.width"):
        kind(width=width)
    assert kind(width=1.0).width == 1.0


def test_nulls_are_no_way_out_for_a_model_that_cannot_serve_a_method(rng):
    black = ax.load(lambda batch: batch.mean((1, 2)), labels=["r", "g", "b"], preprocess={"size": 8}, output="logits")
    with pytest.raises(ax.AxolensError) as caught:
        ax.explain(black, ax.read(rng.integers(0, 256, (9, 9, 3), dtype=np.uint8)), methods=["gradcam"])
    assert str(caught.value).endswith(
        "use method lime, or one of kernelshap, rise, occlusion, which this model can serve."
    )
