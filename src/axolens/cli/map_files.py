"""Anyone's maps as files: a folder of .npy, or one .npz, each map named like its picture."""

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path, PurePosixPath
from zipfile import BadZipFile

import numpy as np

from axolens.errors import InputError

Loader = Callable[[], np.ndarray]
BROKEN = (OSError, ValueError, EOFError, KeyError, BadZipFile, MemoryError)


def find_maps(place: Path) -> dict[str, Loader]:
    """Return what reads each map, by its name without ending.

    Parameters
    ----------
    place
        A folder, which is searched to its depths for .npy, or one .npz file.

    Returns
    -------
    maps
        A call reads one map and raises an ``InputError`` where it cannot be read; objects are never unpacked.

    Raises
    ------
    InputError
        If there is no map.

    Examples
    --------
    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> np.save(folder / "0000003.npy", np.eye(2))
    >>> {name: read().shape for name, read in find_maps(folder).items()}
    {'0000003': (2, 2)}
    """
    expected, found = "a folder of .npy files or one .npz file", {}
    if place.is_dir():
        for path in sorted(place.rglob("*.npy")):
            found[_plain(path.relative_to(place).as_posix())] = _reader(path)
    elif place.suffix.lower() != ".npz" or not place.is_file():
        raise InputError("MAPS", expected=expected, got=place)
    else:
        try:
            with np.load(place, allow_pickle=False) as archive:
                found = {_plain(name): _reader(place, name) for name in archive.files}
        except BROKEN as error:
            raise InputError("MAPS", expected="an .npz file of NumPy's", got=f"{place}: {error}") from None
    if not found:
        raise InputError("MAPS", expected=f"{expected}, a map a picture", got=f"{place}, which holds none")
    return found


def by_picture(maps: Mapping[str, Loader], pictures: Iterable[str]) -> tuple[dict[str, list[str]], list[str]]:
    """Return the names of the maps that belong to each picture, and those that belong to none.

    A map of ``photos/newt/0000003.png`` is called like it, or ``newt/0000003``, or ``0000003``.

    Examples
    --------
    >>> by_picture({"0000003": np.array, "x": np.array}, ["photos/newt/0000003.png"])
    ({'photos/newt/0000003.png': ['0000003']}, ['x'])
    """
    own: dict[str, list[str]] = {}
    for picture in pictures:
        steps = PurePosixPath(_plain(picture)).parts
        names = ("/".join(steps[start:]) for start in range(len(steps)))
        own[picture] = [name for name in names if name in maps]
    taken = {name for names in own.values() for name in names}
    return own, [name for name in maps if name not in taken]


def _plain(name: str) -> str:
    for ending in (".npy", ".png"):
        name = name.removesuffix(ending)
    return name


def _reader(place: Path, name: str | None = None) -> Loader:
    def read() -> np.ndarray:
        try:
            if name is None:
                return np.load(place, allow_pickle=False)
            with np.load(place, allow_pickle=False) as archive:
                return archive[name]
        except BROKEN as error:
            said = str(error).partition("\n")[0].rstrip(".")
            raise InputError("map", expected="an array of NumPy's", got=f"{name or place.name}: {said}") from None

    return read
