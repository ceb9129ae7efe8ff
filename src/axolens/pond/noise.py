"""Random fields: smooth noise on a lattice, cells around scattered points, and the camera's noise.

Only sums, products, quotients, floors and comparisons of float64, which give the same bits on every processor.
"""

import numpy as np
from numpy.typing import NDArray

Plane = NDArray[np.float64]


def generator(*seed: int) -> np.random.Generator:
    """Return the generator that belongs to a row of whole numbers of at least 0.

    Examples
    --------
    >>> int(generator(3, 1).integers(1000)) == int(generator(3, 1).integers(1000))
    True
    """
    return np.random.Generator(np.random.PCG64(seed))


def eased(share: Plane) -> Plane:
    """Return shares 0..1 with a slope of nothing at both ends.

    Examples
    --------
    >>> eased(np.array([0.0, 0.5, 1.0])).tolist()
    [0.0, 0.5, 1.0]
    """
    return share * share * (3.0 - 2.0 * share)


def step(values: Plane, low: float, high: float) -> Plane:
    """Return 0 below ``low``, 1 above ``high``, and a smooth rise between.

    Examples
    --------
    >>> step(np.array([0.0, 1.5, 9.0]), 1.0, 2.0).tolist()
    [0.0, 0.5, 1.0]
    """
    return eased(np.minimum(np.maximum((values - low) * (1.0 / (high - low)), 0.0), 1.0))


def field(rng: np.random.Generator, size: int, down: float, across: float) -> Plane:
    """Return smooth noise in 0..1 over a square of ``size`` pixels.

    Parameters
    ----------
    rng
        Draws the lattice.
    size
        Height and width, in pixels; the same lattice is stretched over every size.
    down, across
        Number of lattice cells along the height and the width.

    Examples
    --------
    >>> field(generator(1), 16, 4.0, 4.0).shape
    (16, 16)
    """
    lattice = rng.random((int(down) + 2, int(across) + 2))
    row, fall = _cells(size, down)
    column, drift = _cells(size, across)
    rows = lattice[row] * (1.0 - fall)[:, None] + lattice[row + 1] * fall[:, None]
    return rows[:, column] * (1.0 - drift) + rows[:, column + 1] * drift


def _cells(size: int, count: float) -> tuple[NDArray[np.int64], Plane]:
    position = (np.arange(size) + 0.5) * (count / size)
    index = np.floor(position)
    return index.astype(np.int64), eased(position - index)


def octaves(rng: np.random.Generator, size: int, cells: float, count: int) -> Plane:
    """Return ``count`` layers of smooth noise in 0..1, each of half the weight and twice as fine.

    Examples
    --------
    >>> bool(octaves(generator(1), 16, 3.0, 3).max() <= 1.0)
    True
    """
    total, weight, whole = np.zeros((size, size)), 1.0, 0.0
    for _ in range(count):
        total += field(rng, size, cells, cells) * weight
        whole, weight, cells = whole + weight, weight * 0.5, cells * 2.03
    return total * (1.0 / whole)


def solid(rng: np.random.Generator, x: Plane, y: Plane, z: Plane) -> Plane:
    """Return smooth noise in 0..1 at points in space, one lattice cell per unit, repeating every 16.

    Examples
    --------
    >>> at = np.array([0.5, 16.5])
    >>> a, b = solid(generator(1), at, at, at)
    >>> bool(a == b)
    True
    """
    lattice = rng.random(4096)
    (ix, fx), (iy, fy), (iz, fz) = (_wrapped(values) for values in (x, y, z))
    total = np.zeros_like(x)
    for dx, wx in ((0, 1.0 - fx), (1, fx)):
        for dy, wy in ((0, 1.0 - fy), (1, fy)):
            column = ((ix + dx) & 15) * 256 + ((iy + dy) & 15) * 16
            low, high = lattice[column + iz], lattice[column + ((iz + 1) & 15)]
            total += wx * wy * (low * (1.0 - fz) + high * fz)
    return total


def _wrapped(values: Plane) -> tuple[NDArray[np.int64], Plane]:
    index = np.floor(values)
    return index.astype(np.int64) & 15, eased(values - index)


def cells(rng: np.random.Generator, size: int, count: int) -> tuple[Plane, Plane, NDArray[np.int64]]:
    """Return, for points scattered one to a cell, the distance to the nearest, how much farther the next, and which.

    Parameters
    ----------
    rng
        Scatters the points.
    size
        Height and width, in pixels.
    count
        Number of cells along each side; distances are in cells.

    Examples
    --------
    >>> near, gap, which = cells(generator(1), 16, 4)
    >>> bool((gap >= 0).all())
    True
    """
    points = rng.random((2, count + 2, count + 2)) * 0.8 + 0.1
    position = (np.arange(size) + 0.5) * (count / size) + 1.0
    index = np.floor(position).astype(np.int64)
    first, second = np.full((size, size), 9.0), np.full((size, size), 9.0)
    which = np.zeros((size, size), np.int64)
    for dy in (-1, 0, 1):
        for dx in (-1, 0, 1):
            rows, columns = index + dy, index + dx
            names = (rows * (count + 2))[:, None] + columns
            at = points.reshape(2, -1)[:, names]
            down = at[0] + (rows - position)[:, None]
            across = at[1] + (columns - position)
            square = down * down + across * across
            second = np.minimum(second, np.maximum(first, square))
            which = np.where(square < first, names, which)
            first = np.minimum(first, square)
    near = np.sqrt(first)
    return near, np.sqrt(second) - near, which


def grain(seed: int, size: int) -> NDArray[np.float64]:
    """Return the camera's noise: (3, size, size), mean 0, standard deviation 1, of this seed only.

    Examples
    --------
    >>> bool(abs(grain(1, 64).std() - 1.0) < 0.02)
    True
    """
    rng = generator(seed)
    # The sum of two uniform numbers has the variance 1/6.
    return (rng.random((3, size, size)) + rng.random((3, size, size)) - 1.0) * 2.449489742783178
