"""torch:FILE: a network saved by torch.export."""

from pathlib import Path

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

    Raises
    ------
    ModelError
        If the file is no exported program.
    """
    try:
        module = torch.export.load(path).module()
    except Exception as error:  # torch raises a dozen kinds for damaged or foreign files
        first = str(error).strip().splitlines()[0][:120] if str(error).strip() else type(error).__name__
        raise ModelError(f"model torch:{path}", expected="a file of torch.export.save", got=first.rstrip(".")) from None
    return wrap_module(module, labels, preprocess, name=f"torch:{path.name}", digest=file_digest(path), output=output)
