"""How well maps tell the part that decides from the rest, beside what ignorance gets on the same pictures."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float32

from axolens.errors import InputError
from axolens.maths.blob import centre_blob
from axolens.maths.means import mean_interval
from axolens.maths.pointing import mass_inside, told_apart
from axolens.maths.proportions import wilson
from axolens.photos.resize import enlarge

Values = Float32[np.ndarray, "h w"]
Interval = tuple[float, float, float]
SWAPS = 19


@dataclass(frozen=True, slots=True)
class Mark:
    """What one picture's map is worth.

    Parameters
    ----------
    auc
        How often a pixel of the part that decides has a higher value than one of the rest, ties counting half, 0..1.
    centre
        The same of a blob in the middle.
    swapped
        The same of other pictures' maps, the median; NaN without any.
    mass
        Share of the map's positive mass that lies in the part, less the part's share of the picture; 0 without mass.
    """

    auc: float
    centre: float
    swapped: float
    mass: float


@dataclass(frozen=True, slots=True)
class Score:
    """What the maps of many pictures are worth; intervals are (mean, low, high) at 95 %, over pictures.

    Parameters
    ----------
    count
        How many pictures.
    auc
        Of the maps.
    over_centre, over_swapped
        By how much they lead over a blob in the middle, and over other pictures' maps, picture by picture.
    mass
        Mass inside less the part's share of the picture.
    better
        On how many pictures the map leads over the median of the others' maps.
    share
        That share's interval, (low, high).
    """

    count: int
    auc: Interval
    over_centre: Interval
    over_swapped: Interval
    mass: Interval
    better: int
    share: tuple[float, float]


def fitted(values: np.ndarray, size: int) -> Values:
    """Return anyone's map at a picture's size, its largest value of either sign 1.

    Parameters
    ----------
    values
        (h, w) numbers over the whole picture; axes of length one before these are dropped.
    size
        Height and width of the picture in pixels.

    Raises
    ------
    InputError
        If it is no square map of finite real numbers.

    Examples
    --------
    >>> fitted(np.array([[0, 2], [0, 4]]), 2).tolist()
    [[0.0, 0.5], [0.0, 1.0]]
    """
    found = np.asarray(values)
    while found.ndim > 2 and found.shape[0] == 1:
        found = found[0]
    if found.dtype.kind not in "biuf":
        raise InputError("map", expected="real numbers", got=f"an array of {found.dtype}")
    if found.ndim != 2 or found.shape[0] != found.shape[1] or found.size == 0:
        hint = "Sum the colour channels, with their signs." if found.ndim == 3 else ""
        raise InputError("map", expected="as many rows as columns, like the picture", got=found.shape, hint=hint)
    found = found.astype(np.float64)
    if bad := int((~np.isfinite(found)).sum()):
        raise InputError("map", expected="finite numbers", got=f"{bad} of {found.size} that are not")
    if found.max() == found.min():
        return np.full((size, size), np.sign(found[0, 0]), np.float32)  # a resize would break the ties by rounding
    return enlarge((found / np.abs(found).max()).astype(np.float32), (size, size))


def marks(
    maps: Sequence[Values], masks: Sequence[Bool[np.ndarray, "h w"]], *, swaps: int = SWAPS, seed: int = 0
) -> list[Mark]:
    """Mark each picture's map against the part that decides there.

    Parameters
    ----------
    maps
        One a picture, (h, w), from :func:`fitted`.
    masks
        For each picture the part that decides, (h, w); not empty, and not the whole picture.
    swaps
        How many other pictures' maps each is held against, by chance; all where there are no more.
    seed
        Of that choice.

    Examples
    --------
    >>> left = np.array([[1.0, 0.0], [1.0, 0.0]], np.float32)
    >>> [(one.auc, one.swapped) for one in marks([left, 1 - left], [left > 0, left > 0])]
    [(1.0, 0.0), (0.0, 1.0)]
    """
    rng = np.random.default_rng(seed)
    found = []
    for own, (values, mask) in enumerate(zip(maps, masks, strict=True)):
        others = rng.permutation([place for place in range(len(maps)) if place != own])[:swaps]
        lent = [told_apart(maps[int(place)], mask) for place in others]
        mass = mass_inside(values, mask)
        found.append(
            Mark(
                auc=told_apart(values, mask),
                centre=told_apart(centre_blob(mask.shape), mask),
                swapped=float(np.median(lent)) if lent else float("nan"),
                mass=mass - float(mask.mean()) if np.isfinite(mass) else 0.0,
            )
        )
    return found


def summed_up(found: Sequence[Mark]) -> Score:
    """Return what the marks of many pictures come to.

    Examples
    --------
    >>> score = summed_up([Mark(0.9, 0.5, 0.6, 0.2), Mark(0.7, 0.5, 0.8, 0.0)])
    >>> round(score.auc[0], 3), round(score.over_swapped[0], 3), score.better
    (0.8, 0.1, 1)
    """
    auc, centre, swapped, mass = (
        np.array([getattr(one, name) for one in found]) for name in ("auc", "centre", "swapped", "mass")
    )
    better = int((auc > swapped).sum())
    return Score(
        count=len(found),
        auc=mean_interval(auc),
        over_centre=mean_interval(auc - centre),
        over_swapped=mean_interval(auc - swapped),
        mass=mean_interval(mass),
        better=better,
        share=wilson(better, len(found)),
    )
