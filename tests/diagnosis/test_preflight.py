import io
import re
from dataclasses import replace
from itertools import permutations

import numpy as np
import pytest
from PIL import Image

import axolens as ax
from axolens.classifiers.counted import Counted
from axolens.classifiers.function import normalised
from axolens.diagnosis.otherwise import Otherwise, shuffled, spoilt
from axolens.diagnosis.preflight import crop_check, logits_check, miss_check, preflight, rotation_check
from axolens.diagnosis.preparations import RANGES, as_if, exchanged, other_ranges
from axolens.errors import InputError, LabelError, ModelError
from axolens.records.frame import Frame
from axolens.records.labels import Labels
from axolens.records.photo import Photo
from axolens.records.prediction import Prediction
from axolens.records.preprocess import Preprocess

NAMES = ("red", "green", "blue", "dark", "no picture")
SMALL = Preprocess(size=(32, 32), layout="nhwc")
NETWORKS = {name: replace(SMALL, **values) for name, values in RANGES.items()}
ORDER = [
    "channel order", "value range", "EXIF rotation", "object inside the crop", "logits available", "true class known",
    "near miss", "steady answer", "label",
]  # fmt: skip


def network(expected, given, *, strict=False, blind=False):
    """A network that names the colour of the upper half, against the lower's, and is told to be given it otherwise.

    A blind one only asks for the colour on the whole.
    """

    def colour(batch):
        x = (batch * np.array(expected.std) + np.array(expected.mean)) / expected.scale
        x = x[..., ::-1] if expected.order == "bgr" else x
        if strict and (x.min() < -0.1 or x.max() > 1.1):
            raise ValueError("these are no pixels")
        r, g, b = (x.mean((1, 2)) if blind else x[:, :16].mean((1, 2)) - x[:, 16:].mean((1, 2))).T
        outside = np.maximum(x.max((1, 2, 3)) - 1.05, -0.05 - x.min((1, 2, 3)))
        return np.stack([9 * (r - b), 9 * (g - r - b), 9 * (b - r), 3 - 15 * (r + g + b), 99 * outside], axis=1)

    return ax.load(colour, labels=NAMES, preprocess=given, output="logits")


def photo_of(colour, truth, **facts):
    pixels = np.full((48, 48, 3), 0.1, np.float32)
    pixels[:24] = colour
    return Photo(pixels, truth=truth, digest="0", facts=facts)


def checked(model, photo, mask=None):
    counted = Counted(model)
    prediction = ax.predict(model, photo)
    checks, asked = preflight(counted, photo, prediction, np.random.default_rng(0), mask)
    assert asked == counted.forward
    assert [check.name for check in checks] == ORDER
    return {check.name: check for check in checks}


SAID = re.compile(
    r"With red and blue exchanged the model names red \(log-odds (\+\d+\.\d) instead of (-\d+\.\d)\): the channels "
    r"may be in the wrong order\."
)
RED = photo_of((0.8, 0.3, 0.1), "red")


@pytest.mark.parametrize("expected", NETWORKS)
def test_a_right_preparation_raises_no_alarm(expected):
    for photo in (RED, photo_of((0.8, 0.3, 0.1), "green")):
        found = checked(network(NETWORKS[expected], NETWORKS[expected]), photo)
        assert found["channel order"].outcome == found["value range"].outcome == "passed"


def test_wrong_value_ranges_are_named():
    named = 0
    for expected, given in permutations(NETWORKS, 2):
        model = network(NETWORKS[expected], NETWORKS[given])
        if ax.predict(model, RED).rank("red") == 1:  # it names red all the same: no alarm is needed
            continue
        found = checked(model, RED)["value range"]
        assert found.outcome == "failed"
        assert found.sentence.startswith(f"With {expected} the model names red (log-odds +")
        assert found.sentence.endswith("): the preprocess may be wrong.")
        named += 1
    assert named == 17


def test_red_taken_for_blue_is_the_channels():
    found = checked(network(SMALL, exchanged(SMALL)), RED)
    assert found["channel order"].outcome == "failed"
    before, after = SAID.fullmatch(found["channel order"].sentence).groups()[::-1]
    # The halves differ by (0.7, 0.2, 0): red has 6.3, green −4.5, blue −6.3, so that red's log-odds are 10.8 − log(1 +
    # e^−1.8) = 10.65, or −12.6 with red and blue exchanged; shifts by up to an eighth take up to a fifth of it.
    assert 8.5 < float(after) <= 10.7
    assert -12.6 <= float(before) < -10.0
    assert found["value range"].outcome == "passed"


def test_an_answer_surer_than_photos_get_is_of_values_out_of_range():
    """Levels up to 255 make differences of 0.7 into 1600: red is named then, of the photo and of nothing spoilt."""

    def colour(batch):
        red, _, blue = (batch[:, :16].mean((1, 2)) - batch[:, 16:].mean((1, 2))).T
        return np.stack([9 * (red - blue), 9 * (blue - red), np.full(len(red), 300.0)], axis=1)

    model = ax.load(colour, labels=("red", "blue", "nothing"), preprocess=SMALL, output="logits")
    assert checked(model, RED)["value range"].outcome == "passed"


@pytest.mark.parametrize(("right", "outcome"), [(1, "failed"), (2, "passed")])
def test_a_photo_that_harmless_variations_put_right_needs_no_other_preparation(right, outcome):
    """Of four variations one or two are named rightly as given; exchanged, all are, and far more surely."""
    model, batch = network(SMALL, exchanged(SMALL)), np.repeat(RED.pixels[None, 8:40, 8:40], 4, axis=0)
    scores = np.where(np.arange(4)[:, None] < right, (0.1, 0, 0, 0, 0), (0, 0.1, 0, 0, 0))
    asked = Otherwise(model, batch, scores, 0, np.random.default_rng(0))
    found = asked.order_check(model.preprocess)
    assert found.outcome == outcome
    assert ("in at least half of the harmless variations" in found.sentence) == (outcome == "passed")
    assert (asked.asked == 0) == (outcome == "passed")


@pytest.mark.parametrize("expected", NETWORKS)
def test_a_truth_that_is_named_of_shuffled_pixels_too_is_not_recognised(expected):
    blind = network(NETWORKS[expected], exchanged(NETWORKS[expected]), blind=True)
    assert ax.predict(blind, RED).top(1)[0].label == "blue"
    assert checked(blind, RED)["channel order"].outcome == "passed"
    assert checked(network(NETWORKS[expected], exchanged(NETWORKS[expected])), RED)["channel order"].outcome == "failed"


def test_spoilt_pictures_by_hand():
    picture = np.arange(16, dtype=np.float32).reshape(1, 4, 4, 1).repeat(3, axis=3) / 15
    mean, pixels, tiles = spoilt(picture, np.random.default_rng(0))
    np.testing.assert_allclose(mean, 0.5, atol=1e-6)
    for one in (pixels, tiles):  # tiles of one pixel
        np.testing.assert_allclose(np.sort(one[..., 0].ravel()), np.arange(16) / 15)
        assert (one != picture[0]).any()


def test_tiles_change_places_whole_and_leave_the_rest():
    picture = np.arange(30, dtype=np.float32).reshape(1, 5, 6, 1).repeat(3, axis=3)
    moved = shuffled(picture, 2, np.random.default_rng(2))[0, ..., 0]
    tiles = {tuple(picture[0, r : r + 2, c : c + 3, 0].ravel()) for r in (0, 2) for c in (0, 3)}
    assert {tuple(moved[r : r + 2, c : c + 3].ravel()) for r in (0, 2) for c in (0, 3)} == tiles
    assert moved[4].tolist() == [24, 25, 26, 27, 28, 29]
    assert (moved != picture[0, ..., 0]).any()


def test_a_model_that_refuses_other_values_is_not_blamed():
    model = network(SMALL, SMALL, strict=True)
    found = checked(model, photo_of((0.8, 0.3, 0.1), "green"))
    assert found["value range"].outcome == "passed"


@pytest.mark.parametrize("given", NETWORKS)
@pytest.mark.parametrize("other", NETWORKS)
def test_pixels_reach_the_network_as_another_preparation_would_bring_them(given, other, rng):
    batch = rng.random((2, 8, 8, 3)).astype(np.float32)
    for one in (NETWORKS[other], exchanged(NETWORKS[other])):
        reaching = normalised(as_if(batch, NETWORKS[given], one), NETWORKS[given])
        np.testing.assert_allclose(reaching, normalised(batch, one), rtol=1e-4, atol=2e-4)


@pytest.mark.parametrize("given", NETWORKS)
def test_the_given_preparation_is_not_among_the_others(given):
    for one in (NETWORKS[given], exchanged(NETWORKS[given])):
        assert list(other_ranges(one)) == [name for name in NETWORKS if name != given]


def stored(orientation):
    picture, stream = Image.new("RGB", (6, 4)), io.BytesIO()
    exif = Image.Exif()
    if orientation is not None:
        exif[0x0112] = orientation
    picture.save(stream, "JPEG", exif=exif)
    return ax.read(stream.getvalue())


@pytest.mark.parametrize(
    ("orientation", "outcome", "words"),
    [
        (1, "passed", "The photo is stored upright when it was read."),
        (6, "passed", "The photo is stored turned (EXIF orientation 6) and was set upright when it was read."),
        (None, "unknown", "The photo does not say how the camera was held: look whether it stands upright."),
    ],
)
def test_what_the_file_says_about_the_camera(orientation, outcome, words):
    check = rotation_check(stored(orientation))
    assert (check.outcome, check.sentence) == (outcome, words)


def test_the_share_of_the_object_in_the_crop_counts_parts_of_pixels():
    frame = Frame(box=(2.5, 0.0, 6.5, 4.0), size=(4, 4), photo=(4, 8))
    mask = np.zeros((4, 8), bool)
    mask[1:3, 2:4] = True  # half of the first column lies outside: three quarters are seen
    check = crop_check(frame, mask)
    assert check.outcome == "failed"
    assert check.sentence == "Only 75 % of the object lies in the part of the photo that the network sees."
    inner = np.zeros((4, 8), bool)
    inner[:, 3:6] = True
    assert crop_check(frame, inner).outcome == "passed"
    rows = np.zeros((8, 4), bool)
    rows[0:4] = True
    tall = Frame(box=(0.0, 2.0, 4.0, 6.0), size=(4, 4), photo=(8, 4))
    assert crop_check(tall, rows).sentence.startswith("Only 50 %")


def test_without_a_mask_the_crop_is_unknown_unless_there_is_none():
    cropped = Frame(box=(2.0, 0.0, 6.0, 4.0), size=(4, 4), photo=(4, 8))
    assert crop_check(cropped, None).outcome == "unknown"
    assert "sees 50 % of the photo" in crop_check(cropped, None).sentence
    assert crop_check(Frame(box=(0.0, 0.0, 8.0, 4.0), size=(4, 4), photo=(4, 8)), None).outcome == "passed"


def test_a_given_mask_goes_before_the_photos_own():
    wide = Photo(np.tile(RED.pixels, (1, 2, 1)), truth="red", digest="0", mask=np.eye(48, 96, 24, dtype=bool))
    model = network(SMALL, replace(SMALL, short_side=32))
    assert checked(model, wide)["object inside the crop"].outcome == "passed"
    edge = np.zeros((48, 96), bool)
    edge[:, :12] = True
    assert checked(model, wide, edge)["object inside the crop"].sentence.startswith("Only 0 %")


def said(chances, kind):
    chances = np.array(chances, np.float32)
    return Prediction(np.log(chances), kind, chances, Labels(tuple(f"c{i}" for i in range(len(chances)))))


@pytest.mark.parametrize(
    ("chances", "kind", "outcome"),
    [
        ((0.7, 0.3), "logits", "passed"),
        ((0.7, 0.3), "independent-logits", "passed"),
        ((0.7, 0.3), "log-probabilities", "passed"),
        ((0.5, 0.5, 1e-7), "log-probabilities", "failed"),
        ((1.0, 1e-4, 1e-5), "log-probabilities", "failed"),
    ],
)
def test_probabilities_do_where_they_are_not_rounded(chances, kind, outcome):
    assert logits_check(said(chances, kind), len(chances) - 1).outcome == outcome


@pytest.mark.parametrize(
    ("truth", "outcome", "words"),
    [
        (0, "passed", "No miss: c0 is number 1 of 7 classes."),
        (4, "passed", "A near miss: c4 is number 5 of 7 classes."),
        (5, "failed", "A far miss: c5 is number 6 of 7 classes."),
    ],
)
def test_a_miss_is_near_down_to_the_fifth_place(truth, outcome, words):
    check = miss_check(said((0.3, 0.25, 0.2, 0.1, 0.08, 0.05, 0.02), "logits"), truth)
    assert (check.outcome, check.sentence) == (outcome, words)


def test_a_label_that_the_picture_contradicts_is_doubted():
    model = network(SMALL, SMALL)
    assert checked(model, replace(RED, truth="green"))["label"].outcome == "failed"
    assert checked(model, RED)["label"].outcome == "passed"
    assert checked(model, replace(RED, truth="GREEN"))["true class known"].sentence == (
        "green is class 1 of the model's 5."
    )


def test_questions_that_cannot_be_asked_are_refused():
    model = network(SMALL, SMALL)
    prediction, rng = ax.predict(model, RED), np.random.default_rng(0)
    with pytest.raises(InputError, match="photo memory: expected its true class, got none"):
        preflight(model, replace(RED, truth=None), prediction, rng)
    with pytest.raises(LabelError, match="got 'purple'"):
        preflight(model, replace(RED, truth="purple"), prediction, rng)
    with pytest.raises(InputError, match=r"mask of memory: expected an object .* covers nothing"):
        preflight(model, RED, prediction, rng, np.zeros((48, 48), bool))
    with pytest.raises(InputError, match=r"mask of memory: expected the photo's size"):
        preflight(model, RED, prediction, rng, np.eye(12, dtype=bool))
    bare = ax.load(lambda batch: batch.mean((1, 2)), labels=["a", "b", "red"], preprocess=None, output="logits")
    with pytest.raises(ModelError, match="expected to be told how its photos are prepared"):
        preflight(bare, RED, prediction, rng)
