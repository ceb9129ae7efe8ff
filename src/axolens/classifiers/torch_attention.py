"""Attention weights of any PyTorch network, seen in a pass without a change to the network."""

from collections.abc import Sequence

import torch

from axolens.classifiers.grids import Grid, places
from axolens.classifiers.protocols import Attention, Targets
from axolens.classifiers.torch_attending import Attending, Node
from axolens.classifiers.torch_graph import Run, frozen
from axolens.classifiers.torch_layers import convolved
from axolens.errors import CapabilityError
from axolens.maths.scores import score_each
from axolens.records.prediction import ScoreKind


def attend(run: Run, module: torch.nn.Module, batch: torch.Tensor, image: Grid, prefix: int | None) -> Attention:
    """Return the attention weights of n images, the grid of their tokens, and the tokens at which scores are read.

    Raises
    ------
    CapabilityError
        If no attention was seen, or only attention within windows or over grids of several sizes, or none that the
        scores depend on.
    """
    with torch.inference_mode(False), torch.no_grad():
        with convolved(module) as cut, Attending() as attending:
            run(batch)
        found, grid, before = _whole(attending.seen, len(batch), image, prefix, cut)
        with frozen(module), Attending(cut=max(found)) as attending:
            read = _read(run(batch), attending.nodes.get(max(found)))
    return Attention(tuple(found.values()), grid, before, read)


def attend_back(
    run: Run,
    module: torch.nn.Module,
    batch: torch.Tensor,
    targets: Targets,
    kind: ScoreKind,
    image: Grid,
    prefix: int | None,
) -> tuple[Attention, tuple[torch.Tensor, ...]]:
    """Return what ``attend`` does, and each block's slopes (n, m, heads, t, t) of m targets' scores on its weights.

    One forward pass. A weight is moved alone, as if a row need not sum to 1.

    Raises
    ------
    CapabilityError
        As ``attend``.
    """
    with torch.inference_mode(False), torch.no_grad():
        with frozen(module), convolved(module) as cut, Attending(cut=0) as attending:
            scores = run(batch)
        found, grid, before = _whole(attending.seen, len(batch), image, prefix, cut)
        nodes = [attending.nodes[number] for number in found]
        read = _read(scores, nodes[-1])
        with torch.enable_grad():
            totals = score_each(scores, targets, kind).sum(0).unbind()
        rows = [_backward(total, nodes, found) for total in totals]
    slopes = tuple(torch.stack(blocks, dim=1) for blocks in zip(*rows, strict=True))
    return Attention(tuple(found.values()), grid, before, read), slopes


def _whole(
    seen: Sequence[torch.Tensor], count: int, image: Grid, prefix: int | None, cut: Sequence[Grid]
) -> tuple[dict[int, torch.Tensor], Grid, int]:
    """Return the attention among all tokens by its number in the pass, their grid, and the tokens before it."""
    rows = [(number, _by_image(one, count)) for number, one in enumerate(seen)]
    found = {number: weights for number, weights in rows if weights is not None}
    sizes = {weights.shape[-1] for weights in found.values()}
    grid = places((sizes.pop(), 2), image, prefix, cut=cut) if len(sizes) == 1 else None
    if grid is None:
        raise _refusal(len(seen), len(found))
    return found, (grid.height, grid.width), grid.prefix


def _read(scores: torch.Tensor, last: Node | None) -> tuple[int, ...]:
    """Return the tokens at which the last attention's output reaches the scores."""
    if last is not None and scores.requires_grad and last.output.requires_grad:
        with torch.enable_grad():
            mixed = (scores * torch.arange(1, scores.shape[1] + 1, device=scores.device).sqrt()).sum()
        (slopes,) = torch.autograd.grad(mixed, last.output, retain_graph=True, allow_unused=True)
        if slopes is not None:
            reached = slopes.movedim(last.axis, 0).flatten(1).abs().sum(1) > 0
            if reached.any():
                return tuple(int(token) for token in reached.nonzero()[:, 0])
    raise CapabilityError(
        "attention",
        expected="scores that the last attention reaches",
        got="scores that do not depend on it, or a network that cuts its own graph",
        hint="Use method gradcam, or lime.",
    )


def _backward(
    explained: torch.Tensor, nodes: Sequence[Node], found: dict[int, torch.Tensor]
) -> tuple[torch.Tensor, ...]:
    """Return the slopes (n, heads, t, t) of one number on each block's weights; zeros where nothing leads back."""
    slopes = torch.autograd.grad(explained, [node.output for node in nodes], retain_graph=True, allow_unused=True)
    return tuple(
        torch.zeros_like(weights) if slope is None else node.back(slope).float().reshape(weights.shape)
        for slope, node, weights in zip(slopes, nodes, found.values(), strict=True)
    )


def _by_image(weights: torch.Tensor, count: int) -> torch.Tensor | None:
    """Return weights as (n, heads, t, t); None for what is not attention among all tokens of each image."""
    if weights.ndim == 3 and weights.shape[0] % count == 0:
        weights = weights.reshape(count, -1, *weights.shape[1:])
    if weights.ndim != 4 or len(weights) != count or weights.shape[-1] != weights.shape[-2]:
        return None
    rows = weights.sum(-1)
    return weights if torch.allclose(rows, torch.ones_like(rows), atol=1e-2) else None


def _refusal(seen: int, whole: int) -> CapabilityError:
    if seen == 0:
        got = "a network in which no attention was seen"
    elif whole == 0:
        got = "attention within windows or parts of the photo only"
    else:
        got = "attention over tokens of several sizes, or over what is no grid of places"
    return CapabilityError(
        "attention",
        expected="a network of tokens that all attend to each other, such as a ViT or DeiT",
        got=got,
        hint="Use method gradcam, or lime.",
    )
