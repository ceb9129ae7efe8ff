"""Pictures as the notebook draws them: the photo, then each method's map, one row a question."""

import io
import textwrap
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from axolens.errors import InputError
from axolens.records.attribution import Attribution
from axolens.records.case import Case, Pair
from axolens.records.codec import write_file
from axolens.report import words
from axolens.report.plates import Pixels, paint, small_photo
from axolens.report.verdicts import ABOUT, WARNING, Told, judged

if TYPE_CHECKING:
    from matplotlib.figure import Figure

INCHES = 3.2
DOTS_PER_INCH = 150
TITLE_COLUMNS = 36
VERDICT_COLUMNS = 48
VERDICT_POINTS = 7.5
LEADING = 1.3
LINE = LEADING * 1.2 * VERDICT_POINTS / 72  # height in inches of a line of the verdict
LEGEND = "Orange speaks for the class first named; blue speaks against it, or for the class it is compared with."
GREY_LEGEND = "Grey maps are not to be read as evidence."

Judged = tuple[Attribution, Told | None]


def draw(item: Case | Pair) -> "Figure":
    """Return a figure: the photo and its maps, a row a question; for a pair the reference below.

    Parameters
    ----------
    item
        A case, or a pair.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    blocks = _blocks(item)
    columns = max(1 + len(row) for _, case in blocks for row in _rows(case))
    heights = [0.4 + sum(INCHES * _aspect(case) + 0.6 + _room(row) for row in _rows(case)) for _, case in blocks]
    figure = Figure(figsize=(max(columns, 2) * INCHES, sum(heights)), dpi=DOTS_PER_INCH, layout="constrained")
    FigureCanvasAgg(figure)
    parts = figure.subfigures(len(blocks), 1, squeeze=False, height_ratios=heights)[:, 0]
    for part, (heading, case) in zip(parts, blocks, strict=True):
        part.suptitle(_fold(heading, columns), fontsize=11, fontweight="bold", parse_math=False)
        _fill(part, case, columns)
    figure.supxlabel(_legend([told for _, case in blocks for _, told in judged(case)]), fontsize=8, color="0.35")
    return figure


def save_picture(item: Case | Pair, path: str | Path) -> None:
    """Write the figure of a case or pair as PNG, or as what the suffix says.

    Parameters
    ----------
    item
        A case, or a pair.
    path
        Where the file goes, such as why.png; a file there is replaced.

    Raises
    ------
    InputError
        If the suffix is none that can be written, or the place cannot be written.
    """
    from matplotlib.backend_bases import FigureCanvasBase

    if not isinstance(item, Case | Pair):
        raise InputError("item", expected="one case or one pair", got=type(item).__name__)
    path = Path(path)
    suffix = path.suffix.lower().removeprefix(".")
    known = FigureCanvasBase.get_supported_filetypes()
    if suffix not in known:
        wanted = f"a name that ends in one of {', '.join(f'.{one}' for one in sorted(known))}"
        raise InputError("path", expected=wanted, got=path.name, hint="PNG is a good choice.")
    content = io.BytesIO()
    with warnings.catch_warnings():
        # A name in a script that the font does not hold is drawn as boxes: no reason to warn or to fail.
        warnings.filterwarnings("ignore", message=r"Glyph \d+")
        warnings.filterwarnings("ignore", message=r"Matplotlib currently does not support .* natively")
        draw(item).savefig(content, format=suffix)
    try:
        write_file(path, lambda out: out.write(content.getvalue()))
    except OSError as error:
        hint = f"{error.strerror or error}."
        raise InputError("path", expected="a place that can be written", got=path, hint=hint) from None


def _blocks(item: Case | Pair) -> list[tuple[str, Case]]:
    if isinstance(item, Pair):
        return [
            (f"This photo: {_heading(item.case)}", item.case),
            (f"The reference: {_heading(item.reference)}", item.reference),
        ]
    return [(_heading(item), item)]


def _heading(case: Case) -> str:
    answer = case.prediction.top(1)[0]
    text = f"{case.photo.name}: answered {words.label(answer.label)} {words.probability(answer.probability)}"
    return text if case.photo.truth is None else f"{text}, true class {words.label(case.photo.truth)}"


def _rows(case: Case) -> list[list[Judged]]:
    """Return the maps with their verdicts by question; one row without maps where there are none."""
    rows: dict[str, list[Judged]] = {}
    for made, told in judged(case):
        rows.setdefault(str(made.target), []).append((made, told))
    return list(rows.values()) or [[]]


def _fill(part: Any, case: Case, columns: int) -> None:
    small = small_photo(case.photo)
    rows = _rows(case)
    axes = part.subplots(len(rows), max(columns, 2), squeeze=False)
    for one in axes.flat:
        one.set_axis_off()
    for row, line in zip(rows, axes, strict=True):
        _show(line[0], small, case.photo.name)
        for (made, told), one in zip(row, line[1:], strict=False):
            _show(one, paint(small, made, grey=bool(told and told.warning)), _title(case, made))
            _tell(one, told)
        if not row:
            line[1].text(0.5, 0.5, "No maps were made.", ha="center", va="center", fontsize=9)


def _show(axes: Any, pixels: Pixels, title: str) -> None:
    axes.imshow(pixels, interpolation="nearest")
    axes.set_title(_fold(title, 1), fontsize=8.5, parse_math=False)


def _tell(axes: Any, told: Told | None) -> None:
    """Write a map's verdict under it, and over one that failed that it is no evidence, wherever the picture goes."""
    if told is None:
        return
    axes.annotate(
        _verdict(told), (0.5, 0), (0, -4), xycoords="axes fraction", textcoords="offset points", ha="center", va="top",
        multialignment="left", fontsize=VERDICT_POINTS, linespacing=LEADING, color="0.15", parse_math=False,
    )  # fmt: skip
    if told.reason:
        box = {"boxstyle": "square", "facecolor": "1", "edgecolor": "0"}
        place = {"ha": "center", "va": "bottom", "transform": axes.transAxes}
        axes.text(0.5, 0.05, WARNING, fontsize=8, fontweight="bold", bbox=box, **place)


def _verdict(told: Told) -> str:
    lines = [told.reason] * bool(told.reason) + list(told.sentences)
    return "\n".join([ABOUT, *(_fold(f"– {line}", 1, VERDICT_COLUMNS) for line in lines)])


def _legend(verdicts: Sequence[Told | None]) -> str:
    """Return what the colours mean, a line away from the verdicts above it."""
    warned = any(told and told.reason for told in verdicts)
    return "\n" * any(verdicts) + (f"{LEGEND} {GREY_LEGEND}" if warned else LEGEND)


def _room(row: Sequence[Judged]) -> float:
    """Return the height in inches that the longest verdict of a row takes."""
    lines = max((_verdict(told).count("\n") + 1 for _, told in row if told is not None), default=0)
    return (lines + 1) * LINE if lines else 0.0


def _title(case: Case, made: Attribution) -> str:
    indices = made.target.indices
    text = f"{made.title}: {words.question(made.target)}"
    against = made.target.against_indices
    if len(indices) != 1 or len(against) > 1:
        return text
    if against:
        return f"{text}\nlog-odds {case.prediction.margin(indices[0], against[0]):+.2f}"
    said = words.probability(float(case.prediction.probabilities[indices[0]]))
    return f"{text}\np({words.label(made.target.name)}) {said}"


def _fold(text: str, columns: int, width: int = TITLE_COLUMNS) -> str:
    lines = [textwrap.wrap(words.visible(line), width * columns) for line in text.split("\n")]
    return "\n".join(piece for line in lines for piece in line)


def _aspect(case: Case) -> float:
    """Return height over width of the photo, held to what fits on a page."""
    height, width = case.photo.size
    return min(max(height / width, 0.4), 2.5)
