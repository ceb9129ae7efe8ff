"""An album: pictures of the pond as files, a folder a species, with masks of their parts and a table of their truth."""

import hashlib
import importlib.metadata
import json
import os
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from axolens.errors import InputError
from axolens.pond.drawing import LARGEST, SMALLEST, draw
from axolens.pond.pool import spread
from axolens.pond.shots import MASKS, PHOTOS, Shot
from axolens.records.codec import write_file

Row = dict[str, Any]
SCHEMA = 1
VERSION = importlib.metadata.version("axolens")
TRUTH = "truth.json"
OWN = re.compile(r"(photos|masks)/[a-z]+/[\w-]+\.png")
COLOURS = (  # of a mask's levels, the ground first, as many as an animal can have parts
    (0, 0, 0), (230, 25, 75), (60, 180, 75), (255, 225, 25), (0, 130, 200), (245, 130, 48), (145, 30, 180),
    (70, 240, 240), (240, 50, 230), (210, 245, 60),
)  # fmt: skip
MANY = 400 * 128 * 128  # pixels from which on it pays to start other processes


def write_album(
    folder: Path,
    pictures: Sequence[Shot],
    size: int,
    settings: Mapping[str, Any],
    *,
    planned: Callable[[int], None] = lambda count: None,
    answer: Callable[[Path], Row] = lambda photo: {},
    drawn: Callable[[Row], None] = lambda row: None,
    workers: int | None = None,
) -> Path:
    """Draw pictures into a folder and return the place of their truth.

    ``photos`` and ``masks`` hold one folder a species. A mask's pixels are 0 on the ground and 1, 2, … on the parts, in
    the order of the row's ``parts``. After an interruption the truth lists what is there, and the same call draws the
    rest. Pictures of other settings that an earlier call wrote are taken away, other files never.

    Parameters
    ----------
    folder
        New, empty, or an earlier album.
    pictures
        What to draw.
    size
        Height and width in pixels, 16..1024.
    settings
        What made the pictures, for the truth; ``count`` in it does not change them.
    planned
        Called with the number of pictures that are not there yet.
    answer
        What a network says about a picture's file, for its row.
    drawn
        Called with each row when its files are there.
    workers
        Number of processes; by default one a core where it pays.

    Raises
    ------
    InputError
        If the folder holds something else or cannot be written, or the size is outside its range.
    """
    if not SMALLEST <= size <= LARGEST:
        raise InputError("size", expected=f"a whole number of pixels from {SMALLEST} to {LARGEST}", got=size)
    try:
        rows = _opened(folder, pictures, settings)
        _write_truth(folder, settings, rows.values(), finished=False)
        left = [one for one in pictures if one.photo not in rows]
        planned(len(left))
        for row in [*rows.values()]:
            drawn(row)
        count = 1 if len(left) * size * size < MANY else workers or os.cpu_count() or 1
        try:
            with closing(spread(partial(_draw, folder, size), left, count)) as found:
                for row in found:
                    rows[row["file"]] = row | answer(folder / row["file"])
                    drawn(rows[row["file"]])
        finally:
            _remove(folder, [place for one in left if one.photo not in rows for place in (one.photo, one.mask)])
            ordered = [rows[one.photo] for one in pictures if one.photo in rows]
            _write_truth(folder, settings, ordered, finished=len(ordered) == len(pictures))
    except OSError as error:
        got = f"{folder}: {error.strerror or error}"
        raise InputError("out", expected="a folder that can be written", got=got) from None
    return folder / TRUTH


def read_truth(folder: Path) -> dict[str, Any]:
    """Return the truth of an album: ``settings``, ``finished``, ``rows`` and what else :func:`write_album` wrote.

    Raises
    ------
    InputError
        If the folder holds no album.
    """
    try:
        found: dict[str, Any] = json.loads((folder / TRUTH).read_text(encoding="utf-8"))
        schema = found["schema"]
    except (OSError, ValueError, KeyError, TypeError):
        raise InputError("album", expected=f"a folder with a {TRUTH}", got=folder) from None
    if schema != SCHEMA:
        raise InputError("album", expected=f"a {TRUTH} of schema {SCHEMA}", got=f"schema {schema}")
    return found


def _draw(folder: Path, size: int, shot: Shot) -> Row:
    """Draw one picture, write it and the map of its parts, and return its row."""
    drawing = draw(shot.scene, size)
    parts = np.zeros((size, size), np.uint8)
    for number, part in enumerate(drawing.parts.values(), start=1):
        parts[part] = number
    labels = Image.fromarray(parts).convert("P")
    labels.putpalette([level for colour in COLOURS for level in colour])
    for place, image in ((shot.mask, labels), (shot.photo, Image.fromarray(drawing.pixels))):
        (folder / place).parent.mkdir(parents=True, exist_ok=True)
        write_file(folder / place, partial(image.save, format="PNG"))
    return {
        "file": shot.photo,
        "mask": shot.mask,
        "species": shot.scene.species,
        "seed": shot.seed,
        "sha256": hashlib.sha256(drawing.pixels.tobytes()).hexdigest(),
        "parts": list(drawing.parts),
        "factors": shot.scene.facts(),
    }


def _opened(folder: Path, pictures: Sequence[Shot], settings: Mapping[str, Any]) -> dict[str, Row]:
    """Make a folder ready and return the rows of the wanted pictures that lie there already.

    Raises
    ------
    InputError
        If there is anything in it that no album put there.
    """
    folder.mkdir(parents=True, exist_ok=True)
    earlier = _earlier(folder)
    rows = {} if earlier is None else {row["file"]: row for row in earlier["rows"]}
    wanted = {place for one in pictures for place in (one.photo, one.mask)}
    known = wanted | {place for row in rows.values() for place in (row["file"], row["mask"])}
    strange = _strange(folder, known, (".",) if earlier is None else (PHOTOS, MASKS))
    if strange is not None:
        raise InputError(
            "out", expected="a folder that is new, empty, or holds pictures that axolens drew",
            got=f"{folder}, which holds {strange}",
        )  # fmt: skip
    same = earlier is not None and _kind(earlier["settings"], earlier["axolens"]) == _kind(settings, VERSION)
    facts = {one.photo: one.scene.facts() for one in pictures}
    kept = {
        file: row for file, row in rows.items() if same and row["factors"] == facts.get(file) and _there(folder, row)
    }
    _remove(folder, [row[part] for file, row in rows.items() if file not in kept for part in ("file", "mask")])
    return kept


def _earlier(folder: Path) -> dict[str, Any] | None:
    """Return the truth of an earlier album; None without one, or where it names places that are not an album's."""
    try:
        found = read_truth(folder)
        own = all(OWN.fullmatch(row[part]) and row["factors"] for row in found["rows"] for part in ("file", "mask"))
    except (InputError, KeyError, TypeError):
        return None
    return found if own and {"settings", "axolens"} <= set(found) else None


def _strange(folder: Path, known: set[str], below: Iterable[str]) -> str | None:
    """Return a file below these folders that is not known."""
    for path in (path for part in below for path in (folder / part).rglob("*")):
        place = path.relative_to(folder).as_posix()
        if path.is_file() and place not in known and not path.name.startswith("."):
            return place
    return None


def _kind(settings: Mapping[str, Any], version: str) -> Row:
    """Return what decides how a picture's row looks: not how many there are."""
    return {**settings, "count": None, "axolens": version}


def _there(folder: Path, row: Row) -> bool:
    """Tell whether a row's files lie there with the pixels that it says."""
    try:
        with Image.open(folder / row["file"]) as image:
            pixels = np.asarray(image).tobytes()
    except (OSError, SyntaxError, ValueError):  # Pillow calls a broken PNG a SyntaxError
        return False
    return (folder / row["mask"]).is_file() and hashlib.sha256(pixels).hexdigest() == row["sha256"]


def _remove(folder: Path, places: Iterable[str]) -> None:
    """Take files away, and the folders of species that are left empty: a reader of classes stumbles over them."""
    for place in places:
        path = folder / place
        path.unlink(missing_ok=True)
        if path.parent.is_dir() and not any(path.parent.iterdir()):
            path.parent.rmdir()


def _write_truth(folder: Path, settings: Mapping[str, Any], rows: Iterable[Row], *, finished: bool) -> None:
    truth = {"schema": SCHEMA, "axolens": VERSION, "settings": dict(settings), "finished": finished}
    text = json.dumps({**truth, "rows": list(rows)}, indent=1, allow_nan=False)
    write_file(folder / TRUTH, lambda out: out.write(text.encode()))
