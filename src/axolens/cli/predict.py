"""axolens predict."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from axolens.cli.options import (
    PIXEL_LIMIT,
    Device,
    Json,
    LabelsFile,
    Model,
    Photos,
    PixelLimit,
    Prepare,
    Weights,
    load_model,
)
from axolens.cli.progress import Bar, say
from axolens.cli.rows import prediction_row, print_json
from axolens.errors import AxolensError

if TYPE_CHECKING:
    from axolens.records.prediction import Answer


def predict(
    photos: Photos,
    model: Model = None,
    weights: Weights = None,
    labels: LabelsFile = None,
    preprocess: Prepare = None,
    device: Device = None,
    pixel_limit: PixelLimit = PIXEL_LIMIT,
    top: Annotated[int, typer.Option("--top", min=1, help="How many classes.")] = 5,
    as_json: Json = False,
) -> None:
    """Say what the model sees in each photo: the likeliest classes with their probabilities.

    Example: axolens predict axolotl.jpg --model torchvision/resnet18
    """
    classifier = load_model(model, weights, labels, preprocess, device)
    from axolens.cases.predict import predict as ask
    from axolens.photos.read import read

    failed = False
    with Bar(len(photos), "photos") as bar:
        for path in photos:
            try:
                photo = read(path, pixel_limit=pixel_limit)
                prediction = ask(classifier, photo)
            except AxolensError as error:
                failed = True
                report_failure(path, error, as_json)
                continue
            finally:
                bar(1)
            if as_json:
                print_json(prediction_row(photo, prediction, classifier.name, top))
            else:
                typer.echo(f"{photo.name}\n" + "\n".join(answer_lines(prediction.top(top))))
    if failed:
        raise typer.Exit(2)


def answer_lines(answers: "tuple[Answer, ...]") -> list[str]:
    """Return the likeliest classes as lines of a table, as the notebook prints them."""
    width = max(len(answer.label) for answer in answers)
    return [f"  {answer.label:<{width}}  {answer.probability:.4f}" for answer in answers]


def report_failure(path: Path, error: AxolensError, as_json: bool) -> None:
    """Say what is wrong with one photo; the others go on."""
    if as_json:
        print_json({"photo": path.name, "error": str(error)})
    say(f"axolens: {error}")
