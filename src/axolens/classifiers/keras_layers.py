"""The layers of a Keras model on torch that are grids of places."""

from typing import Any

import torch

from axolens.classifiers.grids import places
from axolens.classifiers.keras_calls import first_tensor, parts, watched
from axolens.classifiers.keras_start import import_keras
from axolens.classifiers.protocols import Layer
from axolens.classifiers.torch_graph import Run
from axolens.classifiers.torch_layers import no_such_layer
from axolens.errors import LayerError

PASSES_THROUGH = (
    "InputLayer", "Dropout", "SpatialDropout", "GaussianDropout", "Flatten", "Identity", "ZeroPadding", "Cropping",
    "Rescaling", "Normalization", "Random",
)  # fmt: skip
PROJECTIONS = ("Dense", "EinsumDense")


def find_layers(model: Any, run: Run, batch: torch.Tensor, image: tuple[int, int], last: bool) -> tuple[Layer, ...]:
    """Return the layers that are grids, in the order in which they finish in one pass.

    Layers that give the same tensor are one, by the name of the last to finish; a model inside the model leaves the
    name to its own last layer. ``last`` says whether channels are the last axis.
    """
    seen: list[tuple[str, Any, torch.Tensor]] = []

    def note(path: str, layer: Any, output: Any) -> None:
        tensor = first_tensor(output)
        if isinstance(tensor, torch.Tensor) and not type(layer).__name__.startswith(PASSES_THROUGH):
            seen.append((path, layer, tensor))

    with watched(model, note):
        run(batch)
    return _grouped(seen, image, last)


def _grouped(seen: list[tuple[str, Any, torch.Tensor]], image: tuple[int, int], last: bool) -> tuple[Layer, ...]:
    whole = import_keras().Model
    found: dict[tuple[int, torch.Size], Layer] = {}
    for path, layer, tensor in seen:
        shape = (channels_first(tensor) if last and tensor.ndim == 4 else tensor).shape[1:]
        grid = places(tuple(shape), image)
        if grid is None or (grid.kind == "tokens" and type(layer).__name__ in PROJECTIONS):
            continue
        key = (tensor.data_ptr(), tensor.shape)
        if key in found and isinstance(layer, whole):
            continue
        earlier = found.pop(key, None)
        pools = "Pooling" in type(layer).__name__ if earlier is None else earlier.pools
        found[key] = Layer(path, (grid.height, grid.width), grid.channels, pools)
    return tuple(found.values())


def channels_first(values: torch.Tensor) -> torch.Tensor:
    """Return (…, h, w, c) as (…, c, h, w), so that a layer with as many channels as rows is no riddle."""
    return values.movedim(-1, -3)


def named_layer(model: Any, name: str) -> Any:
    """Return the layer of this path, or of this name where it is the only one.

    Raises
    ------
    LayerError
        If there is none (the nearest names are given) or several.
    """
    known = dict(parts(model))
    if name in known:
        return known[name]
    hits = [path for path in known if path.rsplit("/", 1)[-1] == name]
    if len(hits) == 1:
        return known[hits[0]]
    if hits:
        raise LayerError("layer", expected="the path of one layer", got=f"{name!r}, which fits {', '.join(hits)}")
    raise no_such_layer(name, tuple(known))
