"""Which photos of a folder are independent of each other, and whose map each is held against."""

from collections.abc import Sequence
from pathlib import PurePosixPath

import numpy as np
from jaxtyping import Float


def individual(name: str) -> str | None:
    """Return the individual that a photo shows: the subfolder of its class's folder, or None where there is none.

    Examples
    --------
    >>> individual("axolotl/tom/1.jpg"), individual("axolotl/1.jpg")
    ('axolotl/tom', None)
    """
    parent = PurePosixPath(name).parent
    return parent.as_posix() if len(parent.parts) > 1 else None


def groups_of(photos: Sequence[tuple[str, str]]) -> tuple[int, ...]:
    """Return the group of each photo, numbered as they first occur: photos of one individual, and copies of one file.

    Parameters
    ----------
    photos
        The name below the folder and the digest of the bytes of each.

    Examples
    --------
    Two photos of tom are one group; a copy of one of them elsewhere belongs to it too.

    >>> groups_of([("cat/tom/1.jpg", "a"), ("cat/2.jpg", "b"), ("cat/tom/3.jpg", "c"), ("cat/4.jpg", "c")])
    (0, 1, 0, 0)
    """
    leads: dict[str, str] = {}

    def lead(key: str) -> str:
        while leads[key] != key:
            key = leads[key]
        return key

    for name, digest in photos:
        own = individual(name)
        keys = [f"file {digest}"] if own is None else [f"file {digest}", f"individual {own}"]
        for key in keys:
            leads.setdefault(key, key)
        leads[lead(keys[-1])] = lead(keys[0])
    numbers: dict[str, int] = {}
    return tuple(numbers.setdefault(lead(f"file {digest}"), len(numbers)) for _, digest in photos)


def lenders_in(groups: Sequence[int]) -> tuple[int, ...]:
    """Return for each photo the place of the next one of another group; after the last comes the first.

    Examples
    --------
    >>> lenders_in([0, 0, 1, 2])
    (2, 2, 3, 0)
    """
    count = len(groups)
    found = []
    for place, own in enumerate(groups):
        following = ((place + step) % count for step in range(1, count))
        found.append(next(other for other in following if groups[other] != own))
    return tuple(found)


def group_means(found: Float[np.ndarray, "n q m"], groups: Sequence[int]) -> Float[np.ndarray, "g q m"]:
    """Return the mean over each group's photos, in the order in which groups first occur.

    Examples
    --------
    >>> group_means(np.array([[[1.0]], [[4.0]], [[3.0]]]), [7, 2, 7]).ravel()
    array([2., 4.])
    """
    places = np.array(groups)
    return np.stack([found[places == one].mean(axis=0) for one in dict.fromkeys(groups)])
