"""A folder of photos whose subfolders name the classes."""

import os
import re
from collections.abc import Iterator
from pathlib import Path

from axolens.errors import PhotoError
from axolens.photos.read import PIXEL_LIMIT, read
from axolens.records.photo import Photo
from axolens.records.study import Failure, Folder

SUFFIXES = (".jpg", ".jpeg", ".jfif", ".png", ".webp", ".bmp", ".tif", ".tiff", ".gif")


def list_photos(folder: str | Path) -> tuple[tuple[Path, str | None], ...]:
    """List the pictures below a folder with their true class: the name of the subfolder, or None.

    Parameters
    ----------
    folder
        Holds one subfolder a class, pictures, or both. Deeper subfolders belong to the top one; names that
        begin with a dot and files that are no pictures by their suffix are passed over.

    Returns
    -------
    tuple
        Path and class of each picture, in natural order (``cat2`` before ``cat10``).

    Raises
    ------
    PhotoError
        If there is no such folder, it cannot be opened, or it holds no picture.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as home:
    ...     for name in ("cat/10.png", "cat/2.png", "dog/old/1.JPG", "dog/notes.txt", "1.gif"):
    ...         path = Path(home, name)
    ...         path.parent.mkdir(parents=True, exist_ok=True)
    ...         path.touch()
    ...     for path, truth in list_photos(home):
    ...         print(path.relative_to(home).as_posix(), truth)
    1.gif None
    cat/2.png cat
    cat/10.png cat
    dog/old/1.JPG dog
    """
    root = Path(folder)
    _check_folder(root)
    pictures: list[tuple[Path, str | None]] = []
    for entry in _entries(root):
        if _is_folder(entry):
            seen = {root.resolve(), *root.resolve().parents}
            pictures += [(path, entry.name) for path in _below(Path(entry.path), seen)]
        elif _is_picture(entry):
            pictures.append((Path(entry.path), None))
    if not pictures:
        kinds = " ".join(SUFFIXES)
        raise PhotoError(str(root), expected="a folder with pictures", got="none", hint=f"Pictures end in {kinds}.")
    return tuple(pictures)


def read_folder(folder: str | Path, *, pixel_limit: int = PIXEL_LIMIT) -> Folder:
    """Read every picture below a folder; one that cannot be read is noted and the rest goes on.

    Parameters
    ----------
    folder
        Holds one subfolder a class, pictures, or both, as in ``list_photos``.
    pixel_limit
        Most pixels (width times height) that are accepted in one picture.

    Raises
    ------
    PhotoError
        If there is no such folder, it cannot be opened, or it holds no picture.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as home:
    ...     Path(home, "empty.png").touch()
    ...     [failure.photo for failure in read_folder(home).failures]
    ['empty.png']
    """
    photos: list[Photo] = []
    failures: list[Failure] = []
    for path, truth in list_photos(folder):
        try:
            photos.append(read(path, truth=truth, pixel_limit=pixel_limit))
        except PhotoError as error:
            failures.append(Failure(path.relative_to(folder).as_posix(), str(error)))
    return Folder(tuple(photos), tuple(failures))


def _below(folder: Path, seen: set[Path]) -> Iterator[Path]:
    # Linked folders are followed, each place once: a loop of links must end.
    place = folder.resolve()
    if place in seen:
        return
    seen.add(place)
    for entry in _entries(folder):
        if _is_folder(entry):
            yield from _below(Path(entry.path), seen)
        elif _is_picture(entry):
            yield Path(entry.path)


def _entries(folder: Path) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as found:
            return sorted((entry for entry in found if not entry.name.startswith(".")), key=_natural)
    except OSError as cause:
        got = f"the answer: {cause.strerror}"
        raise PhotoError(str(folder), expected="a folder that can be opened", got=got) from cause


def _natural(entry: os.DirEntry[str]) -> tuple[list[str | int], str]:
    parts = re.split(r"(\d+)", entry.name.casefold())
    return [int(part) if odd % 2 else part for odd, part in enumerate(parts)], entry.name


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a link to itself
        return False


def _is_picture(entry: os.DirEntry[str]) -> bool:
    return entry.name.lower().endswith(SUFFIXES)


def _check_folder(root: Path) -> None:
    if root.is_dir():
        return
    got = "a file" if root.exists() else "nothing at this path"
    raise PhotoError(str(root), expected="a folder of pictures", got=got)
