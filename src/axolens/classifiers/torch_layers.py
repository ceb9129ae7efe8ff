"""The layers of a PyTorch module that are grids of places, and hooks that read them."""

import difflib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import torch

from axolens.classifiers.grids import Axes, Grid, places
from axolens.classifiers.protocols import Layer
from axolens.errors import LayerError

Seen = tuple[str, torch.nn.Module, torch.Tensor]
PASSES_THROUGH = ("Dropout", "DropPath", "Identity", "Flatten")
POOLING = (
    torch.nn.MaxPool2d, torch.nn.AvgPool2d, torch.nn.AdaptiveMaxPool2d, torch.nn.AdaptiveAvgPool2d, torch.nn.LPPool2d,
    torch.nn.FractionalMaxPool2d,
)  # fmt: skip
CHANNELS_FIRST = (
    torch.nn.Conv2d, torch.nn.ConvTranspose2d, torch.nn.BatchNorm2d, torch.nn.InstanceNorm2d, torch.nn.GroupNorm,
    *POOLING,
)  # fmt: skip


def find_layers(
    module: torch.nn.Module,
    run: Callable[[], torch.Tensor],
    image: Grid,
    prefix: int | None,
    axes: Axes = "channels first",
) -> tuple[Layer, ...]:
    """Return the layers that are grids, in the order in which they finish in one pass.

    Modules that give the same tensor (a block, its last part, an in-place activation after it) are one layer, by the
    name of the last to finish. Projections of tokens are left out: they are not the stream that the blocks add to.
    So are windows, which are pieces of an image and not its grid, and parts compiled by torch.jit, which take no hooks.
    ``axes`` decides where proportions allow both.
    """
    seen: list[Seen] = []

    def note(name: str, part: torch.nn.Module, output: Any) -> None:
        tensor = layer_tensor(output)
        if tensor is not None and not type(part).__name__.startswith(PASSES_THROUGH):
            seen.append((name, part, tensor))

    handles = [
        part.register_forward_hook(lambda part, _, output, name=name: note(name, part, output))
        for name, part in module.named_modules()
        if name and not isinstance(part, torch.jit.ScriptModule)
    ]
    try:
        with convolved(module) as cut:
            count = len(run())
    finally:
        for handle in handles:
            handle.remove()
    return _grouped([row for row in seen if row[2].ndim and len(row[2]) == count], image, prefix, axes, cut)


def axes_of(part: torch.nn.Module, axes: Axes) -> Axes:
    """Return the axes that a part gives: those of its own kind where PyTorch fixes them, otherwise the module's."""
    if isinstance(part, CHANNELS_FIRST):
        return "channels first"
    return "channels last" if isinstance(part, torch.nn.Linear) else axes


def pools(part: torch.nn.Module) -> bool:
    """Tell whether a part only pools; a block with parts of its own does more, whatever it is called.

    Examples
    --------
    >>> pools(torch.nn.MaxPool2d(2)), pools(torch.nn.Conv2d(3, 3, 1))
    (True, False)
    """
    return isinstance(part, POOLING) or ("Pool" in type(part).__name__ and not any(part.children()))


def _grouped(seen: list[Seen], image: Grid, prefix: int | None, axes: Axes, cut: list[Grid]) -> tuple[Layer, ...]:
    found: dict[tuple[int, torch.Size], Layer] = {}
    for name, part, tensor in seen:
        grid = places(tuple(tensor.shape[1:]), image, prefix, axes_of(part, axes), cut)
        if grid is None or (grid.kind == "tokens" and isinstance(part, torch.nn.Linear)):
            continue
        key = (tensor.data_ptr(), tensor.shape)
        earlier = found.pop(key, None)
        pooled = pools(part) if earlier is None else earlier.pools
        found[key] = Layer(name, (grid.height, grid.width), grid.channels, pooled)
    return tuple(found.values())


def named_layer(module: torch.nn.Module, name: str) -> torch.nn.Module:
    """Return the part of this name.

    Raises
    ------
    LayerError
        If there is none; the nearest names are given.
    """
    parts = {path: part for path, part in module.named_modules() if path}
    if name in parts:
        return parts[name]
    raise no_such_layer(name, tuple(parts))


def no_such_layer(name: str, known: tuple[str, ...]) -> LayerError:
    """Return the error for a layer that does not exist, with the nearest names."""
    near = difflib.get_close_matches(name, known, n=4, cutoff=0.4) or list(known[-4:])
    return LayerError("layer", expected="a layer of this network", got=repr(name), hint=f"Nearest: {', '.join(near)}.")


def named_error(name: str, error: Exception) -> Exception:
    """Return the error for a layer that was named but cannot be read: itself where it is about something else."""
    if isinstance(error, LayerError):
        return LayerError("layer", expected=error.expected, got=f"{name!r}, {error.got}", hint=error.hint)
    if "this pass" in str(error) or "grid of places" in str(error):
        return LayerError("layer", expected="a layer whose output is a grid", got=f"{name!r}: {error}")
    return error


@contextmanager
def hooked(part: torch.nn.Module, replace: Callable[[torch.Tensor], torch.Tensor]) -> Iterator[None]:
    """Pass what a part gives (the first tensor of a tuple or list) through ``replace`` while the context lasts.

    Raises
    ------
    LayerError
        If the part is compiled by torch.jit.
    """
    if isinstance(part, torch.jit.ScriptModule):
        raise LayerError("layer", expected="a layer that can be read", got="one compiled by torch.jit")
    handle = part.register_forward_hook(lambda _part, _inputs, output: _replaced(output, replace))
    try:
        yield
    finally:
        handle.remove()


@contextmanager
def convolved(module: torch.nn.Module) -> Iterator[list[Grid]]:
    """Give the list that the grids of the module's convolutions enter, in the order of the passes in the context."""
    cut: list[Grid] = []

    def note(_part: torch.nn.Module, _inputs: Any, output: torch.Tensor) -> None:
        cut.append((output.shape[-2], output.shape[-1]))

    handles = [part.register_forward_hook(note) for part in module.modules() if isinstance(part, torch.nn.Conv2d)]
    try:
        yield cut
    finally:
        for handle in handles:
            handle.remove()


def layer_tensor(output: Any) -> torch.Tensor | None:
    """Return the tensor a layer gives: itself, or the first of a tuple or list; None for anything else."""
    if isinstance(output, tuple | list) and output:
        return layer_tensor(output[0])
    return output if isinstance(output, torch.Tensor) else None


def _replaced(output: Any, replace: Callable[[torch.Tensor], torch.Tensor]) -> Any:
    if isinstance(output, torch.Tensor):
        return replace(output)
    if layer_tensor(output) is None:
        return output
    parts = [_replaced(output[0], replace), *output[1:]]
    return output._make(parts) if hasattr(output, "_make") else type(output)(parts)


def first_tensor(output: Any) -> torch.Tensor | None:
    """Return the tensor a module gives: itself, the logits of a model output, the first of a tuple."""
    if isinstance(output, torch.Tensor):
        return output
    logits = getattr(output, "logits", None)
    if logits is None and isinstance(output, dict):
        logits = output.get("logits")
    if isinstance(logits, torch.Tensor):
        return logits
    if isinstance(output, tuple | list) and output:
        return first_tensor(output[0])
    return None
