"""Which questions a case asks, and which of them a method answers."""

from collections.abc import Sequence

from axolens.errors import CapabilityError, InputError
from axolens.maths.scores import score
from axolens.methods.catalogue import METHODS
from axolens.methods.method import Method
from axolens.records.prediction import Prediction
from axolens.records.target import Label, Target

Question = Target | Label


def chosen_targets(
    prediction: Prediction, true_class: str | int | None, target: Question | list[Target] | None = None
) -> tuple[Target, ...]:
    """Return the resolved questions: those asked, or the model's answer, the truth, and the one against the other."""
    if target is None:
        answered = prediction.top(1)[0].index
        truth = answered if true_class is None else prediction.labels.find(true_class)
        asked = [Target(answered)]
        if truth != answered:
            asked += [Target(truth), Target(answered, against=truth)]
    else:
        several = target if isinstance(target, list) else [target]
        if not several:
            raise InputError("target", expected="at least one", got="an empty list")
        asked = [one if isinstance(one, Target) else Target(one) for one in several]
    return tuple(prediction.labels.resolve(one) for one in asked)


def margin_note(prediction: Prediction, target: Target) -> tuple[str, ...]:
    """Say a contrast's margin beside its map: log p_A/p_B, whose parts the signed map shows."""
    if not target.against_indices:
        return ()
    margin = float(score(prediction.scores[None], target, prediction.kind)[0])
    return (f"Margin of {target.name} against {target.against_name} on this photo: {margin:+.2f} log-odds.",)


def offered(method: Method, targets: Sequence[Target]) -> tuple[Target, ...]:
    """Return the questions that a method answers: all, or without the contrasts where its card offers none.

    Raises
    ------
    CapabilityError
        If that leaves nothing.
    """
    if method.card.contrast == "exact":
        return tuple(targets)
    left = tuple(target for target in targets if target.against is None)
    if not left:
        exact = ", ".join(name for name, kind in METHODS.items() if kind.card.contrast == "exact")
        raise CapabilityError(
            f"method {method.card.name}",
            expected="a class by itself",
            got=f"the contrast {targets[0]}",
            hint=f"{_why_none(method)}, so a contrast would mean nothing. Use one of {exact}.",
        )
    return left


def left_out_note(method: Method, asked: int, answered: int) -> tuple[str, ...]:
    """Say that a method was not asked about contrasts; nothing where it was asked everything."""
    if answered == asked:
        return ()
    because = _why_none(method)
    return (f"{method.card.title} gives no map of one class against another: {because[0].lower()}{because[1:]}.",)


def _why_none(method: Method) -> str:
    if method.card.about == "class":
        return "It is not linear in the score"
    return "Its map is the same for every class"
