"""Marks at the border of a picture, found by pixels: flat corners, bars and frames that end at an edge."""

import warnings
from collections.abc import Iterator

import numpy as np
from jaxtyping import Bool, Float
from scipy.ndimage import binary_dilation, label, median_filter
from skimage.color import rgb2lab

from axolens.diagnosis.factors.factor import Picture, Pixels, remembered

Region = Bool[np.ndarray, "h w"]
ALIKE = 12.0
"""Largest distance in Lab within a mark."""
EDGE = 18.0
"""Least distance in Lab to most of what lies around it."""
SMALLEST, LARGEST = 0.003, 0.3
THICKEST = 0.3
FULL = 0.75


@remembered
def marks(picture: Picture) -> tuple[Region, ...]:
    """Return the marks of a picture, each (h, w) True on it, found where a patch at the border is flat and boxy.

    Examples
    --------
    >>> pixels = np.random.default_rng(0).uniform(0.3, 0.6, (48, 48, 3)).astype(np.float32)
    >>> len(marks(Picture(pixels)))
    0
    >>> pixels[:8, :8] = [0.9, 0.1, 0.1]
    >>> [int(mark.sum()) for mark in marks(Picture(pixels))]
    [64]
    """
    return tuple(found(picture.pixels, picture.mask))


def marked(picture: Picture) -> Region:
    """Return (h, w), True on any mark of a picture."""
    return np.logical_or.reduce([np.zeros(picture.pixels.shape[:2], bool), *marks(picture)])


def found(pixels: Pixels, mask: Region | None = None) -> Iterator[Region]:
    """Yield the marks of a picture; pixels of the object belong to none."""
    rows, columns = pixels.shape[:2]
    if min(rows, columns) < 3:
        return
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        lab = rgb2lab(median_filter(pixels, (3, 3, 1), mode="nearest"))
    free = np.ones((rows, columns), bool) if mask is None else ~mask
    taken = np.zeros((rows, columns), bool)
    for row, column in _starts(rows, columns):
        if taken[row, column] or not free[row, column]:
            continue
        away = np.sqrt(((lab - np.median(lab[_near(row, column)], axis=(0, 1))) ** 2).sum(-1))
        parts, _ = label((away <= ALIKE) & free)
        region = parts == parts[row, column]
        if parts[row, column] and _is_mark(region, away, free):
            taken |= region
            yield _completed(region)


def _starts(rows: int, columns: int) -> Iterator[tuple[int, int]]:
    """Yield the corners of a picture, then places along its sides, a little inside."""
    shares = (0.0, 1.0, 0.5, 0.25, 0.75)
    places = [(down, across) for down in shares for across in shares if {down, across} & {0.0, 1.0}]
    for down, across in sorted(places, key=lambda place: -len({0.0, 1.0}.intersection(place)) - (place[0] == place[1])):
        yield 1 + round(down * (rows - 3)), 1 + round(across * (columns - 3))


def _near(row: int, column: int) -> tuple[slice, slice]:
    return slice(row - 1, row + 2), slice(column - 1, column + 2)


def _is_mark(region: Region, away: Float[np.ndarray, "h w"], free: Region) -> bool:
    """Say whether a region is of a mark's size, boxy or a frame, and ends at an edge."""
    share = float(region.mean())
    if not SMALLEST <= share <= LARGEST:
        return False
    around = binary_dilation(region, iterations=3) & ~binary_dilation(region, iterations=1) & free
    if not around.any() or float((away[around] > EDGE).mean()) < FULL:
        return False
    whole = _completed(region)
    return float(whole.mean()) <= LARGEST and float(region.sum()) >= FULL * float((whole & free).sum())


def _completed(region: Region) -> Region:
    """Return the box around a region, or the frame of its thickness where it reaches all four sides."""
    down, across = np.flatnonzero(region.any(1)), np.flatnonzero(region.any(0))
    whole = np.zeros_like(region)
    rows, columns = region.shape
    if down[0] == across[0] == 0 and down[-1] == rows - 1 and across[-1] == columns - 1:
        half = (rows + columns) / 2
        thick = max(1, round((half - np.sqrt(max(half**2 - region.sum(), 0.0))) / 2))
        whole[:thick] = whole[-thick:] = whole[:, :thick] = whole[:, -thick:] = True
        return whole
    box = slice(down[0], down[-1] + 1), slice(across[0], across[-1] + 1)
    thin = min((down[-1] - down[0] + 1) / rows, (across[-1] - across[0] + 1) / columns)
    whole[box] = True
    return whole if thin <= THICKEST else np.ones_like(region)
