"""What loading a PyTorch network by name has in common: weights in, read-out found, device chosen."""

import hashlib
import textwrap
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import torch

from axolens.classifiers.labels import numbered_labels
from axolens.classifiers.outputs import Output
from axolens.classifiers.torch_graph import evaluating
from axolens.classifiers.torch_module import TorchClassifier, normalised
from axolens.classifiers.torch_readout import Readout, find_readout, module_output
from axolens.classifiers.torch_weights import fit_state, read_state
from axolens.errors import ModelError
from axolens.records.labels import Labels
from axolens.records.preprocess import Preprocess

T = TypeVar("T")
PROBES = 3


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
) -> TorchClassifier:
    """Return a module as a classifier; one pass over noise finds its classes and where its logits are.

    Raises
    ------
    ModelError
        If the number of labels is not the number of classes.
    """
    if preprocess is None:
        readout, count = (
            Readout("log-probabilities", turn="log p") if output == "probabilities" else Readout("logits"),
            0,
        )
    else:
        readout, count = _probed(module, preprocess, output)
    labels = labels or (numbered_labels(count) if count else None)
    if labels is None:
        raise ModelError(
            "labels", expected="the classes of a model without a preprocess", got="none", hint="Pass labels=[...]."
        )
    if count and len(labels) != count:
        raise ModelError("labels", expected=f"{count} names, one a class of {name}", got=len(labels), hint=hint)
    return TorchClassifier(module, labels, preprocess, name=name, digest=digest, readout=readout, prefix=prefix)


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


def _probed(module: torch.nn.Module, preprocess: Preprocess, output: Output) -> tuple[Readout, int]:
    noise = np.random.default_rng(0).random((PROBES, *preprocess.size, 3), np.float32)
    tensors = (*module.parameters(), *module.buffers())
    home = next((t for t in tensors if t.is_floating_point()), torch.zeros(0))
    prepared = normalised(torch.tensor(noise, device=home.device), preprocess).to(home.dtype)
    with evaluating(module):
        readout = find_readout(module, prepared, output)
        with torch.no_grad():
            count = module_output(module, prepared[:1]).shape[1]
    return readout, max(count, 2)
