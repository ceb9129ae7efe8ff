"""The layers of a PyTorch module that are grids of places, and hooks that read them."""

import difflib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import torch

from axolens.classifiers.grids import places
from axolens.classifiers.protocols import Layer
from axolens.errors import LayerError

PASSES_THROUGH = ("Dropout", "DropPath", "Identity", "Flatten")


def find_layers(
    module: torch.nn.Module, run: Callable[[], object], image: tuple[int, int], prefix: int | None
) -> tuple[Layer, ...]:
    """Return the layers that are grids, in the order in which they finish in one pass.

    Modules that give the same tensor (a block, its last part, an in-place activation after it) are one layer, by the
    name of the last to finish. Projections of tokens are left out: they are not the stream that the blocks add to.
    """
    seen: list[tuple[str, torch.nn.Module, torch.Tensor]] = []

    def note(name: str, part: torch.nn.Module, output: Any) -> None:
        tensor = first_tensor(output)
        if tensor is not None and not type(part).__name__.startswith(PASSES_THROUGH):
            seen.append((name, part, tensor))

    handles = [
        part.register_forward_hook(lambda part, _, output, name=name: note(name, part, output))
        for name, part in module.named_modules()
        if name
    ]
    try:
        run()
    finally:
        for handle in handles:
            handle.remove()
    return _grouped(seen, image, prefix)


def _grouped(
    seen: list[tuple[str, torch.nn.Module, torch.Tensor]], image: tuple[int, int], prefix: int | None
) -> tuple[Layer, ...]:
    found: dict[tuple[int, torch.Size], Layer] = {}
    for name, part, tensor in seen:
        grid = places(tuple(tensor.shape[1:]), image, prefix)
        if grid is None or (grid.kind == "tokens" and isinstance(part, torch.nn.Linear)):
            continue
        key = (tensor.data_ptr(), tensor.shape)
        earlier = found.pop(key, None)
        pools = "Pool" in type(part).__name__ if earlier is None else earlier.pools
        found[key] = Layer(name, (grid.height, grid.width), grid.channels, pools)
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


@contextmanager
def hooked(part: torch.nn.Module, replace: Callable[[torch.Tensor], torch.Tensor]) -> Iterator[None]:
    """Pass what a part gives (the first tensor of a tuple) through ``replace`` while the context lasts."""

    def swap(_module: torch.nn.Module, _inputs: object, output: Any) -> Any:
        if isinstance(output, torch.Tensor):
            return replace(output)
        if isinstance(output, tuple) and output and isinstance(output[0], torch.Tensor):
            return (replace(output[0]), *output[1:])
        return None

    handle = part.register_forward_hook(swap)
    try:
        yield
    finally:
        handle.remove()


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
