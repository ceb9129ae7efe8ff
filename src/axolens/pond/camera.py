"""From space to the frame: where the viewer stands, and the shapes as ellipses and rods in pixels."""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from axolens.pond.figure import Figure
from axolens.pond.geometry import Vector, cosine, sine

# Azimuth from the nose and elevation, in degrees. Not quite from straight above, and not quite from the side: the crest
# on a back and the far limbs stay visible.
STANDPOINTS = {"above": (90.0, 80.0), "side": (90.0, 14.0), "front": (24.0, 24.0)}
THINNEST = 0.5  # pixels: what is thinner would cover less than half of every pixel, and be in no mask

Rows = NDArray[np.float64]


class Camera(NamedTuple):
    """The frame's directions in space (right, down, towards the viewer), pixels per animal length, and the centre."""

    right: Vector
    down: Vector
    near: Vector
    scale: float
    centre: tuple[float, float]


class Ellipses(NamedTuple):
    """Ellipsoids as the camera sees them: one row each, in pixels."""

    centre: Rows
    reach: Rows
    inverse: Rows
    depth: Rows
    skin: Rows


def directions(view: str, rotation: float) -> tuple[Vector, Vector, Vector]:
    """Return right, down and towards the viewer, as directions in space.

    Parameters
    ----------
    view
        "above", "side" or "front".
    rotation
        How far the picture is turned counter-clockwise, in degrees.

    Examples
    --------
    >>> directions("side", 0.0)[0]
    (1.0, 0.0, 0.0)
    """
    azimuth, elevation = (math.radians(angle) for angle in STANDPOINTS[view])
    near = (cosine(azimuth) * cosine(elevation), -sine(azimuth) * cosine(elevation), sine(elevation))
    right = (sine(azimuth), cosine(azimuth), 0.0)
    down = (cosine(azimuth) * sine(elevation), -sine(azimuth) * sine(elevation), -cosine(elevation))
    c, s = cosine(math.radians(rotation)), sine(math.radians(rotation))
    turned_right = tuple(r * c + d * s for r, d in zip(right, down, strict=True))
    turned_down = tuple(d * c - r * s for r, d in zip(right, down, strict=True))
    return _vector(turned_right), _vector(turned_down), near


def _vector(values: tuple[float, ...]) -> Vector:
    return values[0], values[1], values[2]


def along(rows: Rows, direction: Vector) -> Rows:
    """Return the component of each row (n, 3) along a direction, written out: a matrix product may round otherwise."""
    return rows[:, 0] * direction[0] + rows[:, 1] * direction[1] + rows[:, 2] * direction[2]


def seen(rows: Rows, camera: Camera) -> Rows:
    """Return rows (n, 3) of space as (n, 3) right, down and near, in pixels, without the centre."""
    axes = (camera.right, camera.down, camera.near)
    return np.stack([along(rows, axis) * camera.scale for axis in axes], axis=1)


def ellipses(figure: Figure, camera: Camera) -> Ellipses:
    """Return every ellipsoid of a figure as the ellipse that the camera sees, with its depth and its skin.

    Notes
    -----
    With S the ellipsoid's matrix in camera directions, its outline is the ellipse of the upper left block of S; over
    it the surface is a plane plus a dome (the Schur complement gives the dome's height).
    """
    rows = np.array([(*b.frame.origin, *b.frame.ahead, *b.frame.left, *b.frame.up, *b.half) for b in figure.balls])
    centre = seen(rows[:, 0:3], camera)
    arms = [seen(rows[:, 3 + 3 * i : 6 + 3 * i], camera) for i in range(3)]
    half = [arm * rows[:, 12 + i, None] for i, arm in enumerate(arms)]
    xx, yy, zz = (
        half[0][:, i] * half[0][:, i] + half[1][:, i] * half[1][:, i] + half[2][:, i] * half[2][:, i] for i in range(3)
    )
    xy, xz, yz = (
        half[0][:, i] * half[0][:, j] + half[1][:, i] * half[1][:, j] + half[2][:, i] * half[2][:, j]
        for i, j in ((0, 1), (0, 2), (1, 2))
    )
    xx, yy = xx + THINNEST * THINNEST, yy + THINNEST * THINNEST
    area = xx * yy - xy * xy
    inverse = np.stack([yy / area, -xy / area, xx / area], axis=1)
    slope_x = inverse[:, 0] * xz + inverse[:, 1] * yz
    slope_y = inverse[:, 1] * xz + inverse[:, 2] * yz
    dome = np.sqrt(np.maximum(zz - slope_x * xz - slope_y * yz, 0.0))
    unit = 1.0 / (camera.scale * camera.scale)
    skin = np.stack([arms[0] * unit, arms[1] * unit, arms[2] * unit / rows[:, 14:15]], axis=1)
    skin = np.ascontiguousarray(skin.transpose(0, 2, 1))  # ellipsoid, direction of the frame, place on the skin
    reach = np.sqrt(np.stack([xx, yy], axis=1))
    return Ellipses(centre, reach, inverse, np.stack([slope_x, slope_y, dome], axis=1), skin)


def rods(figure: Figure, camera: Camera) -> tuple[Rows, Rows, Rows]:
    """Return both ends (n, 3) and the two radii (n, 2) of every rod, in pixels."""
    start = seen(np.array([rod.start for rod in figure.rods]).reshape(-1, 3), camera)
    end = seen(np.array([rod.end for rod in figure.rods]).reshape(-1, 3), camera)
    radii = np.array([rod.radii for rod in figure.rods]).reshape(-1, 2) * camera.scale
    return start, end, np.maximum(radii, THINNEST)


def extent(figure: Figure, view: str) -> tuple[float, float, float, float]:
    """Return left, top, right and bottom of a figure in animal lengths, the picture not turned."""
    camera = Camera(*directions(view, 0.0), 1000.0, (0.0, 0.0))
    ball, (start, end, _) = ellipses(figure, camera), rods(figure, camera)
    low = np.concatenate([ball.centre[:, :2] - ball.reach, start[:, :2], end[:, :2]]).min(axis=0) / 1000.0
    high = np.concatenate([ball.centre[:, :2] + ball.reach, start[:, :2], end[:, :2]]).max(axis=0) / 1000.0
    return float(low[0]), float(low[1]), float(high[0]), float(high[1])
