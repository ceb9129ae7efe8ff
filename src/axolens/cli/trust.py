"""axolens trust."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from axolens.cli.comparing import compare_folder
from axolens.cli.explain import asked, seconds_each
from axolens.cli.inquiry import box_on, parsed_box
from axolens.cli.options import (
    PIXEL_LIMIT,
    Box,
    Device,
    Json,
    LabelsFile,
    Layer,
    Mask,
    Methods,
    Model,
    Others,
    PixelLimit,
    Prepare,
    Seed,
    Set,
    Weights,
    check_methods,
    load_model,
    method_settings,
    other_photos,
)
from axolens.cli.predict import report_failure
from axolens.cli.progress import Bar, announce, say
from axolens.cli.rows import print_json, tell, verdict_row
from axolens.cli.verdicts import verdict_lines
from axolens.errors import AxolensError, InputError

if TYPE_CHECKING:
    from axolens.classifiers.protocols import Classifier
    from axolens.records.photo import Photo


def trust(
    place: Annotated[Path, typer.Argument(help="A photo, or a folder of photos to compare methods on.")],
    model: Model = None,
    target: Annotated[str | None, typer.Option("--target", help="The class the map is for.")] = None,
    against: Annotated[str | None, typer.Option("--against", help="Its lead over this class.")] = None,
    values: Annotated[
        Path | None,
        typer.Option("--values", help="A finished map, .npy, (h, w) over what the network sees."),
    ] = None,
    others: Others = None,
    mask: Mask = None,
    box: Box = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", help="For a folder: where the page goes and what is found is kept, to go on from there."),
    ] = None,
    full: Annotated[bool, typer.Option("--full/--usual", help="The full account, or only what explain asks.")] = True,
    method: Methods = None,
    layer: Layer = None,
    assignments: Set = None,
    weights: Weights = None,
    labels: LabelsFile = None,
    preprocess: Prepare = None,
    device: Device = None,
    pixel_limit: PixelLimit = PIXEL_LIMIT,
    seed: Seed = 0,
    as_json: Json = False,
) -> None:
    """Judge whether a map can be believed; for a folder, which method suits this model and these photos.

    Example: axolens trust axolotl.jpg --model torchvision/resnet18 --method gradcam --method lime
    """
    settings = method_settings(layer, assignments, method)
    check_methods(method, settings)
    corners = parsed_box(box, mask, 1)
    array = None if values is None else map_of(values, method)
    classifier = load_model(model, weights, labels, preprocess, device)
    from axolens.cases.explain import chosen_methods

    question = asked(classifier, target, against)
    chosen = () if array is not None else chosen_methods(classifier, method, settings)
    if place.is_dir():
        _whole_folder({"--values": values, "--target": target, "--others": others, "--mask": mask, "--box": box}, place)
        asking: dict[str, Any] = {"methods": chosen, "seed": seed, "pixel_limit": pixel_limit}
        compare_folder(classifier, place, asking, out, as_json)
        return
    if out is not None:
        raise InputError("--out", expected="a folder of photos", got=f"one photo, {place}")
    from axolens.photos.read import read

    try:
        photo = read(place, mask=mask, pixel_limit=pixel_limit)
        boxed = None if corners is None else mask_in(photo, box_on(corners, photo))
        lenders = other_photos(classifier, others, pixel_limit)
    except AxolensError as error:
        report_failure(place, error, as_json)
        raise typer.Exit(2) from None
    given: dict[str, Any] = {"target": question, "others": lenders, "mask": boxed, "full": full, "seed": seed}
    sources: list[dict[str, Any]] = [{"values": array}] if array is not None else [{"method": one} for one in chosen]
    _judge(classifier, photo, sources, given, as_json)


def map_of(path: Path, methods: list[str] | None) -> Any:
    """Return the map of ``--values FILE``.

    Raises
    ------
    InputError
        If a method is named too, or the file holds no array of numbers.
    """
    import numpy as np

    if methods:
        raise InputError("--values", expected="either a finished map or methods", got="both")
    try:
        found = np.load(path, allow_pickle=False)
    except (OSError, ValueError, EOFError) as error:
        raise InputError("--values", expected="an array saved by numpy.save", got=f"{path} ({error})") from None
    if not isinstance(found, np.ndarray):
        raise InputError("--values", expected="one array, .npy", got=f"{path}, which holds several")
    return found


def mask_in(photo: "Photo", box: tuple[float, float, float, float]) -> Any:
    """Return the mask of what lies in a box, found by a random walker."""
    from axolens.diagnosis.boxes import mask_from_box

    found = mask_from_box(photo.pixels, box)
    if found.note:
        say(found.note)
    return found.mask


def _judge(
    classifier: "Classifier", photo: "Photo", sources: list[dict[str, Any]], given: dict[str, Any], as_json: bool
) -> None:
    from axolens.cases.judged import judged_images
    from axolens.cases.trust import trust as ask
    from axolens.scrutiny.account import FULL, USUAL

    account = FULL if given["full"] else USUAL
    made = [source.get("method") for source in sources]
    images = sum(judged_images(one, account, 1) + (one.images if one else 0) for one in made)
    announce(1, images, seconds_each(classifier, photo), classifier.name)
    with Bar(images) as bar:
        for source in sources:
            verdict = ask(classifier, photo, **source, **given, progress=bar)
            row = {"photo": photo.name, "model": classifier.name, **verdict_row(verdict)}
            print_json(row) if as_json else tell("\n".join(verdict_lines(verdict)))


def _whole_folder(options: dict[str, object], folder: Path) -> None:
    """Refuse options that are about one photo."""
    given = [name for name, value in options.items() if value is not None]
    if given:
        raise InputError(given[0], expected="one photo", got=f"a folder, {folder}")
