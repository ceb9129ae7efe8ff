"""axolens pond render and axolens pond sheet."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from axolens.cli.progress import Bar, counted, say
from axolens.cli.rows import print_json
from axolens.errors import InputError

if TYPE_CHECKING:
    from axolens.classifiers.protocols import Classifier

pond = typer.Typer(
    name="pond",
    help="Draw pictures of the built-in world, in which everything is known.",
    no_args_is_help=True,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@pond.command()
def render(
    out: Annotated[Path, typer.Option("--out", help="A folder that is new, empty, or written by this command.")],
    count: Annotated[int, typer.Option("--count", help="How many pictures.")] = 60,
    seed: Annotated[int, typer.Option("--seed", help="Of the first picture; each next one has the next seed.")] = 0,
    network: Annotated[
        str | None,
        typer.Option("--network", help="Scenes as this network saw them in training, such as pond, and its answers."),
    ] = None,
    size: Annotated[int, typer.Option("--size", help="Height and width in pixels, 16 to 1024.")] = 128,
    fix: Annotated[
        list[str] | None, typer.Option("--fix", help="A factor that all pictures share, FACTOR=VALUE; may be repeated.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object a picture.")] = False,
) -> None:
    """Draw pictures with their truth: a folder a species, masks of the parts, and every factor in truth.json.

    Example: axolens pond render --out pictures --count 60 --network pond --fix background=moss
    """
    if count < 1:
        raise InputError("--count", expected="a whole number of at least 1", got=count)
    fixed = fixed_factors(fix or ())
    from axolens.pond.album import write_album
    from axolens.pond.shots import shots

    pictures = shots(range(seed, seed + count), network, fixed)
    settings: dict[str, Any] = {"network": network, "seed": seed, "count": count, "size": size, "fixed": fixed}
    classifier = None
    if network is not None:
        from axolens.classifiers.registry import load

        classifier = load(network)
        settings["digest"] = classifier.digest
    told: list[dict[str, Any]] = []
    with Bar(count, "pictures") as bar:

        def drawn(row: dict[str, Any]) -> None:
            told.append(row)
            bar(1)
            if as_json:
                print_json(row)

        def planned(left: int) -> None:
            there = f", {count - left} are there already" if left < count else ""
            say(f"{counted(left, 'picture')} to draw{there}.")

        ask = answers_of(classifier)
        try:
            truth = write_album(out, pictures, size, settings, planned=planned, answer=ask, drawn=drawn)
        except KeyboardInterrupt:
            say(f"Interrupted. {len(told)} of {count} pictures are in {out}; the same command draws the rest.")
            raise typer.Exit(130) from None
    if not as_json:
        typer.echo("\n".join(species_lines(told)))
    say(f"Written: {truth}")


@pond.command()
def sheet(
    out: Annotated[Path, typer.Option("--out", help="A .png or .webp file.")],
    size: Annotated[int, typer.Option("--size", help="Height and width of each picture in pixels, 16 to 1024.")] = 96,
    species: Annotated[
        list[str] | None, typer.Option("--species", help="Only this animal, may be repeated; by default all.")
    ] = None,
) -> None:
    """Draw a contact sheet: every animal in every colour, from above, from the side and from the front.

    Example: axolens pond sheet --out sheet.png --species axolotl --species newt
    """
    from axolens.pond.scene import SPECIES

    if out.suffix.lower() not in (".png", ".webp"):
        raise InputError("--out", expected="a file that ends in .png or .webp", got=out)
    unknown = [name for name in species or () if name not in SPECIES]
    if unknown:
        raise InputError("--species", expected=f"one of {', '.join(SPECIES)}", got=repr(unknown[0]))
    from PIL import Image

    from axolens.pond.sheet import sheet as drawn
    from axolens.records.codec import write_file

    image = Image.fromarray(drawn(size, tuple(dict.fromkeys(species or SPECIES))))
    kind = out.suffix.lower().removeprefix(".")
    try:
        write_file(out, lambda file: image.save(file, kind, quality=90))
    except OSError as error:
        raise InputError("--out", expected="a file that can be written", got=f"{out}: {error.strerror}") from None
    say(f"Written: {out}")


def fixed_factors(assignments: Sequence[str]) -> dict[str, str | int | float | None]:
    """Return factors and values from ``--fix FACTOR=VALUE``.

    Raises
    ------
    InputError
        If an assignment is not of that form, its factor is unknown or named twice, or its value is no number.

    Examples
    --------
    >>> fixed_factors(["colour=black", "size=0.5", "tag=none"])
    {'colour': 'black', 'size': 0.5, 'tag': None}
    """
    from axolens.pond.scene import FACTORS

    fixed: dict[str, str | int | float | None] = {}
    for assignment in assignments:
        factor, equals, value = (part.strip() for part in assignment.partition("="))
        if not (equals and factor and value):
            raise InputError("--fix", expected="FACTOR=VALUE, such as background=moss", got=repr(assignment))
        if factor not in FACTORS:
            raise InputError("--fix", expected=f"one of {', '.join(FACTORS)}", got=repr(factor))
        if factor in fixed:
            raise InputError("--fix", expected="each factor once", got=f"{factor} twice")
        fixed[factor] = _value(factor, value)
    return fixed


def _value(factor: str, text: str) -> str | int | float | None:
    from axolens.pond.scene import LARGEST_SEED, RANGES, SEEDS

    try:
        if factor in SEEDS:
            return int(text)
        if factor in RANGES:
            return float(text)
    except ValueError:
        low, high = RANGES.get(factor, (0, LARGEST_SEED))
        number = "a whole number" if factor in SEEDS else "a number"
        raise InputError(factor, expected=f"{number} from {low:g} to {high:.10g}", got=repr(text)) from None
    return None if (factor, text) == ("tag", "none") else text


def answers_of(classifier: "Classifier | None") -> Callable[[Path], dict[str, Any]]:
    """Return what asks a network about a picture's file, for the picture's row."""
    if classifier is None:
        return lambda photo: {}
    from axolens.cases.predict import predict
    from axolens.photos.read import read

    def answer(photo: Path) -> dict[str, Any]:
        prediction = predict(classifier, read(photo))
        shares = zip(prediction.labels.names, prediction.probabilities, strict=True)
        found = {name: round(float(share), 6) for name, share in shares}
        return {"answer": prediction.top(1)[0].label, "probabilities": found}

    return answer


def species_lines(rows: Sequence[dict[str, Any]]) -> list[str]:
    """Return how many pictures there are of each species, and how many of them were answered rightly.

    Examples
    --------
    >>> species_lines([{"species": "newt", "answer": "gecko"}, {"species": "newt", "answer": "newt"}])
    ['newt        2, answered rightly 1']
    """
    lines = []
    for species in sorted({row["species"] for row in rows}):
        own = [row for row in rows if row["species"] == species]
        right = [row for row in own if row.get("answer") == species]
        asked = any("answer" in row for row in own)
        lines.append(f"{species:<10} {len(own):2d}" + (f", answered rightly {len(right)}" if asked else ""))
    return lines
