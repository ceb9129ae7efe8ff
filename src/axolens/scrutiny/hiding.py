"""What a model says of a photo when cells are hidden, under more than one fill."""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Bool, Float32

from axolens.classifiers.counted import Counted
from axolens.maths.array import Array, to_numpy
from axolens.maths.imputation import imputed
from axolens.methods.passes import in_passes, pass_size
from axolens.photos.fill import check_fill, fill_image
from axolens.photos.resize import enlarge
from axolens.records.segments import Segments
from axolens.scrutiny.cells import to_cells, to_pixels

IMPUTED = "imputed"
FILLS = ("blur", IMPUTED)
"""What is seen in the place of hidden cells: the photo blurred, and what is left of the photo drawn in over them."""
NOISE = 0.01  # standard deviation on imputed pixels, as a share of white


def check_fills(fills: Sequence[str]) -> None:
    """Refuse a fill that cannot be made.

    Raises
    ------
    InputError
        If it is none of ``FILLS``, of ``axolens.photos.fill.FILLS`` and no colour.
    """
    for fill in fills:
        if fill != IMPUTED:
            check_fill(fill)


def hidden_answers(
    model: Counted,
    image: Float32[np.ndarray, "h w 3"],
    masks: Bool[np.ndarray, "t r c"],
    fill: str,
    rng: np.random.Generator,
) -> Float32[np.ndarray, "t k"]:
    """Return all classes' scores with cells hidden, one row a mask; t images forward.

    Parameters
    ----------
    model
        The classifier that is asked.
    image
        (h, w, 3) on the network grid, display space.
    masks
        (t, r, c), True where a cell is hidden.
    fill
        One of ``FILLS``, of ``axolens.photos.fill.FILLS``, or a colour.
    rng
        Draws the noise on imputed pixels.
    """
    size = image.shape[:2]
    seen = model.asarray(image)
    whole = Segments(np.zeros(size, np.int32), "whole")
    plain = None if fill == IMPUTED else model.asarray(fill_image(image, whole, fill, model.preprocess))
    noise = rng.normal(0, NOISE, image.shape).astype(np.float32)
    coarse = np.stack([to_cells(image[..., c], masks.shape[1:]) for c in range(3)], axis=-1).astype(np.float32)

    def ask(start: int, stop: int) -> Array:
        visible = ~to_pixels(masks[start:stop], size)
        if plain is not None:
            return model.blended_scores(seen, plain, model.asarray(visible))
        pairs = zip(visible, masks[start:stop], strict=True)
        copies = [np.where(shown[..., None], image, _guessed(image, coarse, mask, noise)) for shown, mask in pairs]
        return model.scores(model.asarray(np.stack(copies).astype(np.float32)))

    passes = in_passes(len(masks), pass_size(seen), ask)
    return np.concatenate([to_numpy(scores) for scores in passes]).astype(np.float32)


def _guessed(
    image: Float32[np.ndarray, "h w 3"],
    coarse: Float32[np.ndarray, "r c 3"],
    mask: Bool[np.ndarray, "r c"],
    noise: Float32[np.ndarray, "h w 3"],
) -> Float32[np.ndarray, "h w 3"]:
    """Return the picture that is seen at hidden cells: guessed on the grid of cells, brought to size, and noisy."""
    guess = imputed(coarse, mask)
    found = np.stack([enlarge(guess[..., c], image.shape[:2]) for c in range(3)], axis=-1)
    return np.clip(found + noise, 0, 1).astype(np.float32)
