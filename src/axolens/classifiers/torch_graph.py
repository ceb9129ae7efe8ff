"""Gradients on torch tensors, shared by the adapters of PyTorch modules and of Keras on torch."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext

import torch
from jaxtyping import Float

from axolens.classifiers.grids import Axes, Grid, fold, places, unfold
from axolens.classifiers.protocols import Targets
from axolens.errors import CapabilityError, LayerError
from axolens.maths.scores import score_each
from axolens.records.prediction import ScoreKind

Run = Callable[[torch.Tensor], torch.Tensor]
Tapped = Callable[[Callable[[torch.Tensor], torch.Tensor]], AbstractContextManager[object]]
Context = AbstractContextManager[object]
Guide = Callable[[torch.Tensor], None]


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
    run: Run, tapped: Tapped, batch: torch.Tensor, targets: Targets, kind: ScoreKind, below: Context | None = None
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Return scores (n, k), the tapped layer's output (n, …) and its gradients (n, m, …), all detached.

    One forward pass, and m backward passes from the score to the layer only. ``below`` keeps what is before the layer
    from being recorded; None is ``torch.no_grad()``.

    Raises
    ------
    LayerError
        If the layer gives pieces of images, or the scores depend on it but the network records nothing after it.
    """
    tap = Tap()
    with torch.inference_mode(False), below or torch.no_grad():
        batch = _ordinary(batch)
        with tapped(tap):
            scores = run(batch)
        if tap.leaf is None:
            raise RuntimeError("the layer gave no tensor in this pass")
        check_pieces(tap.leaf, len(batch))
        with torch.enable_grad():
            explained = score_each(scores, targets, kind)
        slopes = _slopes(explained, tap.leaf)
        if slopes is None and _depends(run, tapped, batch, scores):
            raise LayerError(
                "layer",
                expected="a layer that the score's gradient can reach",
                got="one with no way back: the network cuts its own graph with no_grad after this layer",
            )
        return scores.detach(), tap.leaf.detach(), _filled(slopes, tap.leaf, explained.shape[1])


def pixel_gradient(
    run: Run,
    batch: torch.Tensor,
    targets: Targets,
    kind: ScoreKind,
    below: Context | None = None,
    guide: Guide = lambda scores: None,
) -> torch.Tensor:
    """Return (n, m, h, w, c) slopes of each target's score per unit of each pixel.

    ``guide`` may change how slopes pass back through the steps that were recorded.

    Raises
    ------
    CapabilityError
        If the scores depend on the pixels, but the network itself records nothing of its pass.
    """
    with torch.inference_mode(False), below or nullcontext(), torch.enable_grad():
        pixels = _ordinary(batch).detach().requires_grad_()
        scores = run(pixels.clone())
        guide(scores)
        explained = score_each(scores, targets, kind)
        slopes = _slopes(explained, pixels)
        if slopes is None and _depends(run, lambda _: nullcontext(), _moved(pixels.detach()), scores):
            raise CapabilityError(
                "gradient",
                expected="a network that records its pass",
                got="one that cuts its own graph with no_grad",
                hint="LIME needs no gradients: use method lime.",
            )
        return _filled(slopes, pixels, explained.shape[1])


def on_grid(
    activations: torch.Tensor,
    slopes: torch.Tensor,
    image: Grid,
    prefix: int | None,
    axes: Axes = "channels first",
    cut: Sequence[Grid] = (),
) -> tuple[Float[torch.Tensor, "n c h w"], Float[torch.Tensor, "n m c h w"]]:
    """Fold what a layer gives, and its gradients, into channels over a grid of places, in float32."""
    found = places(tuple(activations.shape[1:]), image, prefix, axes, cut)
    if found is None:
        raise ValueError(f"an output of shape {tuple(activations.shape)} is no grid of places")
    folded = torch.stack([fold(slopes[:, j], found) for j in range(slopes.shape[1])], dim=1)
    return fold(activations, found).float(), folded.float()


class Put:
    """Puts values on the grid of what a layer gives, in a pass in which the layer is called once.

    Parameters
    ----------
    values
        (n, c, h, w).
    image, prefix, axes, cut
        As for ``on_grid``.

    Raises
    ------
    LayerError
        Where the layer is called a second time, or its grid is another.
    """

    def __init__(
        self,
        values: Float[torch.Tensor, "n c h w"],
        image: Grid,
        prefix: int | None,
        axes: Axes = "channels first",
        cut: Sequence[Grid] = (),
    ) -> None:
        self._values, self._calls = values, 0
        self._layout = (image, prefix, axes, cut)

    def __call__(self, output: torch.Tensor) -> torch.Tensor:
        """Return the output with the values on its grid."""
        self._calls += 1
        found = places(tuple(output.shape[1:]), *self._layout)
        if found is None:
            raise ValueError(f"an output of shape {tuple(output.shape)} is no grid of places")
        if self._calls > 1 or (found.channels, found.height, found.width) != tuple(self._values.shape[1:]):
            raise LayerError(
                "layer", expected="a layer that is called once a pass", got="one that is called several times",
                hint="Name the block around it.",
            )  # fmt: skip
        return unfold(self._values, output, found)


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


@contextmanager
def frozen(module: torch.nn.Module) -> Iterator[None]:
    """Record what depends on a leaf and nothing else: no parameter asks for gradients while the context lasts.

    Unlike ``torch.no_grad()`` around the pass, this also records what follows a part that runs under its own no_grad.

    Raises
    ------
    CapabilityError
        If the weights were made inside ``torch.inference_mode()``, which bars them from gradients for good.
    """
    if any(weight.is_inference() for weight in (*module.parameters(), *module.buffers())):
        raise CapabilityError(
            "model",
            expected="weights that gradients can pass",
            got="weights made inside torch.inference_mode()",
            hint="Build the network outside of it, or use method lime.",
        )
    asking = [weight for weight in module.parameters() if weight.requires_grad]
    for weight in asking:
        weight.requires_grad_(False)
    try:
        with torch.enable_grad():
            yield
    finally:
        for weight in asking:
            weight.requires_grad_(True)


def check_pieces(output: torch.Tensor, count: int) -> None:
    """Refuse a layer that gives another number of things than there are images."""
    pieces = output.shape[0] if output.ndim else 1
    if not output.ndim or pieces != count:
        raise LayerError(
            "layer",
            expected="a layer that gives one grid an image",
            got=f"one that gives {pieces} pieces of {count} images, such as windows",
        )


def _ordinary(batch: torch.Tensor) -> torch.Tensor:
    """Return a batch that was made inside inference mode as one that can be recorded."""
    return batch.clone() if batch.is_inference() else batch


def _slopes(explained: torch.Tensor, leaf: torch.Tensor) -> list[torch.Tensor | None] | None:
    """Return the gradients of each column, None where nothing leads back to the leaf."""
    if not explained.requires_grad:
        return None
    count = explained.shape[1]
    rows: list[torch.Tensor | None] = []
    for j in range(count):
        rows += torch.autograd.grad(explained[:, j].sum(), leaf, retain_graph=j < count - 1, allow_unused=True)
    return None if all(row is None for row in rows) else rows


def _filled(rows: list[torch.Tensor | None] | None, leaf: torch.Tensor, count: int) -> torch.Tensor:
    """Return (n, m, …): zeros where the score does not depend on the leaf."""
    return torch.stack([torch.zeros_like(leaf) if row is None else row for row in rows or [None] * count], dim=1)


def _depends(run: Run, tapped: Tapped, batch: torch.Tensor, scores: torch.Tensor) -> bool:
    """Tell whether the scores change with what is tapped, by moving it."""
    with torch.no_grad(), tapped(_moved):
        return not torch.allclose(run(batch), scores, rtol=1e-3, atol=1e-4, equal_nan=True)


def _moved(values: torch.Tensor) -> torch.Tensor:
    """Return values with a pattern added that no normalisation takes away."""
    pattern = torch.arange(values.numel(), device=values.device).sin().reshape(values.shape).to(values.dtype)
    return values.detach() + (1 + values.detach().abs().max()) * pattern
