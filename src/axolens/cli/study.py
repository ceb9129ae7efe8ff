"""axolens study."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from axolens.cli.options import (
    PIXEL_LIMIT,
    Device,
    Json,
    LabelsFile,
    Layer,
    Methods,
    Model,
    PixelLimit,
    Prepare,
    Seed,
    Set,
    Trust,
    Weights,
    check_methods,
    load_model,
    method_settings,
)
from axolens.cli.progress import Bar, announce, say
from axolens.cli.rows import case_row, class_row, print_json, tell

if TYPE_CHECKING:
    from axolens.classifiers.protocols import Classifier
    from axolens.records.case import Case
    from axolens.records.study import Study


def study(
    folder: Annotated[Path, typer.Argument(help="One subfolder a true class.")],
    out: Annotated[Path, typer.Option("--out", help="Where page, pictures and records go.")],
    model: Model = None,
    references: Annotated[
        Path | None, typer.Option("--references", help="More photos to lay wrong answers beside, a subfolder a class.")
    ] = None,
    diagnose: Annotated[
        bool, typer.Option("--diagnose", help="Also diagnose each wrong answer, and say what holds for each class.")
    ] = False,
    method: Methods = None,
    layer: Layer = None,
    assignments: Set = None,
    weights: Weights = None,
    labels: LabelsFile = None,
    preprocess: Prepare = None,
    device: Device = None,
    trust: Trust = True,
    pixel_limit: PixelLimit = PIXEL_LIMIT,
    seed: Seed = 0,
    as_json: Json = False,
) -> None:
    """Explain a folder of photos and lay each wrong answer beside a photo of the class it was taken for.

    Example: axolens study photos --out why --model torchvision/resnet18
    """
    settings = method_settings(layer, assignments, method)
    check_methods(method, settings)
    classifier = load_model(model, weights, labels, preprocess, device)
    from axolens.cli.output import PAGE, write_figure, write_page
    from axolens.study.run import run_study
    from axolens.study.store import CASES

    def done(case: "Case", stem: str) -> None:
        write_figure(out, case, stem)
        if as_json:
            print_json(case_row(case, out / CASES / f"{stem}.npz"))

    bars = Bars(classifier, most=diagnose)
    try:
        with bars:
            found = run_study(
                classifier, folder, out, references=references, methods=method, settings=settings, diagnose=diagnose,
                trust=trust, seed=seed, pixel_limit=pixel_limit, looked=bars.look, progress=bars.count,
                planned=bars.plan, finished=done, command="axolens study",
            )  # fmt: skip
    except KeyboardInterrupt:
        if not bars.planned:
            say(f"axolens: interrupted before anything was explained; {out} is as it was.")
            raise typer.Exit(130) from None
        say(f"Interrupted. What was finished is on the page: {write_page(out)}")
        raise typer.Exit(130) from None
    write_page(out)
    _tell(found, as_json)
    say(f"Written: {out / PAGE}")
    if found.failures:
        raise typer.Exit(2)


def _tell(found: "Study", as_json: bool) -> None:
    """Print what holds for the folder: confusions, and findings about classes."""
    if as_json:
        for failure in found.failures:
            print_json({"photo": failure.photo, "error": failure.error})
        if found.findings:
            print_json({"classes": [class_row(one) for one in found.findings]})
    else:
        tell("\n".join(f"{one.count:4d}  {one.truth} called {one.answered}" for one in found.confusions))
        for one in found.findings:
            tell(f"{one.truth}, {one.factor}: {one.grade}. {one.sentence}")
    for note in found.notes:
        say(note)
    for failure in found.failures:
        say(f"axolens: {failure.error}")


class Bars:
    """A count of photos while the model is asked about each, then a bar of images, sized when the plan is known."""

    def __init__(self, classifier: "Classifier", *, most: bool = False) -> None:
        self._classifier, self._most = classifier, most
        self._bar: Bar | None = None
        self.planned = False

    def __enter__(self) -> "Bars":
        """Wait for the plan."""
        return self

    def __exit__(self, *found: object) -> None:
        """Take the bar away."""
        if self._bar is not None:
            self._bar.__exit__(None, None, None)

    def look(self, photos: int) -> None:
        """Count photos that the model was asked about; how many there are is not known yet."""
        if self._bar is None:
            self._bar = Bar(None, "photos predicted")
        self._bar(photos)

    def plan(self, photos: int, images: int) -> None:
        """Say what comes, and begin to count."""
        self.__exit__()
        self.planned = True
        import numpy as np

        from axolens.cli.explain import seconds_each
        from axolens.photos.read import read

        grey = read(np.full((64, 64, 3), 128, np.uint8))
        announce(photos, images, seconds_each(self._classifier, grey), self._classifier.name, most=self._most)
        self._bar = Bar(images)

    def count(self, images: int) -> None:
        """Count images."""
        if self._bar is not None:
            self._bar(images)
