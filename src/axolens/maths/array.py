"""The one way out: arrays of any framework to NumPy on the host."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = Any


def to_numpy(values: Array) -> NDArray[Any]:
    """Copy an array of any framework and device to the host as NumPy.

    Examples
    --------
    >>> to_numpy(np.ones((2, 2))).sum()
    np.float64(4.0)
    """
    if isinstance(values, np.ndarray):
        return values.copy()
    return np.from_dlpack(values, device="cpu").copy()
