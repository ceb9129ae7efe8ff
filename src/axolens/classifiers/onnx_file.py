"""An ONNX file, on onnxruntime: predictions only, logits where a last softmax or sigmoid can be looked behind."""

import hashlib
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from axolens.classifiers.function import (
    FunctionClassifier,
    Reading,
    fitting_labels,
    probed,
    recognised,
)
from axolens.classifiers.outputs import Output
from axolens.errors import ExtraError, ModelError
from axolens.records.labels import Labels
from axolens.records.preprocess import Preprocess

Ending = Literal["", "Softmax", "Sigmoid"]
NUMBERS = {"tensor(float)": np.float32, "tensor(float16)": np.float16, "tensor(double)": np.float64}


class Source(NamedTuple):
    """What a session is made of: bytes or a path, the output to read, and the function left out behind it."""

    model: bytes | str
    output: str | None = None
    ending: Ending = ""


class Takes(NamedTuple):
    """What a session takes; a dimension that is not fixed is None, and so is a layout that cannot be told."""

    name: str
    number: Any
    batch: int | None
    size: tuple[int | None, int | None]
    layout: Literal["nchw", "nhwc"] | None


def load_onnx(
    path: Path,
    *,
    labels: Labels | None,
    preprocess: Preprocess | None,
    name: str,
    output: Output = "auto",
    device: str = "cpu",
) -> FunctionClassifier:
    """Load an ONNX file as a classifier; one session does all the work.

    Parameters
    ----------
    path
        The file; its graph takes one batch of images and gives (n, k).
    labels
        The classes; None counts them.
    preprocess
        From the photo to what the graph takes; its layout is set to the one the file has.
    name
        What a report calls the model.
    output
        Whether the file gives "logits" or "probabilities"; "auto" looks for a last Softmax or Sigmoid and reads
        the logits before it, else at the values.
    device
        "cpu", or "cuda" where onnxruntime has it.

    Raises
    ------
    ExtraError
        If onnxruntime is not installed.
    ModelError
        If the file is missing or no ONNX model, takes something else than images, or ``preprocess`` is missing or
        of another size.
    """
    if not path.is_file():
        raise ModelError(f"model {path}", expected="an ONNX file", got="a folder" if path.is_dir() else "nothing there")
    source = _source(path) if output == "auto" else Source(str(path))
    session = _session(source.model, path, device)
    takes = _takes(session, path)
    fitted = _fitted(preprocess, takes, path)
    read = source.output or session.get_outputs()[0].name

    def run(values: NDArray[Any]) -> NDArray[Any]:
        return np.concatenate([_run_chunk(session, read, takes, part) for part in _chunks(values, takes.batch)])

    outputs = probed(run, fitted)
    kind, turn, single = _reading(source.ending, outputs.shape[1]) or recognised(outputs, output)
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    found = fitting_labels(labels, outputs.shape[1])
    return FunctionClassifier(run, found, fitted, name=name, digest=digest, kind=kind, turn=turn, single=single)


def _reading(ending: Ending, count: int) -> Reading | None:
    if not ending:
        return None
    return Reading("independent-logits" if ending == "Sigmoid" and count > 1 else "logits", single=count == 1)


def _source(path: Path) -> Source:
    """Return the model with what goes into its last softmax or sigmoid as an output, where there is one."""
    try:
        import onnx
    except ImportError:
        return Source(str(path))
    try:
        model = onnx.load(str(path), load_external_data=False)
        behind, ending = _before_the_end(model.graph)
        # A model in memory cannot find data that lies beside its file.
        if not ending or any(t.data_location == onnx.TensorProto.EXTERNAL for t in model.graph.initializer):
            return Source(str(path))
        if behind not in [known.name for known in model.graph.output]:
            model.graph.output.append(onnx.ValueInfoProto(name=behind))
        return Source(model.SerializeToString(), behind, ending)
    except Exception:  # what is wrong with the file is said when the session opens it
        return Source(str(path))


def _before_the_end(graph: Any) -> tuple[str, Ending]:
    makers = {made: node for node in graph.node for made in node.output}
    node = makers.get(graph.output[0].name)
    while node is not None and node.op_type in ("Identity", "Cast"):
        node = makers.get(node.input[0])
    if node is None or node.op_type not in ("Softmax", "Sigmoid"):
        return "", ""
    return node.input[0], node.op_type


def _session(model: bytes | str, path: Path, device: str) -> Any:
    try:
        import onnxruntime
    except ImportError:
        raise ExtraError(
            f"model {path}", expected="onnxruntime", got="no such package", hint="pip install 'axolens[onnx]'"
        ) from None
    providers = ["CPUExecutionProvider"]
    if device.startswith("cuda"):
        if "CUDAExecutionProvider" not in onnxruntime.get_available_providers():
            hint = "pip install onnxruntime-gpu, or use the cpu."
            raise ModelError("device", expected="an onnxruntime with CUDA", got="one without", hint=hint)
        providers.insert(0, "CUDAExecutionProvider")
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    try:
        return onnxruntime.InferenceSession(model, options, providers=providers)
    except Exception as error:  # onnxruntime has a class of its own for each cause, without a common one
        reason = " ".join(str(error).split())[:200]
        raise ModelError(
            f"model {path}", expected="an ONNX model", got=f"a file that does not load ({reason})"
        ) from None


def _takes(session: Any, path: Path) -> Takes:
    inputs = session.get_inputs()
    first = inputs[0]
    shape = tuple(side if isinstance(side, int) and side > 0 else None for side in first.shape)
    if len(inputs) != 1 or len(shape) != 4 or first.type not in NUMBERS:
        got = ", ".join(f"{known.name}: {known.type} {known.shape}" for known in inputs)
        raise ModelError(f"model {path}", expected="one input, a batch of images in floating point", got=got)
    batch, a, b, c = shape
    number = NUMBERS[first.type]
    if a == 3:
        return Takes(first.name, number, batch, (b, c), "nchw")
    if c == 3:
        return Takes(first.name, number, batch, (a, b), "nhwc")
    if a is None and c is None:
        return Takes(first.name, number, batch, (None, None), None)
    raise ModelError(f"model {path}", expected="images with three channels", got=f"an input of shape {first.shape}")


def _fitted(preprocess: Preprocess | None, takes: Takes, path: Path) -> Preprocess:
    """Return the preprocess in the layout of the file."""
    if preprocess is None:
        raise ModelError(
            f"model {path}",
            expected="to be told how its photos are prepared, which an ONNX file does not say",
            got="no preprocess",
            hint="Say --preprocess imagenet, a spec such as torchvision/resnet18, or a TOML file.",
        )
    if any(side not in (None, given) for side, given in zip(takes.size, preprocess.size, strict=True)):
        wanted = " × ".join("any" if side is None else str(side) for side in takes.size)
        got = " × ".join(map(str, preprocess.size))
        raise ModelError("preprocess.size", expected=f"{wanted} pixels, as {path.name} takes", got=f"{got} pixels")
    return replace(preprocess, layout=takes.layout or preprocess.layout)


def _chunks(values: NDArray[Any], batch: int | None) -> list[NDArray[Any]]:
    step = batch or max(len(values), 1)
    return [values[start : start + step] for start in range(0, max(len(values), 1), step)]


def _run_chunk(session: Any, read: str, takes: Takes, part: NDArray[Any]) -> NDArray[Any]:
    count = len(part)
    if takes.batch is not None and count < takes.batch:
        part = np.concatenate([part, np.repeat(part[-1:], takes.batch - count, axis=0)])
    (outputs,) = session.run([read], {takes.name: part.astype(takes.number)})
    return np.asarray(outputs)[:count]
