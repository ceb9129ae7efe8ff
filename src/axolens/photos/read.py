"""Read one photo: file, bytes, PIL image or array."""

import hashlib
import io
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from axolens.errors import PhotoError
from axolens.photos.colour import to_srgb
from axolens.photos.decode import check_size, decoding, open_picture, reduced_size, to_pixels
from axolens.photos.facts import facts_of, orientation_of
from axolens.photos.mask import MaskSource, read_mask
from axolens.photos.source import ByteStream, array_bands, digest_of, opened
from axolens.records.photo import Fact, Photo

Source = str | Path | bytes | Image.Image | NDArray[Any]
Picture = tuple[tuple[Image.Image, ...], dict[str, Fact], str]  # bands, facts, digest

PIXEL_LIMIT = 100_000_000
UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


def read(
    source: Source,
    *,
    name: str | None = None,
    truth: str | None = None,
    group: str | None = None,
    mask: MaskSource | None = None,
    pixel_limit: int = PIXEL_LIMIT,
) -> Photo:
    """Read one photo: upright, in sRGB, over white, its longer side at most 2048 pixels.

    Parameters
    ----------
    source
        A path, the bytes of a file, a PIL image, or an array: (h, w), (h, w, 1), (h, w, 3) or (h, w, 4) of
        uint8, uint16, bool, or float in [0, 1].
    name
        What a reader calls it; by default the file's name.
    truth
        Name of the true class.
    group
        Which animal, patient or camera.
    mask
        (h, w) of bool or a mask image (all but 0 is object), of the upright photo's full or reduced size;
        an EXIF orientation is not applied to it.
    pixel_limit
        Most pixels (width times height) that are accepted, checked before decoding. Twice
        ``PIL.Image.MAX_IMAGE_PIXELS``, Pillow's own limit, holds as well.

    Raises
    ------
    PhotoError
        If the source cannot be read as a picture; the sentence begins with its path or name.

    Notes
    -----
    JPEG, PNG, WebP, BMP, TIFF and GIF are read, of several frames the first. Grey keeps 16 bits, colour has 8.
    A larger picture is reduced once with Pillow's Lanczos filter, after colours are converted and blended.

    Examples
    --------
    >>> photo = read(np.full((2, 3), 51, np.uint8), name="grey")
    >>> photo.size, round(float(photo.pixels[0, 0, 0]), 6)
    ((2, 3), 0.2)
    """
    label = _label(source, name)
    bands, facts, digest = _picture(source, label, pixel_limit)
    width, height = bands[0].size
    reduced = reduced_size(width, height)
    with decoding(label):
        pixels = to_pixels(bands)
    if mask is not None:
        mask = read_mask(mask, full=(height, width), size=pixels.shape[:2], pixel_limit=pixel_limit)
    return Photo(
        pixels,
        name=_name(source) if name is None else name,
        digest=digest,
        facts=facts | {"reduced": reduced != (width, height)},
        truth=truth,
        mask=mask,
        group=group,
    )


def _picture(source: Source, label: str, pixel_limit: int) -> Picture:
    if isinstance(source, bytes):
        return _from_stream(io.BytesIO(source), label, pixel_limit)
    if isinstance(source, np.ndarray):
        return _from_array(source, label, pixel_limit)
    if isinstance(source, Image.Image):
        return _from_image(source, label, pixel_limit)
    if isinstance(source, (str, Path)):
        with opened(Path(source)) as stream:
            return _from_stream(stream, label, pixel_limit)
    kind = type(source).__name__
    raise PhotoError(label, expected="a path, bytes, a PIL image or a NumPy array", got=f"an object of type {kind}")


def _from_stream(stream: ByteStream, label: str, pixel_limit: int) -> Picture:
    image = open_picture(stream, label, pixel_limit)
    bands, facts = _decode(image, label)
    stream.seek(0)
    return bands, facts, hashlib.file_digest(stream, "sha256").hexdigest()


def _from_image(image: Image.Image, label: str, pixel_limit: int) -> Picture:
    check_size(image, label, pixel_limit)
    bands, facts = _decode(image, label)
    plain = image.convert("RGBA") if image.mode in ("P", "PA") else image
    return bands, facts, digest_of(np.asarray(plain))


def _from_array(values: NDArray[Any], label: str, pixel_limit: int) -> Picture:
    bands = array_bands(values, label)
    check_size(bands[0], label, pixel_limit)
    if bands[0].mode != "F":
        bands = (to_srgb(bands[0], label)[0],)
    height, width = values.shape[:2]
    facts: dict[str, Fact] = {"format": "array", "mode": str(values.dtype), "width": width, "height": height}
    return bands, facts, digest_of(values)


def _decode(image: Image.Image, label: str) -> tuple[tuple[Image.Image, ...], dict[str, Fact]]:
    with decoding(label):
        facts = facts_of(image)
        image.load()
        picture, converted = to_srgb(image, label)
        # Asked again after loading: Pillow turns a TIFF file while it decodes.
        turn = UPRIGHT.get(orientation_of(image))
        upright = picture if turn is None else picture.transpose(turn)
    if "icc" in facts:
        facts["icc_converted"] = converted
    return (upright,), facts


def _label(source: Source, name: str | None) -> str:
    if isinstance(source, (str, Path)):
        return str(source)
    return name or _name(source)


def _name(source: Source) -> str:
    if isinstance(source, (str, Path)):
        return Path(source).name
    filename = getattr(source, "filename", "")
    return Path(filename).name if isinstance(filename, str) and filename else "memory"
