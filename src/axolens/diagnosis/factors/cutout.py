"""An object cut out of its picture, the ground behind it filled in, and the object put onto a ground."""

from functools import lru_cache

import numpy as np
from jaxtyping import Bool, Float, Float32
from PIL import Image
from scipy.ndimage import affine_transform, binary_dilation, gaussian_filter, gaussian_filter1d

from axolens.diagnosis.factors.factor import Picture, Pixels, Values, clipped, remembered
from axolens.diagnosis.factors.marks import marked

Region = Bool[np.ndarray, "h w"]
Cover = Float32[np.ndarray, "h w"]
HALO = 3.0
"""Pixels of the network around an object that are filled in with it: its blurred edge and the nearest shadow."""
FEATHER = 0.5
"""Standard deviation of an object's soft edge, in pixels of the network."""


@remembered
def ground(picture: Picture) -> Pixels:
    """Return a picture without its object and its marks: both are filled in from what lies around them."""
    hole = marked(picture)
    if picture.mask is not None:
        hole = hole | binary_dilation(picture.mask, iterations=max(1, round(HALO * picture.unit)))
    return filled(picture.pixels, hole)


@remembered
def cover(picture: Picture) -> Cover:
    """Return how much of each pixel the object covers, 0 to 1, with a soft edge; all 0 without a mask."""
    if picture.mask is None:
        return np.zeros(picture.pixels.shape[:2], np.float32)
    return gaussian_filter(picture.mask.astype(np.float32), FEATHER * picture.unit, mode="nearest")


def pasted(picture: Picture, behind: Pixels, turn: Float[np.ndarray, "2 2"] | None = None,
           shift: tuple[float, float] = (0.0, 0.0), soft: float = 0.0) -> Pixels:  # fmt: skip
    """Return the object on a ground, with the picture's own marks left where they are.

    Parameters
    ----------
    picture
        With a mask.
    behind
        (h, w, 3), as large as the picture.
    turn
        What is done to the object about its middle, rows before columns; nothing by default.
    shift
        How far it is moved, rows and columns in pixels.
    soft
        Standard deviation of a blur of the object, in pixels.
    """
    over = cover(picture)
    if turn is None and not any(shift):
        mixed = behind + (picture.pixels - behind) * over[..., None]
    else:
        moved = _moved(picture, np.eye(2) if turn is None else turn, shift, soft)
        mixed = behind * (1 - moved[..., 3:]) + moved[..., :3]
    return clipped(np.where(marked(picture)[..., None], picture.pixels, mixed))


def middle_of(mask: Region) -> Float[np.ndarray, "2"]:
    """Return the mean row and column of a mask."""
    return np.argwhere(mask).mean(axis=0)


def _moved(
    picture: Picture, turn: Float[np.ndarray, "2 2"], shift: tuple[float, float], soft: float
) -> Float32[np.ndarray, "h w 4"]:
    """Return the object's colours times its cover, and its cover, moved."""
    over = cover(picture)[..., None]
    layers = np.concatenate([picture.pixels * over, over], axis=-1)
    least = float(np.sqrt(abs(np.linalg.det(turn))))
    soft = max(soft, 0.5 * (1 / least - 1))  # a smaller object is averaged first, as a resize does
    if soft > 0:
        layers = gaussian_filter(layers, (soft, soft, 0))
    back = np.linalg.inv(turn)
    middle = middle_of(picture.mask) if picture.mask is not None else np.zeros(2)
    offset = middle - back @ (middle + np.asarray(shift))
    moved = [affine_transform(layers[..., c], back, offset, order=1, mode="constant") for c in range(4)]
    return np.stack(moved, axis=-1).astype(np.float32)


def fitted(pixels: Pixels, size: tuple[int, int]) -> Float32[np.ndarray, "h2 w2 3"]:
    """Return a ground at another size."""
    if pixels.shape[:2] == size:
        return pixels
    image = Image.fromarray(np.round(pixels * 255).astype(np.uint8))
    return (np.asarray(image.resize(size[::-1], Image.Resampling.BICUBIC)) / 255).astype(np.float32)


def filled(pixels: Pixels, hole: Region) -> Pixels:
    """Fill a hole: smooth colours from around it, and the texture of other places on top.

    Examples
    --------
    >>> slope = np.tile(np.linspace(0, 1, 32, dtype=np.float32)[:, None, None], (1, 32, 3))
    >>> hole = np.zeros((32, 32), bool)
    >>> hole[12:20, 12:20] = True
    >>> float(np.abs(filled(np.where(hole[..., None], 0, slope), hole) - slope).max()) < 0.1
    True
    """
    known = ~hole
    if not hole.any() or not known.any():
        return pixels
    smooth = _smooth(pixels, known)
    texture = _borrowed(pixels - smooth, known)
    return clipped(np.where(hole[..., None], smooth + texture, pixels))


def _smooth(pixels: Pixels, known: Region) -> Values:
    """Return local means of what is known, over as wide a neighbourhood as it takes."""
    layers = np.concatenate([pixels * known[..., None], known[..., None]], axis=-1, dtype=np.float32)
    found, done = np.zeros_like(pixels), np.zeros((*known.shape, 1), np.float32)
    width = max(known.shape) / 64
    while width < 2 * max(known.shape) and float(done.min()) < 0.999:
        near = _blurred(layers, width)
        mean, near = near[..., :3] / np.maximum(near[..., 3:], 1e-6), near[..., 3:]
        share = (1 - done) * np.clip(near / 0.2, 0, 1)
        found, done, width = found + share * mean, done + share, 2 * width
    return found / np.maximum(done, 1e-6)


def _blurred(layers: Float32[np.ndarray, "h w c"], width: float) -> Float32[np.ndarray, "h w c"]:
    """Return layers under a Gaussian, as products with one matrix a side: the wide ones take no longer."""
    down, across = (_gaussian(side, width) for side in layers.shape[:2])
    return np.tensordot(across, np.tensordot(down, layers, axes=(1, 0)), axes=(1, 1)).swapaxes(0, 1)


@lru_cache(maxsize=32)
def _gaussian(side: int, width: float) -> Float32[np.ndarray, "s s"]:
    """Return the matrix of a Gaussian along a side whose last value goes on beyond its edges."""
    unit = np.eye(side, dtype=np.float32)
    return np.asarray(gaussian_filter1d(unit, width, axis=0, mode="nearest", truncate=2.5))


def _borrowed(texture: Values, known: Region) -> Values:
    """Return texture in which unknown places have that of known ones, from the shifts that reach most of them."""
    left, found = ~known, np.where(known[..., None], texture, 0)
    steps = [(side * place) // 8 for side in known.shape for place in range(8)]
    shifts = [(down, across) for down in steps[:8] for across in steps[8:] if down or across]
    for _ in range(4):
        if not left.any():
            break
        best = max(shifts, key=lambda shift: int((left & np.roll(known, shift, (0, 1))).sum()))
        here = left & np.roll(known, best, (0, 1))
        found = np.where(here[..., None], np.roll(texture, best, (0, 1)), found)
        left = left & ~here
    return found
