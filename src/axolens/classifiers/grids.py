"""Is a layer's output a grid of places? Channels first, channels last, or tokens with or without class tokens."""

import math
from typing import Literal, NamedTuple

from axolens.maths.array import Array

MOST_PREFIX_TOKENS = 8
Axes = Literal["channels first", "channels last"]


class Places(NamedTuple):
    """How an output (n, …) holds a grid: its kind, height, width and channels, and the tokens before the grid."""

    kind: Literal["channels first", "channels last", "tokens"]
    height: int
    width: int
    channels: int
    prefix: int = 0


def places(
    shape: tuple[int, ...], image: tuple[int, int], prefix: int | None = None, axes: Axes = "channels first"
) -> Places | None:
    """Return how an output of this shape (without the batch axis) holds a grid, or None where it does not.

    Parameters
    ----------
    shape
        (c, h, w), (h, w, c) or (t, c).
    image
        Height and width of the network's input, whose proportions the grid must have.
    prefix
        Class and register tokens before the grid, where the model says how many; otherwise found.
    axes
        What three axes are where the proportions allow both, as with about as many channels as columns.

    Examples
    --------
    >>> places((512, 14, 14), (224, 224))
    Places(kind='channels first', height=14, width=14, channels=512, prefix=0)
    >>> places((7, 7, 768), (224, 224)).kind
    'channels last'
    >>> places((16, 16, 16), (32, 32)).kind, places((16, 16, 16), (32, 32), axes="channels last").kind
    ('channels first', 'channels last')
    >>> places((197, 192), (224, 224))
    Places(kind='tokens', height=14, width=14, channels=192, prefix=1)
    >>> places((1000,), (224, 224)) is None
    True
    """
    if len(shape) == 3:
        a, b, c = shape
        first = Places("channels first", b, c, a) if _fits(b, c, image) else None
        last = Places("channels last", a, b, c) if _fits(a, b, image) else None
        return (last or first) if axes == "channels last" else (first or last)
    if len(shape) == 2:
        return _tokens(shape[0], shape[1], image, prefix)
    return None


def fold(values: Array, found: Places) -> Array:
    """Return (n, c, h, w) of an output (n, …) that holds its grid as ``found`` says."""
    if found.kind == "channels first":
        return values
    if found.kind == "tokens":
        values = values[:, found.prefix :].reshape(values.shape[0], found.height, found.width, found.channels)
    return values.permute(0, 3, 1, 2)


def _tokens(count: int, channels: int, image: tuple[int, int], prefix: int | None) -> Places | None:
    for before in range(MOST_PREFIX_TOKENS + 1) if prefix is None else (prefix, 0):
        height = round(math.sqrt(max(count - before, 0) * image[0] / image[1]))
        if height > 0 and height * ((count - before) // height) == count - before:
            width = (count - before) // height
            if _fits(height, width, image):
                return Places("tokens", height, width, channels, before)
    return None


def _fits(height: int, width: int, image: tuple[int, int]) -> bool:
    """Tell whether a grid has the input's proportions, up to one place by rounding."""
    if height < 2 or width < 2 or height > image[0] or width > image[1]:
        return False
    step = image[0] / height
    return abs(image[1] / step - width) <= 1
