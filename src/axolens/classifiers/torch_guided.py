"""Guided backpropagation on a recorded pass: what each ReLU lets back."""

from collections.abc import Iterator, Sequence
from typing import Any

import torch

from axolens.errors import CapabilityError

Step = Any  # torch.autograd.graph.Node, which not every recorded step passes for
Slopes = Sequence[torch.Tensor | None]
HIDING = ("torch::jit", "CompiledFunction", "CheckpointFunction")  # steps that stand for several others


def guide(scores: torch.Tensor) -> None:
    """Let only positive slopes back through each ReLU of the pass that gave these scores.

    The pass itself is not touched: its recorded steps are looked through, so that modules, functions, methods, ReLUs in
    place, ReLUs called several times and exported programs are all the same. Nothing stays behind, since the record
    belongs to this pass.

    Raises
    ------
    CapabilityError
        If the pass has no ReLU, or parts whose ReLUs cannot be seen.
    """
    if scores.grad_fn is None:  # nothing was recorded, which the caller looks into
        return
    steps = list(recorded(scores.grad_fn))
    rectifiers = [step for step in steps if is_relu(step)]
    hidden = any(name in step.name() for step in steps for name in HIDING)
    if hidden or not rectifiers:
        raise CapabilityError(
            "guided gradient",
            expected="a network with ReLUs",
            got="one with compiled or checkpointed parts, which do not show theirs" if hidden else "one without",
            hint="Guided backpropagation is a rule for ReLUs; methods saliency and smoothgrad need none.",
        )
    for step in rectifiers:
        step.register_hook(lambda given, _: _positive(given))


def recorded(last: Step) -> Iterator[Step]:
    """Yield each step of a recorded pass once."""
    seen, waiting = {last}, [last]
    while waiting:
        step = waiting.pop()
        yield step
        for before, _ in step.next_functions:
            if before is not None and before not in seen:
                seen.add(before)
                waiting.append(before)


def is_relu(step: Step) -> bool:
    """Tell whether a recorded step cuts off at zero from below: ReLU, ReLU6, clamp(min=0) or a threshold at 0.

    Examples
    --------
    >>> ones = torch.ones(2, requires_grad=True)
    >>> [is_relu(y.grad_fn) for y in (ones.relu(), ones.clamp(min=0), ones.clamp(min=1), ones.sigmoid())]
    [True, True, False, False]
    """
    kind = step.name().rstrip("0123456789")
    if kind == "ReluBackward":
        return True
    bound = {
        "HardtanhBackward": "_saved_min_val",
        "ClampMinBackward": "_saved_min",
        "ClampBackward": "_saved_min",
        "ThresholdBackward": "_saved_threshold",
    }.get(kind)
    least = None if bound is None else getattr(step, bound)
    return isinstance(least, int | float) and least == 0


def _positive(given: Slopes) -> tuple[torch.Tensor | None, ...]:
    return tuple(None if slope is None else slope.clamp(min=0) for slope in given)
