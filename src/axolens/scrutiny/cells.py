"""The cells in which places are hidden: one coarse grid for every map, so that all are compared at one smoothness."""

import numpy as np
from jaxtyping import Bool, Float, Int
from scipy.ndimage import map_coordinates

SHORT_SIDE = 14  # cells: as fine as most layers that are read, and coarse enough to hide more than texture


def grid_of(size: tuple[int, int]) -> tuple[int, int]:
    """Return rows and columns of cells on a network grid, 14 on its shorter side, none smaller than a pixel.

    Examples
    --------
    >>> grid_of((224, 224)), grid_of((112, 224)), grid_of((4, 8))
    ((14, 14), (14, 28), (4, 8))
    """
    short = min(size)
    rows, columns = (max(1, min(side, round(min(SHORT_SIDE, short) * side / short))) for side in size)
    return rows, columns


def to_cells(values: Float[np.ndarray, "h w"], cells: tuple[int, int]) -> Float[np.ndarray, "r c"]:
    """Return a map on another grid over the same picture: averaged where it is finer, interpolated where coarser.

    Parameters
    ----------
    values
        (h, w) of any resolution.
    cells
        Rows and columns.

    Examples
    --------
    >>> to_cells(np.array([[0.0, 2.0, 4.0, 6.0]]), (1, 2)).tolist(), to_cells(np.array([[0.0, 4.0]]), (1, 4)).tolist()
    ([[1.0, 5.0]], [[0.0, 1.0, 3.0, 4.0]])
    """
    found = np.asarray(values, np.float64)
    for axis, count in enumerate(cells):
        found = _averaged(found, count, axis) if found.shape[axis] >= count else _interpolated(found, count, axis)
    return found


def cell_of(size: tuple[int, int], cells: tuple[int, int]) -> tuple[Int[np.ndarray, "h 1"], Int[np.ndarray, "1 w"]]:
    """Return each pixel's row and column of cells, ready to index a cell map with.

    Examples
    --------
    >>> np.array([[5, 6]])[cell_of((2, 4), (1, 2))].tolist()
    [[5, 5, 6, 6], [5, 5, 6, 6]]
    """
    rows, columns = (np.arange(side) * count // side for side, count in zip(size, cells, strict=True))
    return rows[:, None], columns[None]


def to_pixels(masks: Bool[np.ndarray, "t r c"], size: tuple[int, int]) -> Bool[np.ndarray, "t h w"]:
    """Return masks of cells as masks of pixels."""
    return masks[(slice(None), *cell_of(size, masks.shape[1:]))]


def _averaged(values: Float[np.ndarray, "h w"], count: int, axis: int) -> Float[np.ndarray, "r c"]:
    side = values.shape[axis]
    starts = -(-np.arange(count) * side // count)  # the first place whose cell this is, as ``cell_of`` counts
    sums = np.add.reduceat(values, starts, axis=axis)
    widths = np.diff(np.append(starts, side))
    return sums / (widths[:, None] if axis == 0 else widths[None])


def _interpolated(values: Float[np.ndarray, "h w"], count: int, axis: int) -> Float[np.ndarray, "r c"]:
    places = (np.arange(count) + 0.5) * values.shape[axis] / count - 0.5
    grid = [np.arange(side, dtype=np.float64) for side in values.shape]
    grid[axis] = places
    return map_coordinates(values, np.meshgrid(*grid, indexing="ij"), order=1, mode="nearest")
