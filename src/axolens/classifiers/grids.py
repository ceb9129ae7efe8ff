"""Is a layer's output a grid of places? Channels first, channels last, or tokens with or without class tokens."""

import math
from collections.abc import Iterator, Sequence
from typing import Literal, NamedTuple

from array_api_compat import array_namespace

from axolens.maths.array import Array

MOST_PREFIX_TOKENS = 8
MOST_HALVINGS = 5
Axes = Literal["channels first", "channels last"]
Grid = tuple[int, int]


class Places(NamedTuple):
    """How an output (n, …) holds a grid: its kind, height, width and channels, and the tokens before the grid."""

    kind: Literal["channels first", "channels last", "tokens"]
    height: int
    width: int
    channels: int
    prefix: int = 0


def places(
    shape: tuple[int, ...],
    image: Grid,
    prefix: int | None = None,
    axes: Axes = "channels first",
    cut: Sequence[Grid] = (),
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
    cut
        The grids that convolutions of the same pass gave. Where there are any, tokens are places only on one of them,
        or on one that was halved (rows and columns together) by merging neighbours; where there are none, on the grid
        nearest to the input's proportions.

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
    >>> places((29, 16), (48, 32), cut=[(6, 4)])
    Places(kind='tokens', height=6, width=4, channels=16, prefix=5)
    >>> places((1000,), (224, 224)) is None
    True
    """
    if len(shape) == 3:
        a, b, c = shape
        first = Places("channels first", b, c, a) if _misfit(b, c, image) <= 1 else None
        last = Places("channels last", a, b, c) if _misfit(a, b, image) <= 1 else None
        known = set(_halved(cut))
        if first and last and ((b, c) in known) != ((a, b) in known):
            return first if (b, c) in known else last
        return (last or first) if axes == "channels last" else (first or last)
    if len(shape) == 2 and shape[1] > 1:
        return _tokens(shape[0], shape[1], image, prefix, cut)
    return None


def fold(values: Array, found: Places) -> Array:
    """Return (n, c, h, w) of an output (n, …) that holds its grid as ``found`` says."""
    if found.kind == "channels first":
        return values
    if found.kind == "tokens":
        values = values[:, found.prefix :].reshape(values.shape[0], found.height, found.width, found.channels)
    return values.permute(0, 3, 1, 2)


def unfold(values: Array, output: Array, found: Places) -> Array:
    """Return an output (n, …) whose grid holds ``values`` (n, c, h, w); the tokens before the grid stay."""
    values = values.to(output.dtype)
    if found.kind == "channels first":
        return values
    last = values.permute(0, 2, 3, 1)
    if found.kind == "channels last":
        return last
    return array_namespace(output).concat([output[:, : found.prefix], last.flatten(1, 2)], axis=1)


def _tokens(count: int, channels: int, image: Grid, prefix: int | None, cut: Sequence[Grid]) -> Places | None:
    allowed = tuple(range(MOST_PREFIX_TOKENS + 1)) if prefix is None else (prefix, 0)
    for height, width in _halved(cut):
        before = count - height * width
        if before in (allowed if (height, width) in cut else allowed[:2]) and height > 1 and width > 1:
            return Places("tokens", height, width, channels, before)
    if cut:
        return None
    found = []
    for before in allowed:
        height = round(math.sqrt(max(count - before, 0) * image[0] / image[1]))
        if height > 0 and height * ((count - before) // height) == count - before:
            width = (count - before) // height
            found.append((_misfit(height, width, image), Places("tokens", height, width, channels, before)))
    misfit, nearest = min(found, key=lambda row: row[0], default=(math.inf, None))
    return nearest if misfit <= 1 else None


def _halved(cut: Sequence[Grid]) -> Iterator[Grid]:
    """Give the grids themselves, the last first, and then what merging neighbours makes of them."""
    grids = list(dict.fromkeys(reversed(cut)))
    yield from grids
    for half in (2**n for n in range(1, MOST_HALVINGS + 1)):
        for height, width in grids:
            yield -(-height // half), -(-width // half)
            yield height // half, width // half


def _misfit(height: int, width: int, image: Grid) -> float:
    """Return by how many places a row is too short or too long for the input's proportions; rounding makes up to 1."""
    if height < 2 or width < 2 or height > image[0] or width > image[1]:
        return math.inf
    step = image[0] / height
    return abs(image[1] / step - width)
