"""axolens report."""

from pathlib import Path
from typing import Annotated

import typer

from axolens.cli.options import Json
from axolens.cli.progress import say
from axolens.cli.rows import print_json


def report(
    folder: Annotated[
        Path, typer.Argument(help="What `study`, or `explain`, `compare` or `diagnose` with `--out`, wrote.")
    ],
    title: Annotated[str | None, typer.Option("--title", help="Title of the page.")] = None,
    as_json: Json = False,
) -> None:
    """Build the page again from the records of a study, finished or interrupted; no model is asked.

    Example: axolens report why
    """
    from axolens.cli.output import write_page
    from axolens.cli.rows import prediction_row
    from axolens.study.store import read_study

    page = write_page(folder, title)
    if as_json:
        for case in read_study(folder).cases:
            print_json(prediction_row(case.photo, case.prediction, case.provenance.model))
    say(f"Written: {page}")
