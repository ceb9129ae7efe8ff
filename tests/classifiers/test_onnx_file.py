import hashlib
import sys

import numpy as np
import pytest

from axolens.classifiers.onnx_file import load_onnx
from axolens.errors import ExtraError, ModelError
from axolens.maths.scores import probabilities
from axolens.records.labels import Labels
from axolens.records.preprocess import Preprocess

onnx = pytest.importorskip("onnx")
onnxruntime = pytest.importorskip("onnxruntime")

SIZE = (6, 10)
PREPROCESS = Preprocess(size=SIZE, scale=255.0, mean=(100.0, 110.0, 120.0), std=(50.0, 60.0, 70.0), order="bgr")


def drawn(*shape):
    return np.random.default_rng(sum(shape)).normal(size=shape).astype(np.float32)


def written(path, *, batch="n", side=SIZE, last="Softmax", outputs=4, number="float", axes="nchw"):
    """A convolution of 1 x 1, ReLU, global average, a matrix product and what comes last."""
    helper = onnx.helper
    kind = onnx.TensorProto.FLOAT16 if number == "float16" else onnx.TensorProto.FLOAT
    weights = {"kernel": drawn(5, 3, 1, 1), "matrix": drawn(5, outputs)}
    nodes = [
        helper.make_node("Conv", ["images", "kernel"], ["mixed"]),
        helper.make_node("Relu", ["mixed"], ["lit"]),
        helper.make_node("GlobalAveragePool", ["lit"], ["pooled"]),
        helper.make_node("Flatten", ["pooled"], ["flat"]),
        helper.make_node("Gemm", ["flat", "matrix"], ["logits"]),
    ]
    shape = [batch, 3, *side]
    if axes == "nhwc":
        shape = [batch, *side, 3]
        nodes[0].input[0] = "first"
        nodes.insert(0, helper.make_node("Transpose", ["images"], ["first"], perm=[0, 3, 1, 2]))
    if last:
        nodes.append(helper.make_node(last, ["logits"], ["answers"]))
    dtype = np.float16 if number == "float16" else np.float32
    graph = helper.make_graph(
        nodes,
        "net",
        [helper.make_tensor_value_info("images", kind, shape)],
        [helper.make_tensor_value_info("answers" if last else "logits", kind, [batch, outputs])],
        [onnx.numpy_helper.from_array(value.astype(dtype), name) for name, value in weights.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.save(model, str(path))
    return path


def by_hand(images, outputs=4):
    values = (images[..., ::-1] * 255 - np.array(PREPROCESS.mean)) / np.array(PREPROCESS.std)
    lit = np.maximum(np.einsum("nhwc,oc->nhwo", values, drawn(5, 3, 1, 1)[:, :, 0, 0]), 0)
    return lit.mean((1, 2)) @ drawn(5, outputs)


def photos(count=3):
    return np.random.default_rng(5).random((count, *SIZE, 3), dtype=np.float32)


def loaded(path, **answers):
    return load_onnx(path, **{"labels": None, "preprocess": PREPROCESS, "name": "onnx:net", **answers})


@pytest.fixture
def path(tmp_path):
    return tmp_path / "net.onnx"


@pytest.mark.parametrize("axes", ["nchw", "nhwc"])
@pytest.mark.parametrize("last", ["Softmax", ""])
def test_logits_are_read_behind_a_softmax_in_either_layout(path, last, axes):
    model = loaded(written(path, last=last, axes=axes))

    assert model.kind == "logits"
    assert model.preprocess.layout == axes
    np.testing.assert_allclose(model.scores(photos()), by_hand(photos()), rtol=1e-4, atol=1e-5)


def test_scores_are_the_logits_whose_softmax_the_file_gives(path):
    model = loaded(written(path))
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    values = (photos()[..., ::-1] * 255 - np.array(PREPROCESS.mean)) / np.array(PREPROCESS.std)
    (direct,) = session.run(None, {"images": values.transpose(0, 3, 1, 2).astype(np.float32)})

    np.testing.assert_allclose(probabilities(model.scores(photos()), model.kind), direct, rtol=1e-5, atol=1e-7)


def test_without_the_package_onnx_probabilities_become_log_p(path, monkeypatch):
    written(path)
    monkeypatch.setitem(sys.modules, "onnx", None)
    model = loaded(path)

    assert model.kind == "log-probabilities"
    z = by_hand(photos())
    shift = z - np.log(np.exp(z).sum(axis=1, keepdims=True))
    np.testing.assert_allclose(model.scores(photos()), shift, rtol=1e-4, atol=1e-4)


def test_data_beside_the_file_is_found_and_gives_probabilities(path):
    model = onnx.load(str(written(path)))
    onnx.save(model, str(path), save_as_external_data=True, location="net.bin", size_threshold=0)

    assert loaded(path).kind == "log-probabilities"


@pytest.mark.parametrize(("outputs", "kind"), [(4, "independent-logits"), (1, "logits")])
def test_logits_are_read_behind_a_sigmoid(path, outputs, kind):
    model = loaded(written(path, last="Sigmoid", outputs=outputs))

    z = by_hand(photos(), outputs)
    assert model.kind == kind
    expected = np.concatenate([0 * z, z], axis=1) if outputs == 1 else z
    np.testing.assert_allclose(model.scores(photos()), expected, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(
    ("last", "output", "kind"),
    [
        ("Sigmoid", "independent-probabilities", "independent-logits"),
        ("Sigmoid", "logits", "logits"),
        ("Sigmoid", "probabilities", "log-probabilities"),
        ("Softmax", "probabilities", "logits"),
        ("", "independent-logits", "independent-logits"),
    ],
)
def test_a_declaration_wins_over_the_last_node(path, last, output, kind):
    model = loaded(written(path, last=last), output=output)
    z = by_hand(photos())
    chances = 1 / (1 + np.exp(-z))

    assert model.kind == kind
    expected = {"logits": chances, "probabilities": np.log(chances)}.get(output, z) if last == "Sigmoid" else z
    np.testing.assert_allclose(model.scores(photos()), expected, rtol=1e-4, atol=1e-4)


def test_without_the_package_onnx_sigmoids_are_refused_until_they_are_declared(path, monkeypatch):
    one, several = written(path, last="Sigmoid", outputs=1), written(path.with_name("s.onnx"), last="Sigmoid")
    monkeypatch.setitem(sys.modules, "onnx", None)
    with pytest.raises(ModelError, match='output="logits" or output="probabilities"'):
        loaded(one)
    with pytest.raises(ModelError, match='"independent-probabilities"'):
        loaded(several)
    model = loaded(several, output="independent-probabilities")

    np.testing.assert_allclose(model.scores(photos()), by_hand(photos()), rtol=1e-3, atol=1e-3)


def test_a_sigmoid_with_data_beside_the_file_is_undone(path):
    model = onnx.load(str(written(path, last="Sigmoid")))
    onnx.save(model, str(path), save_as_external_data=True, location="net.bin", size_threshold=0)
    found = loaded(path)

    assert found.kind == "independent-logits"
    np.testing.assert_allclose(found.scores(photos()), by_hand(photos()), rtol=1e-3, atol=1e-3)


@pytest.mark.parametrize("batch", [1, 2, 4])
def test_a_fixed_batch_is_filled_and_what_was_added_is_dropped(path, batch):
    model = loaded(written(path, batch=batch))

    np.testing.assert_allclose(model.scores(photos(5)), by_hand(photos(5)), rtol=1e-4, atol=1e-5)


def test_half_precision_is_cast(path):
    model = loaded(written(path, number="float16"))

    scores = model.scores(photos())
    assert scores.dtype == np.float32
    np.testing.assert_allclose(scores, by_hand(photos()), rtol=2e-2, atol=2e-2)  # ten bits of mantissa, summed


def test_one_session_a_model(path, monkeypatch):
    made = []
    session = onnxruntime.InferenceSession

    def counting(*args, **options):
        made.append(1)
        return session(*args, **options)

    monkeypatch.setattr(onnxruntime, "InferenceSession", counting)
    model = loaded(written(path))
    model.scores(photos())
    model.scores(photos())

    assert len(made) == 1


def test_the_digest_is_the_files_sha256(path):
    assert loaded(written(path)).digest == hashlib.sha256(path.read_bytes()).hexdigest()


def test_a_missing_preprocess_says_the_ways_to_say_it(path):
    with pytest.raises(
        ModelError, match=r"an ONNX file does not say.*--preprocess imagenet.*torchvision/resnet18.*TOML"
    ):
        loaded(written(path), preprocess=None)


def test_another_size_is_refused_with_both_sizes(path):
    with pytest.raises(ModelError, match=r"expected 6 × 10 pixels, as net\.onnx takes, got 10 × 6 pixels"):
        loaded(written(path), preprocess=Preprocess(size=(10, 6)))


def test_a_file_of_any_size_takes_the_preprocess_size(path):
    model = loaded(written(path, side=("h", "w")))

    np.testing.assert_allclose(model.scores(photos()), by_hand(photos()), rtol=1e-4, atol=1e-5)


def test_labels_of_the_wrong_length_are_refused(path):
    with pytest.raises(ModelError, match="expected 4 names, one an output, got 2"):
        loaded(written(path), labels=Labels(("a", "b")))


def test_a_file_that_is_no_model_is_refused_in_a_sentence(path):
    path.write_bytes(b"not a model" * 20)
    with pytest.raises(ModelError, match=r"expected an ONNX model, got a file that does not load"):
        loaded(path)
    with pytest.raises(ModelError, match="got nothing there"):
        loaded(path.with_name("missing.onnx"))


def test_without_onnxruntime_the_extra_is_named(path, monkeypatch):
    written(path)
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    with pytest.raises(ExtraError, match=r"pip install 'axolens\[onnx\]'"):
        loaded(path)


def test_cuda_that_is_not_there_is_refused(path):
    if "CUDAExecutionProvider" in onnxruntime.get_available_providers():
        pytest.skip("this onnxruntime has CUDA")
    with pytest.raises(ModelError, match="expected an onnxruntime with CUDA"):
        loaded(written(path), device="cuda")
