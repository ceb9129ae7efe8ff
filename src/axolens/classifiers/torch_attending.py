"""Attention seen in a pass: its weights, and how slopes on what it gives become slopes on them."""

import inspect
import math
from collections.abc import Callable
from typing import Any, NamedTuple

import torch
from torch.overrides import TorchFunctionMode


class Node(NamedTuple):
    """What an attention gave in a recorded pass, the axis of its tokens, and from slopes on it to those on weights."""

    output: torch.Tensor
    axis: int
    back: Callable[[torch.Tensor], torch.Tensor]


class Attending(TorchFunctionMode):
    """Keeps the weights of each attention of a pass.

    Fused attention computes them where nobody sees them, so they are computed again from its queries and keys; the
    network's own setting and its outputs stay as they are. Seen are ``scaled_dot_product_attention`` (timm and
    transformers by default), ``multi_head_attention_forward`` (torchvision), and a softmax whose output is (…, t, t),
    which is attention written out. Not seen is what torch.jit compiled.

    Parameters
    ----------
    cut
        The attention, counted from 0, from whose output on the pass is recorded; its and all later ones are ``nodes``.
    """

    def __init__(self, cut: int | None = None) -> None:
        super().__init__()
        self.seen: list[torch.Tensor] = []
        self.nodes: dict[int, Node] = {}
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
            output = self._kept(weights, output, 0, _through_projection(func, args, asked))
            return output, given if options.get("need_weights", True) else None
        made = func(*args, **options)
        if name == "scaled_dot_product_attention":
            return self._kept(fused_weights(*args, **options), made, -2, _through_values(*args, **options))
        if name in ("softmax", "_softmax") and made.ndim in (3, 4) and made.shape[-1] == made.shape[-2] > 1:
            return self._kept(made, made, -2, lambda slopes: slopes)
        return made

    def _kept(
        self, weights: torch.Tensor, output: torch.Tensor, axis: int, back: Callable[[torch.Tensor], torch.Tensor]
    ) -> torch.Tensor:
        number = len(self.seen)
        self.seen.append(weights.detach().float())
        if self._cut is None or number < self._cut:
            return output
        kept = output.detach().requires_grad_() if number == self._cut else output
        self.nodes[number] = Node(kept, axis, back)
        return kept.clone()  # what follows may work in place


def fused_weights(
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


def _through_values(
    query: torch.Tensor, key: torch.Tensor, value: torch.Tensor, *_args: Any, enable_gqa: bool = False, **_kwargs: Any
) -> Callable[[torch.Tensor], torch.Tensor]:
    """Return how slopes on weights · value become slopes on the weights: times valueᵀ."""
    held = value.detach().float()
    if enable_gqa:
        held = held.repeat_interleave(query.shape[-3] // value.shape[-3], dim=-3)
    return lambda slopes: slopes.float() @ held.transpose(-2, -1)


def _through_projection(
    func: Callable[..., Any], args: tuple[Any, ...], options: dict[str, Any]
) -> Callable[[torch.Tensor], torch.Tensor]:
    """Return the same for ``multi_head_attention_forward``, which projects the values before and the output after."""
    given = inspect.signature(func).bind(*args, **options).arguments
    value, heads, after = given["value"], given["num_heads"], given["out_proj_weight"]

    def by_head(tokens: torch.Tensor) -> torch.Tensor:
        return tokens.detach().float().reshape(*tokens.shape[:2], heads, -1).permute(1, 2, 0, 3)

    def back(slopes: torch.Tensor) -> torch.Tensor:
        joined, bias = given.get("in_proj_weight"), given.get("in_proj_bias")
        weight = given["v_proj_weight"] if joined is None else joined.chunk(3)[2]
        held = torch.nn.functional.linear(value, weight, None if bias is None else bias.chunk(3)[2])
        return by_head(slopes @ after) @ by_head(held).transpose(-2, -1)

    return back
