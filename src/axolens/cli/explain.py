"""axolens explain."""

import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from axolens.cli.options import (
    PIXEL_LIMIT,
    Device,
    Json,
    LabelsFile,
    Layer,
    Methods,
    Model,
    Others,
    Photos,
    PixelLimit,
    Prepare,
    Seed,
    Set,
    Trust,
    Weights,
    check_methods,
    load_model,
    method_settings,
    other_photos,
)
from axolens.cli.predict import answer_lines, report_failure
from axolens.cli.progress import Bar, announce, say
from axolens.cli.rows import case_row, print_json
from axolens.errors import AxolensError, InputError

if TYPE_CHECKING:
    from axolens.classifiers.protocols import Classifier
    from axolens.records.case import Case
    from axolens.records.target import Target


def explain(
    photos: Photos,
    model: Model = None,
    target: Annotated[str | None, typer.Option("--target", help="The class to explain.")] = None,
    against: Annotated[str | None, typer.Option("--against", help="Explain its lead over this class.")] = None,
    truth: Annotated[str | None, typer.Option("--truth", help="The true class of the photos.")] = None,
    method: Methods = None,
    layer: Layer = None,
    assignments: Set = None,
    out: Annotated[Path | None, typer.Option("--out", help="Write page, pictures and records there.")] = None,
    weights: Weights = None,
    labels: LabelsFile = None,
    preprocess: Prepare = None,
    device: Device = None,
    trust: Trust = True,
    others: Others = None,
    pixel_limit: PixelLimit = PIXEL_LIMIT,
    seed: Seed = 0,
    as_json: Json = False,
) -> None:
    """Explain what the model says about each photo: where the evidence for a class lies.

    Example: axolens explain axolotl.jpg --model torchvision/resnet18 --target axolotl --out why
    """
    settings = method_settings(layer, assignments, method)
    check_methods(method, settings)
    classifier = load_model(model, weights, labels, preprocess, device)
    from axolens.cases.explain import chosen_methods
    from axolens.cases.explain import explain as ask
    from axolens.cases.judged import verdict_images
    from axolens.cli.output import Output
    from axolens.photos.read import read

    chosen = chosen_methods(classifier, method, settings)
    question = asked(classifier, target, against)
    if others is not None and not trust:
        raise InputError("--others", expected="verdicts to hold maps against others for", got="--no-trust")
    if truth is not None:
        classifier.labels.find(truth)
    written = None if out is None else Output(out)
    images = len(photos) * (sum(one.images for one in chosen) + trust * verdict_images(chosen))
    lent = other_photos(classifier, others, pixel_limit)
    ask = partial(ask, target=question, methods=chosen, trust=trust, others=lent, seed=seed, command=COMMAND)
    failures = []
    with Bar(images) as bar:
        for place, path in enumerate(photos, start=1):
            try:
                photo = read(path, truth=truth, pixel_limit=pixel_limit)
                if place == 1:
                    announce(len(photos), images, seconds_each(classifier, photo), classifier.name)
                case = ask(classifier, photo, progress=bar)
            except AxolensError as error:
                failures.append({"photo": path.name, "error": str(error)})
                report_failure(path, error, as_json)
                continue
            arrays = None if written is None else written.add(place, case)
            print_json(case_row(case, arrays)) if as_json else typer.echo("\n".join(case_lines(case)))
    if written is not None:
        say(f"Written: {written.close(failures)}")
    if failures:
        raise typer.Exit(2)


COMMAND = "axolens explain"
TRIAL = 4  # images of the small batch that the estimate of time rests on
PASS = 32
QUICK = 0.1  # seconds


def asked(classifier: "Classifier", target: str | None, against: str | None) -> "Target | None":
    """Return the question of ``--target A --against B``.

    Raises
    ------
    InputError
        If there is a class to compare with and none to compare.
    """
    from axolens.records.target import Target

    if target is None and against is not None:
        raise InputError("--against", expected="--target A --against B", got="no --target")
    return None if target is None else classifier.labels.resolve(Target(target, against))


def seconds_each(classifier: "Classifier", photo: Any) -> float:
    """Return about how long the model takes for one image: the faster of two small batches after a first pass.

    A network that answers a small batch at once is asked a larger one, as most images come in large ones.
    """
    from axolens.classifiers.asking import as_batch, asked_scores
    from axolens.maths.array import to_numpy

    batch = to_numpy(as_batch(classifier, photo))
    asked_scores(classifier, classifier.asarray(batch))
    for count in (TRIAL, PASS):
        several, seconds = classifier.asarray(batch.repeat(count, axis=0)), []
        for _ in range(2):
            started = time.perf_counter()
            classifier.scores(several)
            seconds.append(time.perf_counter() - started)
        if min(seconds) > QUICK:
            break
    return min(seconds) / count


def case_lines(case: "Case") -> list[str]:
    """Return a case as lines of text."""
    lines = [case.photo.name, *answer_lines(case.prediction.top(5)), *(f"  {note}" for note in case.notes)]
    told: set[str] = set()
    for place, found in enumerate(case.attributions):
        lines.append(f"  {found.method} for {found.target}")
        lines += [f"    {note}" for note in found.notes if note not in told]
        told.update(found.notes)
        lines += [f"    {sentence}" for sentence in (case.verdicts[place].sentences if case.verdicts else ())]
    return lines
