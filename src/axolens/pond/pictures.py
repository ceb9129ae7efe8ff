"""Many scenes at once, on the grid of the networks, drawn by as many processes as there are cores."""

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from functools import partial
from itertools import islice

import numpy as np
from jaxtyping import UInt8

from axolens.photos.resize import to_network
from axolens.pond.picture import photo
from axolens.pond.pool import spread
from axolens.pond.scene import Scene
from axolens.records.preprocess import Preprocess

CHUNK = 64
MANY = 400  # pictures from which on it pays to start other processes
PREPROCESS = Preprocess(size=(64, 64), mean=(0.5, 0.5, 0.5), std=(0.25, 0.25, 0.25))
"""What every network of the pond takes."""


def network_pixels(
    scene_at: Callable[[int], Scene], seeds: Sequence[int], *, workers: int | None = None
) -> Iterator[UInt8[np.ndarray, "n h w 3"]]:
    """Draw the scenes of many seeds and bring them to the networks' grid, a chunk at a time and in order.

    Parameters
    ----------
    scene_at
        From a seed to a scene; a function of a module, or a partial of one, as it travels to other processes.
    seeds
        The seeds, in the order wanted.
    workers
        Number of processes; by default one a core where it pays. 1 draws in this process.

    Yields
    ------
    pixels
        (n, 64, 64, 3) uint8: exactly what a classifier sees of ``photo(scene)``.

    Examples
    --------
    >>> from axolens.pond import sample
    >>> [chunk.shape for chunk in network_pixels(sample, range(3), workers=1)]
    [(3, 64, 64, 3)]
    """
    count = workers or (1 if len(seeds) < MANY else os.cpu_count() or 1)
    with closing(spread(partial(_grid, scene_at), seeds, count)) as grids:
        while chunk := list(islice(grids, CHUNK)):
            yield np.stack(chunk)


def _grid(scene_at: Callable[[int], Scene], seed: int) -> UInt8[np.ndarray, "h w 3"]:
    return np.rint(to_network(photo(scene_at(seed)), PREPROCESS) * 255).astype(np.uint8)
