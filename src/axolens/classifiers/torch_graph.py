"""Gradients on torch tensors, shared by the adapters of PyTorch modules and of Keras on torch."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import torch
from jaxtyping import Float

from axolens.classifiers.grids import fold, places
from axolens.classifiers.protocols import Targets
from axolens.maths.scores import score_each
from axolens.records.prediction import ScoreKind

Run = Callable[[torch.Tensor], torch.Tensor]
Tapped = Callable[["Tap"], AbstractContextManager[object]]


class Tap:
    """Cuts the graph at a layer: what the layer gives becomes the leaf that gradients flow to.

    Nothing below the layer is recorded, and no parameter's gradient is computed. The rest of the network works on a
    copy, so that an in-place activation after the layer does not overwrite what is read. Of a layer that is called
    several times in one pass, the last call is read.
    """

    def __init__(self) -> None:
        self.leaf: torch.Tensor | None = None

    def __call__(self, output: torch.Tensor) -> torch.Tensor:
        """Keep the output as a leaf, record from here on, and pass a copy."""
        self.leaf = output.detach().requires_grad_()
        torch.set_grad_enabled(True)
        return self.leaf.clone()


def trace(
    run: Run, tapped: Tapped, batch: torch.Tensor, targets: Targets, kind: ScoreKind
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Return scores (n, k), the tapped layer's output (n, …) and its gradients (n, m, …), all detached.

    One forward pass, and m backward passes from the score to the layer only.
    """
    tap = Tap()
    with torch.no_grad(), tapped(tap):
        scores = run(batch)
        if tap.leaf is None:
            raise RuntimeError("the layer was not called in this pass")
        with torch.enable_grad():
            explained = score_each(scores, targets, kind)
        slopes = _slopes(explained, tap.leaf)
    return scores.detach(), tap.leaf.detach(), slopes


def pixel_gradient(run: Run, batch: torch.Tensor, targets: Targets, kind: ScoreKind) -> torch.Tensor:
    """Return (n, m, h, w, c) slopes of each target's score per unit of each pixel."""
    with torch.enable_grad():
        pixels = batch.detach().requires_grad_()
        explained = score_each(run(pixels), targets, kind)
    return _slopes(explained, pixels)


def on_grid(
    activations: torch.Tensor, slopes: torch.Tensor, image: tuple[int, int], prefix: int | None
) -> tuple[Float[torch.Tensor, "n c h w"], Float[torch.Tensor, "n m c h w"]]:
    """Fold what a layer gives, and its gradients, into channels over a grid of places, in float32."""
    found = places(tuple(activations.shape[1:]), image, prefix)
    if found is None:
        raise ValueError(f"an output of shape {tuple(activations.shape)} is no grid of places")
    folded = torch.stack([fold(slopes[:, j], found) for j in range(slopes.shape[1])], dim=1)
    return fold(activations, found).float(), folded.float()


@contextmanager
def evaluating(module: torch.nn.Module) -> Iterator[None]:
    """Set a module to evaluation and leave every part of it in the mode it was found in."""
    training = [part for part in module.modules() if part.training]
    for part in training:
        part.training = False
    try:
        yield
    finally:
        for part in training:
            part.training = True


def _slopes(explained: torch.Tensor, leaf: torch.Tensor) -> torch.Tensor:
    count = explained.shape[1]
    rows = []
    for j in range(count):
        if explained.requires_grad:
            (slope,) = torch.autograd.grad(explained[:, j].sum(), leaf, retain_graph=j < count - 1, allow_unused=True)
        else:
            slope = None
        rows.append(torch.zeros_like(leaf) if slope is None else slope)
    return torch.stack(rows, dim=1)
