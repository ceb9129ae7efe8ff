"""Convolutions that cut off what is negative themselves, so that a processor need not go through the output again."""

import torch
from torch import fx
from torch.nn.functional import relu

PORTION = 8  # images for which the weights are packed; other numbers give the same
CLIPS = (relu, torch.relu, torch.relu_)


class ClippedConvolution(torch.nn.Module):
    """A convolution and the ReLU after it in one pass over memory, its weights packed for oneDNN.

    Only for processors, float32 and zeros as padding; PyTorch's own compiler makes the same call.
    """

    def __init__(self, conv: torch.nn.Conv2d, shape: tuple[int, ...]) -> None:
        super().__init__()
        self.bias = conv.bias
        self.rest = (conv.padding, conv.stride, conv.dilation, conv.groups)
        pack = torch._C._nn.mkldnn_reorder_conv2d_weight
        self.weight = pack(conv.weight.detach().to_mkldnn(), *self.rest, shape)  # type: ignore[arg-type, call-arg]

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        """Convolve and clip."""
        call = torch.ops.mkldnn._convolution_pointwise
        return call(images, self.weight, self.bias, *self.rest, "relu", [], "")


def fused(graph: fx.GraphModule, prepared: torch.Tensor) -> fx.GraphModule:
    """Put each ReLU that alone reads a convolution into it, in a graph of our own.

    Parameters
    ----------
    graph
        In evaluation mode, on the processor; changed in place.
    prepared
        Images of the size that will be asked: the weights are packed for them.
    """
    parts = dict(graph.named_modules())
    used = [node.target for node in graph.graph.nodes if node.op == "call_module"]
    for node in list(graph.graph.nodes):
        if not _clips(node, parts) or (before := node.args[0]).op != "call_module" or len(before.users) > 1:
            continue
        conv = parts[before.target]
        if type(conv) is not torch.nn.Conv2d or conv.padding_mode != "zeros" or used.count(before.target) > 1:
            continue
        if isinstance(conv.padding, str) or conv.weight.dtype != torch.float32:
            continue
        size = (PORTION, conv.in_channels, *prepared.shape[2:])
        graph.add_submodule(before.target, ClippedConvolution(conv, size))
        node.replace_all_uses_with(before)
        graph.graph.erase_node(node)
    graph.delete_all_unused_submodules()
    graph.recompile()
    return graph


def _clips(node: fx.Node, parts: dict[str, torch.nn.Module]) -> bool:
    if node.op == "call_module":
        return type(parts[str(node.target)]) is torch.nn.ReLU
    return node.op == "call_function" and node.target in CLIPS
