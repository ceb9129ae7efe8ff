"""Options that several commands share."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from axolens.cli.progress import say
from axolens.errors import InputError

if TYPE_CHECKING:
    from axolens.classifiers.protocols import Classifier
    from axolens.records.photo import Photo

MODEL_PANEL = "Which classifier"
Model = Annotated[
    str | None,
    typer.Option("--model", help="A spec such as torchvision/resnet18, or a TOML file; see `axolens models`."),
]
Weights = Annotated[Path | None, typer.Option("--weights", help="A weight file in place of the download.")]
LabelsFile = Annotated[str | None, typer.Option("--labels", help='"imagenet", or a file with one class name a line.')]
Prepare = Annotated[
    str | None, typer.Option("--preprocess", help='"imagenet", a spec such as keras/VGG19, or a TOML file.')
]
Device = Annotated[str | None, typer.Option("--device", help="Such as cuda; by default the CPU.")]
Seed = Annotated[int, typer.Option("--seed", help="Of all random numbers.")]
PixelLimit = Annotated[
    int, typer.Option("--pixel-limit", min=1, help="Refuse photos of more pixels, width times height.")
]
PIXEL_LIMIT = 100_000_000
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object a photo, each on its own line.")]
Photos = Annotated[list[Path], typer.Argument(help="Photos.", show_default=False)]
Mask = Annotated[Path | None, typer.Option("--mask", help="A picture of the photo's size, 0 beside the object.")]
Box = Annotated[str | None, typer.Option("--box", help="x0,y0,x1,y1 round the object, in the file's pixels.")]
Methods = Annotated[
    list[str] | None, typer.Option("--method", help="A method, may be repeated; see `axolens methods`.")
]
Layer = Annotated[
    str | None,
    typer.Option("--layer", help="The layer that Grad-CAM and its relatives are read at; by default chosen."),
]
Trust = Annotated[
    bool, typer.Option("--trust/--no-trust", help="Judge each map: about 250 more images a method and photo.")
]
Others = Annotated[
    Path | None, typer.Option("--others", help="A folder of other photos, whose maps each map is held against.")
]
Set = Annotated[list[str] | None, typer.Option("--set", help="A method's setting, such as lime.samples=500.")]


def load_model(
    model: str | None, weights: Path | None, labels: str | None, preprocess: str | None, device: str | None
) -> "Classifier":
    """Return the classifier that the options name.

    Raises
    ------
    InputError
        If no model is named; says which specs there are.
    """
    from axolens.classifiers.registry import SPECS, load

    if model is None:
        known = ", ".join(spec.pattern for spec in SPECS)
        raise InputError(
            "--model", expected=f"one of {known}", got="none", hint="For example --model torchvision/resnet18."
        )
    return load(model, weights=weights, labels=labels, preprocess=preprocess, device=device)


def other_photos(classifier: "Classifier", folder: Path | None, pixel_limit: int) -> "tuple[Photo, ...]":
    """Return photos of ``--others``, as many as a verdict needs; say what is left out."""
    if folder is None:
        return ()
    from axolens.photos.folder import list_photos
    from axolens.study.lending import lenders_of

    paths = [path for path, _ in list_photos(folder)]
    return lenders_of(classifier, paths, pixel_limit, lambda error: say(f"Left out of the others: {error}"))


def check_methods(methods: Sequence[str] | None, settings: Mapping[str, Mapping[str, Any]]) -> None:
    """Refuse methods and settings that do not exist, before a model is loaded."""
    from axolens.methods.catalogue import method_of

    for name in methods or ():
        method_of(name)
    for name, values in settings.items():
        method_of(name, values)


def method_settings(
    layer: str | None, assignments: Sequence[str] | None, methods: Sequence[str] | None = None
) -> dict[str, dict[str, Any]]:
    """Return settings by method from ``--layer NAME`` and ``--set method.name=value``.

    The layer is that of each method asked for that reads one, or of Grad-CAM where none does.

    Raises
    ------
    InputError
        If an assignment is not of that form.

    Examples
    --------
    >>> method_settings("layer4", ["lime.samples=500"])
    {'gradcam': {'layer': 'layer4'}, 'lime': {'samples': '500'}}
    >>> method_settings("layer4", None, ["HiResCAM", "lime"])
    {'hirescam': {'layer': 'layer4'}}
    """
    settings: dict[str, dict[str, Any]] = {}
    if layer is not None:
        settings = {name: {"layer": layer} for name in _reading_a_layer(methods or ()) or ["gradcam"]}
    for assignment in assignments or ():
        name, equals, value = assignment.partition("=")
        method, dot, key = name.partition(".")
        if not (equals and dot and method and key):
            raise InputError("--set", expected="method.name=value, such as lime.samples=500", got=repr(assignment))
        settings.setdefault(method.strip(), {})[key.strip()] = value.strip()
    return settings


def _reading_a_layer(methods: Sequence[str]) -> list[str]:
    from axolens.methods.catalogue import METHODS, plain_name

    names = [plain_name(name) for name in methods]
    return [name for name in names if name in METHODS and METHODS[name].card.needs in ("layers", "replaceable layers")]
