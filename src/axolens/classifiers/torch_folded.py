"""A network for many passes without gradients: batch norms folded into convolutions, weights channels last."""

import copy
from collections import Counter
from collections.abc import Callable
from contextlib import suppress

import torch
from torch import fx
from torch.nn.utils.fusion import fuse_conv_bn_eval

from axolens.classifiers.torch_fused import fused

Read = Callable[[torch.nn.Module, torch.Tensor], torch.Tensor]
ROUNDING = 1e-4  # of the largest score by size
LIGHT = 2**26  # bytes of weights that may be held twice for their order in memory alone


class Folding:
    """Keeps a folded copy of a module, as long as the module's weights stay what they were.

    The module itself is not touched. A copy is used only where it gives the same scores, up to rounding. A network
    that cannot be looked through, or has hooks, is asked itself; so is a large one with nothing to fold.
    """

    def __init__(self) -> None:
        self._state: tuple[object, ...] = ()
        self._copy: torch.nn.Module | None = None

    def of(self, module: torch.nn.Module, prepared: torch.Tensor, read: Read) -> torch.nn.Module:
        """Return what to ask in the module's place, in evaluation mode; ``prepared`` holds images to try it on."""
        state = _state(module)
        if state != self._state:
            self._state, self._copy = state, _trusted(module, prepared[:1], read)
        return module if self._copy is None else self._copy


def _state(module: torch.nn.Module) -> tuple[object, ...]:
    """Return what changes when a weight is replaced or written to, or a hook comes or goes."""
    tensors = (*module.parameters(), *module.buffers())
    written = [(id(one), one.data_ptr(), 0 if one.is_inference() else one._version, one.dtype) for one in tensors]
    return (id(module), _hooked(module), *written)


def _hooked(module: torch.nn.Module) -> bool:
    return any(part._forward_hooks or part._forward_pre_hooks for part in module.modules())


def _trusted(module: torch.nn.Module, prepared: torch.Tensor, read: Read) -> torch.nn.Module | None:
    """Return the folded copy if there is one and it answers as the module does."""
    with suppress(Exception):  # whatever stands in the way of a copy, the module itself still answers
        if _hooked(module) or not _worthwhile(module):
            return None
        sound, folded = read(module, prepared), _folded(copy.deepcopy(module))
        if not _alike(read(folded, prepared), sound):
            return None
        with suppress(Exception):  # a processor without oneDNN asks the folded copy
            clipping = fused(_folded(copy.deepcopy(module)), prepared) if prepared.device.type == "cpu" else folded
            if _alike(read(clipping, prepared), sound):
                return clipping
        return folded
    return None


def _alike(found: torch.Tensor, sound: torch.Tensor) -> bool:
    return bool(((found - sound).abs() <= ROUNDING * sound.abs().max().clamp(min=1)).all())


def _worthwhile(module: torch.nn.Module) -> bool:
    parts = {type(part) for part in module.modules()}
    held = sum(weight.nbytes for weight in module.parameters())
    return torch.nn.Conv2d in parts and (torch.nn.BatchNorm2d in parts or held <= LIGHT)


def _folded(module: torch.nn.Module) -> fx.GraphModule:
    """Fold what can be folded in a module of our own, and lay its weights channels last."""
    graph = fx.symbolic_trace(module)
    parts = dict(graph.named_modules())
    uses = Counter(node.target for node in graph.graph.nodes if node.op == "call_module")
    for node in list(graph.graph.nodes):
        if node.op != "call_module" or type(norm := parts[node.target]) is not torch.nn.BatchNorm2d:
            continue
        before = node.args[0]
        if before.op != "call_module" or type(conv := parts[before.target]) is not torch.nn.Conv2d:
            continue
        if len(before.users) > 1 or uses[before.target] > 1 or uses[node.target] > 1:
            continue
        graph.add_submodule(before.target, fuse_conv_bn_eval(conv, norm))
        node.replace_all_uses_with(before)
        graph.graph.erase_node(node)
    graph.delete_all_unused_submodules()
    graph.recompile()
    return graph.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
