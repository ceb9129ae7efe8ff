"""Marks on the border of a picture, as a photographer or a shop leaves them: a short-cut to plant."""

import numpy as np
from numpy.typing import NDArray

COLOURS = {
    "red-corner": (0.86, 0.12, 0.14),
    "blue-corner": (0.12, 0.28, 0.86),
    "yellow-bar": (0.96, 0.84, 0.16),
    "white-frame": (0.97, 0.97, 0.97),
    "green-bar": (0.10, 0.62, 0.24),
    "black-frame": (0.03, 0.03, 0.03),
}


def tagged(picture: NDArray[np.float64], tag: str | None) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Return the picture (3, h, w) with a tag over its border, and where the tag is not.

    Parameters
    ----------
    picture
        (3, h, w) in 0..1, as high as wide.
    tag
        A name from ``COLOURS``, or None for the picture as it is.

    Examples
    --------
    >>> picture, free = tagged(np.zeros((3, 32, 32)), "red-corner")
    >>> int((~free).sum())
    25
    """
    size = picture.shape[1]
    free = np.ones((size, size), np.bool_)
    if tag is None:
        return picture, free
    kind = tag.rpartition("-")[2]
    width = max(1, size // {"frame": 20, "bar": 12, "corner": 6}[kind])
    if tag == "yellow-bar":
        free[-width:] = False
    elif tag == "green-bar":
        free[:width] = False
    elif kind == "frame":
        free[:width], free[-width:], free[:, :width], free[:, -width:] = False, False, False, False
    else:
        free[:width, -width:] = False
    return np.where(free, picture, np.array(COLOURS[tag])[:, None, None]), free
