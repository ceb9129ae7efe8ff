"""Where the object is: a mask from a box."""

from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Float, Float32
from PIL import Image
from scipy.ndimage import gaussian_filter
from scipy.spatial import KDTree
from skimage.color import rgb2lab
from skimage.segmentation import random_walker

from axolens.errors import InputError

Mask = Bool[np.ndarray, "h w"]
Edge = int | float
Box = tuple[Edge, Edge, Edge, Edge]

LONGEST = 128  # pixels of the longer side of what is walked on
MARGIN = 0.3  # how much of the surroundings is looked at on each side, in the box's longer side
NEIGHBOURS = 10
MOST_UNLIKE, MOST_ALIKE = 0.2, 0.5
CORE = 0.5
STIFFNESS = 1000.0  # how hard a difference in colour is to cross; L* / 100
LEAST = 0.01


class Boxed(NamedTuple):
    """A mask from a box, and what a reader must know about it; empty where there is nothing to say."""

    mask: Mask
    note: str = ""


def mask_from_box(pixels: Float32[np.ndarray, "h w 3"], box: Box) -> Boxed:
    """Find the object in a box by its colours, which are unlike those around the box.

    Parameters
    ----------
    pixels
        (h, w, 3) sRGB in [0, 1].
    box
        x0, y0, x1, y1 in pixels, edges; the part of it that lies on the photo is taken.

    Returns
    -------
    mask, note
        (h, w), True on the object, never outside the box. Where the walk takes (almost) nothing or all of the box, the
        ellipse in the box instead, and the note says so.

    Raises
    ------
    InputError
        If less than 2 × 2 pixels of the box lie on the photo, or hardly any of the photo outside the box.

    Notes
    -----
    A random walker (Grady 2006, doi:10.1109/TPAMI.2006.233) on L*a*b*, on the box and 0.3 of it on each side, reduced
    to 128 pixels. Object is where it starts
    on the fifth of the box whose colour is least like the surroundings' (distance to the tenth nearest colour there),
    background outside the box and on what is as ordinary as half the surroundings, except in the middle of the box.
    The network under test is not asked.

    Examples
    --------
    >>> pixels = np.zeros((40, 60, 3), np.float32)
    >>> pixels[10:30, 20:40] = 1.0
    >>> found, note = mask_from_box(pixels, (15, 5, 45, 35))
    >>> bool((found == (pixels[..., 0] == 1)).all()), note
    (True, '')
    """
    inside = _in_box(pixels.shape[:2], box)
    near = _surroundings(inside)
    small, within = _reduced(pixels[near], inside[near])
    likely = Image.fromarray(_walk(small, within).astype(np.float32))
    height, width = inside[near].shape
    mask = np.zeros_like(inside)
    mask[near] = np.asarray(likely.resize((width, height), Image.Resampling.BILINEAR)) > 0.5
    mask &= inside
    share = mask.sum() / inside.sum()
    if LEAST <= share <= 1 - LEAST:
        return Boxed(mask)
    what = "Nothing in the box" if share < LEAST else "Everything in the box, up to its edges,"
    note = f"{what} stands out by its colour from what is around it, so the mask is the ellipse in the box."
    return Boxed(_ellipse(inside, 1.0), note)


def _in_box(size: tuple[int, ...], box: Box) -> Mask:
    height, width = size
    x0, y0, x1, y1 = (round(float(np.clip(edge, 0, most))) for edge, most in zip(box, (width, height) * 2, strict=True))
    if x1 - x0 < 2 or y1 - y0 < 2:
        expected = f"x0,y0,x1,y1 with at least 2 x 2 pixels on a photo of {width} x {height}"
        raise InputError("box", expected=expected, got=box)
    inside = np.zeros((height, width), dtype=bool)
    inside[y0:y1, x0:x1] = True
    if (~inside).sum() < LEAST * inside.size:
        hint = "Draw it closely around the object, or give a mask."
        raise InputError("box", expected="a part of the photo outside it", got="a box around everything", hint=hint)
    return inside


def _surroundings(inside: Mask) -> tuple[slice, slice]:
    rows, columns = np.flatnonzero(inside.any(axis=1)), np.flatnonzero(inside.any(axis=0))
    margin = max(4, round(MARGIN * max(len(rows), len(columns))))
    return slice(max(0, rows[0] - margin), rows[-1] + 1 + margin), slice(
        max(0, columns[0] - margin), columns[-1] + 1 + margin
    )


def _reduced(pixels: np.ndarray, inside: Mask) -> tuple[np.ndarray, Bool[np.ndarray, "y x"]]:
    height, width = pixels.shape[:2]
    shrink = min(1.0, LONGEST / max(height, width))
    size = (max(1, round(width * shrink)), max(1, round(height * shrink)))
    levels = Image.fromarray(np.round(pixels * 255).astype(np.uint8)).resize(size, Image.Resampling.BOX)
    area = Image.fromarray(inside.astype(np.float32)).resize(size, Image.Resampling.BOX)
    return np.asarray(levels).astype(np.float32) / 255, np.asarray(area) >= 0.5


def _walk(pixels: np.ndarray, inside: Mask) -> Float[np.ndarray, "h w"]:
    """Return for each place of the reduced picture how likely a random walk from it meets the object first."""
    if inside.sum() < 4 or inside.all():
        return np.zeros(inside.shape)
    lab = rgb2lab(pixels)
    strange = _strangeness(lab, inside)
    sides = np.where(inside, 0, 2)
    ordinary = np.quantile(strange[~inside], MOST_ALIKE)
    sides[inside & (strange <= ordinary) & ~_ellipse(inside, CORE)] = 2
    sides[inside & (strange > ordinary) & (strange >= np.quantile(strange[inside], 1 - MOST_UNLIKE))] = 1
    if (sides != 0).all() or not (sides == 1).any():
        return (sides == 1).astype(float)
    ways = random_walker(lab / 100, sides, beta=STIFFNESS, mode="bf", return_full_prob=True, channel_axis=-1)
    return np.asarray(ways[0])


def _strangeness(lab: np.ndarray, inside: Mask) -> Float[np.ndarray, "h w"]:
    """Return how far each colour is from the tenth nearest one around the box, in L*a*b*, smoothed by one pixel."""
    known = lab[~inside]
    nearest, _ = KDTree(known).query(lab, k=[min(NEIGHBOURS, len(known))])
    return np.asarray(gaussian_filter(nearest[..., 0], 1.0))


def _ellipse(inside: Mask, share: float) -> Mask:
    """Return the ellipse in the middle of a box, its axes a share of the box's sides."""
    rows, columns = np.flatnonzero(inside.any(axis=1)), np.flatnonzero(inside.any(axis=0))
    down, across = (
        2 * (np.arange(size) - (found[0] + found[-1]) / 2) / (share * len(found))
        for size, found in ((inside.shape[0], rows), (inside.shape[1], columns))
    )
    return np.asarray(down[:, None] ** 2 + across[None, :] ** 2 <= 1)
