"""From a photo to the network grid: resize and crop, nothing else."""

from dataclasses import replace

import numpy as np
from jaxtyping import Bool, Float32
from PIL import Image

from axolens.records.frame import Frame
from axolens.records.photo import Photo
from axolens.records.preprocess import Preprocess

FILTERS = {
    "nearest": Image.Resampling.NEAREST,
    "box": Image.Resampling.BOX,
    "bilinear": Image.Resampling.BILINEAR,
    "hamming": Image.Resampling.HAMMING,
    "bicubic": Image.Resampling.BICUBIC,
    "lanczos": Image.Resampling.LANCZOS,
}


def frame_of(photo: tuple[int, int], preprocess: Preprocess) -> Frame:
    """Return which part of a photo of this size lands on the network grid.

    Parameters
    ----------
    photo
        Height and width of the photo, in pixels.
    preprocess
        Resize and crop of the network.

    Examples
    --------
    >>> frame_of((100, 200), Preprocess(size=(50, 50), short_side=50)).box
    (50.0, 0.0, 150.0, 100.0)
    """
    (height, width), (top, left) = _resized(photo, preprocess), _corner(photo, preprocess)
    down, across = photo[0] / height, photo[1] / width
    size = preprocess.size
    box = (left * across, top * down, (left + size[1]) * across, (top + size[0]) * down)
    return Frame(box=box, size=size, photo=photo)


def to_network(photo: Photo, preprocess: Preprocess) -> Float32[np.ndarray, "h w 3"]:
    """Return the part of the photo that the network sees, on its grid and in display space.

    The resize runs on 8-bit pixels with Pillow, as the frameworks' own transforms do, so that probabilities agree
    with theirs.

    Examples
    --------
    >>> photo = Photo(np.full((4, 6, 3), 0.2, np.float32))
    >>> grid = to_network(photo, Preprocess(size=(3, 3), short_side=3))
    >>> grid.shape, round(float(grid.min()), 3)
    ((3, 3, 3), 0.2)
    """
    levels = Image.fromarray(np.round(photo.pixels * 255).astype(np.uint8))
    height, width = _resized(photo.size, preprocess)
    top, left = _corner(photo.size, preprocess)
    if (width, height) != levels.size:
        levels = levels.resize((width, height), FILTERS[preprocess.filter])
    rows, columns = preprocess.size
    seen = np.asarray(levels)[top : top + rows, left : left + columns]
    return (seen.astype(np.float32) / 255).astype(np.float32)


def mask_on_network(mask: Bool[np.ndarray, "H W"], preprocess: Preprocess) -> Bool[np.ndarray, "h w"]:
    """Return the part of a photo's mask that the network sees, on its grid.

    Examples
    --------
    >>> mask = np.array([[True, False, False, True]] * 2)
    >>> mask_on_network(mask, Preprocess(size=(2, 2), short_side=2)).tolist()
    [[False, False], [False, False]]
    """
    x0, y0, x1, y1 = frame_of((mask.shape[0], mask.shape[1]), preprocess).box
    (rows, columns), (height, width) = preprocess.size, mask.shape
    down = np.clip((y0 + (np.arange(rows) + 0.5) * (y1 - y0) / rows).astype(int), 0, height - 1)
    across = np.clip((x0 + (np.arange(columns) + 0.5) * (x1 - x0) / columns).astype(int), 0, width - 1)
    return mask[down[:, None], across[None]]


def reduced(photo: Photo, preprocess: Preprocess, most: float = 2.0) -> tuple[Photo, float]:
    """Return the photo with at most so many pixels to a pixel of the network, and how many there are.

    Edits of a photo act on it, before the network's own resize.

    Parameters
    ----------
    photo
        It is returned as it is where it is no larger; its facts and truth are kept either way.
    preprocess
        Resize and crop of the network.
    most
        Pixels of the photo to a pixel of the network, along the side where they are fewer where the network lets the
        proportions go.

    Examples
    --------
    >>> photo = Photo(np.full((400, 800, 3), 0.2, np.float32))
    >>> small, unit = reduced(photo, Preprocess(size=(50, 50), short_side=50))
    >>> small.size, unit
    ((100, 200), 2.0)
    """
    frame = frame_of(photo.size, preprocess)
    x0, y0, x1, y1 = frame.box
    unit = min((x1 - x0) / frame.size[1], (y1 - y0) / frame.size[0])
    if unit <= most:
        return photo, unit
    height, width = (max(1, round(side * most / unit)) for side in photo.size)
    levels = Image.fromarray(np.round(photo.pixels * 255).astype(np.uint8))
    pixels = np.asarray(levels.resize((width, height), FILTERS["lanczos"])).astype(np.float32) / np.float32(255)
    mask = photo.mask
    if mask is not None:
        mask = np.asarray(Image.fromarray(mask.astype(np.uint8)).resize((width, height), FILTERS["nearest"])) > 0
    return replace(photo, pixels=pixels, mask=mask), most


def _resized(photo: tuple[int, int], preprocess: Preprocess) -> tuple[int, int]:
    """Return height and width after the resize; the longer side is cut off to a whole number, as torchvision does."""
    if preprocess.short_side is None:
        return preprocess.size
    height, width = photo
    side = preprocess.short_side
    return (side, int(side * width / height)) if height <= width else (int(side * height / width), side)


def _corner(photo: tuple[int, int], preprocess: Preprocess) -> tuple[int, int]:
    height, width = _resized(photo, preprocess)
    return round((height - preprocess.size[0]) / 2), round((width - preprocess.size[1]) / 2)


def enlarge(values: Float32[np.ndarray, "h w"], size: tuple[int, int]) -> Float32[np.ndarray, "H W"]:
    """Return a map at another size, bilinear and in float, never through 8 bits.

    Examples
    --------
    >>> enlarge(np.array([[0.0, 1.0]], np.float32), (1, 4)).round(2)
    array([[0.  , 0.25, 0.75, 1.  ]], dtype=float32)
    """
    height, width = size
    image = Image.fromarray(np.ascontiguousarray(values, np.float32))
    return np.asarray(image.resize((width, height), Image.Resampling.BILINEAR), np.float32)
