"""The object's mask beside a photo."""

from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Bool
from numpy.typing import NDArray
from PIL import Image

from axolens.errors import PhotoError
from axolens.photos.decode import decoding, open_picture
from axolens.photos.source import opened

MaskSource = str | Path | NDArray[Any]
Mask = Bool[np.ndarray, "h w"]


def read_mask(source: MaskSource, *, full: tuple[int, int], size: tuple[int, int], pixel_limit: int) -> Mask:
    """Return a mask at the size of its photo, True on the object.

    Parameters
    ----------
    source
        (h, w) of bool, or a mask image in which every value but 0 is object; an alpha channel is not looked at.
    full
        Height and width in pixels of the upright photo before it was reduced.
    size
        Height and width in pixels of the photo.
    pixel_limit
        Most pixels (width times height) that are accepted in a mask image.

    Raises
    ------
    PhotoError
        If the mask cannot be read, or has neither of the two sizes.

    Examples
    --------
    >>> read_mask(np.eye(4, dtype=bool), full=(4, 4), size=(2, 2), pixel_limit=100).tolist()
    [[True, False], [False, True]]
    """
    name = "mask" if isinstance(source, np.ndarray) else str(source)
    values = _checked(source) if isinstance(source, np.ndarray) else _decoded(name, pixel_limit)
    if values.shape == size:
        return values
    if values.shape != full:
        raise PhotoError(
            name,
            expected=f"a mask of {full[1]} x {full[0]} pixels like its upright photo",
            got=f"{values.shape[1]} x {values.shape[0]} pixels",
        )
    picture = Image.fromarray(values.astype(np.uint8)).resize(size[::-1], Image.Resampling.NEAREST)
    return np.asarray(picture).astype(np.bool_)


def _checked(values: NDArray[Any]) -> Mask:
    if values.dtype == np.bool_ and values.ndim == 2:
        return values
    raise PhotoError(
        "mask",
        expected="an (h, w) array of bool",
        got=f"{values.dtype} of shape {values.shape}",
        hint="Use values != 0, or values > 0.5.",
    )


def _decoded(name: str, pixel_limit: int) -> Mask:
    with opened(Path(name)) as stream, decoding(name):
        image = open_picture(stream, name, pixel_limit)
        image.load()
        bands = image.getbands()
        values = np.asarray(image).reshape(image.height, image.width, len(bands))
        colours = values[..., : len(bands) - 1] if bands[-1] in ("A", "a") else values
        return np.asarray(np.any(colours != 0, axis=-1))
