"""Weight files for PyTorch networks, loaded safely: tensors only, never arbitrary pickles."""

import textwrap
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file

from axolens.errors import WeightsError

State = dict[str, torch.Tensor]
WRAPPERS = ("state_dict", "model_state_dict", "model", "net", "weights")
PREFIXES = ("module.", "_orig_mod.", "model.")


def read_state(path: Path) -> State:
    """Return the tensors of a .safetensors, .pth, .pt or .bin file by name, on the host.

    Raises
    ------
    WeightsError
        If the file is missing, damaged, of another kind, or holds more than tensors.
    """
    if not path.is_file():
        got = "a folder" if path.is_dir() else "nothing there"
        raise WeightsError(f"weights {path}", expected="a .safetensors or .pth file", got=got)
    if path.suffix == ".safetensors":
        try:
            return load_file(path)
        except (SafetensorError, OSError) as error:
            raise _unreadable(path, error) from None
    if path.suffix in (".h5", ".keras"):
        raise WeightsError(
            f"weights {path}", expected="a .safetensors or .pth file for a PyTorch network", got="a Keras file"
        )
    return _unwrapped(path, _unpickled(path))


def fit_state(module: torch.nn.Module, state: State, path: Path) -> None:
    """Copy tensors into a network, half precision into float32 where need be.

    Raises
    ------
    WeightsError
        If a tensor is missing, too many, or of another shape: the first in the network's order is named.
    """
    wanted = module.state_dict()
    state = _without_prefix(state, wanted)
    for name, tensor in wanted.items():
        shape = tuple(tensor.shape)
        if name not in state:
            if name.endswith("num_batches_tracked"):
                continue
            raise WeightsError(
                f"weights {path}", expected=f"{name} of shape {shape}", got="no tensor of that name", hint=_near(state)
            )
        if tuple(state[name].shape) != shape:
            hint = "" if shape[1:] != tuple(state[name].shape)[1:] else _classes(shape, tuple(state[name].shape))
            got = f"shape {tuple(state[name].shape)}"
            raise WeightsError(f"weights {path}", expected=f"{name} of shape {shape}", got=got, hint=hint)
    extra = [name for name in state if name not in wanted]
    if extra:
        got = f"{extra[0]}" + (f" and {len(extra) - 1} more" if len(extra) > 1 else "")
        raise WeightsError(f"weights {path}", expected="no tensors beyond the network's", got=got)
    wanted.update(state)  # keeps the versions of the network's parts, which a file may lack and MNASNet asks for
    module.load_state_dict(wanted)


def _unpickled(path: Path) -> Any:
    try:
        return torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # torch raises a dozen kinds for damaged or unsafe files
        raise _unreadable(path, error) from None


def _unreadable(path: Path, error: Exception) -> WeightsError:
    said = textwrap.shorten(str(error), 120, placeholder=" …") or type(error).__name__
    if "weights_only" in str(error) or "pickle" in str(error).lower():
        said = "a file that holds no tensors, or code beside them"
        return WeightsError(
            f"weights {path}", expected="a readable file of tensors", got=said,
            hint="Save module.state_dict() with torch.save, or use safetensors.",
        )  # fmt: skip
    return WeightsError(f"weights {path}", expected="a readable file of tensors", got=said.rstrip("."))


def _unwrapped(path: Path, content: Any) -> State:
    while isinstance(content, dict):
        if content and all(isinstance(value, torch.Tensor) for value in content.values()):
            return content
        inner = next((content[key] for key in WRAPPERS if isinstance(content.get(key), dict)), None)
        if inner is None:
            break
        content = inner
    raise WeightsError(f"weights {path}", expected="tensors by name", got=type(content).__name__)


def _without_prefix(state: State, wanted: State) -> State:
    for prefix in PREFIXES:
        if all(name.startswith(prefix) for name in state) and not any(name.startswith(prefix) for name in wanted):
            return {name.removeprefix(prefix): tensor for name, tensor in state.items()}
    return state


def _near(state: State) -> str:
    return f"The file begins with {', '.join(list(state)[:3])}: is it of another network?"


def _classes(expected: tuple[int, ...], found: tuple[int, ...]) -> str:
    return f"A network with {found[0]} classes needs --labels with {found[0]} names, not {expected[0]}."
