"""axolens report."""

from pathlib import Path
from typing import Annotated

import typer

from axolens.cli.options import Json
from axolens.cli.progress import say
from axolens.cli.rows import print_json


def report(
    folder: Annotated[
        Path, typer.Argument(help="What `study`, or `explain`, `compare`, `diagnose` or `trust` with `--out`, wrote.")
    ],
    title: Annotated[str | None, typer.Option("--title", help="Title of the page.")] = None,
    as_json: Json = False,
) -> None:
    """Build the page again from the records of a study, finished or interrupted, or of `trust`; no model is asked.

    Example: axolens report why
    """
    from axolens.cli.output import write_comparison_page, write_page
    from axolens.cli.rows import comparison_row, prediction_row
    from axolens.study.kept import read_comparison
    from axolens.study.store import COMPARISON, SUMMARY, read_study

    if (folder / COMPARISON).exists() and not (folder / SUMMARY).exists():
        page = write_comparison_page(folder, title)
        if as_json:
            print_json(comparison_row(read_comparison(folder)))
        say(f"Written: {page}")
        return
    page = write_page(folder, title)
    if as_json:
        for case in read_study(folder).cases:
            print_json(prediction_row(case.photo, case.prediction, case.provenance.model))
    say(f"Written: {page}")
