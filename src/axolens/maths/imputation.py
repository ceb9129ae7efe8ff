"""Hidden pixels guessed from what is left around them."""

from functools import lru_cache
from typing import Any

import numpy as np
from jaxtyping import Bool, Float, Float32
from scipy.sparse import coo_matrix, diags
from scipy.sparse.linalg import spsolve

DIRECT, DIAGONAL = 1 / 6, 1 / 12
STEPS = tuple((down, right) for down in (-1, 0, 1) for right in (-1, 0, 1) if (down, right) != (0, 0))


def imputed(
    image: Float32[np.ndarray, "h w c"],
    hidden: Bool[np.ndarray, "h w"],
    noise: Float[np.ndarray, "h w c"] | None = None,
) -> Float32[np.ndarray, "h w c"]:
    """Return the image with each hidden pixel the weighted mean of its neighbours, hidden ones among them.

    Parameters
    ----------
    image
        (h, w, c) in [0, 1].
    hidden
        (h, w), True where a pixel is to be guessed; where all are, the image's mean colour is what is left.
    noise
        (h, w, c) added to hidden pixels, so that a guess is not told apart by being smooth; None adds none.

    Returns
    -------
    image
        (h, w, c) in [0, 1]; what is not hidden stays as it is.

    Notes
    -----
    Noisy linear imputation of ROAD, Rong et al. (2022), arXiv:2202.00449: a neighbour on a side weighs 1/6, at a corner
    1/12, and at the border of the picture the weights of those that exist are scaled to 1. One sparse system a mask.

    Examples
    --------
    One hidden pixel between 0.2 above and below and 0.8 on both sides, corners black: (0.2 + 0.2 + 0.8 + 0.8)/6.

    >>> image = np.array([[0, 0.2, 0], [0.8, 1, 0.8], [0, 0.2, 0]], np.float32)[..., None]
    >>> round(float(imputed(image, np.eye(3, dtype=bool) & (np.arange(3) == 1))[1, 1, 0]), 4)
    0.3333
    """
    if not hidden.any():
        return image
    if hidden.all():
        guessed = np.broadcast_to(image.mean(axis=(0, 1), dtype=np.float64), (hidden.size, image.shape[2]))
    else:
        guessed = _solved(image, hidden)
    found = image.copy()
    found[hidden] = guessed if noise is None else guessed + noise[hidden]
    return np.clip(found, 0, 1)


def _solved(image: Float32[np.ndarray, "h w c"], hidden: Bool[np.ndarray, "h w"]) -> Float[np.ndarray, "m c"]:
    """Solve: a pixel times its neighbours' weights, less the hidden ones of these, is the sum of the known ones."""
    system, away = _neighbours(*hidden.shape), hidden.ravel()
    rows = system[away]
    known = -rows[:, ~away] @ image.reshape(away.size, -1)[~away].astype(np.float64)
    return spsolve(rows[:, away].tocsc(), known).reshape(int(away.sum()), -1)


@lru_cache(maxsize=8)
def _neighbours(height: int, width: int) -> Any:
    """Return the weights of every pixel's neighbours, negative, and their sum on the diagonal."""
    places = np.arange(height * width).reshape(height, width)
    ones, others, weights = [], [], []
    for down, right in STEPS:
        here = places[max(0, -down) : height - max(0, down), max(0, -right) : width - max(0, right)]
        ones.append(here.ravel())
        others.append((here + down * width + right).ravel())
        weights.append(np.full(here.size, DIAGONAL if down and right else DIRECT))
    entries = (np.concatenate(weights), (np.concatenate(ones), np.concatenate(others)))
    joined = coo_matrix(entries, shape=(places.size, places.size)).tocsr()
    return (diags(np.asarray(joined.sum(axis=1)).ravel()) - joined).tocsr()
