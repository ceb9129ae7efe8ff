"""axolens report."""

from pathlib import Path
from typing import Annotated

import typer

from axolens.cli.progress import say


def report(
    folder: Annotated[Path, typer.Argument(help="What `study` or `explain --out` wrote.")],
    title: Annotated[str | None, typer.Option("--title", help="Title of the page.")] = None,
) -> None:
    """Build the page again from the records of a study, finished or interrupted; no model is asked.

    Example: axolens report why
    """
    from axolens.cli.output import write_page

    say(f"Written: {write_page(folder, title)}")
