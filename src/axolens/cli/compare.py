"""axolens compare."""

from pathlib import Path
from typing import Annotated

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
    Weights,
    check_methods,
    load_model,
    method_settings,
)
from axolens.cli.progress import Bar, announce
from axolens.cli.rows import case_row, print_json


def compare(
    photo: Annotated[Path, typer.Argument(help="The photo, usually one that was answered wrongly.")],
    reference: Annotated[Path, typer.Argument(help="A photo of the class it was taken for.")],
    model: Model = None,
    truth: Annotated[str | None, typer.Option("--truth", help="The photo's true class.")] = None,
    reference_truth: Annotated[
        str | None, typer.Option("--reference-truth", help="The reference's true class, if it is known.")
    ] = None,
    method: Methods = None,
    layer: Layer = None,
    assignments: Set = None,
    out: Annotated[Path | None, typer.Option("--out", help="Write page and picture there.")] = None,
    weights: Weights = None,
    labels: LabelsFile = None,
    preprocess: Prepare = None,
    device: Device = None,
    pixel_limit: PixelLimit = PIXEL_LIMIT,
    seed: Seed = 0,
    as_json: Json = False,
) -> None:
    """Lay a photo beside one of the class it was taken for, both explained for the same two classes.

    Example: axolens compare axolotl.jpg iguana.jpg --truth axolotl --model torchvision/resnet18 --out pair
    """
    settings = method_settings(layer, assignments, method)
    check_methods(method, settings)
    classifier = load_model(model, weights, labels, preprocess, device)
    from axolens.cases.compare import compare as ask
    from axolens.cases.explain import chosen_methods
    from axolens.cli.explain import case_lines, seconds_each
    from axolens.cli.output import write_pair
    from axolens.photos.read import read
    from axolens.study.store import writable_folder

    if out is not None:
        writable_folder(out)
    first = read(photo, truth=truth, pixel_limit=pixel_limit)
    second = read(reference, truth=reference_truth, pixel_limit=pixel_limit)
    chosen = chosen_methods(classifier, method, settings)
    images = 2 * sum(one.images for one in chosen)
    announce(2, images, seconds_each(classifier, first), classifier.name)
    with Bar(images) as bar:
        pair = ask(classifier, first, second, methods=chosen, seed=seed, progress=bar, command="axolens compare")
    cases = (pair.case, pair.reference)
    arrays = (None, None) if out is None else write_pair(out, pair)
    if as_json:
        for case, place in zip(cases, arrays, strict=True):
            print_json(case_row(case, place))
        return
    for case, margin in zip(cases, (pair.margin, pair.reference_margin), strict=True):
        typer.echo("\n".join(case_lines(case)))
        typer.echo(f"  {pair.answered} against {pair.truth}: {margin:+.2f} log-odds")
    for note in pair.notes:
        typer.echo(note)
