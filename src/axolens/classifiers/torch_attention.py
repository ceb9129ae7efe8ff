"""Attention weights of any PyTorch network, seen in a pass without a change to the network."""

import math
from collections.abc import Callable
from typing import Any

import torch
from torch.overrides import TorchFunctionMode

from axolens.classifiers.grids import Grid, places
from axolens.classifiers.protocols import Attention
from axolens.classifiers.torch_graph import Run, frozen
from axolens.classifiers.torch_layers import convolved
from axolens.errors import CapabilityError


class Attending(TorchFunctionMode):
    """Keeps the weights of each attention of a pass.

    Fused attention computes them where nobody sees them, so they are computed again from its queries and keys; the
    network's own setting and its outputs stay as they are. Seen are ``scaled_dot_product_attention`` (timm and
    transformers by default), ``multi_head_attention_forward`` (torchvision), and a softmax whose output is (…, t, t),
    which is attention written out. Not seen is what torch.jit compiled.

    Parameters
    ----------
    cut
        The attention, counted from 0, whose output becomes ``leaf``, from which on the pass is recorded.
    """

    def __init__(self, cut: int | None = None) -> None:
        super().__init__()
        self.seen: list[torch.Tensor] = []
        self.leaf: torch.Tensor | None = None
        self.axis = -2  # of the leaf, along which its tokens lie
        self._cut = cut

    def __torch_function__(
        self, func: Callable[..., Any], types: Any, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        """Call the function; keep the weights if it is an attention."""
        options, name = kwargs or {}, str(getattr(func, "__name__", ""))
        if name == "multi_head_attention_forward":
            asked = {**options, "need_weights": True, "average_attn_weights": False}
            output, weights = func(*args, **asked)
            given = weights.mean(1) if options.get("average_attn_weights", True) else weights
            return self._kept(weights, output, 0), given if options.get("need_weights", True) else None
        made = func(*args, **options)
        if name == "scaled_dot_product_attention":
            return self._kept(_fused_weights(*args, **options), made, -2)
        if name in ("softmax", "_softmax") and made.ndim in (3, 4) and made.shape[-1] == made.shape[-2] > 1:
            return self._kept(made, made, -2)
        return made

    def _kept(self, weights: torch.Tensor, output: torch.Tensor, axis: int) -> torch.Tensor:
        if len(self.seen) == self._cut:
            self.leaf, self.axis = output.detach().requires_grad_(), axis
            output = self.leaf.clone()
        self.seen.append(weights.detach().float())
        return output


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
        rows = [(number, _by_image(one, len(batch))) for number, one in enumerate(attending.seen)]
        found = {number: weights for number, weights in rows if weights is not None}
        sizes = {weights.shape[-1] for weights in found.values()}
        grid = places((sizes.pop(), 2), image, prefix, cut=cut) if len(sizes) == 1 else None
        if grid is None:
            raise _refusal(len(attending.seen), len(found))
        with frozen(module), Attending(cut=max(found)) as attending:
            read = _read(run(batch), attending)
    return Attention(tuple(found.values()), (grid.height, grid.width), grid.prefix, read)


def _read(scores: torch.Tensor, attending: Attending) -> tuple[int, ...]:
    """Return the tokens at which the last attention's output reaches the scores."""
    if attending.leaf is not None and scores.requires_grad:
        mixed = scores * torch.arange(1, scores.shape[1] + 1, device=scores.device).sqrt()
        (slopes,) = torch.autograd.grad(mixed.sum(), attending.leaf)
        reached = slopes.movedim(attending.axis, 0).flatten(1).abs().sum(1) > 0
        if reached.any():
            return tuple(int(token) for token in reached.nonzero()[:, 0])
    raise CapabilityError(
        "attention",
        expected="scores that the last attention reaches",
        got="scores that do not depend on it, or a network that cuts its own graph",
        hint="Use method gradcam, or lime.",
    )


def _by_image(weights: torch.Tensor, count: int) -> torch.Tensor | None:
    """Return weights as (n, heads, t, t); None for what is not attention among all tokens of each image."""
    if weights.ndim == 3 and weights.shape[0] % count == 0:
        weights = weights.reshape(count, -1, *weights.shape[1:])
    if weights.ndim != 4 or len(weights) != count or weights.shape[-1] != weights.shape[-2]:
        return None
    rows = weights.sum(-1)
    return weights if torch.allclose(rows, torch.ones_like(rows), atol=1e-2) else None


def _fused_weights(
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    attn_mask: torch.Tensor | None = None,
    dropout_p: float = 0.0,
    is_causal: bool = False,
    scale: float | None = None,
    enable_gqa: bool = False,
) -> torch.Tensor:
    """Return softmax(q kᵀ · scale + mask), as ``torch.nn.functional.scaled_dot_product_attention`` documents it."""
    del value, dropout_p
    query, key = query.detach().float(), key.detach().float()
    if enable_gqa:
        key = key.repeat_interleave(query.shape[-3] // key.shape[-3], dim=-3)
    scores = query @ key.transpose(-2, -1) * (1 / math.sqrt(query.shape[-1]) if scale is None else scale)
    if is_causal:
        attn_mask = torch.ones(scores.shape[-2:], dtype=torch.bool, device=scores.device).tril()
    if attn_mask is not None and attn_mask.dtype == torch.bool:
        scores = scores.masked_fill(~attn_mask, -math.inf)
    elif attn_mask is not None:
        scores = scores + attn_mask.float()
    return scores.softmax(-1)


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
