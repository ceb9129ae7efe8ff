"""The page of methods compared on a folder: what each method's maps did, and which may be called better."""

from pathlib import Path

from axolens.errors import InputError
from axolens.records.codec import write_file
from axolens.records.comparison import Comparison, MethodPair, MethodScore
from axolens.report import words
from axolens.report.summary import failure_table
from axolens.report.tables import SHORT, Table, provenance_table
from axolens.report.templating import template

LEVEL = 0.05


def write_comparison(found: Comparison, path: str | Path, *, title: str | None = None) -> None:
    """Write one self-contained HTML file about methods compared on a folder.

    Parameters
    ----------
    found
        The comparison.
    path
        Where the file goes; a file there is replaced.
    title
        Of the page; by default it names the model.

    Raises
    ------
    InputError
        If the file cannot be written.
    """
    title = f"Which method suits {found.model}" if title is None else title
    origin = found.provenance
    text = template("comparison.html").render(
        title=title,
        lead=lead(found),
        counts=counts(found),
        unit="group" if found.groups != found.photos else "photo",
        scores=score_table(found),
        ranked=tuple(ranked_line(pair) for pair in found.pairs if pair.ranked),
        open=open_table(found),
        failures=failure_table(found.failures),
        provenance=None if origin is None else provenance_table(origin),
        digest="" if origin is None or len(origin.model_digest) <= SHORT else origin.model_digest,
        command="" if origin is None else origin.command,
    )
    try:
        write_file(Path(path), lambda out: out.write(text.encode("utf-8", "backslashreplace")))
    except OSError as error:
        hint = f"{error.strerror or error}."
        raise InputError("path", expected="a place that can be written", got=path, hint=hint) from None


def lead(found: Comparison) -> str:
    """Return what may be said of the methods in one sentence."""
    ranked = sum(pair.ranked for pair in found.pairs)
    know = [one.method for one in found.scores if knows(one)]
    first = "No method's maps are shown to know the photo they were made for"
    if know:
        first = f"Shown to know the photo that a map was made for: {', '.join(know)}"
    every = "one pair" if len(found.pairs) == 1 else f"{len(found.pairs)} pairs"
    return f"{first}. Of {every}, {ranked or 'none'} may be ranked."


def counts(found: Comparison) -> tuple[tuple[str, str], ...]:
    """Return how much the comparison rests on."""
    failed = (("could not be used", f"{len(found.failures)}"),) if found.failures else ()
    return ("photos", f"{found.photos}"), ("groups", f"{found.groups}"), *failed


def knows(one: MethodScore) -> bool:
    """Tell whether a method's own maps do better than those of other photos, surely."""
    return one.over_swapped > 0 and one.p <= LEVEL


def score_table(found: Comparison) -> Table:
    """Return a row for each method: its effect by each reading, then what it knows of the photo."""
    each = tuple(f"{reading[0].upper()}{reading[1:]}" for reading in found.readings)
    unit = "Groups ahead" if found.groups != found.photos else "Photos ahead"
    head = ("Method", "Effect", *each, "Over another photo's map", "p", unit, "95 % interval")
    rows = tuple(_score_row(one, found.groups) for one in found.scores)
    return Table("What hiding by each method's maps does to the score, in log-odds", head, rows)


def ranked_line(pair: MethodPair) -> str:
    """Return what may be said of two methods that are told apart."""
    by = words.signed(pair.difference).removeprefix("+")
    return f"{pair.first} before {pair.second}: by {by} on average, p {probable(pair.p)}; every order and fill agrees."


def open_table(found: Comparison) -> Table | None:
    """Return the pairs that may not be ranked, each with the reason; None where all may."""
    rows = tuple(
        (f"{pair.first}, {pair.second}", words.signed(pair.difference), probable(pair.p), why_open(pair))
        for pair in found.pairs
        if not pair.ranked
    )
    return Table("Pairs that may not be ranked", ("Methods", "Difference", "p", "Why"), rows) if rows else None


def why_open(pair: MethodPair) -> str:
    """Return why two methods may not be ranked.

    Examples
    --------
    >>> why_open(MethodPair("lime", "rise", 0.1, 0.3, True))
    'the difference may be chance'
    >>> why_open(MethodPair("lime", "rise", 0.1, 0.01, False))
    'the orders or fills disagree'
    """
    chance = "the difference may be chance" if pair.p > LEVEL else ""
    torn = "" if pair.agree else "the orders or fills disagree"
    return ", and ".join(reason for reason in (chance, torn) if reason)


def probable(p: float) -> str:
    """Return a p, never rounded to 0 or to just the level it is held against.

    Examples
    --------
    >>> probable(0.0003), probable(0.0504), probable(1.0)
    ('0.0003', '0.0504', '1')
    """
    return words.number(p)


def _score_row(one: MethodScore, groups: int) -> tuple[str, ...]:
    readings = tuple(words.signed(each) for each in one.each)
    # The blob is the same for every photo: there is no other photo's to hold it against.
    if one.p == 1 and not one.over_swapped and not one.ahead:
        return one.method, words.signed(one.effect), *readings, "", "", "", ""
    low, high = (words.percent(end) for end in one.share)
    return (
        one.method, words.signed(one.effect), *readings, words.signed(one.over_swapped), probable(one.p),
        f"{one.ahead} of {groups}", f"{low.removesuffix(' %')} to {high}",
    )  # fmt: skip
