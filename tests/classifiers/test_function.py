import numpy as np
import pytest

from axolens.classifiers.function import FunctionClassifier, wrap_function
from axolens.classifiers.protocols import Classifier, Differentiable, Layered
from axolens.errors import ModelError
from axolens.maths.scores import probabilities
from axolens.records.labels import Labels
from axolens.records.preprocess import Preprocess

SIZE = (4, 6)
DISPLAY = Preprocess(size=SIZE, layout="nhwc")
NETWORK = Preprocess(
    size=SIZE, scale=255.0, mean=(103.9, 116.8, 123.7), std=(1.0, 2.0, 4.0), order="bgr", layout="nchw"
)  # fmt: skip


def images(count=2):
    return np.random.default_rng(3).random((count, *SIZE, 3), dtype=np.float32)


def softmax(z):
    raised = np.exp(z - z.max(axis=1, keepdims=True))
    return raised / raised.sum(axis=1, keepdims=True)


def three_logits(batch):
    return np.stack([batch.mean((1, 2, 3)), 3 * batch[:, 0, 0, 0], -5 * batch[:, -1, -1, 2]], axis=1)


def wrapped(function, labels=None, preprocess=DISPLAY, **answers):
    return wrap_function(function, labels=labels, preprocess=preprocess, name="mine", **answers)


def test_it_is_a_classifier_without_gradients_or_layers():
    model = wrapped(three_logits)

    assert isinstance(model, Classifier)
    assert not isinstance(model, Differentiable | Layered)
    assert model.kind == "logits"
    assert model.labels.names == ("class 0", "class 1", "class 2")
    np.testing.assert_allclose(model.scores(images()), three_logits(images()), rtol=1e-6)


def test_asarray_copies_to_float32():
    values = np.ones((1, *SIZE, 3))
    copied = wrapped(three_logits).asarray(values)
    copied[:] = 0

    assert copied.dtype == np.float32
    assert values.min() == 1


def test_the_function_gets_what_preprocess_describes():
    given = []

    def function(batch):
        given.append(batch)
        return np.zeros((len(batch), 2))

    wrapped(function, preprocess=NETWORK, output="logits").scores(images())

    # by hand: channel 0 of the network is blue, (255 b - 103.9)/1; channel 2 is red, (255 r - 123.7)/4
    assert [values.shape for values in given] == [(3, 3, *SIZE), (2, 3, *SIZE)]  # the probe, then the batch
    np.testing.assert_allclose(given[1][:, 0], 255 * images()[..., 2] - 103.9, rtol=1e-5, atol=1e-4)
    np.testing.assert_allclose(given[1][:, 2], (255 * images()[..., 0] - 123.7) / 4, rtol=1e-5, atol=1e-4)


@pytest.mark.parametrize("output", ["auto", "probabilities"])
def test_probabilities_become_log_p(output):
    model = wrapped(lambda batch: softmax(three_logits(batch)), output=output)

    assert model.kind == "log-probabilities"
    given = probabilities(model.scores(images()), model.kind)
    np.testing.assert_allclose(given, softmax(three_logits(images())), rtol=1e-5)


def test_declared_logits_are_left_alone():
    model = wrapped(lambda batch: softmax(three_logits(batch)), output="logits")

    assert model.kind == "logits"
    np.testing.assert_allclose(model.scores(images()), softmax(three_logits(images())), rtol=1e-6)


@pytest.mark.parametrize("shape", [(-1,), (-1, 1)])
def test_one_probability_becomes_two_classes(shape):
    bright = lambda batch: batch.mean((1, 2, 3)).reshape(shape)  # noqa: E731
    model = wrapped(bright, Labels(("day", "night")), output="probabilities")

    chance = images().mean((1, 2, 3))
    assert model.kind == "logits"
    np.testing.assert_allclose(
        probabilities(model.scores(images()), model.kind), np.stack([1 - chance, chance], axis=1), rtol=1e-5
    )


def test_one_logit_becomes_two_classes():
    model = wrapped(lambda batch: 20 * batch.mean((1, 2, 3)) - 3)

    z = 20 * images().mean((1, 2, 3)) - 3
    np.testing.assert_allclose(model.scores(images()), np.stack([0 * z, z], axis=1), rtol=1e-5)


def test_one_logit_in_0_to_1_is_a_logit_when_declared():
    model = wrapped(lambda batch: batch.mean((1, 2, 3)), output="logits")

    np.testing.assert_allclose(model.scores(images())[:, 1], images().mean((1, 2, 3)), rtol=1e-6)


def test_one_number_in_0_to_1_is_refused_until_it_is_declared():
    # a logit that lies in [0, 1] on noise: for white it is 6 (1 - 0.42) = 3.48, which is no probability
    logit = lambda batch: 6 * (batch.mean((1, 2, 3)) - 0.42)  # noqa: E731
    with pytest.raises(ModelError, match='output="logits" or output="probabilities"'):
        wrapped(logit)

    white = np.ones((1, *SIZE, 3), np.float32)
    assert wrapped(logit, output="logits").scores(white)[0, 1] == pytest.approx(3.48, abs=1e-5)


def test_several_labels_at_once_are_refused_until_they_are_declared():
    chances = np.array([[0.9, 0.8, 0.1]], np.float32)
    several = lambda batch: np.repeat(chances, len(batch), axis=0)  # noqa: E731
    with pytest.raises(ModelError, match=r'do not sum to 1.*"independent-probabilities"'):
        wrapped(several)

    model = wrapped(several, output="independent-probabilities")
    assert model.kind == "independent-logits"
    np.testing.assert_allclose(probabilities(model.scores(images()), model.kind), np.repeat(chances, 2, 0), rtol=1e-5)
    raw = wrapped(three_logits, output="independent-logits")
    assert raw.kind == "independent-logits"
    np.testing.assert_allclose(raw.scores(images()), three_logits(images()), rtol=1e-6)


@pytest.mark.parametrize(
    ("function", "said"),
    [
        (lambda batch: batch, r"\(3, k\).*got shape \(3, 4, 6, 3\)"),
        (lambda batch: 0.5, r"got shape \(\)"),
        (lambda batch: np.zeros((1, 4)), r"got shape \(1, 4\)"),
        (lambda batch: np.array([["axolotl"]] * len(batch)), "got shape"),
    ],
)
def test_other_shapes_are_refused(function, said):
    with pytest.raises(ModelError, match=said):
        wrapped(function)


def test_labels_of_the_wrong_length_are_refused_with_both_numbers():
    with pytest.raises(ModelError, match="expected 3 names, one an output, got 2"):
        wrapped(three_logits, Labels(("a", "b")))
    with pytest.raises(ModelError, match=r"expected 2 names.*one output, got 1"):
        wrapped(lambda batch: 9 * batch.mean((1, 2, 3)), Labels(("a",)))


def test_without_preprocess_labels_are_needed_and_batches_go_through_as_they_are():
    with pytest.raises(ModelError, match="labels: expected the classes"):
        wrapped(three_logits, preprocess=None)
    model = wrapped(lambda batch: batch.reshape(len(batch), -1)[:, :3], Labels(("a", "b", "c")), preprocess=None)
    batch = np.random.default_rng(0).normal(size=(2, 5)).astype(np.float32)

    np.testing.assert_array_equal(model.scores(batch), batch[:, :3])


def test_without_preprocess_probabilities_are_never_taken_for_logits():
    labels = Labels(("a", "b", "c"))
    model = wrapped(softmax, labels, preprocess=None)
    batch = np.random.default_rng(0).normal(size=(2, 3)).astype(np.float32)

    with pytest.raises(ModelError, match='Say output="probabilities"'):
        model.scores(batch)
    told = wrapped(softmax, labels, preprocess=None, output="probabilities")
    np.testing.assert_allclose(np.exp(told.scores(batch)), softmax(batch), rtol=1e-5)


def test_scores_refuse_another_number_of_classes_than_labels():
    model = FunctionClassifier(
        three_logits, Labels(("a", "b")), DISPLAY, name="mine", kind="logits", turn="as is", single=False
    )
    with pytest.raises(ModelError, match="expected 3 names, one an output, got 2"):
        model.scores(images())
