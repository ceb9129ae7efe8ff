"""Where a PyTorch module's scores are read: at its output, or before a last softmax or sigmoid."""

from dataclasses import dataclass
from typing import Any, Literal

import torch

from axolens.classifiers.outputs import Output, is_distribution, log_odds, log_probability, two_classes
from axolens.classifiers.torch_layers import first_tensor, named_layer
from axolens.errors import ModelError
from axolens.maths.array import to_numpy
from axolens.records.prediction import ScoreKind

Turn = Literal["as is", "log p", "log p/(1-p)"]
REARRANGE = ("Select", "Slice", "Squeeze", "Unsqueeze", "View", "UnsafeView", "Reshape", "ToCopy", "Alias")
LAST = (torch.nn.Softmax, torch.nn.Sigmoid, torch.nn.LogSoftmax)


@dataclass(frozen=True, slots=True)
class Readout:
    """How scores are had from a module.

    Parameters
    ----------
    kind
        What the scores are.
    before
        Name of a last softmax or sigmoid whose input is read, or "" for the module's output.
    turn
        What is done to the values read.
    single
        Whether there is one output, which becomes the two classes "not" and "is".
    """

    kind: ScoreKind
    before: str = ""
    turn: Turn = "as is"
    single: bool = False

    def read(self, module: torch.nn.Module, prepared: torch.Tensor) -> torch.Tensor:
        """Return (n, k) float32 scores."""
        values = _input_of(module, self.before, prepared) if self.before else module_output(module, prepared)
        values = values.float()
        if self.turn != "as is":
            values = log_probability(values) if self.turn == "log p" else log_odds(values)
        return two_classes(values) if self.single else values


def find_readout(module: torch.nn.Module, prepared: torch.Tensor, output: Output = "auto") -> Readout:
    """Return how logits are had from a module in evaluation, by one pass over a few prepared images.

    A last softmax or sigmoid is found as a module (its input is read) or as the last function of the graph.
    ``output`` declares instead of looking.
    """
    ends: list[tuple[str, torch.nn.Module, Any]] = []
    handles = [
        part.register_forward_hook(lambda part, _, out, name=name: ends.append((name, part, out)))
        for name, part in module.named_modules()
        if name and isinstance(part, LAST)
    ]
    try:
        with torch.enable_grad():
            outputs = module_output(module, prepared.detach().requires_grad_())
    finally:
        for handle in handles:
            handle.remove()
    single = outputs.shape[1] == 1
    for name, part, out in ends:
        if out is outputs and output == "auto":
            return _before(name, part, single)
    return _by_function(outputs, single, output)


def module_output(module: torch.nn.Module, prepared: torch.Tensor) -> torch.Tensor:
    """Return the (n, k) tensor a module gives; one score an image, (n,), counts as (n, 1).

    Raises
    ------
    ModelError
        If it gives anything else.
    """
    output = first_tensor(module(prepared))
    if output is not None and output.ndim == 1:
        output = output[:, None]
    if output is None or output.ndim != 2:
        got = "no tensor" if output is None else f"shape {tuple(output.shape)}"
        raise ModelError("model", expected="an output of shape (n, k), one score a class", got=got)
    return output


def _before(name: str, part: torch.nn.Module, single: bool) -> Readout:
    if isinstance(part, torch.nn.Sigmoid):
        return Readout("logits" if single else "independent-logits", before=name, single=single)
    return Readout("logits", before=name)


def _by_function(outputs: torch.Tensor, single: bool, output: Output) -> Readout:
    if _last_function(outputs).startswith("SigmoidBackward") or (single and output == "probabilities"):
        return Readout("logits" if single else "independent-logits", turn="log p/(1-p)", single=single)
    if output == "probabilities" or (output == "auto" and is_distribution(to_numpy(outputs.detach().float()))):
        return Readout("log-probabilities", turn="log p")
    return Readout("logits", single=single)


def _last_function(outputs: torch.Tensor) -> str:
    """Return the name of the last function that computes, past those that only rearrange."""
    node = outputs.grad_fn
    while node is not None and node.name().startswith(REARRANGE):
        node = node.next_functions[0][0]
    return "" if node is None else node.name()


def _input_of(module: torch.nn.Module, name: str, prepared: torch.Tensor) -> torch.Tensor:
    read: list[torch.Tensor] = []
    handle = named_layer(module, name).register_forward_pre_hook(lambda _, inputs: read.append(inputs[0]))
    try:
        module(prepared)
    finally:
        handle.remove()
    return read[-1]
