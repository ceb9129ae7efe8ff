"""Which places of two photos are read alike, and how far a layer's place looks."""

import numpy as np
from jaxtyping import Bool, Float, Float32
from scipy.ndimage import gaussian_filter


def spread(change: Float[np.ndarray, "h w"], level: float) -> tuple[float, float]:
    """Return how many rows and how many columns hold a share of a change, with fractions, the fullest first.

    Parameters
    ----------
    change
        (h, w) at least 0, any unit: by how much each place of a layer moved when one spot of the picture was changed.
    level
        Share of the whole, 0..1.

    Returns
    -------
    rows, columns
        0 where nothing changed.

    Notes
    -----
    A layer with a stride s and a view of r pixels has r/s places that see a given pixel. So the places that one pixel
    moves, counted, are the size of the view in places; counting squares of the change to a level below 1 leaves out the
    rim of the view that hardly counts (Luo et al. 2016, https://arxiv.org/abs/1701.04128).

    Examples
    --------
    Of 8 in all, the fullest column holds 6 and the next one 2: at 0.875, 7 of them, it is one and a half columns.

    >>> spread(np.array([[0.0, 3.0, 1.0], [0.0, 3.0, 1.0]]), 0.875)
    (1.75, 1.5)
    """
    return _holding(change.sum(axis=1), level), _holding(change.sum(axis=0), level)


def _holding(shares: Float[np.ndarray, "k"], level: float) -> float:
    fullest = np.sort(shares.astype(np.float64))[::-1]
    wanted, count = level * float(fullest.sum()), 0.0
    for share in fullest:
        if wanted <= 0:
            break
        count += min(1.0, wanted / float(share)) if share > 0 else 0.0
        wanted -= float(share)
    return count


def speaking(
    activations: Float32[np.ndarray, "n c h w"], gradients: Float32[np.ndarray, "n c h w"]
) -> Float32[np.ndarray, "n h w"]:
    """Return what the channels that speak for a score add to it at each place, to first order.

    Parameters
    ----------
    activations, gradients
        (n, c, h, w) of a layer, and the score's slope there.

    Returns
    -------
    evidence
        (n, h, w) in the score's unit, at least 0: the sum of max(0, activation · gradient) over the channels.

    Examples
    --------
    Channels add 3, 4 and −2: the third speaks against.

    >>> a, g = np.ones((1, 3, 1, 1), np.float32), np.array([3, 4, -2], np.float32).reshape(1, 3, 1, 1)
    >>> speaking(a, g).tolist()
    [[[7.0]]]
    """
    return np.maximum(activations * gradients, np.float32(0)).sum(axis=1)


def readings(
    activations: Float32[np.ndarray, "n c h w"], gradients: Float32[np.ndarray, "n c h w"]
) -> Float32[np.ndarray, "n p c"]:
    """Return what is read at each place for a score: directions of length 1 over the channels.

    Parameters
    ----------
    activations, gradients
        (n, c, h, w) of a layer, and the score's slope there.

    Returns
    -------
    directions
        (n, h·w, c): the channels that speak for the score, max(0, activation · gradient), at unit length; zeros where
        none does. Two places are read alike where these point the same way.

    Examples
    --------
    Channels add 3, 4 and −2: the third speaks against.

    >>> a, g = np.ones((1, 3, 1, 1), np.float32), np.array([3, 4, -2], np.float32).reshape(1, 3, 1, 1)
    >>> readings(a, g).round(2).tolist()
    [[[0.6000000238418579, 0.800000011920929, 0.0]]]
    """
    added = (activations * gradients).reshape(*activations.shape[:2], -1).transpose(0, 2, 1)
    upward = np.maximum(added, np.float32(0))
    length = np.linalg.norm(upward, axis=-1, keepdims=True)
    return np.divide(upward, length, out=np.zeros_like(upward), where=length > 0)


def best_in_each(own: Float32[np.ndarray, "p c"], others: Float32[np.ndarray, "n q c"]) -> Float32[np.ndarray, "p n"]:
    """Return for each place of a photo the cosine of its nearest place in each of n other photos.

    Examples
    --------
    >>> best_in_each(np.eye(2, dtype=np.float32), np.array([[[1, 0], [0.6, 0.8]]], np.float32)).tolist()
    [[1.0], [0.800000011920929]]
    """
    return np.stack([(own @ other.T).max(axis=1) for other in others], axis=1)


def mutual(
    likeness: Float32[np.ndarray, "p q"], width: int, reach: int = 1
) -> tuple[np.ndarray, Bool[np.ndarray, "p"]]:
    """Return each place's nearest place in the other photo, and whether that one's nearest is here again.

    Parameters
    ----------
    likeness
        (p, q) of every place of one photo with every place of another.
    width
        How many of the p places are a row.
    reach
        How many rows and columns away still counts as here, 0 or more.

    Returns
    -------
    nearest, mutual
        (p,) the place among q, and (p,).

    Examples
    --------
    The second place likes the first one of the other photo best; that one likes the first.

    >>> nearest, both = mutual(np.array([[0.9, 0.1], [0.5, 0.2]], np.float32), width=2, reach=0)
    >>> nearest.tolist(), both.tolist()
    ([0, 0], [True, False])
    """
    nearest = likeness.argmax(axis=1)
    back = likeness.argmax(axis=0)[nearest]
    here = np.arange(len(likeness))
    rows, columns = np.abs(back // width - here // width), np.abs(back % width - here % width)
    return nearest, np.maximum(rows, columns) <= reach


def apart(weights: Float[np.ndarray, "p"], width: int, distance: float) -> tuple[int, ...]:
    """Return places by falling weight, none nearer than a distance to a heavier one, none of weight 0 or less.

    Parameters
    ----------
    weights
        (p,) of places in rows of ``width``.
    width
        Places in a row.
    distance
        In places, the larger of rows and columns: two that are at least so far apart are both kept.

    Examples
    --------
    >>> apart(np.array([1.0, 5.0, 4.0, 3.0, -1.0]), width=5, distance=2.0)
    (1, 3)
    """
    kept: list[int] = []
    for place in np.argsort(-weights, kind="stable"):
        if weights[place] <= 0:
            break
        row, column = divmod(int(place), width)
        if all(max(abs(row - k // width), abs(column - k % width)) >= distance for k in kept):
            kept.append(int(place))
    return tuple(kept)


def peaks(
    evidence: Float32[np.ndarray, "h w"], grid: tuple[int, int]
) -> tuple[Float32[np.ndarray, "p"], Float[np.ndarray, "p 2"]]:
    """Return for each place of a coarser grid the strongest evidence in it, smoothed, and where that lies.

    Parameters
    ----------
    evidence
        (h, w) at least 0 on a finer grid, any unit, smoothed by a Gaussian whose standard deviation is half a coarse
        place; left as it is where the two grids are the same.
    grid
        Rows and columns of the p coarse places; no more than h and w.

    Returns
    -------
    strength, middle
        (p,), and (p, 2) row and column in coarse places, the first place's middle being 0.5, 0.5.

    Examples
    --------
    >>> strength, middle = peaks(np.eye(2, dtype=np.float32), (2, 2))
    >>> strength.tolist(), middle[3].tolist()
    ([1.0, 0.0, 0.0, 1.0], [1.5, 1.5])
    """
    (height, width), (rows, columns) = evidence.shape, grid
    smooth = evidence
    if (height, width) != grid:
        smooth = gaussian_filter(evidence, (height / rows / 2, width / columns / 2), mode="constant")
    down, across = (np.arange(height) + 0.5) * rows / height, (np.arange(width) + 0.5) * columns / width
    place = down.astype(int)[:, None] * columns + across.astype(int)
    strength, middle = np.zeros(rows * columns, np.float32), np.zeros((rows * columns, 2))
    # Weakest first, so that the strongest of a place is written last.
    strongest = np.argsort(smooth, axis=None, kind="stable")
    strength[place.ravel()[strongest]] = smooth.ravel()[strongest]
    middle[place.ravel()[strongest]] = np.stack([down[strongest // width], across[strongest % width]], axis=1)
    return strength, middle
