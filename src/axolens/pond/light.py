"""Light on the animal and on the ground, the shadow between them, and the lens: all in exact arithmetic."""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from axolens.pond.geometry import cosine, sine

Plane = NDArray[np.float64]
Picture = NDArray[np.float64]
STEEPEST = 3.0


class Light(NamedTuple):
    """Where the light comes from (right, down, towards the viewer), how strong it is, 0..1, and its colour."""

    x: float
    y: float
    near: float
    strength: float
    colour: tuple[float, float, float]


def light_from(direction: float, strength: float, colour: tuple[float, float, float]) -> Light:
    """Return the light that comes from ``direction`` degrees, counter-clockwise from the right of the picture.

    Examples
    --------
    >>> light_from(90.0, 1.0, (1.0, 1.0, 1.0)).y
    -0.8
    """
    angle = math.radians(direction)
    return Light(0.8 * cosine(angle), -0.8 * sine(angle), 0.6, strength, colour)


def slopes(height: Plane) -> tuple[Plane, Plane]:
    """Return how steeply a height rises to the right and downwards, no steeper than 3; 0 at the border.

    Examples
    --------
    >>> right, down = slopes(np.array([[0.0, 1.0, 2.0]] * 3))
    >>> right[1].tolist()
    [0.0, 1.0, 0.0]
    """
    right, down = np.zeros_like(height), np.zeros_like(height)
    right[:, 1:-1] = (height[:, 2:] - height[:, :-2]) * 0.5
    down[1:-1] = (height[2:] - height[:-2]) * 0.5
    return tuple(np.minimum(np.maximum(slope, -STEEPEST), STEEPEST) for slope in (right, down))  # type: ignore[return-value]


def lit_animal(colour: Picture, right: Plane, down: Plane, light: Light) -> Picture:
    """Return the animal's colour under the light: shade, a wet highlight, and a rim that sets dark skin off.

    Parameters
    ----------
    colour
        (3, m) of m pixels, in 0..1.
    right, down
        How steeply the animal rises towards the viewer there, from :func:`slopes`.
    light
        Where it comes from, and how strong it is.
    """
    facing = 1.0 / np.sqrt(right * right + down * down + 1.0)
    toward = (light.near - right * light.x - down * light.y) * facing
    lit = np.maximum(toward, 0.0)
    shade = (0.80 - 0.30 * light.strength) + (0.16 + 0.58 * light.strength) * lit
    shade = shade * (0.72 + 0.28 * facing)
    square = lit * lit
    power = square * square * square
    gloss = power * power * (0.05 + 0.20 * light.strength)
    rim = (1.0 - facing) * (1.0 - facing) * (0.15 + 0.36 * lit)
    return colour * shade + (gloss + rim)


def lit_ground(colour: Picture, height: Plane, light: Light) -> Picture:
    """Return the ground's colour under the light; its bumps are shaded from the light's side."""
    right, down = slopes(height * float(len(height)))
    toward = -(right * light.x + down * light.y)
    shade = 0.84 + 0.12 * light.strength + (0.10 + 0.50 * light.strength) * toward
    return colour * np.minimum(np.maximum(shade, 0.25), 1.6)


def shadow(cover: Plane, light: Light, reach: float) -> Plane:
    """Return the share of light that reaches the ground, 1 away from the shadow.

    Parameters
    ----------
    cover
        (h, w), the share of each pixel that the animal covers, 0..1.
    light
        Where it comes from, and how strong it is.
    reach
        How far the shadow falls, in pixels.
    """
    down, right = (math.floor(-axis * reach + 0.5) for axis in (light.y, light.x))
    fallen = np.zeros_like(cover)
    size = len(cover)
    rows, columns = slice(max(down, 0), size + min(down, 0)), slice(max(right, 0), size + min(right, 0))
    source = slice(max(-down, 0), size + min(-down, 0)), slice(max(-right, 0), size + min(-right, 0))
    fallen[rows, columns] = cover[source]
    fallen = 0.35 * cover + 0.65 * fallen  # what touches the ground darkens it on every side
    return 1.0 - (0.42 + 0.30 * light.strength) * blurred(fallen[None], 0.35 * reach)[0]


def blurred(picture: Picture, deviation: float) -> Picture:
    """Blur (c, h, w) by a bell curve of this standard deviation in pixels; the border is repeated outwards.

    Examples
    --------
    >>> float(blurred(np.ones((1, 4, 4)), 1.5).round(9).min())
    1.0
    """
    if deviation <= 0.0:
        return picture
    weights = _bell(deviation)
    return _spread(_spread(picture, weights, 1), weights, 2)


def _bell(deviation: float) -> list[float]:
    """Return the weights at 0, 1, 2, … pixels; rounded, for the same reason as the sines."""
    reach = max(1, int(2.6 * deviation + 0.5))
    raw = [round(math.exp(-0.5 * (i / deviation) ** 2), 6) for i in range(reach + 1)]
    whole = raw[0] + 2.0 * sum(raw[1:])
    return [value / whole for value in raw]


def _spread(picture: Picture, weights: list[float], axis: int) -> Picture:
    reach, size = len(weights) - 1, picture.shape[axis]
    index = np.minimum(np.maximum(np.arange(-reach, size + reach), 0), size - 1)
    wide = np.take(picture, index, axis=axis)
    total = picture * weights[0]
    for offset, weight in enumerate(weights[1:], start=1):
        total += (_part(wide, axis, reach - offset, size) + _part(wide, axis, reach + offset, size)) * weight
    return total


def _part(wide: Picture, axis: int, start: int, size: int) -> Picture:
    return wide[:, start : start + size] if axis == 1 else wide[:, :, start : start + size]
