"""RISE: smooth random masks, and what the score has in common with each place of them."""

from typing import NamedTuple

import numpy as np
from array_api_compat import array_namespace
from jaxtyping import Float32

from axolens.maths.array import Array


class Sums(NamedTuple):
    """Running sums over N masks: of m, m², f and f·m, at each place and for each of q scores."""

    number: int
    masks: Array
    squares: Array
    scores: Array
    products: Array


def gathered(masks: Float32[Array, "n h w"], scores: Float32[Array, "n q"]) -> Sums:
    """Return the sums over n masks."""
    xp = array_namespace(masks, scores)
    flat = xp.reshape(masks, (masks.shape[0], -1))
    products = xp.matmul(xp.permute_dims(scores, (1, 0)), flat)
    return Sums(masks.shape[0], xp.sum(flat, axis=0), xp.sum(flat * flat, axis=0), xp.sum(scores, axis=0), products)


def added(one: Sums, other: Sums) -> Sums:
    """Return the sums over both."""
    return Sums(*(first + second for first, second in zip(one, other, strict=True)))


def covariance_form(sums: Sums) -> Float32[Array, "q p"]:
    """Return Σ(f − f̄)(m − m̄)/Σ(m − m̄)² at each place: the slope of the score on how visible the place is.

    Notes
    -----
    The paper's Σ f·m/(N·p) gives a constant model a map; this one gives it none.
    """
    xp = array_namespace(sums.masks)
    mean = sums.masks / sums.number
    shared = sums.products - sums.scores[:, None] * mean[None, :]
    spread = sums.squares - sums.masks * mean
    return shared / xp.where(spread > 0, spread, xp.ones_like(spread))[None, :]


def paper_form(sums: Sums, visible: float) -> Float32[Array, "q p"]:
    """Return Σ f·m/(N·p), equation 6 of RISE (arXiv:1806.07421)."""
    return sums.products / (sums.number * visible)


def stretched(
    grids: Float32[Array, "n c d"], rows: Float32[Array, "n h c"], columns: Float32[Array, "n w d"]
) -> Float32[Array, "n h w"]:
    """Return grids enlarged bilinearly: rows · grid · columnsᵀ."""
    xp = array_namespace(grids)
    return xp.matmul(xp.matmul(rows, grids), xp.permute_dims(columns, (0, 2, 1)))


def interpolation(size: int, cells: int, shifts: np.ndarray) -> Float32[np.ndarray, "n l c"]:
    """Return for each shift the weights of cells + 2 grid points at each of ``size`` pixels; rows sum to 1.

    Parameters
    ----------
    size, cells
        Pixels of a side, and cells of the grid along it.
    shifts
        (n,) in [0, 1), shares of a cell: each mask has its own.

    Examples
    --------
    >>> interpolation(2, 1, np.array([0.5]))[0].tolist()  # pixels at 1/4 and 3/4 of a cell, moved by a half
    [[0.25, 0.75, 0.0], [0.0, 0.75, 0.25]]
    """
    place = (np.arange(size) + 0.5)[None] * cells / size + np.asarray(shifts)[:, None]
    return np.maximum(0, 1 - np.abs(place[..., None] - np.arange(cells + 2))).astype(np.float32)
