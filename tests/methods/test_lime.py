import numpy as np
import pytest
from nets import small

from axolens.cases.explain import explain, generator
from axolens.classifiers.counted import Counted
from axolens.classifiers.function import wrap_function
from axolens.errors import InputError
from axolens.maths.blending import blend
from axolens.maths.designs import block_order, coin_flips
from axolens.maths.surrogate import fit_linear
from axolens.methods.perturbation.hiding import hidden_scores
from axolens.methods.perturbation.lime import Lime, painted, regions_of
from axolens.photos.fill import fill_image, network_zero
from axolens.photos.read import read
from axolens.records.labels import Labels
from axolens.records.preprocess import Preprocess
from axolens.records.segments import Segments
from axolens.records.target import Target
from axolens.segmenters import SEGMENTERS, segment

SIZE = (24, 32)


def linear_model(weights):
    """Logits (w·x, 0): the score of class 0 against class 1 is linear in the pixels."""

    def ask(batch):
        said = (np.asarray(batch) * weights).sum((1, 2, 3))
        return np.stack([said, np.zeros_like(said)], axis=1)

    return wrap_function(
        ask,
        labels=Labels(("yes", "no")),
        preprocess=Preprocess(size=SIZE, layout="nhwc"),
        name="linear",
        output="logits",
    )


def photo_of_blocks(rng):
    blocks = rng.integers(40, 216, (3, 4, 3))
    return read(np.kron(blocks, np.ones((8, 8, 1))).astype(np.uint8))


@pytest.mark.parametrize("fill", ["mean", "blur", "#204060"])
@pytest.mark.parametrize("segmenter", SEGMENTERS)
def test_a_linear_model_has_its_weights_back(rng, fill, segmenter):
    # Linear model: LIME's limit for a region is Σ w·(pixel − filled pixel) over its pixels, and the fit is exact.
    weights = rng.normal(size=(*SIZE, 3)) / 50
    photo = photo_of_blocks(rng)
    found = explain(
        linear_model(weights), photo, target="yes", methods=[Lime(samples=150, fill=fill, segmenter=segmenter)]
    ).attributions[0]
    regions = found.regions
    filled = fill_image(photo.pixels, regions.segments, fill, None)
    effect = (weights * (photo.pixels - filled)).sum(-1)
    truth = np.bincount(regions.segments.labels.ravel(), weights=effect.ravel())
    np.testing.assert_allclose(regions.coefficients, truth, atol=2e-5)
    np.testing.assert_allclose(found.values, truth[regions.segments.labels], atol=2e-5)
    assert regions.fit == pytest.approx(1, abs=1e-5) or np.abs(truth).max() < 1e-6


def test_hidden_scores_against_a_slow_second_implementation(rng):
    model = small()
    image = rng.random((20, 12, 3), np.float32)
    filled = rng.random((20, 12, 3), np.float32)
    segments = Segments(np.arange(240, dtype=np.int32).reshape(20, 12) % 7, "by hand")
    keep = rng.random((11, 7)) < 0.5
    fast = hidden_scores(Counted(model), model.asarray(image), filled, segments, keep, chunk=4)
    for row, kept in zip(fast, keep, strict=True):
        shown = image.copy()
        for y in range(20):
            for x in range(12):
                if not kept[segments.labels[y, x]]:
                    shown[y, x] = filled[y, x]
        np.testing.assert_allclose(row, model.scores(model.asarray(shown[None]))[0], atol=1e-5)


def test_chunks_do_not_matter(rng):
    photo = read(rng.integers(0, 256, (30, 20, 3), dtype=np.uint8))
    maps = [
        explain(small(), photo, target=1, methods=[Lime(samples=50, segmenter="slic", chunk=chunk)]).attributions[0]
        for chunk in (1, 7, 50)
    ]
    for one in maps[1:]:
        np.testing.assert_allclose(one.values, maps[0].values, atol=1e-4)


def test_a_seed_gives_the_same_and_another_photo_other_masks(rng):
    photos = [read(rng.integers(0, 256, (30, 20, 3), dtype=np.uint8)) for _ in range(2)]
    lime = Lime(samples=40, segmenter="slic")
    first, again = (explain(small(), photos[0], target=1, methods=[lime], seed=5).attributions[0] for _ in range(2))
    np.testing.assert_array_equal(first.values, again.values)
    other = explain(small(), photos[0], target=1, methods=[lime], seed=6).attributions[0]
    assert not np.array_equal(first.values, other.values)
    draws = [generator(5, photo.digest).random(3).tolist() for photo in photos]
    assert draws[0] != draws[1]


def test_the_true_class_never_gets_lost(rng):
    # 40 classes; the asked one is the least likely of all.
    model = small(40)
    photo = read(rng.integers(0, 256, (30, 20, 3), dtype=np.uint8))
    last = int(np.argmin(explain(model, photo, methods=["gradcam"]).prediction.scores))
    found = explain(model, photo, target=last, methods=[Lime(samples=60, segmenter="slic")]).attributions[0]
    assert found.target.indices == (last,)
    assert np.abs(found.values).max() > 0


def test_all_targets_share_the_masks(rng):
    model = small()
    photo = read(rng.integers(0, 256, (30, 20, 3), dtype=np.uint8))
    targets = [Target(0, score="logit"), Target(3, score="logit"), Target(0, against=3)]
    found = explain(model, photo, target=targets, methods=[Lime(samples=80, segmenter="slic")]).attributions
    assert [one.cost.forward for one in found] == [80, 80, 80]
    np.testing.assert_allclose(found[2].values, found[0].values - found[1].values, atol=1e-5)


def test_more_regions_than_samples_is_said(rng):
    photo = read(rng.integers(0, 256, (30, 20, 3), dtype=np.uint8))
    found = explain(small(), photo, target=0, methods=[Lime(samples=10, segmenter="slic")]).attributions[0]
    count = found.regions.segments.count
    assert count >= 10
    assert any(f"More regions ({count}) than samples (10)" in note for note in found.notes)
    assert found.regions.low is None


def test_one_region_is_said(rng):
    photo = read(np.full((30, 20, 3), 90, np.uint8))
    found = explain(small(), photo, target=0, methods=[Lime(samples=20, segmenter="felzenszwalb")]).attributions[0]
    assert found.regions.segments.count == 1
    assert any("Only one region" in note for note in found.notes)


def test_a_model_that_answers_always_alike_is_said(rng):
    model = wrap_function(
        lambda batch: np.tile([[0.0, 1.0]], (len(batch), 1)), labels=Labels(("a", "b")),
        preprocess=Preprocess(size=SIZE, layout="nhwc"), name="constant", output="logits",
    )  # fmt: skip
    found = explain(model, photo_of_blocks(rng), target="b", methods=[Lime(samples=60, segmenter="slic")]).attributions[
        0
    ]
    assert np.abs(found.values).max() == 0
    assert any("changes nothing" in note for note in found.notes)


def test_scores_that_break_under_hiding_are_said(rng):
    def fragile(batch):
        dark = np.asarray(batch).min((1, 2, 3)) < 1e-6
        return np.where(dark[:, None], np.nan, [[1.0, 0.0]])

    labels, preprocess = Labels(("a", "b")), Preprocess(size=SIZE, layout="nhwc")
    model = wrap_function(fragile, labels=labels, preprocess=preprocess, name="fragile", output="logits")
    lime = Lime(samples=30, segmenter="slic", fill="black")
    found = explain(model, photo_of_blocks(rng), target="a", methods=[lime]).attributions[0]
    assert "Not a number" in found.notes[0]
    assert np.isnan(found.regions.fit)


def test_all_regions_against_is_said(rng):
    model = linear_model(np.full((*SIZE, 3), -0.01))
    lime = Lime(samples=60, segmenter="slic", fill="black")
    found = explain(model, photo_of_blocks(rng), target="yes", methods=[lime]).attributions[0]
    assert any("No positive evidence" in note for note in found.notes)


def test_intervals_shrink_as_one_over_root_n(rng):
    photo = photo_of_blocks(rng)

    def curved(batch):
        said = np.tanh(4 * (np.asarray(batch) - 0.25).mean((1, 2, 3))) ** 2
        return np.stack([said, -said], axis=1)

    model = wrap_function(
        curved, labels=Labels(("a", "b")), preprocess=Preprocess(size=SIZE, layout="nhwc"), name="c", output="logits"
    )
    widths = []
    for samples in (200, 800):
        lime = Lime(samples=samples, design="coins", fill="#000000")
        regions = explain(model, photo, target="a", methods=[lime]).attributions[0].regions
        widths.append(np.median(regions.high - regions.low))
    assert widths[0] / widths[1] == pytest.approx(2, rel=0.25)


def test_network_zero_is_what_preprocessing_turns_into_zeros():
    caffe = Preprocess(size=SIZE, mean=(103.939, 116.779, 123.68), scale=255.0, order="bgr")
    np.testing.assert_allclose(network_zero(caffe) * 255, (123.68, 116.779, 103.939), rtol=1e-6)
    with pytest.raises(InputError, match="preprocess=None"):
        network_zero(None)


def test_coins_are_fair_and_independent():
    keep = coin_flips(np.random.default_rng(0), 4000, 6)
    np.testing.assert_allclose(keep.mean(axis=0), 0.5, atol=0.04)  # 5 standard errors
    np.testing.assert_allclose(np.corrcoef(keep.T) - np.eye(6), 0, atol=0.08)


@pytest.mark.parametrize(
    "settings",
    [
        {"samples": 1}, {"chunk": -1}, {"kernel_width": -1.0}, {"design": "sobol"}, {"settle": 2.0},
        {"ridge": -1.0}, {"segmenter": "slicc"}, {"fill": "nosuch"},
    ],
)  # fmt: skip
def test_settings_that_mean_nothing_are_refused(settings):
    with pytest.raises(InputError, match=next(iter(settings))):
        Lime(**settings)


def test_unknown_segmenters_and_fills_are_refused(rng):
    image = rng.random((8, 8, 3), np.float32)
    with pytest.raises(InputError, match="slic, felzenszwalb, quickshift"):
        segment(image, "watershed", 0)
    with pytest.raises(InputError, match="mean, blur, network-zero"):
        fill_image(image, Segments(np.zeros((8, 8), np.int32), "one"), "nosuchcolour", None)


def test_mean_fill_is_float_and_by_region():
    image = np.array([[[0.1] * 3, [0.2] * 3, [0.9] * 3]], np.float32)
    segments = Segments(np.array([[0, 0, 1]], np.int32), "by hand")
    np.testing.assert_allclose(fill_image(image, segments, "mean", None)[0, :, 0], [0.15, 0.15, 0.9], atol=1e-7)


def test_hiding_keeps_what_is_kept(rng):
    image, filled = rng.random((4, 5, 3), np.float32), rng.random((4, 5, 3), np.float32)
    keep = rng.random((2, 4, 5)) < 0.5
    hidden = blend(image, filled, keep)
    np.testing.assert_array_equal(hidden[0][keep[0]], image[keep[0]])
    np.testing.assert_array_equal(hidden[1][~keep[1]], filled[~keep[1]])


def test_painting_is_one_gather():
    segments = Segments(np.array([[0, 1], [1, 2]], np.int32), "by hand")
    fit = fit_linear(np.eye(3, dtype=bool), np.array([[1.0], [2.0], [4.0]]), np.ones(3))
    values = painted(regions_of(segments, fit)[0])
    np.testing.assert_allclose(values[0, 1], values[1, 0])
    np.testing.assert_allclose(values[1, 1] - values[0, 0], 3, atol=1e-5)


def test_attributions_stamp_cost_seed_and_settings(rng):
    model, photo = small(), read(rng.integers(0, 256, (20, 12, 3), dtype=np.uint8))
    case = explain(model, photo, methods=["lime"], settings={"lime": {"samples": 30, "segmenter": "slic"}}, seed=9)
    found = case.attributions[0]
    assert (found.seed, found.cost.forward, found.cost.backward) == (9, 30, 0)
    assert found.settings["samples"] == 30
    assert case.provenance.settings["lime"]["segmenter"] == "slic"


def interacting(seed=0, calls=None, strength=6):
    """A score of 12 blocks with interactions of all orders, so that masks do not all say the same."""
    draw = np.random.default_rng(seed)
    first, second = draw.normal(size=(2, *SIZE)) / 40

    def ask(batch):
        if calls is not None:
            calls.append(len(batch))
        grey = np.asarray(batch).mean(-1)
        bent = strength * (grey * second).sum((1, 2))
        said = (grey * first).sum((1, 2)) + bent**2 + 0.1 * bent**3
        return np.stack([said, np.zeros_like(said)], axis=1)

    display = Preprocess(size=SIZE, layout="nhwc")
    return wrap_function(ask, labels=Labels(("a", "b")), preprocess=display, name="interacting", output="logits")


def test_balanced_designs_have_the_limit_of_coin_flips_with_less_error(rng):
    photo, errors = photo_of_blocks(rng), {"balanced": [], "coins": []}
    many = Lime(samples=30_000, design="coins", fill="black", chunk=500)
    limit = explain(interacting(), photo, target="a", methods=[many]).attributions[0].regions
    block = 2 * block_order(limit.segments.count)
    for design, found in errors.items():
        for seed in range(6):
            lime = Lime(samples=4 * block, design=design, fill="black", settle=0.0)
            regions = explain(interacting(), photo, target="a", methods=[lime], seed=seed).attributions[0].regions
            found.append(regions.coefficients - limit.coefficients)
    balanced, coins = (np.sqrt(np.mean(np.square(errors[design]))) for design in ("balanced", "coins"))
    assert balanced < 0.6 * coins
    # No bias: the mean of the errors is within four of its own standard errors.
    mean = np.mean(errors["balanced"], axis=0)
    assert np.abs(mean).max() < 4 * balanced / np.sqrt(6) + 4 * coins * np.sqrt(4 * block / 30_000)


def test_a_settled_run_stops_at_a_planned_look_and_says_so(rng):
    photo = photo_of_blocks(rng)
    found = explain(interacting(strength=1), photo, target="a", methods=[Lime(fill="black")]).attributions[0]
    block = 2 * block_order(found.regions.segments.count)
    assert found.cost.forward in [looks * block for looks in (4, 6, 8, 12, 16)]
    assert found.cost.forward < 1000
    assert any(f"Settled after {found.cost.forward} images" in note for note in found.notes)
    whole = explain(interacting(strength=1), photo, target="a", methods=[Lime(fill="black", settle=0.0)]).attributions[
        0
    ]
    assert whole.cost.forward == 1000 // block * block


def test_what_is_not_settled_is_said(rng):
    flat = np.random.default_rng(0).random(SIZE) < 0.5

    def parity(batch):
        shown = (np.abs(np.asarray(batch) - 0.5).mean(-1) > 1e-3).astype(int)
        said = np.where((shown * flat).sum((1, 2)) % 2, 1.0, -1.0)
        return np.stack([said, np.zeros_like(said)], axis=1)

    display = Preprocess(size=SIZE, layout="nhwc")
    model = wrap_function(parity, labels=Labels(("a", "b")), preprocess=display, name="parity", output="logits")
    lime = Lime(samples=600, fill="#808080", kernel_width=0.25)
    found = explain(model, photo_of_blocks(rng), target="a", methods=[lime]).attributions[0]
    assert any("Unsettled after" in note and "More samples than 600" in note for note in found.notes)


def test_too_few_samples_for_balanced_blocks_take_coins_and_say_so(rng):
    found = explain(interacting(), photo_of_blocks(rng), target="a", methods=[Lime(samples=60)]).attributions[0]
    wanted = 8 * block_order(found.regions.segments.count)
    assert wanted > 60
    assert any(f"want {wanted} samples" in note for note in found.notes)


def test_a_pass_that_memory_does_not_hold_is_halved_and_gives_the_same(rng):
    photo, calls = photo_of_blocks(rng), []
    roomy = interacting()
    tight = interacting(calls=calls)
    ask = tight.function

    def tiny(batch):
        if len(batch) > 5:
            raise RuntimeError("CUDA out of memory. Tried to allocate 2.00 GiB")
        return ask(batch)

    tight.function = tiny
    maps = [explain(model, photo, target="a", methods=[Lime(fill="blur")]).attributions[0] for model in (roomy, tight)]
    np.testing.assert_allclose(maps[0].values, maps[1].values, atol=1e-5)
    assert maps[0].cost.forward == maps[1].cost.forward
    assert max(calls) <= 5


def test_other_errors_are_not_taken_for_a_lack_of_memory(rng):
    broken = interacting()

    def failing(batch):
        raise RuntimeError("expected 4 channels")

    photo = photo_of_blocks(rng)
    batch = np.asarray(photo.pixels[None])
    broken.function = failing
    with pytest.raises(RuntimeError, match="4 channels"):
        Lime().attribute(Counted(broken), batch, [[broken.labels.resolve(Target(0))]], [rng])


@pytest.mark.parametrize("layout", ["nchw", "nhwc"])
@pytest.mark.parametrize("soft", [False, True])
def test_blending_behind_the_preprocessing_is_blending_before_it(rng, layout, soft):
    from torch import nn

    from axolens.classifiers.torch_load import wrap_module

    class Turned(nn.Module):
        def __init__(self):
            super().__init__()
            self.net = nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU(), nn.Flatten(), nn.Linear(4 * 18 * 10, 5))

        def forward(self, batch):
            return self.net(batch.permute(0, 3, 1, 2) if layout == "nhwc" else batch)

    recipe = Preprocess(
        size=(20, 12), mean=(10.0, 20.0, 30.0), std=(50.0,) * 3, scale=255.0, order="bgr", layout=layout
    )
    model = wrap_module(Turned(), None, recipe, name="turned")
    image, filled = (model.asarray(rng.random((20, 12, 3), np.float32)) for _ in range(2))
    shares = rng.random((3, 20, 12)).astype(np.float32)
    visible = model.asarray(shares if soft else shares > 0.5)
    slow = model.scores(blend(image, filled, visible))
    np.testing.assert_allclose(model.blended_scores(image, filled, visible), slow, atol=1e-4)
