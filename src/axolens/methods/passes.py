"""Many images through a model, a pass at a time, in smaller passes where memory does not suffice."""

from collections.abc import Callable, Iterator
from typing import TypeVar

from array_api_compat import device

from axolens.maths.array import Array

Found = TypeVar("Found")
PIXELS_A_PASS = {True: 32 * 224 * 224, False: 256 * 224 * 224}  # on the processor; on an accelerator


def pass_size(image: Array, chunk: int = 0) -> int:
    """Return how many copies of an image go through the model at once: ``chunk``, or what suits the device.

    Examples
    --------
    >>> import numpy as np
    >>> pass_size(np.zeros((224, 224, 3), np.float32)), pass_size(np.zeros((64, 64, 3), np.float32), 7)
    (32, 7)
    """
    if chunk:
        return chunk
    budget = PIXELS_A_PASS[str(device(image)).startswith("cpu")]
    return max(1, min(512, budget // (image.shape[0] * image.shape[1])))


def in_passes(total: int, size: int, ask: Callable[[int, int], Found]) -> Iterator[Found]:
    """Yield what ``ask`` finds for images ``start`` to ``stop``; halve the passes where memory runs out.

    Examples
    --------
    >>> def ask(start, stop):
    ...     if stop - start > 2:
    ...         raise MemoryError
    ...     return list(range(start, stop))
    >>> list(in_passes(5, 4, ask))
    [[0, 1], [2, 3], [4]]
    """
    start = 0
    while start < total:
        stop = min(start + size, total)
        try:
            found = ask(start, stop)
        except Exception as error:
            if stop - start == 1 or not _out_of_memory(error):
                raise
            size = max(1, (stop - start) // 2)
            continue
        start = stop
        yield found


def _out_of_memory(error: Exception) -> bool:
    said = str(error).lower()
    return isinstance(error, MemoryError) or "out of memory" in said or "allocate memory" in said
