"""torch:FILE: a network saved by torch.export."""

from pathlib import Path
from typing import Any

import torch

from axolens.classifiers.outputs import Output
from axolens.classifiers.torch_load import file_digest, wrap_module
from axolens.classifiers.torch_module import TorchClassifier
from axolens.errors import ModelError
from axolens.records.labels import Labels
from axolens.records.preprocess import Preprocess


def load_export(
    path: Path, *, labels: Labels | None, preprocess: Preprocess, output: Output = "auto"
) -> TorchClassifier:
    """Return an exported program as a classifier with gradients; its layers are no longer there to be read.

    A program of a fixed batch is asked in batches of that size.

    Raises
    ------
    ModelError
        If the file is no exported program, or one that takes other images than ``preprocess`` describes.
    """
    try:
        program = torch.export.load(path)
        module = program.module()
    except Exception as error:  # torch raises a dozen kinds for damaged or foreign files
        first = str(error).strip().splitlines()[0][:120] if str(error).strip() else type(error).__name__
        raise ModelError(f"model torch:{path}", expected="a file of torch.export.save", got=first.rstrip(".")) from None
    return wrap_module(
        module, labels, preprocess, name=f"torch:{path.name}", digest=file_digest(path), output=output,
        chunk=_fixed_batch(program),
    )  # fmt: skip


def _fixed_batch(program: Any) -> int | None:
    """Return how many images a program takes at once, None for any."""
    taken = set(program.graph_signature.user_inputs)
    for node in program.graph.nodes:
        shape: tuple[Any, ...] = getattr(node.meta.get("val"), "shape", ()) if node.name in taken else ()
        if len(shape) == 4:
            return shape[0] if isinstance(shape[0], int) else None
    return None
