"""An ONNX file, on onnxruntime: predictions only, logits where a last softmax or sigmoid can be looked behind."""

import hashlib
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from axolens.classifiers.function import Function, FunctionClassifier, probed
from axolens.classifiers.labels import fitting_labels
from axolens.classifiers.outputs import Ending, Output, Reading, allows, before, declared, recognised
from axolens.errors import ExtraError, ModelError
from axolens.records.labels import Labels
from axolens.records.preprocess import Preprocess

ENDINGS: dict[str, Ending] = {"Softmax": "softmax", "Sigmoid": "sigmoid"}
NUMBERS = {"tensor(float)": np.float32, "tensor(float16)": np.float16, "tensor(double)": np.float64}


class Source(NamedTuple):
    """What a session is made of: bytes or a path, and how the file ends.

    ``before`` names what goes into the last softmax or sigmoid, None where only the file's output can be read.
    """

    model: bytes | str
    before: str | None = None
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
        What the file gives, as for ``wrap_function``. A last Softmax or Sigmoid is looked behind unless something
        else is declared; without one, "auto" looks at the values.
    device
        "cpu", or "cuda" where onnxruntime has it.

    Raises
    ------
    ExtraError
        If onnxruntime is not installed.
    ModelError
        If the file is missing or no ONNX model, takes something else than images, ``preprocess`` is missing or of
        another size, or nothing says whether numbers in [0, 1] are logits or probabilities.
    """
    if not path.is_file():
        raise ModelError(f"model {path}", expected="an ONNX file", got="a folder" if path.is_dir() else "nothing there")
    source = _source(path) if output == "auto" or output.endswith("probabilities") else Source(str(path))
    session = _session(source.model, path, device)
    takes = _takes(session, path)
    fitted = _fitted(preprocess, takes, path)
    run, count, reading = _read(session, source, takes, fitted, output)
    kind, turn, single = reading
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    found = fitting_labels(labels, count)
    return FunctionClassifier(run, found, fitted, name=name, digest=digest, kind=kind, turn=turn, single=single)


def _read(
    session: Any, source: Source, takes: Takes, preprocess: Preprocess, output: Output
) -> tuple[Function, int, Reading]:
    """Return the function that a session is, how many outputs it has and what they are, by three images of noise."""
    run = partial(_run, session, session.get_outputs()[0].name, takes)
    outputs = probed(run, preprocess)
    count = outputs.shape[1]
    if not allows(output, source.ending, count):
        return run, count, recognised(outputs, output)
    if source.before is not None:
        return partial(_run, session, source.before, takes), count, before(source.ending, count)
    probable = declared("independent-probabilities" if source.ending == "sigmoid" else "probabilities", count)
    return run, count, probable or Reading("logits")


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
            return Source(str(path), None, ending)
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
    if node is None or node.op_type not in ENDINGS:
        return "", ""
    return node.input[0], ENDINGS[node.op_type]


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


def _run(session: Any, read: str, takes: Takes, values: NDArray[Any]) -> NDArray[Any]:
    return np.concatenate([_run_chunk(session, read, takes, part) for part in _chunks(values, takes.batch)])


def _chunks(values: NDArray[Any], batch: int | None) -> list[NDArray[Any]]:
    step = batch or max(len(values), 1)
    return [values[start : start + step] for start in range(0, max(len(values), 1), step)]


def _run_chunk(session: Any, read: str, takes: Takes, part: NDArray[Any]) -> NDArray[Any]:
    count = len(part)
    if takes.batch is not None and count < takes.batch:
        part = np.concatenate([part, np.repeat(part[-1:], takes.batch - count, axis=0)])
    (outputs,) = session.run([read], {takes.name: part.astype(takes.number)})
    return np.asarray(outputs)[:count]
