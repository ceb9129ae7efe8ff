"""The top of the page: how many photos, how many right, and which classes were taken for which."""

from collections.abc import Sequence

from axolens.maths.proportions import wilson
from axolens.records.study import Confusion, Failure
from axolens.report import words
from axolens.report.sheets import Outcome
from axolens.report.tables import Table

CAUTION = (
    "That is counted on these photos, not on photos in general: the interval is right only for photos drawn at random "
    "and independent of each other, and several photos of one animal or from one camera are not."
)


def counts(states: Sequence[Outcome], failed: int) -> tuple[tuple[str, int], ...]:
    """Return what is counted, without what cannot be counted: right and wrong need a truth.

    Examples
    --------
    >>> counts(["right", "wrong", "wrong"], 0), counts(["open"], 0)
    ((('Photos', 3), ('Right', 1), ('Wrong', 2)), (('Photos', 1),))
    """
    right, wrong, unknown = (states.count(state) for state in ("right", "wrong", "open"))
    found = [("Photos", len(states) + failed)]
    if right + wrong:
        found += [("Right", right), ("Wrong", wrong)]
        found += [("Truth not known", unknown)] if unknown else []
    return (*found, *([("Failed", failed)] if failed else []))


def states(confusions: Sequence[Confusion]) -> list[Outcome]:
    """Return right or wrong for every photo that was counted.

    Examples
    --------
    >>> states([Confusion("newt", "newt", 2), Confusion("newt", "frog", 1)])
    ['right', 'right', 'wrong']
    """
    return [state for one in confusions for state in ["right" if _agree(one) else "wrong"] * one.count]  # type: ignore[misc]


def sentences(states: Sequence[Outcome]) -> tuple[str, ...]:
    """Say how many answers are right, with Wilson's 95 % interval, and what that does not say.

    Examples
    --------
    >>> sentences(["right"] * 20 + ["wrong"] * 3)[0]
    'The model answered 20 of 23 photos rightly (87 %, 95 % interval 68 to 95 %).'
    """
    right, total = states.count("right"), len(states) - states.count("open")
    known = " with a known truth" if total < len(states) else ""
    if total < 2:
        how = "rightly" if right else "wrongly"
        return (f"The model answered the one photo{known} {how}.",) if total else ()
    low, high = (words.percent(end) for end in wilson(right, total))
    share = f"{words.percent(right / total)}, 95 % interval {low.removesuffix(' %')} to {high}"
    return f"The model answered {right} of {total} photos{known} rightly ({share}).", CAUTION


def chosen(photos: int) -> tuple[str, ...]:
    """Say why nothing can be counted on a page of diagnoses only.

    Examples
    --------
    >>> chosen(1)[0]
    'One photo was diagnosed because its answer was wrong.'
    """
    which = "One photo was diagnosed because its answer" if photos == 1 else f"{photos} photos whose answer"
    first = f"{which} was wrong." if photos == 1 else f"{which} was wrong were diagnosed."
    return first, "How often the model is right cannot be counted on photos that were chosen because it is wrong."


def confusion_table(confusions: Sequence[Confusion]) -> Table | None:
    """Return how often photos of each class were given each answer, wrong ones first; None if nothing was counted."""
    if not confusions:
        return None
    ordered = sorted(confusions, key=_agree)
    states = tuple("right" if _agree(one) else "wrong" for one in ordered)
    rows = tuple(
        (one.truth, one.answered, state.capitalize(), f"{one.count}")
        for one, state in zip(ordered, states, strict=True)
    )
    head = ("True class", "Answer", "Right or wrong", "Photos")
    return Table("True classes and answers, wrong answers first", head, rows, classes=(0, 1), states=states)


def failure_table(failures: Sequence[Failure]) -> Table | None:
    """Return the photos that could not be used, and why; None where all could."""
    if not failures:
        return None
    return Table("Photos and reasons", ("Photo", "Reason"), tuple((one.photo, one.error) for one in failures))


def alone(answered: str, confusions: Sequence[Confusion]) -> str:
    """Say that a study held no photo to lay beside a wrong answer; nothing where it held one or did not count."""
    if not confusions or any(one.truth == answered for one in confusions):
        return ""
    return f"No photo of {words.label(answered)} was at hand to lay beside it."


def _agree(one: Confusion) -> bool:
    return words.label(one.truth).casefold() == words.label(one.answered).casefold()
