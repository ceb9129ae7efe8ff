"""What ignorance gets: maps that do not know this photo, to hold a map against."""

from collections.abc import Sequence
from functools import cache

import numpy as np
from jaxtyping import Float, Float32

from axolens.classifiers.counted import Counted
from axolens.maths.array import to_numpy
from axolens.methods.method import Method
from axolens.methods.nulls.matched import noise_as_smooth_as
from axolens.pond.picture import photo as drawn
from axolens.pond.sampling import sample
from axolens.records.photo import Photo
from axolens.records.target import Target
from axolens.scrutiny.cells import to_cells

Cells = Float[np.ndarray, "m r c"]
DRAWN_SIZE = 128
NEAR = 1  # cells: a copy moved by no more is the map itself


def smooth_noise(own: Float[np.ndarray, "r c"], count: int, rng: np.random.Generator) -> Cells:
    """Return maps of noise as smooth as a map."""
    return np.stack([noise_as_smooth_as(own, rng).astype(np.float64) for _ in range(count)])


def moved_copies(own: Float[np.ndarray, "r c"], count: int, rng: np.random.Generator) -> Cells:
    """Return a map mirrored, turned by half and moved by up to a quarter of each side: its shape without its place.

    They stand in where the method's maps of other photos cannot be had. None lies where the map itself lies, and none
    far off: photographers put things in the middle, so copies from the rim would be no match for another photo's map.

    Parameters
    ----------
    own
        (r, c).
    count
        How many, each other than the map as long as it has no symmetry.
    rng
        Draws the moves.
    """
    down, right = (range(-reach, reach + 1) for reach in (max(1, own.shape[0] // 4), max(1, own.shape[1] // 4)))
    moves = [(d, r, turn) for d in down for r in right for turn in range(4) if turn or max(abs(d), abs(r)) > NEAR]
    chosen = rng.choice(len(moves), min(count, len(moves)), replace=False)
    return np.stack([_moved(own, *moves[one]) for one in chosen])


def _moved(own: Float[np.ndarray, "r c"], down: int, right: int, turn: int) -> Float[np.ndarray, "r c"]:
    turned = (own, own[::-1], own[:, ::-1], own[::-1, ::-1])[turn]
    return np.roll(turned, (down, right), axis=(0, 1))


def swapped_maps(
    model: Counted,
    method: Method,
    images: Float32[np.ndarray, "n h w 3"],
    cells: tuple[int, int],
    rngs: Sequence[np.random.Generator],
) -> Cells:
    """Return the same method's maps of other photos, each for what the model answers there.

    They know the model, the method's habits and where photographers put things, and nothing of this photo.

    Parameters
    ----------
    model, method
        As they made the map that is judged.
    images
        The other photos on the network grid.
    cells
        The grid of cells.
    rngs
        One generator a photo.
    """
    found, size = [], max(1, 32 * 224 * 224 // (images.shape[1] * images.shape[2]))
    for start in range(0, len(images), size):
        batch = model.asarray(images[start : start + size])
        asked = [[one] for one in answered(model, batch)]
        raw = method.attribute(model, batch, asked, list(rngs[start : start + size]))
        found += [to_cells(np.nan_to_num(one[0].astype(np.float64)), cells) for one in to_numpy(raw.maps)]
    return np.stack(found)


def answered(model: Counted, batch: object) -> list[Target]:
    """Return the class that the model names on each image, as a question."""
    return [model.labels.resolve(Target(int(one))) for one in to_numpy(model.scores(batch)).argmax(axis=1)]


@cache
def drawn_photos(count: int) -> tuple[Photo, ...]:
    """Return pictures of the built-in world, which serve where there are no other photos."""
    return tuple(drawn(sample(3_000_000 + place), DRAWN_SIZE, name=f"drawing {place + 1}") for place in range(count))
