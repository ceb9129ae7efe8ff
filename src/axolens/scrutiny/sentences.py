"""The sentences that checks allow, and no others; each names the checks it rests on."""

from collections.abc import Mapping, Sequence

from axolens.records.verdict import OPENING, Check

CONSTANT = "values"


def values_check(low: float, high: float, numbers: float) -> Check:
    """Check that a map says anything at all: it holds numbers, and not the same one everywhere.

    Parameters
    ----------
    low, high
        Smallest and largest value.
    numbers
        Share of the places that hold a number.

    Examples
    --------
    >>> [values_check(*one).outcome for one in ((0.0, 0.0, 1.0), (0.0, 1.0, 0.5), (0.0, 1.0, 1.0), (-1.0, 0.0, 1.0))]
    ['failed', 'failed', 'passed', 'undecided']
    """
    if numbers < 1:
        told = f"{100 * (1 - numbers):.0f} % of its places hold no number."
        return Check("values", "failed", told)
    if low == high:
        return Check("values", "failed", f"It is {low:g} everywhere: it marks no place.")
    if high <= 0:
        return Check("values", "undecided", "No place speaks for the class; some speak less against it than others.")
    return Check("values", "passed", "It holds numbers, and differs from place to place.")


def sentences(checks: Sequence[Check], target: str, against: str | None, source: str) -> tuple[str, ...]:
    """Return what may be said, in the order of what it warns of first.

    Parameters
    ----------
    checks
        Those that were made.
    target, against
        The class the map is for, and what it is contrasted with.
    source
        What the map was held against, in words.
    """
    found = {one.name: one.outcome for one in checks}
    about = target if against is None else f"{target} rather than {against}"
    said = [text.format(about=about, source=source) for need, text in WARNINGS if found.get(need) == "failed"]
    if found.get("values") == "undecided":
        said.append(NONE_FOR.format(about=about))
    if found.get("values") == "passed":
        said += [text.format(about=about, source=source) for needs, text in CREDITS if _all(found, needs)]
        if found.get("faithfulness") == "undecided":
            said.append(UNDECIDED.format(source=source))
    said = said or [NOTHING]
    return tuple(f"{OPENING}: {text}" for text in said)


def _all(found: Mapping[str, str], needs: Sequence[str]) -> bool:
    """Whether every needed check was passed, and none of those that would take the sentence back has failed."""
    return all(found.get(name) == "passed" for name in needs) and not any(
        found.get(name) == "failed" for name, _ in WARNINGS
    )


WARNINGS: tuple[tuple[str, str], ...] = (
    ("values", "it shows nothing; do not read it."),
    ("randomisation", "this method draws much the same for a network whose weights are shuffled, so it shows the photo "
     "more than the model; do not read it as evidence."),
    ("faithfulness", "where it points matters to the answer no more than where {source} point; do not read it as "
     "evidence (faithfulness)."),
    ("agreement", "the fifth that it marks most matters no more than equal areas that {source} mark (agreement)."),
    ("class sensitivity", "it looks much the same for other classes; it does not say what speaks for {about}."),
    ("completeness", "its values miss more than a fifth of the difference they should sum to; do not add them up."),
    ("localisation", "it points at the marked object no more than {source} do (localisation)."),
)  # fmt: skip
CREDITS: tuple[tuple[tuple[str, ...], str], ...] = (
    (("faithfulness", "agreement", "randomisation", "class sensitivity"),
     "it may be read as showing where in this photo the model finds evidence for {about} (faithfulness, agreement, "
     "randomisation, class sensitivity)."),
    (("faithfulness",), "hiding what it marks moves the score of {about} more than hiding what {source}, a centre blob "
     "or smooth noise mark (faithfulness)."),
    (("agreement",), "hiding the fifth that it marks most moves the score of {about} more than hiding equal areas that "
     "{source}, a centre blob or smooth noise mark (agreement)."),
    (("completeness",), "its values sum to the difference they claim to explain (completeness)."),
    (("faithfulness", "localisation"), "it points at the marked object more than {source} do (localisation)."),
)  # fmt: skip
UNDECIDED = "it is not shown either way whether it points at what matters here: {source} do nearly as well."
NONE_FOR = "no place speaks for {about}, so it marks nothing that could be hidden."
NOTHING = "nothing follows from the checks that were possible."
