"""A blob in the middle: the map that needs no look at the picture."""

import numpy as np
from jaxtyping import Float64

WIDTH = 0.25


def centre_blob(size: tuple[int, int], width: float = WIDTH) -> Float64[np.ndarray, "h w"]:
    """Return a Gaussian blob in the middle, where photographers put what they photograph.

    Parameters
    ----------
    size
        Height and width, in places.
    width
        Standard deviation as a share of each side, above 0.

    Examples
    --------
    >>> centre_blob((3, 3)).round(2).tolist()[1]
    [0.41, 1.0, 0.41]
    """
    down, across = (np.exp(-(((np.arange(n) + 0.5) / n - 0.5) ** 2) / (2 * width**2)) for n in size)
    return np.outer(down, across)
