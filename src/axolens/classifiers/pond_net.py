"""pond and pond-NAME: the networks of the built-in world, with the weights that ship with axolens."""

import difflib
from pathlib import Path

from axolens.classifiers.outputs import Output
from axolens.classifiers.torch_load import as_classifier, file_digest
from axolens.classifiers.torch_module import TorchClassifier
from axolens.errors import ModelError
from axolens.pond.network import fresh_network
from axolens.pond.pictures import PREPROCESS
from axolens.pond.recipes import NETWORKS
from axolens.pond.scene import SPECIES
from axolens.pond.weights import load_network, weight_file
from axolens.records.labels import Labels
from axolens.records.preprocess import Preprocess


def load_pond(
    name: str,
    *,
    weights: Path | None = None,
    labels: Labels | None = None,
    preprocess: Preprocess | None = None,
    device: str | None = None,
    output: Output = "auto",
) -> TorchClassifier:
    """Return a network of the pond with its shipped weights, or with those of a file.

    Parameters
    ----------
    name
        A name from ``axolens.pond.recipes.NETWORKS``.
    weights
        A file that ``python -m axolens.pond.train`` wrote, in place of the shipped one.
    labels
        Six names in place of the species.
    preprocess
        In place of the network's own, which brings the whole photo to 64 by 64 pixels.
    device
        Such as "cuda"; None is the CPU.
    output
        Whether the network gives "logits" or "probabilities"; "auto" looks.

    Raises
    ------
    ModelError
        If there is no such network, or its weights are missing, damaged or of another network.

    Examples
    --------
    >>> load_pond("pond-random").labels.names[0]
    'axolotl'
    """
    if name not in NETWORKS:
        raise _unknown(name)
    network = load_network(name) if weights is None else fresh_network(0)
    found = as_classifier(
        network, labels or Labels(SPECIES), preprocess or PREPROCESS, name=name, weights=weights, device=device,
        output=output,
    )  # fmt: skip
    shipped = weight_file(name)
    if weights is None and shipped is not None:
        found.digest = file_digest(shipped)
    return found


def _unknown(name: str) -> ModelError:
    near = difflib.get_close_matches(name, NETWORKS, n=1)
    hint = f"Nearest: {near[0]}." if near else ""
    return ModelError("model", expected=f"one of {', '.join(NETWORKS)}", got=repr(name), hint=hint)
