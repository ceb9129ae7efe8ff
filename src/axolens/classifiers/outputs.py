"""From what a network puts out to scores: logits, or log p where only probabilities are to be had."""

from typing import Literal, NamedTuple, get_args

import numpy as np
from array_api_compat import array_namespace
from jaxtyping import Float, Float32

from axolens.errors import ModelError
from axolens.maths.array import Array
from axolens.records.prediction import ScoreKind

Output = Literal["auto", "logits", "probabilities", "independent-logits", "independent-probabilities"]
Turn = Literal["as is", "log p", "log p/(1-p)"]
Ending = Literal["", "softmax", "sigmoid"]
SMALLEST = float(np.finfo(np.float32).tiny)
PROBES = 3
CHOICES = {
    "logits": "before a softmax over the classes",
    "probabilities": "after it",
    "independent-logits": "before one sigmoid a class, where several classes can be true at once",
    "independent-probabilities": "after them",
}


class Reading(NamedTuple):
    """What a model's outputs are: the kind of score, how it is had, and whether there is one output."""

    kind: ScoreKind
    turn: Turn = "as is"
    single: bool = False


def checked_output(output: object, where: str = "output") -> Output:
    """Return what a caller declares a model's output to be; ``where`` is what an error calls it.

    Raises
    ------
    ModelError
        If it is none of the choices.

    Examples
    --------
    >>> checked_output("probabilites")
    Traceback (most recent call last):
    axolens.errors.ModelError: output: expected auto, logits, probabilities, independent-logits or \
independent-probabilities, got 'probabilites'.
    """
    for known in get_args(Output):
        if isinstance(output, str) and output == known:
            found: Output = known
            return found
    *others, last = get_args(Output)
    raise ModelError(where, expected=f"{', '.join(others)} or {last}", got=repr(output))


def declared(output: Output, count: int) -> Reading | None:
    """Return what ``count`` outputs are by declaration, None for "auto".

    Examples
    --------
    >>> declared("independent-probabilities", 3)
    Reading(kind='independent-logits', turn='log p/(1-p)', single=False)
    >>> declared("probabilities", 1)
    Reading(kind='logits', turn='log p/(1-p)', single=True)
    """
    if output == "auto":
        return None
    chances = output.endswith("probabilities")
    if count == 1:
        return Reading("logits", "log p/(1-p)" if chances else "as is", single=True)
    if output.startswith("independent"):
        return Reading("independent-logits", "log p/(1-p)" if chances else "as is")
    return Reading("log-probabilities", "log p") if chances else Reading("logits")


def before(ending: Ending, count: int) -> Reading:
    """Return what goes into a last softmax or sigmoid.

    Examples
    --------
    >>> before("sigmoid", 3).kind, before("softmax", 3).kind, before("sigmoid", 1).single
    ('independent-logits', 'logits', True)
    """
    return Reading("independent-logits" if ending == "sigmoid" and count > 1 else "logits", single=count == 1)


def allows(output: Output, ending: Ending, count: int) -> bool:
    """Tell whether what goes into a last softmax or sigmoid may be read: a declaration to the contrary wins.

    Examples
    --------
    >>> allows("auto", "sigmoid", 3), allows("logits", "sigmoid", 3), allows("probabilities", "softmax", 3)
    (True, False, True)
    """
    if not ending or output == "auto":
        return bool(ending)
    if not output.endswith("probabilities"):
        return False
    return count == 1 or (ending == "sigmoid") == output.startswith("independent")


def recognised(outputs: Float32[np.ndarray, "n k"], output: Output = "auto") -> Reading:
    """Return what the outputs of a black box are, as declared or by the values of a few probes.

    Raises
    ------
    ModelError
        If nothing is declared and the values allow more than one reading: one output within [0, 1], or several that
        do not sum to 1.

    Examples
    --------
    >>> recognised(np.array([[0.25, 0.75]], np.float32)).turn, recognised(np.array([[-1.0]], np.float32)).single
    ('log p', True)
    >>> recognised(np.array([[0.9, 0.8]], np.float32), "independent-probabilities").kind
    'independent-logits'
    """
    count = outputs.shape[1]
    found = declared(output, count)
    if found is not None:
        return found
    if is_distribution(outputs):
        return Reading("log-probabilities", "log p")
    if bool(((outputs >= 0) & (outputs <= 1)).all()):
        raise _undecided(count)
    return Reading("logits", single=count == 1)


def noise(size: tuple[int, int], count: int = PROBES) -> Float32[np.ndarray, "n h w 3"]:
    """Return images of noise to try a model out, the same ones every time."""
    return np.random.default_rng(0).random((count, *size, 3), dtype=np.float32)


def is_distribution(outputs: Float[np.ndarray, "n k"]) -> bool:
    """Tell whether every row holds probabilities of at least two classes that sum to 1 (within 1e-3).

    Examples
    --------
    >>> is_distribution(np.array([[0.25, 0.75]])), is_distribution(np.array([[2.0, -1.0]]))
    (True, False)
    """
    sums = outputs.sum(axis=1)
    return bool(outputs.shape[1] > 1 and outputs.min() >= 0 and np.abs(sums - 1).max() < 1e-3)


def log_probability(probabilities: Float[Array, "n k"]) -> Float[Array, "n k"]:
    """Return log p; a probability that underflowed to 0 counts as the smallest float32, 1.2e-38."""
    xp = array_namespace(probabilities)
    return xp.log(xp.clip(probabilities, SMALLEST, None))


def log_odds(probabilities: Float[Array, "n k"]) -> Float[Array, "n k"]:
    """Return log p/(1 − p) of each probability by itself.

    Examples
    --------
    >>> log_odds(np.array([[0.5, 0.9]], np.float32)).round(3)
    array([[0.   , 2.197]], dtype=float32)
    """
    return log_probability(probabilities) - log_probability(1 - probabilities)


def two_classes(logit: Float[Array, "n 1"]) -> Float[Array, "n 2"]:
    """Return the logits (0, z) of "not" and "is" for a network with one output z.

    Examples
    --------
    >>> two_classes(np.array([[1.5]], np.float32))
    array([[0. , 1.5]], dtype=float32)
    """
    xp = array_namespace(logit)
    return xp.concat([xp.zeros_like(logit), logit], axis=1)


def _undecided(count: int) -> ModelError:
    if count == 1:
        return ModelError(
            "output",
            expected="to be told what the one number a photo is",
            got="numbers in [0, 1], which may be a logit or a probability",
            hint='Say output="logits" or output="probabilities".',
        )
    choices = ", ".join(f'"{choice}" ({meaning})' for choice, meaning in CHOICES.items())
    return ModelError(
        "output",
        expected="to be told what the scores are",
        got="numbers in [0, 1] that do not sum to 1",
        hint=f"Say output= one of {choices}.",
    )
