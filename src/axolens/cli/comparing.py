"""axolens trust FOLDER: methods compared, kept as they go where a folder is given for it."""

import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from axolens.cli.progress import say
from axolens.cli.rows import comparison_row, print_json, tell
from axolens.cli.verdicts import comparison_lines

if TYPE_CHECKING:
    from axolens.classifiers.protocols import Classifier
    from axolens.records.comparison import Comparison


def compare_folder(
    classifier: "Classifier", folder: Path, asking: dict[str, Any], out: Path | None, as_json: bool
) -> None:
    """Compare methods on a folder, print what was found, and say what is kept where that is interrupted."""
    from axolens.cli.output import PAGE, write_comparison_page
    from axolens.cli.study import Bars
    from axolens.study.comparing import compare_methods

    bars, count = Bars(classifier), Count()

    def plan(photos: int, images: int) -> None:
        bars.plan(photos, images)
        if out is not None:
            (out / PAGE).unlink(missing_ok=True)  # an earlier comparison's

    try:
        with bars:
            found = compare_methods(
                classifier, folder, **asking, out=out, progress=bars.count, planned=plan, looked=count.look,
                finished=count.finish, command=shlex.join(["axolens", *sys.argv[1:]]),
            )  # fmt: skip
    except KeyboardInterrupt:
        say(interrupted(count, out))
        raise typer.Exit(130) from None
    _tell(found, as_json)
    if out is not None:
        write_comparison_page(out)
        say(f"Written: {out / PAGE}")
    if found.failures:
        raise typer.Exit(2)


class Count:
    """How many photos have their maps, and how many their effects."""

    def __init__(self) -> None:
        self.maps = self.effects = 0

    def look(self, photos: int) -> None:
        """Count photos whose maps are there."""
        self.maps += photos

    def finish(self, photos: int) -> None:
        """Count photos whose effects are there."""
        self.effects += photos


def interrupted(count: Count, out: Path | None) -> str:
    """Return what an interruption leaves, and how to go on.

    Examples
    --------
    >>> interrupted(Count(), None)
    'Interrupted; nothing is kept. With --out DIR what is found for each photo is kept.'
    """
    if out is None:
        return "Interrupted; nothing is kept. With --out DIR what is found for each photo is kept."
    told = f"maps of {count.maps} and effects of {count.effects} photos are kept in {out}"
    return f"Interrupted; {told}. The same command goes on from there."


def _tell(found: "Comparison", as_json: bool) -> None:
    if as_json:
        print_json(comparison_row(found))
    else:
        tell("\n".join(comparison_lines(found)))
    for failure in found.failures:
        say(f"axolens: {failure.error}")
