"""Where a PyTorch module's scores are read: at its output, or before a last softmax or sigmoid."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import torch
from torch.overrides import TorchFunctionMode

from axolens.classifiers.function import scores_from
from axolens.classifiers.outputs import Ending, Output, Reading, Turn, allows, before, declared, is_distribution
from axolens.classifiers.torch_layers import first_tensor
from axolens.errors import ModelError
from axolens.maths.array import to_numpy
from axolens.records.prediction import ScoreKind

REARRANGE = ("Select", "Slice", "Squeeze", "Unsqueeze", "View", "UnsafeView", "Reshape", "ToCopy", "Alias")
# What the calls are called as functions, as methods and as operators of an exported program.
LAST: dict[str, Ending] = {
    "sigmoid": "sigmoid", "sigmoid_": "sigmoid", "special_expit": "sigmoid",
    "softmax": "softmax", "_softmax": "softmax", "special_softmax": "softmax",
    "log_softmax": "softmax", "_log_softmax": "softmax", "special_log_softmax": "softmax",
}  # fmt: skip
FOLLOWED = (
    "__getitem__", "select", "squeeze", "unsqueeze", "view", "reshape", "flatten", "to", "float", "double", "type",
    "contiguous", "clone", "_to_copy", "alias",
)  # fmt: skip
UNDO: dict[Ending, Turn] = {"": "as is", "softmax": "log p", "sigmoid": "log p/(1-p)"}


@dataclass(frozen=True, slots=True)
class Readout:
    """How scores are had from a module.

    Parameters
    ----------
    kind
        What the scores are.
    turn
        What is done to the module's output.
    single
        Whether there is one output, which becomes the two classes "not" and "is".
    behind
        Whether what goes into a last softmax or sigmoid is read instead, as it is. In a pass where that cannot be
        seen, the output is turned.
    """

    kind: ScoreKind
    turn: Turn = "as is"
    single: bool = False
    behind: bool = False

    def read(self, module: torch.nn.Module, prepared: torch.Tensor) -> torch.Tensor:
        """Return (n, k) float32 scores."""
        if not self.behind:
            return _float_scores(module_output(module, prepared), self.turn, self.single)
        with Behind() as behind:
            outputs = module_output(module, prepared)
        found = behind.input_of(outputs)
        if found is None:
            return _float_scores(outputs, self.turn, self.single)
        return _float_scores(found[0], "as is", self.single)


class Behind(TorchFunctionMode):
    """Keeps what goes into each softmax and sigmoid of a pass, through what only rearranges their output.

    PyTorch shows it the calls of functions, methods, modules and exported programs; not what runs compiled by
    torch.jit or in other threads.
    """

    def __init__(self) -> None:
        super().__init__()
        self._kept: dict[int, tuple[torch.Tensor, torch.Tensor, str]] = {}

    def __torch_function__(
        self, func: Callable[..., Any], types: Any, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        """Call the function; keep its input if it is a softmax or sigmoid, or follows one."""
        name = str(getattr(func, "__name__", "")).split(".")[0]
        options = kwargs or {}
        given = args[0] if args else options.get("input")
        if not isinstance(given, torch.Tensor) or (name not in LAST and name not in FOLLOWED):
            return func(*args, **options)
        # What is a score a class has no more than one place; the gates and attention of a network need not be kept.
        if name in LAST and given.shape[2:].numel() == 1:
            values = given.clone()
            made = func(*args, **options)
            self._kept[id(made)] = (values, made, name)
            return made
        made = func(*args, **options)
        if name in FOLLOWED and args and id(given) in self._kept:
            values, _, last = self._kept[id(given)]
            with suppress(RuntimeError):  # such as a view of what lies in another order
                self._kept[id(made)] = (func(values, *args[1:], **options), made, last)
        return made

    def input_of(self, outputs: torch.Tensor) -> tuple[torch.Tensor, str] | None:
        """Return what went into the function that gave these outputs, and the function's name."""
        if id(outputs) not in self._kept:
            return None
        values, _, last = self._kept[id(outputs)]
        return values, last


def find_readout(module: torch.nn.Module, prepared: torch.Tensor, output: Output = "auto") -> tuple[Readout, int]:
    """Return how logits are had from a module in evaluation and how many outputs it has, by one pass.

    What goes into a last softmax or sigmoid is read, whether it is a module or a function. Where the pass does not show
    it (torch.jit), a last sigmoid is known by the graph and undone by log p/(1-p). ``output`` declares instead of
    looking.
    """
    weights = (*module.parameters(), *module.buffers())
    with torch.inference_mode(False), torch.set_grad_enabled(not any(weight.is_inference() for weight in weights)):
        # A module may normalise its input in place, which a leaf does not allow.
        images = prepared.clone().requires_grad_(torch.is_grad_enabled()).clone()
        with Behind() as behind:
            outputs = module_output(module, images)
    count = outputs.shape[1]
    values, ending, turn = _behind(behind, outputs)
    if not ending and _last_function(outputs).startswith("SigmoidBackward"):
        ending, turn = "sigmoid", UNDO["sigmoid"]
    if allows(output, ending, count) and not (output != "auto" and turn == "as is"):
        found = before(ending, count)
        return Readout(found.kind, turn, found.single, behind=values is not None), count
    return Readout(*_by_values(outputs, output)), count


def module_output(module: torch.nn.Module, prepared: torch.Tensor) -> torch.Tensor:
    """Return the (n, k) tensor a module gives; one score an image, (n,), counts as (n, 1).

    Raises
    ------
    ModelError
        If it gives anything else.
    """
    output = first_tensor(module(prepared))
    count = prepared.shape[0]
    if output is not None and output.ndim < 2 and (count == 1 or output.numel() == count):
        output = output.reshape(count, -1)  # one image may come back squeezed
    if output is None or output.ndim != 2 or output.shape[0] != count:
        got = "no tensor" if output is None else f"shape {tuple(output.shape)}"
        raise ModelError("model", expected="an output of shape (n, k), one score a class", got=got)
    return output


def _behind(behind: Behind, outputs: torch.Tensor) -> tuple[torch.Tensor | None, Ending, Turn]:
    """Return what goes into a last softmax or sigmoid, which of them it is, and how it is undone without that.

    It counts only if the softmax or sigmoid of what was kept is what the module gives.
    """
    found = behind.input_of(outputs)
    if found is None:
        return None, "", "as is"
    values, name = found[0].float(), found[1]
    again = torch.sigmoid(values) if LAST[name] == "sigmoid" else torch.softmax(values, 1)
    turn = UNDO[LAST[name]]
    if "log" in name:
        again, turn = torch.log(again), "as is"
    if not torch.allclose(again, outputs.float(), rtol=0.02, atol=1e-5):
        return None, "", "as is"
    return found[0], LAST[name], turn


def _by_values(outputs: torch.Tensor, output: Output) -> Reading:
    count = outputs.shape[1]
    if output == "auto" and is_distribution(to_numpy(outputs.detach().float())):
        return Reading("log-probabilities", "log p")
    return declared(output, count) or Reading("logits", single=count == 1)


def _last_function(outputs: torch.Tensor) -> str:
    """Return the name of the last function that computes, past those that only rearrange."""
    node = outputs.grad_fn
    while node is not None and node.name().startswith(REARRANGE):
        node = node.next_functions[0][0]
    return "" if node is None else node.name()


def _float_scores(values: torch.Tensor, turn: Turn, single: bool) -> torch.Tensor:
    scores: torch.Tensor = scores_from(values.float(), turn, single)
    return scores
