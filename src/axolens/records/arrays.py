"""How records hold arrays: copied once, then read-only."""

from typing import Any

import numpy as np
from numpy.typing import NDArray


def freeze(record: object, **arrays: NDArray[Any] | None) -> None:
    """Store read-only copies of ``arrays`` as fields of a frozen record."""
    for field, values in arrays.items():
        if values is None:
            continue
        frozen = np.array(values, copy=True)
        frozen.setflags(write=False)
        object.__setattr__(record, field, frozen)
