import importlib.util
import os
import subprocess
import sys
import warnings
from pathlib import Path

import numpy as np
import pytest
import torch

from axolens.classifiers.keras_start import import_keras
from axolens.classifiers.protocols import Differentiable, Layered
from axolens.errors import ExtraError, LayerError, ModelError, WeightsError
from axolens.maths.scores import probabilities
from axolens.records.labels import Labels
from axolens.records.preprocess import Preprocess
from axolens.records.target import Target

if importlib.util.find_spec("keras") is None:
    pytest.skip("Keras is not installed", allow_module_level=True)
keras = import_keras()
if keras.config.backend() != "torch":
    pytest.skip("these tests read gradients, which Keras gives on torch", allow_module_level=True)

from axolens.classifiers import keras_application, keras_net, keras_start  # noqa: E402
from axolens.classifiers.keras_calls import linear, parts, passed_through  # noqa: E402

SIZE = (12, 16)
PREPROCESS = Preprocess(
    size=SIZE, scale=255.0, mean=(103.9, 116.8, 123.7), std=(60.0, 50.0, 70.0), order="bgr", layout="nhwc"
)  # fmt: skip
IMAGENET = Labels(tuple(f"name {index}" for index in range(1000)))
TARGETS = (Target(1, indices=(1,)), Target(0, 2, indices=(0,), against_indices=(2,)))


def photos(count=2):
    return torch.rand((count, *SIZE, 3), generator=torch.Generator().manual_seed(7))


def prepared(batch):
    return (batch.flip(-1) * 255 - torch.tensor(PREPROCESS.mean)) / torch.tensor(PREPROCESS.std)


def seeded(model):
    rng = np.random.default_rng(11)
    for weight in model.weights:
        values = rng.normal(scale=0.4, size=weight.shape)
        weight.assign(np.abs(values) + 0.5 if "variance" in weight.path else values)
    return model


def ending(last, outputs):
    layers = keras.layers
    return {
        "dense": [layers.Dense(outputs, activation="softmax", name="answers")],
        "layer": [layers.Dense(outputs), layers.Softmax(name="answers")],
        "activation": [layers.Dense(outputs), layers.Activation("softmax", name="answers")],
        "instance": [layers.Dense(outputs, activation=layers.Softmax(), name="answers")],
        "sigmoid": [layers.Dense(outputs, activation="sigmoid", name="answers")],
        "none": [layers.Dense(outputs, name="answers")],
    }[last]


def tiny(last="dense", outputs=3):
    layers = keras.layers
    return seeded(
        keras.Sequential([
            keras.Input((*SIZE, 3)),
            layers.ZeroPadding2D(1, name="pad"),
            layers.Conv2D(4, 3, activation="relu", name="first"),
            layers.Dropout(0.5, name="drop"),
            layers.MaxPooling2D(2, name="pool"),
            layers.Conv2D(6, 3, padding="same", name="second"),
            layers.BatchNormalization(name="norm"),
            layers.Activation("relu", name="lit"),
            layers.GlobalAveragePooling2D(name="mean"),
            *ending(last, outputs),
        ])
    )  # fmt: skip


def nested():
    backbone = keras.Sequential(
        [
            keras.Input((*SIZE, 3)),
            keras.layers.Conv2D(5, 3, activation="relu", name="block5_conv4"),
            keras.layers.MaxPooling2D(2, name="block5_pool"),
        ],
        name="backbone",
    )
    images = keras.Input((*SIZE, 3))
    values = keras.layers.GlobalAveragePooling2D()(backbone(images))
    return seeded(keras.Model(images, keras.layers.Dense(3, activation="softmax", name="head")(values)))


def wrapped(model, **answers):
    return keras_net.wrap_keras(model, **{"labels": None, "preprocess": PREPROCESS, "name": "tiny", **answers})


def each(*targets, count=2):
    return [targets] * count


def state_of(model):
    return {
        path: (layer.trainable, getattr(layer, "activation", None), sorted(vars(layer)), "call" in vars(layer))
        for path, layer in parts(model)
    }


def direct(model, batch):
    with torch.no_grad():
        return model(prepared(batch), training=False).detach().numpy()


@pytest.mark.parametrize("last", ["dense", "layer", "activation", "instance"])
def test_scores_are_the_logits_before_a_softmax(last):
    net = tiny(last)
    model = wrapped(net)

    scores = model.scores(photos()).numpy()
    assert model.kind == "logits"
    gap = scores - np.log(direct(net, photos()))
    np.testing.assert_allclose(gap, np.broadcast_to(gap[:, :1], gap.shape), atol=1e-4)  # log of float32 probabilities
    assert np.abs(np.exp(scores).sum(axis=1) - 1).min() > 1e-3  # logits, not log p
    np.testing.assert_allclose(probabilities(scores, "logits"), direct(net, photos()), atol=1e-6)


def test_scores_stay_exact_where_probabilities_underflow():
    net = tiny()
    net.get_layer("answers").kernel.assign(net.get_layer("answers").kernel * 1e4)
    spread = np.ptp(wrapped(net).scores(photos()).numpy(), axis=1)

    assert spread.min() > 200  # exp(-200) is 0 in float32


@pytest.mark.parametrize(("outputs", "kind", "classes"), [(1, "logits", 2), (3, "independent-logits", 3)])
def test_scores_are_the_logits_before_a_sigmoid(outputs, kind, classes):
    net = tiny("sigmoid", outputs)
    model = wrapped(net)

    assert (model.kind, len(model.labels)) == (kind, classes)
    given = probabilities(model.scores(photos()), kind).numpy()[:, -outputs:]
    np.testing.assert_allclose(given, direct(net, photos()), atol=1e-6)


@pytest.mark.parametrize("outputs", [1, 3])
def test_a_network_without_activation_gives_logits(outputs):
    net = tiny("none", outputs)
    model = wrapped(net)

    assert model.kind == "logits"
    np.testing.assert_allclose(model.scores(photos()).numpy()[:, -outputs:], direct(net, photos()), atol=1e-5)


@pytest.mark.parametrize(("operation", "kind"), [("softmax", "log-probabilities"), ("sigmoid", "independent-logits")])
def test_an_operation_at_the_end_of_the_graph_is_undone_by_its_inverse(operation, kind):
    net = tiny("none")
    model = keras.Model(net.inputs, getattr(keras.ops, operation)(net.outputs[0]))
    found = wrapped(model)

    assert found.kind == kind
    np.testing.assert_allclose(probabilities(found.scores(photos()), kind).numpy(), direct(model, photos()), atol=1e-6)


@pytest.mark.parametrize(
    ("last", "output", "kind"),
    [
        ("none", "independent-logits", "independent-logits"),
        ("sigmoid", "independent-probabilities", "independent-logits"),
        ("sigmoid", "logits", "logits"),
        ("sigmoid", "probabilities", "log-probabilities"),
        ("dense", "probabilities", "logits"),
        ("dense", "independent-probabilities", "independent-logits"),
    ],
)
def test_a_declaration_wins_over_the_last_activation(last, output, kind):
    net = tiny(last)
    model = wrapped(net, output=output)
    given = direct(net, photos())

    assert model.kind == kind
    if output.endswith("probabilities"):
        expected = given / given.sum(axis=1, keepdims=True) if kind != "independent-logits" else given
        np.testing.assert_allclose(probabilities(model.scores(photos()), kind).numpy(), expected, atol=1e-5)
    else:
        np.testing.assert_allclose(model.scores(photos()).numpy(), given, atol=1e-5)


@pytest.mark.parametrize("outputs", [1, 3])
def test_numbers_in_0_to_1_at_an_unknown_end_are_refused_until_they_are_declared(outputs):
    class Net(keras.Model):
        def __init__(self):
            super().__init__()
            self.answers = keras.layers.Dense(outputs, name="answers")

        def call(self, images, training=None):
            return keras.ops.sigmoid(self.answers(keras.ops.mean(images, axis=(1, 2))))

    net = Net()
    net(prepared(photos()))
    with pytest.raises(ModelError, match="numbers in \\[0, 1\\]"):
        wrapped(seeded(net))
    model = wrapped(net, output="independent-probabilities")
    given = probabilities(model.scores(photos()), model.kind).numpy()[:, -outputs:]
    np.testing.assert_allclose(given, direct(net, photos()), atol=1e-5)


def test_the_last_activation_is_put_back_after_an_exception():
    net = tiny()
    before = net.get_layer("answers").activation
    with pytest.raises(KeyboardInterrupt), linear(net.get_layer("answers")):
        raise KeyboardInterrupt
    with pytest.raises(KeyboardInterrupt), passed_through(net.get_layer("answers"), lambda values: values):
        raise KeyboardInterrupt

    assert net.get_layer("answers").activation is before
    assert "call" not in vars(net.get_layer("answers"))


def test_a_model_is_left_as_found():
    net = tiny()
    net.get_layer("first").trainable = False
    before, values = state_of(net), direct(net, photos())
    model = wrapped(net)
    model.scores(photos())
    model.gradient(photos(), each(*TARGETS))
    model.layers(photos())
    _, gives, _ = model.trace(photos(), each(*TARGETS), "second")
    model.head(photos(), gives, "second")
    with pytest.raises(LayerError):
        model.trace(photos(), each(*TARGETS), "mean")

    assert state_of(net) == before
    assert all(weight.value.grad is None for weight in net.weights)
    np.testing.assert_array_equal(direct(net, photos()), values)


@pytest.mark.parametrize("activation", ["relu", "relu6"])
def test_a_guided_gradient_lets_only_positive_slopes_back_through_a_relu(activation):
    # f = relu(s) − relu(2s) + 3s with s the sum of all values: the slope is 1 − 2 + 3 = 2; guided, −2 stays behind: 4.
    images = keras.Input((2, 1, 3))
    flat = keras.layers.Flatten()(images)
    inner = keras.layers.Dense(2, activation=activation, use_bias=False, name="inner")
    outer = keras.layers.Dense(1, use_bias=False, name="outer")
    net = keras.Model(images, outer(keras.layers.Concatenate()([inner(flat), flat])))
    inner.kernel.assign(np.tile([[1.0, 2.0]], (6, 1)))
    outer.kernel.assign(np.array([[1], [-1], *[[3]] * 6]))
    model = wrapped(net, preprocess=Preprocess(size=(2, 1)))
    batch = torch.full((1, 2, 1, 3), 0.3)
    asked = [[Target(1, indices=(1,), score="logit")]]
    assert (model.channel_axis, wrapped(net, preprocess=None).channel_axis) == (-1, -1)
    np.testing.assert_allclose(model.gradient(batch, asked), np.full((1, 1, 2, 1, 3), 2.0))
    np.testing.assert_allclose(model.guided_gradient(batch, asked), np.full((1, 1, 2, 1, 3), 4.0))


def test_gradient_agrees_with_finite_differences():
    model = wrapped(tiny())
    batch = photos().double()
    assert isinstance(model, Differentiable)

    slopes = model.gradient(batch.float(), each(*TARGETS))
    assert slopes.shape == (2, 2, *SIZE, 3)
    step = 1e-2
    for place in [(0, 3, 4, 0), (0, 11, 15, 2), (1, 6, 1, 1)]:
        moved = torch.zeros_like(batch)
        moved[place] = step
        up, down = (model.scores((batch + sign * moved).float()).double() for sign in (1, -1))
        image, *pixel = place
        for j, margin in enumerate((_log_odds, _margin)):
            expected = (margin(up) - margin(down))[image] / (2 * step)
            # kinks of ReLU and pooling within a step of 0.01, and float32 differences
            assert float(slopes[(image, j, *pixel)]) == pytest.approx(float(expected), rel=0.05, abs=5e-3)


def _log_odds(z):
    return z[:, 1] - torch.logsumexp(z[:, [0, 2]], dim=1)


def _margin(z):
    return z[:, 0] - z[:, 2]


def test_trace_agrees_with_the_same_network_in_torch():
    net = tiny()
    model = wrapped(net)
    assert isinstance(model, Layered)
    scores, seen, slopes = model.trace(photos(), each(*TARGETS), "second")

    kernel = {w.path.split("/", 1)[1]: w.value.detach() for w in net.weights}
    values = torch.nn.functional.pad(prepared(photos()).permute(0, 3, 1, 2), (1, 1, 1, 1))
    values = torch.conv2d(values, kernel["first/kernel"].permute(3, 2, 0, 1), kernel["first/bias"]).relu()
    values = torch.nn.functional.max_pool2d(values, 2)
    values = torch.conv2d(values, kernel["second/kernel"].permute(3, 2, 0, 1), kernel["second/bias"], padding=1)
    leaf = values.detach().requires_grad_()
    names = ("moving_mean", "moving_variance", "gamma", "beta")
    centred = torch.nn.functional.batch_norm(leaf, *(kernel[f"norm/{name}"] for name in names), eps=1e-3)
    logits = centred.relu().mean((2, 3)) @ kernel["answers/kernel"] + kernel["answers/bias"]
    expected = [torch.autograd.grad(f(logits).sum(), leaf, retain_graph=True)[0] for f in (_log_odds, _margin)]

    np.testing.assert_allclose(scores, logits.detach(), rtol=1e-4, atol=1e-4)
    np.testing.assert_allclose(seen, leaf.detach(), rtol=1e-4, atol=1e-4)
    np.testing.assert_allclose(slopes, torch.stack(expected, dim=1), rtol=1e-4, atol=1e-6)
    assert not scores.requires_grad
    assert not seen.requires_grad


def test_what_was_there_put_back_changes_nothing_and_something_else_does():
    for model, names in ((wrapped(tiny()), None), (wrapped(nested()), ["backbone/block5_conv4"])):
        batch = photos()
        for name in names or [layer.name for layer in model.layers(batch)]:
            scores, gives, _ = model.trace(batch, each(TARGETS[0]), name)
            np.testing.assert_allclose(model.head(batch, gives, name), scores, atol=1e-5)
            swapped = model.head(batch, gives.flip(0), name)
            np.testing.assert_allclose(swapped, scores.flip(0), atol=1e-5)  # nothing goes around these layers
            assert float((swapped - scores).abs().max()) > 1e-4


def test_layers_are_the_grids_by_the_names_a_user_knows():
    found = wrapped(tiny()).layers(photos())

    # "first" and the dropout after it give one tensor; padding is no layer to look at
    assert [layer.name for layer in found] == ["first", "pool", "second", "norm", "lit"]
    assert [layer.pools for layer in found] == [False, True, False, False, False]
    assert [(layer.grid, layer.channels) for layer in found[:2]] == [((12, 16), 4), ((6, 8), 4)]


def test_a_grid_with_as_many_channels_as_rows_is_not_turned_around():
    images = keras.Input((12, 12, 3))
    values = keras.layers.Conv2D(12, 3, padding="same", name="cube")(images)
    net = seeded(keras.Model(images, keras.layers.Dense(3)(keras.layers.GlobalAveragePooling2D()(values))))
    model = wrapped(net, preprocess=Preprocess(size=(12, 12)))
    batch = torch.rand((1, 12, 12, 3))
    _, seen, slopes = model.trace(batch, each(TARGETS[0], count=1), "cube")

    # the mean over places has the same slope at all places of a channel, never at all channels of a place
    assert float(slopes.std(dim=(3, 4)).max()) < 1e-8
    assert float(slopes.std(dim=2).min()) > 1e-5
    with torch.no_grad():
        np.testing.assert_allclose(seen, net.get_layer("cube")(batch).permute(0, 3, 1, 2), atol=1e-5)


def test_layers_of_a_model_inside_the_model_are_found_by_path_and_by_name():
    net = nested()
    model = wrapped(net)

    assert [layer.name for layer in model.layers(photos())] == ["backbone/block5_conv4", "backbone/block5_pool"]
    by_path = model.trace(photos(), each(*TARGETS), "backbone/block5_conv4")
    by_name = model.trace(photos(), each(*TARGETS), "block5_conv4")
    for one, other in zip(by_path, by_name, strict=True):
        np.testing.assert_array_equal(one, other)
    assert by_path[1].shape == (2, 5, 10, 14)
    assert float(by_path[2].abs().max()) > 0


def test_a_subclassed_model_is_read_too():
    class Net(keras.Model):
        def __init__(self):
            super().__init__()
            self.mix = keras.layers.Conv2D(4, 3, name="mix")
            self.answers = keras.layers.Dense(3, activation="softmax", name="answers")

        def call(self, images, training=None):
            return self.answers(keras.ops.mean(self.mix(images), axis=(1, 2)))

    net = Net()
    net(prepared(photos()))
    model = wrapped(seeded(net))

    assert model.kind == "logits"
    assert [layer.name for layer in model.layers(photos())] == ["mix"]
    np.testing.assert_allclose(
        probabilities(model.scores(photos()), "logits").numpy(), direct(net, photos()), atol=1e-6
    )


@pytest.mark.parametrize(
    ("layer", "said"),
    [("secnd", "Nearest: second"), ("mean", "whose output is a grid"), ("answers", "whose output is a grid")],
)
def test_a_layer_that_is_not_there_or_no_grid_is_refused(layer, said):
    with pytest.raises(LayerError, match=said):
        wrapped(tiny()).trace(photos(), each(*TARGETS), layer)


def test_without_preprocess_a_batch_is_what_the_network_takes():
    net = tiny()
    model = wrapped(net, preprocess=None)

    np.testing.assert_allclose(model.scores(prepared(photos())), wrapped(net).scores(photos()), atol=1e-5)
    assert model.gradient(photos(), each(TARGETS[0])).shape == (2, 1, *SIZE, 3)
    assert model.trace(photos(), each(TARGETS[0]), "second")[1].shape == (2, 6, 6, 8)


def test_a_size_the_model_does_not_take_is_refused():
    with pytest.raises(ModelError, match="expected 12 × 16 pixels, as the model takes, got 16 × 12 pixels"):
        wrapped(tiny(), preprocess=Preprocess(size=(16, 12)))


def test_the_digest_follows_the_weights():
    assert wrapped(seeded(nested())).digest != wrapped(tiny()).digest
    net = tiny()
    before = wrapped(net).digest
    assert wrapped(net).digest == before
    net.get_layer("first").bias.assign(net.get_layer("first").bias + 1)
    assert wrapped(net).digest != before


# --- weight files -----------------------------------------------------------------------------------------------


def legacy(model, path):
    """Write a file as Keras 2 did: one group a layer, names in attributes."""
    import h5py

    with h5py.File(path, "w") as file:
        file.attrs["layer_names"] = [layer.name.encode() for layer in model.layers]
        for layer in model.layers:
            group = file.create_group(layer.name)
            names = [f"{layer.name}/{weight.name}:0" for weight in layer.weights]
            group.attrs["weight_names"] = [name.encode() for name in names]
            for name, weight in zip(names, layer.weights, strict=True):
                group[name] = weight.value.detach().numpy()
    return path


def save(model, path):
    if path.name == "old.h5":
        return legacy(model, path)
    with warnings.catch_warnings():  # Keras calls np.array on tensors when it saves
        warnings.filterwarnings("ignore", "__array__ implementation", DeprecationWarning)
        model.save_weights(path) if path.name.endswith(".weights.h5") else model.save(path)
    return path


@pytest.mark.parametrize("name", ["old.h5", "new.weights.h5", "whole.keras"])
def test_weights_of_every_kind_are_loaded(tmp_path, name):
    net, other = tiny(), tiny()
    other.get_layer("answers").bias.assign([5.0, 6.0, 7.0])
    keras_net.load_keras_weights(net, save(other, tmp_path / name))

    np.testing.assert_array_equal(direct(net, photos()), direct(other, photos()))


@pytest.mark.parametrize(("name", "renamed"), [("new.weights.h5", "best.h5"), ("old.h5", "vgg.weights.h5")])
def test_the_content_of_a_weight_file_decides_not_its_name(tmp_path, name, renamed):
    net, other = tiny(), tiny()
    other.get_layer("answers").bias.assign([5.0, 6.0, 7.0])
    path = save(other, tmp_path / name).rename(tmp_path / renamed)
    keras_net.load_keras_weights(net, path)

    np.testing.assert_array_equal(direct(net, photos()), direct(other, photos()))


@pytest.mark.parametrize("name", ["old.h5", "new.weights.h5", "whole.keras"])
def test_the_first_layer_that_does_not_fit_is_named_and_nothing_is_loaded(tmp_path, name):
    net = tiny()
    before = direct(net, photos())
    path = save(tiny(outputs=5), tmp_path / name)
    said = r"expected layer 'answers' with weights of shape \(6, 3\), \(3,\), got \(6, 5\), \(5,\)"
    with pytest.raises(WeightsError, match=said):
        keras_net.load_keras_weights(net, path)

    np.testing.assert_array_equal(direct(net, photos()), before)


@pytest.mark.parametrize("name", ["old.h5", "new.weights.h5"])
def test_weights_without_the_top_are_refused(tmp_path, name):
    headless = keras.Sequential([keras.Input((*SIZE, 3)), *tiny().layers[:-1]])
    with pytest.raises(WeightsError, match=r"layer 'answers'.*got no weights for it.*without its top"):
        keras_net.load_keras_weights(tiny(), save(headless, tmp_path / name))


def test_a_layer_inside_a_model_inside_is_compared_too(tmp_path):
    other = nested()
    save(other.get_layer("backbone"), tmp_path / "inner.weights.h5")
    save(other, tmp_path / "whole.weights.h5")
    net = nested()
    keras_net.load_keras_weights(net, tmp_path / "whole.weights.h5")
    with pytest.raises(WeightsError, match=r"layer 'block5_conv4'.*got no weights for it"):
        keras_net.load_keras_weights(net, tmp_path / "inner.weights.h5")


def test_files_that_are_no_weights_are_refused(tmp_path):
    net = tiny()
    whole = save(net, tmp_path / "a.weights.h5").read_bytes()
    (tmp_path / "cut.weights.h5").write_bytes(whole[: len(whole) // 2])
    (tmp_path / "text.h5").write_text("weights")
    torch.save({"weight": torch.ones(2)}, tmp_path / "net.pth")

    for name, said in [
        ("missing.h5", "got nothing there"),
        ("cut.weights.h5", "a damaged one"),
        ("text.h5", "not HDF5"),
        ("net.pth", "not HDF5.*torchvision/ or timm/"),
    ]:
        with pytest.raises(WeightsError, match=said):
            keras_net.load_keras_weights(net, tmp_path / name)


# --- saved models -----------------------------------------------------------------------------------------------


def test_a_saved_model_is_loaded_with_its_preprocess(tmp_path):
    net = tiny()
    save(net, tmp_path / "net.keras")
    model = keras_net.load_keras_file(tmp_path / "net.keras", labels=None, preprocess=PREPROCESS, name="keras:net")

    np.testing.assert_array_equal(model.scores(photos()), wrapped(net).scores(photos()))


def test_a_saved_model_without_preprocess_is_refused_unless_its_layers_do_it(tmp_path):
    save(tiny(), tmp_path / "net.keras")
    with pytest.raises(ModelError, match=r"how its photos are prepared, got no preprocess. Say --preprocess imagenet"):
        keras_net.load_keras_file(tmp_path / "net.keras", labels=None, preprocess=None, name="keras:net")
    scaled = keras.Sequential([keras.Input((*SIZE, 3)), keras.layers.Rescaling(1 / 255), *tiny().layers])
    save(scaled, tmp_path / "scaled.keras")
    model = keras_net.load_keras_file(tmp_path / "scaled.keras", labels=None, preprocess=None, name="keras:net")

    assert model.preprocess == Preprocess(size=SIZE, filter="nearest", scale=255.0, layout="nhwc")
    assert model.layers(photos())[0].name == "first"


def test_a_file_that_is_no_model_is_refused_in_a_sentence(tmp_path):
    (tmp_path / "net.keras").write_bytes(b"nothing")
    save(tiny(), tmp_path / "net.weights.h5")
    for name in ("net.keras", "net.weights.h5"):
        with pytest.raises(ModelError, match="got a file that does not load"):
            keras_net.load_keras_file(tmp_path / name, labels=None, preprocess=PREPROCESS, name="keras:net")
    with pytest.raises(ModelError, match="got nothing there"):
        keras_net.load_keras_file(tmp_path / "no.keras", labels=None, preprocess=PREPROCESS, name="keras:net")


def test_code_in_a_saved_model_is_not_run(tmp_path):
    net = keras.Sequential([keras.Input((*SIZE, 3)), keras.layers.Lambda(lambda values: values), *tiny().layers])
    save(net, tmp_path / "lambda.keras")
    with pytest.raises(ModelError, match=r"does not load.*Lambda"):
        keras_net.load_keras_file(tmp_path / "lambda.keras", labels=None, preprocess=PREPROCESS, name="keras:net")


# --- keras.applications -----------------------------------------------------------------------------------------


def test_every_application_resolves_to_its_own_module():
    names = keras_net.application_names()

    assert len(names) >= 38
    for name in names:
        found = keras_application.application(name)
        assert found.prepare.__module__ == found.build.__module__
    with pytest.raises(ModelError, match="Nearest: VGG19"):
        keras_application.application("VGG18")


@pytest.mark.parametrize(
    ("name", "order", "mean", "std", "size"),
    [
        ("VGG19", "bgr", (103.939, 116.779, 123.68), (1.0, 1.0, 1.0), 224),
        ("MobileNetV2", "rgb", (127.5,) * 3, (127.5,) * 3, 224),
        ("DenseNet121", "rgb", (123.675, 116.28, 103.53), (58.395, 57.12, 57.375), 224),  # 255 times 0.485, 0.229, …
        ("EfficientNetB1", "rgb", (0.0,) * 3, (1.0,) * 3, 240),
        ("MobileNetV3Small", "rgb", (0.0,) * 3, (1.0,) * 3, 224),
    ],
)
def test_preprocessing_is_read_off_preprocess_input(name, order, mean, std, size):
    found = keras_net.application_preprocess(name)

    assert (found.order, found.size, found.filter, found.short_side) == (order, (size, size), "nearest", None)
    assert (found.mean, found.std) == (pytest.approx(mean, abs=1e-6), pytest.approx(std, abs=1e-6))
    assert (found.scale, found.layout) == (255.0, "nhwc")


def test_layers_without_a_name_of_their_own_are_called_the_same_in_every_session():
    keras.layers.Conv2D(1, 1)
    with keras.device("meta"):
        one, other = (keras_application.built("InceptionV3", weights=None) for _ in range(2))

    assert [layer.name for layer in one.layers[:2]] == ["input_layer", "conv2d"]
    assert [layer.name for layer in one.layers] == [layer.name for layer in other.layers]
    assert keras.layers.Conv2D(1, 1).name != "conv2d"


def test_preprocessing_that_is_more_than_a_factor_and_a_shift_is_refused():
    with pytest.raises(ModelError, match="preprocess_input"):
        keras_application._probed(lambda levels, data_format: levels**2)


def test_an_application_is_loaded_from_a_weight_file(tmp_path):
    net = keras.applications.MobileNet(weights=None, classes=4)
    save(net, tmp_path / "mine.weights.h5")
    labels = Labels(("a", "b", "c", "d"))
    model = keras_net.load_keras_application(
        "MobileNet", weights=tmp_path / "mine.weights.h5", labels=labels, device="cpu", imagenet=IMAGENET
    )
    batch = torch.rand((1, 224, 224, 3))

    assert (model.name, model.kind, model.labels.names) == ("keras/MobileNet", "logits", labels.names)
    with torch.no_grad():
        said = net(batch * 2 - 1, training=False)
    np.testing.assert_allclose(probabilities(model.scores(batch), "logits"), said.numpy(), atol=1e-6)
    assert "conv_pw_13_relu" in [layer.name for layer in model.layers(batch)]


def test_weights_that_cannot_be_downloaded_say_how_to_hand_in_a_file(monkeypatch):
    def unreachable(**_):
        raise Exception("URL fetch failure on https://storage.googleapis.com/…: None -- nothing")

    unreachable.__module__ = keras.applications.VGG19.__module__
    monkeypatch.setattr(keras.applications, "VGG19", unreachable)
    with pytest.raises(ModelError, match=r"URL fetch failure.*hand in a file: --weights FILE"):
        keras_net.load_keras_application("VGG19", weights=None, labels=None, device=None, imagenet=IMAGENET)


def test_a_network_that_keras_does_not_build_on_torch_is_refused_in_a_sentence(monkeypatch):
    def unbuildable(**_):  # what keras 3.15 says of NASNetMobile
        raise ValueError("VGG19 is not available with the torch backend at this time. If interested, open a PR.")

    unbuildable.__module__ = keras.applications.VGG19.__module__
    monkeypatch.setattr(keras.applications, "VGG19", unbuildable)
    with pytest.raises(ModelError, match=r"got VGG19 is not available with the torch backend at this time\.$"):
        keras_net.load_keras_application("VGG19", weights=None, labels=None, device=None, imagenet=IMAGENET)


def test_downloaded_weights_have_the_classes_of_imagenet():
    with pytest.raises(ModelError, match="expected the 1000 classes of the downloaded weights, got 2"):
        keras_net.load_keras_application(
            "VGG19", weights=None, labels=Labels(("a", "b")), device=None, imagenet=IMAGENET
        )


# --- backends ---------------------------------------------------------------------------------------------------

SCRIPT = """
import numpy as np
from axolens.classifiers.keras_start import import_keras, to_host
keras = import_keras()
print(keras.config.backend())
from axolens.classifiers.keras_net import wrap_keras
from axolens.classifiers.protocols import Differentiable
from axolens.maths.scores import probabilities
from axolens.records.preprocess import Preprocess
net = keras.Sequential([keras.Input((5, 7, 3)), keras.layers.Conv2D(4, 3, activation="relu"),
                        keras.layers.GlobalAveragePooling2D(), keras.layers.Dense(3, activation="softmax")])
model = wrap_keras(net, labels=None, preprocess=Preprocess(size=(5, 7)), name="net")
batch = np.random.default_rng(0).random((2, 5, 7, 3), dtype=np.float32)
said = to_host(net(batch, training=False))
given = probabilities(model.scores(model.asarray(batch)), model.kind)
print(model.kind, isinstance(model, Differentiable), float(np.abs(given - said).max()) < 1e-6)
"""


def run_with(tmp_path, **environment):
    kept = {key: value for key, value in os.environ.items() if key not in ("KERAS_BACKEND", "KERAS_HOME")}
    source = str(Path(keras_net.__file__).parents[2])
    told = {"PYTHONPATH": source, "KERAS_HOME": str(tmp_path), **environment}
    command = [sys.executable, "-c", SCRIPT]
    done = subprocess.run(command, env=kept | told, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


@pytest.mark.slow
@pytest.mark.skipif(importlib.util.find_spec("jax") is None, reason="Keras' numpy backend needs jax")
def test_another_backend_gives_predictions_only(tmp_path):
    assert run_with(tmp_path, KERAS_BACKEND="numpy") == ["numpy", "logits False True"]


@pytest.mark.parametrize("last", ["dense", "sigmoid", "none"])
def test_where_keras_is_not_on_torch_the_same_scores_come_without_gradients(monkeypatch, last):
    net = tiny(last)
    expected = wrapped(net)
    monkeypatch.setattr(keras_net, "on_torch", lambda _: False)
    model = wrapped(net)

    assert not isinstance(model, Differentiable | Layered)
    assert model.kind == expected.kind
    np.testing.assert_allclose(model.scores(photos().numpy()), expected.scores(photos()), atol=1e-5)


@pytest.mark.slow
def test_torch_is_chosen_where_nobody_chose_also_after_keras_wrote_its_own_default(tmp_path):
    assert run_with(tmp_path) == ["torch", "logits True True"]
    assert '"backend": "tensorflow"' in (tmp_path / "keras.json").read_text()
    assert run_with(tmp_path)[0] == "torch"


@pytest.mark.parametrize(
    ("written", "chosen"), [('{"backend": "jax"}', True), ('{"backend": "tensorflow"}', False), ("{", False)]
)
def test_only_a_backend_that_keras_does_not_write_by_itself_counts_as_chosen(tmp_path, monkeypatch, written, chosen):
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    (tmp_path / "keras.json").write_text(written)

    assert keras_start._configured() is chosen


def test_without_keras_or_its_backend_the_missing_package_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "keras", None)
    with pytest.raises(ExtraError, match=r"pip install 'axolens\[keras\]'"):
        import_keras()


def test_features_are_what_trace_has():
    model = wrapped(tiny())
    names = [layer.name for layer in model.layers(photos())]
    assert "second" in names
    for name, found in zip(names, model.features(photos(), names), strict=True):
        _, seen, _ = model.trace(photos(), each(*TARGETS), name)
        np.testing.assert_allclose(found.numpy(), seen.numpy(), atol=1e-6)
    with pytest.raises(LayerError, match="no grid of places"):
        model.features(photos(), ["answers"])


@pytest.mark.parametrize("build", [tiny, nested, lambda: tiny("layer"), lambda: tiny("instance")])
def test_a_shuffled_copy_is_read_where_the_model_is_and_leaves_it_as_found(build):
    model = build()
    classifier, before = wrapped(model), state_of(model)
    batch = photos()
    own = classifier.scores(batch).numpy()
    for share, kept in ((0.3, True), (1.0, False)):
        other = classifier.randomised(0, share)
        scores = other.scores(batch).numpy()
        assert not np.allclose(scores.sum(1), 1, atol=1e-4)  # logits, not the probabilities behind them
        assert not np.allclose(scores, own)
        first, copied = (one.weights[0].value.detach().numpy() for one in (model, other.model))
        assert np.array_equal(first, copied) is kept
        assert np.allclose(np.sort(first, axis=None), np.sort(copied, axis=None))
    assert np.allclose(classifier.scores(batch).numpy(), own)
    assert state_of(model) == before
