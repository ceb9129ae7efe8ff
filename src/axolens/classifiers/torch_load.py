"""What loading a PyTorch network by name has in common: weights in, read-out found, device chosen."""

import hashlib
import textwrap
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import torch

from axolens.classifiers.function import normalised
from axolens.classifiers.labels import fitting_labels
from axolens.classifiers.outputs import PROBES, Output, Reading, declared, noise
from axolens.classifiers.torch_graph import evaluating
from axolens.classifiers.torch_module import TorchClassifier
from axolens.classifiers.torch_readout import Readout, find_readout
from axolens.classifiers.torch_weights import fit_state, read_state
from axolens.errors import AxolensError, ModelError
from axolens.records.labels import Labels
from axolens.records.preprocess import Preprocess

T = TypeVar("T")


def fetched(name: str, download: Callable[[], T]) -> T:
    """Return what a download gives.

    Raises
    ------
    ModelError
        If it cannot be reached; says how to hand in a file.
    """
    try:
        return download()
    except Exception as error:  # urllib, hub clients and their timeouts share no base class
        first = textwrap.shorten(str(error), 160, placeholder=" …") or type(error).__name__
        raise ModelError(
            f"model {name}",
            expected="its weights from the network",
            got=first.rstrip("."),
            hint="Hand in a file instead: --weights FILE (in Python, weights=...).",
        ) from None


def as_classifier(
    module: torch.nn.Module,
    labels: Labels,
    preprocess: Preprocess,
    *,
    name: str,
    weights: Path | None = None,
    state: Mapping[str, Any] | None = None,
    device: str | None = None,
    prefix: int | None = None,
    output: Output = "auto",
) -> TorchClassifier:
    """Return a network that axolens built itself: weights in, on its device, in evaluation."""
    if weights is not None:
        fit_state(module, read_state(weights), weights)
    elif state is not None:
        module.load_state_dict(state)
    _make_ordinary(module)
    module.eval().requires_grad_(False).to(chosen_device(device))
    hint = "" if weights else "A network with classes of its own needs its own --weights too."
    digest = file_digest(weights)
    return wrap_module(module, labels, preprocess, name=name, digest=digest, output=output, prefix=prefix, hint=hint)


def wrap_module(
    module: torch.nn.Module,
    labels: Labels | None,
    preprocess: Preprocess | None,
    *,
    name: str,
    digest: str = "",
    output: Output = "auto",
    prefix: int | None = None,
    hint: str = "",
    chunk: int | None = None,
) -> TorchClassifier:
    """Return a module as a classifier; one pass over noise finds its classes and where its logits are.

    Parameters
    ----------
    module
        Takes what ``preprocess`` describes and gives (n, k) scores.
    labels
        The classes; None numbers them.
    preprocess
        From the photo to what the module takes; None hands batches over as they are, and nothing is tried out.
    name, digest
        What a report calls the model, and sha256 of its weights or file.
    output
        What the scores are; "auto" looks at the module's last function.
    prefix
        Class and register tokens before the grid of a transformer, where known.
    hint
        What to do where the labels are too few or too many.
    chunk
        How many images the module takes at once, where it takes no other number.

    Raises
    ------
    ModelError
        If the number of labels is not the number of classes, the module has no weights in memory, or it refuses what
        ``preprocess`` describes.
    """
    if any(weight.is_meta for weight in (*module.parameters(), *module.buffers())):
        raise ModelError(f"model {name}", expected="weights in memory", got="a module on the meta device")
    if preprocess is not None:
        readout, count, chunk = _probed(module, preprocess, output, name, chunk)
        labels = fitting_labels(labels, count, hint)
    elif labels is None:
        raise ModelError(
            "labels", expected="the classes of a model without a preprocess", got="none", hint="Pass labels=[...]."
        )
    else:
        readout = Readout(*declared(output, len(labels)) or Reading("logits"))
    return TorchClassifier(
        module, labels, preprocess, name=name, digest=digest, readout=readout, prefix=prefix, chunk=chunk
    )


def chosen_device(device: str | None) -> torch.device:
    """Return the device of this name; None is the CPU.

    Raises
    ------
    ModelError
        If there is no such device here.
    """
    try:
        chosen = torch.device(device or "cpu")
        torch.empty(0, device=chosen)
    except Exception as error:  # torch raises AssertionError, RuntimeError and others for a missing device
        first = str(error).strip().splitlines()[0][:120]
        raise ModelError(
            "device", expected="cpu, cuda, cuda:1, mps, … as PyTorch has it", got=f"{device!r}: {first}"
        ) from None
    return chosen


def file_digest(path: Path | None) -> str:
    """Return the sha256 of a file, or "" without one."""
    if path is None:
        return ""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _probed(
    module: torch.nn.Module, preprocess: Preprocess, output: Output, name: str, chunk: int | None
) -> tuple[Readout, int, int | None]:
    """Return the readout, the number of outputs and how many images the module takes at once, None for any."""
    tensors = (*module.parameters(), *module.buffers())
    home = next((t for t in tensors if t.is_floating_point()), torch.zeros(0))
    refused: Exception = ValueError()
    for count in (chunk,) if chunk else (PROBES, 1):
        pixels = torch.tensor(noise(preprocess.size, count), device=home.device)
        prepared = normalised(pixels, preprocess).to(home.dtype)
        try:
            with evaluating(module):
                readout, outputs = find_readout(module, prepared, output)
        except Exception as error:  # what a module raises for an input it does not take is its own affair
            refused = error
        else:
            return readout, outputs, chunk or (None if count == PROBES else 1)
    if isinstance(refused, AxolensError):
        raise refused
    said = [line for line in str(refused).splitlines() if line.strip()] or [type(refused).__name__]
    raise ModelError(
        f"model {name}",
        expected=f"to take {str(home.dtype).removeprefix('torch.')} of shape {tuple(prepared.shape)} on {home.device}",
        got=textwrap.shorten(said[0], 200, placeholder=" …").rstrip("."),
        hint="That is what preprocess says.",
    ) from None


def _make_ordinary(module: torch.nn.Module) -> None:
    """Free weights that were made inside inference mode from it, which would bar them from gradients for good."""
    with torch.inference_mode(False):
        for part in module.modules():
            for name, weight in part._parameters.items():
                if weight is not None and weight.is_inference():
                    part._parameters[name] = torch.nn.Parameter(weight.clone(), requires_grad=False)
            for name, buffer in part._buffers.items():
                if buffer is not None and buffer.is_inference():
                    part._buffers[name] = buffer.clone()
