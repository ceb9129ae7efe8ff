"""Windows that slide over a picture."""

import numpy as np
from jaxtyping import Bool


def sliding_windows(size: tuple[int, int], window: int, stride: int) -> Bool[np.ndarray, "n h w"]:
    """Return the windows of a picture, True inside: each starts a stride after the last, until the edge is covered.

    Parameters
    ----------
    size
        Height and width, px.
    window, stride
        Side of a window and step, px; the last window of a row is cut off at the edge.

    Examples
    --------
    >>> sliding_windows((1, 3), 2, 2)[:, 0].astype(int).tolist()
    [[1, 1, 0], [0, 0, 1]]
    """
    rows, columns = (_spans(length, window, stride) for length in size)
    both = rows[:, None, :, None] & columns[None, :, None, :]
    return both.reshape(-1, *size)


def _spans(length: int, window: int, stride: int) -> Bool[np.ndarray, "n l"]:
    starts = np.arange(1 + max(0, -(-(length - window) // stride)))[:, None] * stride
    places = np.arange(length)[None]
    return (places >= starts) & (places < starts + window)
