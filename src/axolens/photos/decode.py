"""Bytes to a picture, and a picture to pixels: every way to refuse has its sentence."""

import re
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
from jaxtyping import Float32
from PIL import Image, UnidentifiedImageError

from axolens.errors import PhotoError
from axolens.photos.source import ByteStream

FORMATS = ("JPEG", "PNG", "WEBP", "BMP", "TIFF", "GIF")
LONGEST_SIDE = 2048  # pixels
MAGIC = (
    (rb"\xff\xd8\xff", "a JPEG file with a damaged header"),
    (rb"\x89PNG", "a PNG file with a damaged header"),
    (rb"GIF8", "a GIF file with a damaged header"),
    (rb"RIFF....WEBP", "a WebP file with a damaged header"),
    (rb"II\*\x00|MM\x00\*", "a TIFF file with a damaged header"),
    (rb"BM", "a BMP file with a damaged header"),
    (rb"....ftyp", "a HEIC, AVIF or video file"),
    (rb"%PDF", "a PDF document"),
    (rb"%!PS", "a PostScript document"),
    (rb"(?i)\s*<!doctype html|\s*<html", "a web page (HTML)"),
    (rb"(?is).*<svg", "an SVG drawing"),
    (rb"8BPS", "a Photoshop file"),
    (rb"PK\x03\x04", "a ZIP archive"),
)
_WARNINGS = threading.RLock()


@contextmanager
def decoding(name: str) -> Iterator[None]:
    """Silence Pillow's warnings and turn what it raises into one sentence.

    Parameters
    ----------
    name
        Path or name the sentence begins with.

    Raises
    ------
    PhotoError
        For anything Pillow raises inside the block.

    Notes
    -----
    Warning filters belong to the whole process in Python 3.11: a lock keeps readers in
    several threads from restoring each other's filters.

    Examples
    --------
    >>> with decoding("cat.png"):
    ...     raise OSError("image file is truncated")
    Traceback (most recent call last):
    axolens.errors.PhotoError: cat.png: expected a whole picture, got one that is damaged or cut off (image file \
is truncated). Copy or export the file again.
    """
    try:
        with _WARNINGS, warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    except PhotoError:
        raise
    except Image.DecompressionBombError as cause:
        size = re.search(r"\d+ pixels", str(cause))
        raise _too_large(name, size.group() if size else "more", 2 * (Image.MAX_IMAGE_PIXELS or 0)) from cause
    except Exception as cause:  # on damaged bytes Pillow raises SyntaxError, struct.error, KeyError, …
        reason = str(cause).strip().rstrip(".")[:120] or type(cause).__name__
        raise PhotoError(
            name,
            expected="a whole picture",
            got=f"one that is damaged or cut off ({reason})",
            hint="Copy or export the file again.",
        ) from cause


def open_picture(stream: ByteStream, name: str, pixel_limit: int) -> Image.Image:
    """Open a picture from its header; the pixels are not decoded yet.

    Parameters
    ----------
    stream
        The bytes of one file, at any position.
    name
        What the errors call the picture.
    pixel_limit
        Most pixels (width times height) that are accepted.

    Raises
    ------
    PhotoError
        If the bytes are none of the formats read here, or the picture is too large.

    Examples
    --------
    >>> import io
    >>> open_picture(io.BytesIO(b"%PDF-1.7"), "cat.jpg", 100)
    Traceback (most recent call last):
    axolens.errors.PhotoError: cat.jpg: expected a picture (JPEG, PNG, WebP, BMP, TIFF or GIF), got a PDF document. \
Export it as JPEG or PNG.
    """
    stream.seek(0)
    start = stream.read(1024)
    if not start:
        raise PhotoError(name, expected="a picture", got="zero bytes", hint="Copy the file again.")
    with decoding(name):
        try:
            image = Image.open(stream, formats=FORMATS)
        except UnidentifiedImageError as cause:
            raise _no_picture(name, start) from cause
        check_size(image, name, pixel_limit)
    return image


def check_size(image: Image.Image, name: str, pixel_limit: int) -> None:
    """Refuse a picture without pixels or with too many, from its header.

    Parameters
    ----------
    image
        A picture; its pixels are not decoded.
    name
        What the errors call the picture.
    pixel_limit
        Most pixels (width times height) that are accepted.

    Raises
    ------
    PhotoError
        If the picture has no pixels, or more than the limit.

    Examples
    --------
    >>> check_size(Image.new("L", (11, 10)), "cat.png", 100)
    Traceback (most recent call last):
    axolens.errors.PhotoError: cat.png: expected at most 100 pixels, got 11 x 10 pixels. Reduce the picture first.
    """
    if min(image.size) < 1:
        raise PhotoError(name, expected="a picture", got=f"a size of {image.width} x {image.height} pixels")
    if image.width * image.height > pixel_limit:
        raise _too_large(name, f"{image.width} x {image.height} pixels", pixel_limit)


def reduced_size(width: int, height: int) -> tuple[int, int]:
    """Return width and height with the longer side brought down to 2048 pixels, if it is longer.

    Parameters
    ----------
    width, height
        In pixels.

    Examples
    --------
    >>> reduced_size(4096, 10), reduced_size(640, 480)
    ((2048, 5), (640, 480))
    """
    longest = max(width, height)
    if longest <= LONGEST_SIDE:
        return width, height
    return tuple(max(1, round(side * LONGEST_SIDE / longest)) for side in (width, height))  # type: ignore[return-value]


def to_pixels(bands: tuple[Image.Image, ...]) -> Float32[np.ndarray, "h w 3"]:
    """Reduce bands once with a Lanczos filter and return them as sRGB pixels.

    Parameters
    ----------
    bands
        One image of mode RGB, one of mode F (grey in [0, 1]), or three of mode F.

    Returns
    -------
    np.ndarray
        (h, w, 3) in [0, 1], the longer side at most 2048; bytes become exactly k / 255.

    Examples
    --------
    >>> to_pixels((Image.new("RGB", (1, 1), (0, 51, 255)),)).ravel().round(3).tolist()
    [0.0, 0.20000000298023224, 1.0]
    """
    planes = [_plane(band) for band in bands]
    if planes[0].ndim == 3:
        return planes[0]
    return np.stack(planes if len(planes) == 3 else planes * 3, axis=-1)


def _plane(band: Image.Image) -> Float32[np.ndarray, "h w *c"]:
    size = reduced_size(*band.size)
    values = np.asarray(band if size == band.size else band.resize(size, Image.Resampling.LANCZOS))
    if values.dtype == np.uint8:
        return (values / 255).astype(np.float32)
    return np.asarray(np.clip(values, 0.0, 1.0))


def _too_large(name: str, size: str, limit: int) -> PhotoError:
    return PhotoError(name, expected=f"at most {limit} pixels", got=size, hint="Reduce the picture first.")


def _no_picture(name: str, start: bytes) -> PhotoError:
    kinds = (kind for pattern, kind in MAGIC if re.match(pattern, start, re.DOTALL))
    return PhotoError(
        name,
        expected="a picture (JPEG, PNG, WebP, BMP, TIFF or GIF)",
        got=next(kinds, "bytes of another kind"),
        hint="Export it as JPEG or PNG.",
    )
