"""The weights of the networks, as half-precision safetensors beside this file, each with its digest."""

import hashlib
import json
from pathlib import Path

import safetensors.torch
import torch

from axolens.errors import InputError, ModelError
from axolens.pond.network import PondNet, fresh_network
from axolens.pond.recipes import NETWORKS, UNTRAINED

FOLDER = Path(__file__).with_name("weights")
DIGESTS = "digests.json"


def weight_file(name: str) -> Path | None:
    """Return where the weights of a network lie; None for the untrained one.

    Raises
    ------
    InputError
        If there is no network of that name.

    Examples
    --------
    >>> weight_file("pond-random") is None
    True
    """
    if name not in NETWORKS:
        raise InputError("network", expected=f"one of {', '.join(NETWORKS)}", got=repr(name))
    return None if name == UNTRAINED else FOLDER / f"{name}.safetensors"


def load_network(name: str) -> PondNet:
    """Return a network of the pond with its shipped weights, in evaluation.

    Raises
    ------
    InputError
        If there is no network of that name.
    ModelError
        If its weight file is missing, or is not the one that was shipped.

    Examples
    --------
    >>> load_network("pond-random").training
    False
    """
    path = weight_file(name)
    network = fresh_network(0)
    if path is not None:
        network.load_state_dict(_checked(name, path))
    return network.eval().requires_grad_(False)


def write_weights(network: PondNet, path: Path) -> Path:
    """Write the weights of a network in half precision and return the path.

    Raises
    ------
    InputError
        If the folder cannot be written.
    """
    state = {name: value.contiguous().half() if value.is_floating_point() else value for name, value in _state(network)}
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(safetensors.torch.save(state))
    except OSError as error:
        raise InputError("--out", expected="a file that can be written", got=f"{path}: {error.strerror}") from None
    return path


def digest_of(path: Path) -> str:
    """Return the sha256 of a file, in hexadecimal."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _state(network: PondNet) -> list[tuple[str, torch.Tensor]]:
    return [(name, value) for name, value in network.state_dict().items() if not name.endswith("num_batches_tracked")]


def _checked(name: str, path: Path) -> dict[str, torch.Tensor]:
    wanted = json.loads((FOLDER / DIGESTS).read_text(encoding="utf-8"))[name]
    try:
        content = path.read_bytes()
    except OSError:
        raise ModelError(f"model {name}", expected=f"its weights in {path}", got="no such file", hint=AGAIN) from None
    found = hashlib.sha256(content).hexdigest()
    if found != wanted:
        raise ModelError(
            f"model {name}", expected=f"weights with sha256 {wanted[:12]}… in {path}", got=f"{found[:12]}…", hint=AGAIN
        )
    state = {key: value.float() for key, value in safetensors.torch.load(content).items()}
    return {**dict(fresh_network(0).state_dict()), **state}


AGAIN = "The file is damaged or was replaced: install axolens again."
