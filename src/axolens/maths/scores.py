"""From a model's scores to probabilities and to the score that is explained."""

from collections.abc import Sequence

import numpy as np
from array_api_compat import array_namespace, device
from jaxtyping import Float

from axolens.errors import CapabilityError, InputError
from axolens.maths.array import Array
from axolens.records.prediction import ScoreKind
from axolens.records.target import Target


def probabilities(scores: Float[Array, "n k"], kind: ScoreKind) -> Float[Array, "n k"]:
    """Return the probability of each class.

    Parameters
    ----------
    scores
        (n, k) logits or log-probabilities.
    kind
        "independent-logits" gives one sigmoid a class; the others a softmax over the classes.

    Returns
    -------
    probabilities
        (n, k) in [0, 1].

    Examples
    --------
    >>> import numpy as np
    >>> probabilities(np.log(np.array([[1.0, 3.0]], np.float32)), "logits").round(3)
    array([[0.25, 0.75]], dtype=float32)
    """
    xp = array_namespace(scores)
    if kind == "independent-logits":
        return 1 / (1 + xp.exp(-scores))
    raised = xp.exp(scores - xp.max(scores, axis=-1, keepdims=True))
    return raised / xp.sum(raised, axis=-1, keepdims=True)


def score(scores: Float[Array, "n k"], target: Target, kind: ScoreKind) -> Float[Array, "n"]:
    """Return the score that is explained, for one target and every image; differentiable where the framework is.

    With z the scores and S the target's classes: log Σ_S exp z − log Σ_T exp z, where T holds the classes of
    ``against`` or, without it, all others. For one class this is log p/(1 − p). A constant added to all scores of
    an image cancels. "logit" is z itself and "probability" is Σ_S p.

    Raises
    ------
    CapabilityError
        If a logit is asked of a model that only gives probabilities, or a group of independent labels.

    Notes
    -----
    "Grad-CAM" (arXiv:1610.02391) takes the logit of one class, which is not identified: the same probabilities
    come from z + c(x) for every c.

    Examples
    --------
    >>> import numpy as np
    >>> z = np.log(np.array([[0.2, 0.3, 0.5]], np.float32))
    >>> round(float(np.exp(score(z, Target(1, indices=(1,)), "logits"))[0]), 4)  # 0.3/0.7
    0.4286
    >>> round(float(np.exp(score(z, Target(0, 1, indices=(0,), against_indices=(1,)), "logits"))[0]), 4)  # 0.2/0.3
    0.6667
    """
    if not target.resolved:
        raise InputError("target", expected="a target resolved by the model's labels", got=f"{target}")
    inside, outside = target.indices, target.against_indices
    if target.score == "logit":
        return _logit(scores, inside, kind)
    if target.score == "probability":
        xp = array_namespace(scores)
        return xp.sum(_columns(probabilities(scores, kind), inside), axis=1)
    if kind == "independent-logits":
        return _independent(scores, inside, outside)
    others = outside or tuple(sorted(set(range(scores.shape[1])) - set(inside)))
    return log_sum_exp(_columns(scores, inside)) - log_sum_exp(_columns(scores, others))


def score_each(
    scores: Float[Array, "n k"], targets: Sequence[Sequence[Target]], kind: ScoreKind
) -> Float[Array, "n m"]:
    """Return the explained scores where every image has its own targets, equally many."""
    xp = array_namespace(scores)
    if all(list(row) == list(targets[0]) for row in targets[1:]):
        return xp.stack([score(scores, target, kind) for target in targets[0]], axis=1)
    rows = [[score(scores[i : i + 1, :], target, kind) for target in row] for i, row in enumerate(targets)]
    return xp.concat([xp.stack(row, axis=1) for row in rows], axis=0)


def log_sum_exp(scores: Float[Array, "n k"]) -> Float[Array, "n"]:
    """Return log Σ exp over the last axis without overflow."""
    xp = array_namespace(scores)
    highest = xp.max(scores, axis=-1, keepdims=True)
    return xp.log(xp.sum(xp.exp(scores - highest), axis=-1)) + highest[:, 0]


def _columns(scores: Float[Array, "n k"], indices: tuple[int, ...]) -> Float[Array, "n s"]:
    xp = array_namespace(scores)
    return xp.take(scores, xp.asarray(np.array(indices), device=device(scores)), axis=1)


def _logit(scores: Float[Array, "n k"], inside: tuple[int, ...], kind: ScoreKind) -> Float[Array, "n"]:
    if kind == "log-probabilities":
        raise CapabilityError(
            "score", expected="a model that gives logits", got="one that gives probabilities", hint='Use "log-odds".'
        )
    if len(inside) > 1:
        raise CapabilityError("score", expected="one class for a logit", got=f"{len(inside)} classes")
    return scores[:, inside[0]]


def _independent(scores: Float[Array, "n k"], inside: tuple[int, ...], outside: tuple[int, ...]) -> Float[Array, "n"]:
    if len(inside) > 1 or len(outside) > 1:
        raise CapabilityError(
            "target", expected="single classes, as this model's labels are independent", got="a group of classes"
        )
    return scores[:, inside[0]] - scores[:, outside[0]] if outside else scores[:, inside[0]]
