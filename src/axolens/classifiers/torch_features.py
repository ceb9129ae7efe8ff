"""What several layers give in one pass, without a question and without gradients."""

from collections.abc import Mapping, Sequence
from contextlib import ExitStack

import torch
from jaxtyping import Float32

from axolens.classifiers.grids import Axes, Grid, fold, places
from axolens.classifiers.torch_graph import Run, Tapped, check_pieces
from axolens.errors import LayerError


def read_layers(run: Run, tapped: Mapping[str, Tapped], batch: torch.Tensor) -> dict[str, torch.Tensor]:
    """Return what each tapped layer gives, (n, …), before anything after it works in place.

    Of a layer that is called several times in one pass, the last call is read.

    Raises
    ------
    LayerError
        If a layer has no part in the pass, or gives pieces of images.
    """
    seen: dict[str, torch.Tensor] = {}

    def keep(layer: str) -> Run:
        def kept(output: torch.Tensor) -> torch.Tensor:
            seen[layer] = output.detach().clone()
            return output

        return kept

    with ExitStack() as stack:
        stack.enter_context(torch.no_grad())
        for layer, tap in tapped.items():
            stack.enter_context(tap(keep(layer)))
        run(batch)
    for layer in tapped:
        if layer not in seen:
            raise LayerError("layer", expected="a layer that has a part in the pass", got=f"{layer!r}, which has none")
        check_pieces(seen[layer], len(batch))
    return seen


def gridded(
    layer: str, values: torch.Tensor, image: Grid, prefix: int | None, axes: Axes, cut: Sequence[Grid] = ()
) -> Float32[torch.Tensor, "n c h w"]:
    """Fold what a layer gives into channels over a grid of places.

    Raises
    ------
    LayerError
        If it is no grid.
    """
    found = places(tuple(values.shape[1:]), image, prefix, axes, cut)
    if found is None:
        got = f"{layer!r}: an output of shape {tuple(values.shape)} is no grid of places"
        raise LayerError("layer", expected="a layer whose output is a grid", got=got)
    return fold(values, found).float()
