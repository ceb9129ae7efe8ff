"""axolens diagnose."""

import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from axolens.cli.findings import diagnosis_lines
from axolens.cli.inquiry import Inquiry, known_factors, parsed_box, reference_photos
from axolens.cli.options import (
    PIXEL_LIMIT,
    Box,
    Device,
    Json,
    LabelsFile,
    Mask,
    Model,
    Photos,
    PixelLimit,
    Prepare,
    Seed,
    Weights,
    load_model,
)
from axolens.cli.predict import report_failure
from axolens.cli.progress import Bar, announce, counted, say
from axolens.cli.rows import diagnosis_row, print_json, tell
from axolens.errors import AxolensError

if TYPE_CHECKING:
    from axolens.cli.output import Output
    from axolens.records.case import Case


def diagnose(
    photos: Photos,
    truth: Annotated[str, typer.Option("--truth", help="The true class of the photos.")],
    model: Model = None,
    references: Annotated[
        Path | None,
        typer.Option("--references", help="Other photos, a subfolder a class, of the true class above all."),
    ] = None,
    mask: Mask = None,
    box: Box = None,
    factor: Annotated[
        list[str] | None, typer.Option("--factor", help="Test this factor only, such as colour; may be repeated.")
    ] = None,
    budget: Annotated[int, typer.Option("--budget", min=1, help="Most images that the model is asked a photo.")] = 900,
    out: Annotated[Path | None, typer.Option("--out", help="Write page and records there.")] = None,
    weights: Weights = None,
    labels: LabelsFile = None,
    preprocess: Prepare = None,
    device: Device = None,
    pixel_limit: PixelLimit = PIXEL_LIMIT,
    seed: Seed = 0,
    as_json: Json = False,
) -> None:
    """Find out what a wrong answer responds to, by changing the photo: its colour, background, size, light and so on.

    Example: axolens diagnose axolotl.jpg --truth axolotl --model torchvision/resnet18 --box 40,60,380,300 --out why
    """
    factors, corners = known_factors(factor), parsed_box(box, mask, len(photos))
    classifier = load_model(model, weights, labels, preprocess, device)
    classifier.labels.find(truth)
    beside = reference_photos(classifier.labels, references, pixel_limit)
    command = shlex.join(["axolens", *sys.argv[1:]])
    asked = Inquiry(classifier, truth, beside, mask, corners, factors, budget, seed, pixel_limit, command)
    results = Results(out, as_json)
    if beside:
        say(f"First {classifier.name} is asked about the references, {counted(len(beside), 'photo')} at most.")
    plans = [asked.planned(path) for path in photos]
    if images := sum(plans):
        announce(sum(plan > 0 for plan in plans), images, asked.seconds_each(), classifier.name)
    try:
        with Bar(images) as bar:
            for place, path in enumerate(photos, start=1):
                try:
                    results.add(place, asked.diagnose(path, bar))
                except AxolensError as error:
                    results.fail(path, error)
    except KeyboardInterrupt:
        results.interrupt(len(photos))
        raise typer.Exit(130) from None
    results.close()
    if results.failures:
        raise typer.Exit(2)


class Results:
    """What was found so far: each photo is printed, and written where a folder was named, when it is finished.

    Parameters
    ----------
    folder
        Of the page and the records, or None. An earlier run in it stays as it is until the first photo is finished.
    as_json
        Whether results are printed as JSON.
    """

    def __init__(self, folder: Path | None, as_json: bool) -> None:
        from axolens.study.store import writable_folder

        self._folder = None if folder is None else writable_folder(folder)
        self._as_json = as_json
        self._written: Output | None = None
        self._done = 0
        self.failures: list[dict[str, str]] = []

    def add(self, place: int, case: "Case") -> None:
        """Write and print one photo's case."""
        if self._folder is not None:
            self._output(self._folder).add(place, case)
        self._done += 1
        print_json(diagnosis_row(case)) if self._as_json else tell("\n".join(diagnosis_lines(case)))

    def fail(self, path: Path, error: AxolensError) -> None:
        """Say what is wrong with one photo; the others go on."""
        self.failures.append({"photo": path.name, "error": str(error)})
        report_failure(path, error, self._as_json)

    def close(self) -> None:
        """Write the page."""
        if self._folder is not None:
            say(f"Written: {self._output(self._folder).close(self.failures)}")

    def interrupt(self, photos: int) -> None:
        """Write the page of what is finished, and say what is missing."""
        note = f"Interrupted: {self._done} of {counted(photos, 'photo')} diagnosed; the others are missing here."
        say(note if self._written is None else f"{note} Written: {self._written.close(self.failures, (note,))}")

    def _output(self, folder: Path) -> "Output":
        from axolens.cli.output import Output

        self._written = self._written or Output(folder)
        return self._written
