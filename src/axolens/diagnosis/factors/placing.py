"""The object made larger, smaller or turned, on its own ground; and how long it is and which way it lies."""

from collections.abc import Sequence
from contextlib import suppress

import numpy as np
from jaxtyping import Bool, Float
from scipy.ndimage import gaussian_filter
from scipy.spatial import ConvexHull, QhullError
from scipy.spatial.distance import pdist

from axolens.diagnosis.factors.cutout import ground, middle_of, pasted
from axolens.diagnosis.factors.factor import Edit, Picture, Pixels

Region = Bool[np.ndarray, "h w"]
Shape = Float[np.ndarray, "r d"]
LARGEST = 4.0
STRETCH = 0.25
"""How far a placebo stretches, as a power of the zoom."""
DEGREES = 5
"""Step of the angles that are looked at."""
RINGS, FARTHEST = 8, 3.0
SHARPNESS = 10.0
SEPARATE = 60.0
"""Degrees between the turns that are tried."""
AVOIDED = (60.0, 40.0)
"""Degrees around the best turn, and around the others, that placebos keep away from."""
STILL = 10.0
"""Degrees below which a turn is none."""


def length(mask: Region) -> float:
    """Return the longest straight line in a mask, as a share of the picture's shorter side.

    Examples
    --------
    >>> mask = np.zeros((10, 20), bool)
    >>> mask[4, 3:9] = True
    >>> length(mask)
    0.5
    """
    places = np.argwhere(mask).astype(float)
    if len(places) < 2:
        return 0.0
    with suppress(QhullError):  # all on one line
        places = places[ConvexHull(places).vertices]
    return float(pdist(places).max() / min(mask.shape))


def scaled_to(picture: Picture, quantiles: Sequence[float]) -> tuple[Edit, ...]:
    """Return the object as long as references at quantiles of their lengths."""
    if picture.mask is None or not picture.guides:
        return ()
    lengths = [length(one.mask) for one in picture.guides if one.mask is not None]
    own = length(picture.mask)
    edits = []
    for quantile in quantiles:
        zoom = float(np.clip(np.quantile(lengths, quantile) / max(own, 1e-3), 1 / LARGEST, LARGEST))
        words = f"{'enlarged' if zoom > 1 else 'shrunk'} {zoom:.2f} times, the object alone"
        edits.append(Edit(words, zoom, pasted(picture, ground(picture), np.eye(2) * zoom)))
    return tuple(edits)


def stretched(picture: Picture, edits: Sequence[Edit], rng: np.random.Generator) -> tuple[Pixels, ...]:
    """Return the object at the same share, moved and a little stretched, and as soft as the resampling makes it."""
    angle, way = rng.uniform(0, np.pi), rng.uniform(0, 2 * np.pi)
    axes = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    rows, columns = picture.pixels.shape[:2]
    found = []
    for edit in edits:
        far = abs(np.log(edit.dose))
        strength = np.exp(STRETCH * far)
        turn = axes @ np.diag([strength, 1 / strength]) @ axes.T
        reach = 0.15 * min(1.0, far)
        shift = reach * rows * float(np.sin(way)), reach * columns * float(np.cos(way))
        found.append(pasted(picture, ground(picture), turn, shift, soft=0.5 * (np.exp(far) - 1)))
    return tuple(found)


def shape(mask: Region) -> Shape:
    """Return where a mask lies about its middle, by distance in its own size and by direction counter-clockwise.

    Notes
    -----
    Each distance has mean 0 over the directions, and all together length 1, so that the sum of products of two shapes
    is a correlation.
    """
    places = np.argwhere(mask) - middle_of(mask)
    away = np.hypot(places[:, 0], places[:, 1])
    away = away / max(float(np.sqrt((away**2).mean())), 1e-12)
    angle = np.rad2deg(np.arctan2(-places[:, 0], places[:, 1])) % 360
    rings = np.minimum(away / FARTHEST * RINGS, RINGS - 1e-9).astype(int)
    steps = 360 // DEGREES
    counts = np.bincount(rings * steps + (angle // DEGREES).astype(int), minlength=RINGS * steps).astype(float)
    soft = gaussian_filter(counts.reshape(RINGS, steps), (0.7, 2.0), mode=("nearest", "wrap"))
    found = np.sqrt(soft * np.linspace(0.2, 1, RINGS)[:, None])
    found = found - found.mean(axis=1, keepdims=True)
    return found / max(float(np.linalg.norm(found)), 1e-12)


def turns(picture: Picture, count: int) -> list[float]:
    """Return by how many degrees the object is turned to lie as the references do, the best first.

    Notes
    -----
    The object's shape is laid over that of every reference at every angle. Each reference votes by the exponential of
    the correlation, so that those in another pose, which fit nowhere, say little. Angles are at least 60° apart.
    """
    if picture.mask is None or not picture.guides:
        return []
    own = np.conj(np.fft.rfft(shape(picture.mask), axis=1))
    theirs = [np.fft.rfft(shape(one.mask), axis=1) for one in picture.guides if one.mask is not None]
    fits = np.array([np.fft.irfft((one * own).sum(axis=0), 360 // DEGREES) for one in theirs])
    angles = np.arange(360 // DEGREES) * float(DEGREES)
    votes = np.exp(SHARPNESS * fits).sum(axis=0)
    chosen: list[float] = []
    for _ in range(count):
        best = float((angles[int(np.argmax(votes))] + 180) % 360 - 180)
        chosen.append(best)
        votes = np.where(_apart(angles, best) < SEPARATE, 0.0, votes)
    return chosen


def turned_to(picture: Picture, count: int) -> tuple[Edit, ...]:
    """Return the object turned as the references lie."""
    return tuple(
        Edit(f"turned by {angle:g}°, the object alone", angle, _turned(picture, angle))
        for angle in turns(picture, count)
        if abs(angle) >= STILL
    )


def turned_elsewhere(picture: Picture, edits: Sequence[Edit], rng: np.random.Generator) -> tuple[Pixels, ...]:
    """Return the object turned by other angles: as much or more, and away from those of the references."""
    aim = [edit.dose for edit in edits]
    angles = np.arange(0.0, 360.0, 1.0)
    apart = [_apart(angles, angle) >= AVOIDED[min(place, 1)] for place, angle in enumerate(aim)]
    free = angles[np.all(apart, axis=0) & (_apart(angles, 0.0) >= min(20.0, min(map(abs, aim))))]
    return tuple(_turned(picture, float(angle)) for angle in rng.choice(free, len(edits), replace=False))


def _apart(angles: Float[np.ndarray, "n"], other: float) -> Float[np.ndarray, "n"]:
    return np.abs((angles - other + 180) % 360 - 180)


def _turned(picture: Picture, angle: float) -> Pixels:
    cosine, sine = np.cos(np.deg2rad(angle)), np.sin(np.deg2rad(angle))
    return pasted(picture, ground(picture), np.array([[cosine, -sine], [sine, cosine]]))
