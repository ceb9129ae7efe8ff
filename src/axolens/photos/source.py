"""Where a picture comes from: a file or an array."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from io import BufferedReader, BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from axolens.errors import PhotoError

Values = NDArray[Any]
ByteStream = BufferedReader | BytesIO

KNOWN = "uint8, uint16, bool, or float in [0, 1]"


@contextmanager
def opened(path: Path) -> Iterator[BufferedReader]:
    """Open a regular file for reading, or say why that cannot be.

    Parameters
    ----------
    path
        A file.

    Raises
    ------
    PhotoError
        If there is no file, no permission, or something that is no file.

    Examples
    --------
    >>> with opened(Path("no", "cat.png")):
    ...     pass
    Traceback (most recent call last):
    axolens.errors.PhotoError: no/cat.png: expected a picture file, got nothing at this path. Check the spelling.
    """
    try:
        if not path.is_file():  # a named pipe would be waited on for ever
            raise _no_file(path)
        stream = path.open("rb")
    except (OSError, ValueError) as cause:
        if isinstance(cause, PhotoError):
            raise
        reason = getattr(cause, "strerror", None) or str(cause)
        raise PhotoError(str(path), expected="a file that can be opened", got=f"the answer: {reason}") from cause
    with stream:
        yield stream


def digest_of(values: Values) -> str:
    r"""Return the sha256 of an array's type, shape and bytes, in hexadecimal.

    Parameters
    ----------
    values
        Any array.

    Examples
    --------
    >>> digest_of(np.zeros((1, 1), np.uint8)) == hashlib.sha256(b"|u1 (1, 1)\n" + bytes(1)).hexdigest()
    True
    """
    head = f"{values.dtype.str} {values.shape}\n".encode()
    return hashlib.sha256(head + np.ascontiguousarray(values).tobytes()).hexdigest()


def array_bands(values: Values, name: str) -> tuple[Image.Image, ...]:
    """Return an array as images: one of 8 bits, or one or three of mode F in [0, 1], over white.

    Parameters
    ----------
    values
        (h, w), (h, w, 1), (h, w, 3) or (h, w, 4); uint8, uint16, bool, or float in [0, 1].
    name
        What the errors call the array.

    Raises
    ------
    PhotoError
        If shape, type or range is another.

    Examples
    --------
    >>> array_bands(np.zeros((2, 3, 3), np.float32), "cat")[0].size
    (3, 2)
    """
    _check_shape(values, name)
    flat = values[..., 0] if values.ndim == 3 and values.shape[2] == 1 else values
    if flat.dtype in (np.uint8, np.bool_):
        return (Image.fromarray(np.ascontiguousarray(flat * np.uint8(255 if flat.dtype == np.bool_ else 1))),)
    shares = _shares(flat, name)
    if shares.ndim == 2:
        return (Image.fromarray(shares.astype(np.float32)),)
    if shares.shape[2] == 4:
        shares = shares[..., :3] * shares[..., 3:] + (1.0 - shares[..., 3:])
    return tuple(Image.fromarray(np.ascontiguousarray(shares[..., band], np.float32)) for band in range(3))


def _check_shape(values: Values, name: str) -> None:
    shape = values.shape
    if values.size and (values.ndim == 2 or (values.ndim == 3 and shape[2] in (1, 3, 4))):
        return
    hint = ""
    if values.ndim == 3 and shape[0] in (1, 3, 4):
        hint = "Channels come last: use numpy.moveaxis(values, 0, -1)."
    elif values.ndim == 4:
        hint = "Read one picture of a batch at a time."
    raise PhotoError(name, expected="(h, w), (h, w, 1), (h, w, 3) or (h, w, 4)", got=f"shape {shape}", hint=hint)


def _shares(values: Values, name: str) -> Values:
    if values.dtype.kind == "u" and values.dtype.itemsize == 2:
        return values / 65535
    if values.dtype.kind != "f":
        hint = "Use values.astype(numpy.uint8) if they are 0 to 255."
        raise PhotoError(name, expected=KNOWN, got=f"an array of {values.dtype}", hint=hint)
    low, high = float(values.min()), float(values.max())
    if low >= 0.0 and high <= 1.0:
        return values
    if not np.isfinite([low, high]).all():
        hint = "Replace values that are not finite."
    elif low < 0.0:
        hint = "Undo mean and std of the preprocessing."
    else:
        hint = "Divide by 255."
    raise PhotoError(name, expected=KNOWN, got=f"float values from {low:g} to {high:g}", hint=hint)


def _no_file(path: Path) -> PhotoError:
    if path.is_dir():
        hint = "Name one picture in it; `axolens study` (in Python, read_folder) takes a folder."
        return PhotoError(str(path), expected="a picture file", got="a folder", hint=hint)
    if path.exists():
        return PhotoError(str(path), expected="a picture file", got="something that is no regular file")
    return PhotoError(str(path), expected="a picture file", got="nothing at this path", hint="Check the spelling.")
