"""Which regions are visible in which image: coin flips, and designs in which every pair of regions is balanced."""

from functools import lru_cache
from itertools import count

import numpy as np
from jaxtyping import Bool, Int

Design = Bool[np.ndarray, "t s"]


def coin_flips(rng: np.random.Generator, samples: int, regions: int) -> Design:
    """Return masks in which every region is visible by an independent fair coin."""
    return rng.random((samples, regions)) < 0.5


def balanced_block(rng: np.random.Generator, regions: int) -> Design:
    """Return a randomised Plackett-Burman design with its fold-over: (2·n, s) masks, n = ``block_order(s)``.

    Every mask has its complement, which takes all even orders of interaction out of a linear fit; within each half any
    two regions are together visible, together hidden and apart equally often. Which column of the Hadamard matrix a
    region gets, and which sign, is drawn: each mask by itself is s fair coins.

    Parameters
    ----------
    rng
        Draws columns and signs.
    regions
        Number of regions s, at least 1.

    Notes
    -----
    Plackett and Burman (1946), doi:10.1093/biomet/33.4.305; fold-over: Box and Wilson (1951).

    Examples
    --------
    >>> keep = balanced_block(np.random.default_rng(0), 5)
    >>> keep.shape, keep.mean(axis=0).tolist(), bool((keep[8:] == ~keep[:8]).all())
    ((16, 5), [0.5, 0.5, 0.5, 0.5, 0.5], True)
    """
    matrix = hadamard(block_order(regions))
    columns = 1 + np.argsort(rng.random(len(matrix) - 1))[:regions]
    visible = (matrix * matrix[:, :1])[:, columns] > 0
    half = visible ^ (rng.random(regions) < 0.5)
    return np.concatenate([half, ~half])


def block_order(regions: int) -> int:
    """Return the least order of a Hadamard matrix that we can build with more columns than there are regions.

    Examples
    --------
    >>> block_order(1), block_order(39), block_order(48)  # 52 is not built here
    (2, 40, 56)
    """
    return next(order for order in count(regions + 1) if _buildable(order))


@lru_cache(maxsize=32)
def hadamard(order: int) -> Int[np.ndarray, "n n"]:
    """Return a matrix of ±1 with orthogonal columns, by Paley's constructions and doubling.

    Notes
    -----
    Paley (1933), doi:10.1002/sapm1933121311.

    Examples
    --------
    >>> bool((hadamard(12).T @ hadamard(12) == 12 * np.eye(12)).all())
    True
    """
    if order == 1:
        return np.ones((1, 1), np.int64)
    if _prime(order - 1) and order % 4 == 0:
        return _conference(order - 1, skew=True) + np.eye(order, dtype=np.int64)
    if order % 4 == 0 and _prime(order // 2 - 1) and (order // 2 - 1) % 4 == 1:
        core = _conference(order // 2 - 1, skew=False)
        return np.kron(core, [[1, 1], [1, -1]]) + np.kron(np.eye(order // 2, dtype=np.int64), [[1, -1], [-1, -1]])
    return np.kron([[1, 1], [1, -1]], hadamard(order // 2))


def _buildable(order: int) -> bool:
    if order in (1, 2):
        return True
    if order % 4:
        return False
    half = order // 2
    return _prime(order - 1) or (half % 4 == 2 and _prime(half - 1)) or (half % 2 == 0 and _buildable(half))


def _conference(q: int, *, skew: bool) -> Int[np.ndarray, "n n"]:
    """Return the q + 1 by q + 1 matrix of quadratic residues with its border."""
    residue = np.full(q, -1, np.int64)
    residue[np.arange(1, q) ** 2 % q] = 1
    residue[0] = 0
    places = np.arange(q)
    matrix = np.ones((q + 1, q + 1), np.int64)
    matrix[0, 0] = 0
    matrix[1:, 0] = -1 if skew else 1
    matrix[1:, 1:] = residue[(places[None] - places[:, None]) % q]
    return matrix


def _prime(number: int) -> bool:
    return number > 1 and all(number % divisor for divisor in range(2, int(number**0.5) + 1))
