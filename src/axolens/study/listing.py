"""The files of a folder whose methods are compared, before any is read: copies as one, each in its group."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from axolens.errors import InputError
from axolens.photos.folder import list_photos
from axolens.records.study import Failure
from axolens.study.groups import groups_of

FEWEST = 6
"""Groups of photos below which no p by sign flips reaches 0.05."""


@dataclass(frozen=True, slots=True)
class Listed:
    """One file of the folder, not read yet; copies of one file are named together, since they count once."""

    path: Path
    names: tuple[str, ...]
    digest: str
    group: int


def listed(folder: Path) -> tuple[list[Listed], list[Failure]]:
    """Return the files below a folder, copies as one, and those that cannot be opened."""
    found, failures = [], []
    for path, _ in list_photos(folder):
        name = path.relative_to(folder).as_posix()
        try:
            with path.open("rb") as stream:
                found.append((path, name, hashlib.file_digest(stream, "sha256").hexdigest()))
        except OSError as error:
            failures.append(Failure(name, f"{path}: {error.strerror or 'it cannot be opened'}."))
    groups = groups_of([(name, digest) for _, name, digest in found])
    files: dict[str, Listed] = {}
    for (path, name, digest), group in zip(found, groups, strict=True):
        earlier = files.get(digest)
        files[digest] = (
            Listed(path, (name,), digest, group) if earlier is None else replace(earlier, names=(*earlier.names, name))
        )
    return list(files.values()), failures


def check_groups(files: Sequence[Listed], failures: Sequence[Failure], folder: str | Path) -> None:
    """Refuse files of too few groups.

    Raises
    ------
    InputError
        If there are fewer than six.
    """
    count = len({file.group for file in files})
    if count < FEWEST:
        expected = f"photos of at least {FEWEST} groups that can be used"
        told = "Photos of one individual, a subfolder of a class, are one group; so are copies."
        hint = f"{failures[0].error} {told}" if failures else told
        raise InputError(f"folder {folder}", expected=expected, got=f"{count}", hint=hint)
