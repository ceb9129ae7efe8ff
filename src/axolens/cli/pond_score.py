"""axolens pond score."""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import typer

from axolens.cli.options import Device, Model, Seed
from axolens.cli.progress import Bar, counted, say
from axolens.cli.rows import print_json
from axolens.errors import AxolensError, InputError

if TYPE_CHECKING:
    import numpy as np

    from axolens.classifiers.protocols import Classifier
    from axolens.cli.map_files import Loader
    from axolens.pond.decisive import Decision
    from axolens.pond.mapscore import Mark, Score


class Judged(NamedTuple):
    """One picture with its map at the picture's size, and what decides its answer."""

    file: str
    values: "np.ndarray"
    decision: "Decision"


def score(
    maps: Annotated[Path, typer.Argument(help="A folder of .npy files or one .npz, a map (h, w) a picture.")],
    pictures: Annotated[Path, typer.Option("--pictures", help="The folder that `axolens pond render` wrote.")],
    model: Model = None,
    device: Device = None,
    redraws: Annotated[int, typer.Option("--redraws", min=2, help="How often each part is drawn anew.")] = 8,
    seed: Seed = 0,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object a picture, then a summary.")] = False,
) -> None:
    """Score anyone's heatmaps against what decides: the part of the scene that changes the answer when it is redrawn.

    Each map is of the class that the network names, positive where it speaks for it, and called like its picture. The
    network is that of `axolens pond render --network`, or `--model`.

    Example: axolens pond score maps --pictures pictures
    """
    from axolens.cli.map_files import by_picture, find_maps
    from axolens.pond.album import read_truth

    found, album = find_maps(maps), read_truth(pictures)
    rows, size = _pictures(album, pictures)
    classifier = _network(album, model, device)
    own, strange = by_picture(found, rows)
    for name in strange:
        say(f"axolens: {name}: expected the name of a picture of {pictures}, such as {next(iter(rows))}.")
    say(f"{classifier.name}: {counted(len(rows), 'picture')}, each with up to {2 * redraws + 2} redraws.")
    judged: list[Judged] = []
    failed: list[tuple[str, str]] = []
    with Bar(len(rows), "pictures") as bar:
        for file, row in rows.items():
            try:
                values = _map_of(own[file], found, size)
                judged.append(Judged(file, values, _decision(row, size, classifier, redraws, seed)))
            except AxolensError as error:
                failed.append((file, str(error)))
                say(f"axolens: {file}: {error}")
            bar(1)
    marked, total = _scored(judged, seed)
    names = classifier.labels.names
    summary = {"network": classifier.name, "pictures": len(rows), "failed": len(failed), **_summary(judged, total)}
    if as_json:
        for row in [_row(one, marked.get(one.file), names) for one in judged]:
            print_json(row)
        for file, reason in failed:
            print_json({"photo": file, "error": reason})
        print_json({"summary": summary})
    else:
        typer.echo("\n".join(_lines(summary, total)))
    if judged and not marked:
        say("axolens: no picture counts: expected one that a single part decides; draw more, or with another network.")
    if failed or strange or not marked:
        raise typer.Exit(2)


def _pictures(album: dict[str, Any], folder: Path) -> tuple[dict[str, dict[str, Any]], int]:
    """Return the rows of an album by file, and the pictures' size.

    Raises
    ------
    InputError
        If it has none, or does not say how large they are.
    """
    try:
        rows, size = {row["file"]: row for row in album["rows"]}, int(album["settings"]["size"])
    except (KeyError, TypeError, ValueError):
        rows, size = {}, 0
    if not rows or size < 1:
        expected = "an album of `axolens pond render`"
        raise InputError("--pictures", expected=expected, got=f"{folder}, whose truth.json lists no pictures")
    return rows, size


def _network(album: dict[str, Any], model: str | None, device: str | None) -> "Classifier":
    """Return the network that is asked.

    Raises
    ------
    InputError
        If none is named, or the album holds answers of one with other weights.
    """
    from axolens.cli.options import load_model

    network = album["settings"].get("network")
    if model is None and network is None:
        got = "none, and pictures that were drawn without --network"
        raise InputError("--model", expected="the network that the maps explain, such as pond-tag", got=got)
    classifier = load_model(model or network, None, None, None, device)
    if model is None and album["settings"].get("digest") not in (None, classifier.digest):
        hint = "Draw the pictures and make the maps anew."
        raise InputError(
            "--pictures", expected=f"answers of {network} as it is", got="those of other weights", hint=hint
        )
    return classifier


def _map_of(names: Sequence[str], maps: "dict[str, Loader]", size: int) -> "np.ndarray":
    from axolens.pond.mapscore import fitted

    if len(names) != 1:
        raise InputError("map", expected="one a picture", got=" and ".join(names) or "none")
    return fitted(maps[names[0]](), size)


def _decision(row: dict[str, Any], size: int, classifier: "Classifier", redraws: int, seed: int) -> "Decision":
    """Return what decides a picture's answer.

    Raises
    ------
    InputError
        If the row does not hold its scene, or the scene draws another picture than the row says.
    """
    from axolens.classifiers.asking import log_odds_of
    from axolens.pond.decisive import decide
    from axolens.pond.picture import photo
    from axolens.pond.scene import scene_from

    factors = row.get("factors")
    scene = scene_from(factors if isinstance(factors, dict) else {})
    if row.get("sha256") not in (None, photo(scene, size).digest):
        hint = "Draw the pictures anew with this version."
        raise InputError("picture", expected="one that its factors draw", got="another", hint=hint)
    return decide(scene, lambda photos: log_odds_of(classifier, photos), size, count=redraws, seed=seed)


def _scored(judged: Sequence[Judged], seed: int) -> "tuple[dict[str, Mark], Score]":
    from axolens.pond.mapscore import marks, summed_up

    counting = [(one, one.decision.mask) for one in judged if one.decision.mask is not None]
    found = marks([one.values for one, _ in counting], [mask for _, mask in counting], seed=seed)
    return {one.file: mark for (one, _), mark in zip(counting, found, strict=True)}, summed_up(found)


def _row(one: Judged, mark: "Mark | None", names: Sequence[str]) -> dict[str, Any]:
    decision = one.decision
    worth = dict.fromkeys(("auc", "centre", "swapped", "mass")) if mark is None else _finite(asdict(mark))
    row = {"photo": one.file, "answer": names[decision.answer], "part": decision.part, "why": decision.why or None}
    return {**row, "weights": {part: round(weight, 4) for part, weight in decision.weights.items()}, **worth}


def _summary(judged: Sequence[Judged], total: "Score") -> dict[str, Any]:
    parts = Counter(one.decision.part for one in judged if one.decision.part is not None)
    reasons = Counter(one.decision.why for one in judged if one.decision.part is None)
    constant = sum(one.values.max() == one.values.min() for one in judged if one.decision.part is not None)
    return {"parts": dict(parts), "left_out": dict(reasons), "constant": int(constant), **_finite(asdict(total))}


def _finite(values: dict[str, Any]) -> dict[str, Any]:
    """Return the values with null for what is no number, in lists too."""

    def plain(value: Any) -> Any:
        if isinstance(value, tuple | list):
            return [plain(one) for one in value]
        return value if isinstance(value, int) else round(float(value), 6) if math.isfinite(value) else None

    return {name: plain(value) for name, value in values.items()}


def _lines(summary: dict[str, Any], total: "Score") -> list[str]:
    """Return what is said of all maps together."""
    parts = ", ".join(f"{part} {count}" for part, count in summary["parts"].items()) or "none"
    lines = [f"{total.count} of {counted(summary['pictures'], 'picture')} count; what decides: {parts}."]
    lines += [f"  left out, {why}: {count}" for why, count in summary["left_out"].items()]
    lines += [f"  constant maps, which tell nothing apart: {summary['constant']}"] if summary["constant"] else []
    if not total.count:
        return lines
    for words, (mean, low, high), sign in (
        ("tells the part that decides from the rest (AUC)", total.auc, ""),
        ("lead over a blob in the middle", total.over_centre, "+"),
        ("lead over the maps of other pictures", total.over_swapped, "+"),
        ("mass on that part, less its share of the picture", total.mass, "+"),
    ):
        interval = f"({low:{sign}.2f} to {high:{sign}.2f})" if math.isfinite(low) else "(one picture: no interval)"
        if math.isfinite(mean):
            lines.append(f"{words:<50} {mean:{sign}.2f} {interval}")
    return [*lines, f"{'better than the maps of other pictures':<50} {total.better} of {total.count}"]
