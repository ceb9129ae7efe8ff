"""Points, directions and frames in space: a dozen scalars each, so plain tuples.

Space: x towards the nose, y to the animal's left, z up; the animal is about one unit long. Angles are in radians.
Every sine and cosine is rounded to six decimals before use, so a last-bit difference between two maths libraries
cannot reach a pixel.
"""

import math
from collections.abc import Callable
from typing import NamedTuple

Vector = tuple[float, float, float]


def sine(angle: float) -> float:
    """Return the sine of an angle in radians, to six decimals.

    Examples
    --------
    >>> sine(0.5)
    0.479426
    """
    return round(math.sin(angle), 6)


def cosine(angle: float) -> float:
    """Return the cosine of an angle in radians, to six decimals.

    Examples
    --------
    >>> cosine(0.0)
    1.0
    """
    return round(math.cos(angle), 6)


def mix(first: Vector, second: Vector, share: float) -> Vector:
    """Return the point that lies the given share (0..1) of the way from ``first`` to ``second``.

    Examples
    --------
    >>> mix((0.0, 0.0, 0.0), (2.0, 4.0, 8.0), 0.5)
    (1.0, 2.0, 4.0)
    """
    return _weighted(first, 1.0 - share, second, share)


def _weighted(first: Vector, a: float, second: Vector, b: float) -> Vector:
    return (first[0] * a + second[0] * b, first[1] * a + second[1] * b, first[2] * a + second[2] * b)


class Frame(NamedTuple):
    """A place and the three directions there: ``ahead``, ``left`` and ``up``, at right angles and of length one."""

    origin: Vector = (0.0, 0.0, 0.0)
    ahead: Vector = (1.0, 0.0, 0.0)
    left: Vector = (0.0, 1.0, 0.0)
    up: Vector = (0.0, 0.0, 1.0)

    def way(self, x: float, y: float, z: float) -> Vector:
        """Return the direction that is x ahead, y to the left and z up, seen from here."""
        return _weighted(_weighted(self.ahead, x, self.left, y), 1.0, self.up, z)

    def at(self, x: float, y: float, z: float) -> Vector:
        """Return the point that is x ahead, y to the left and z up from here."""
        return _weighted(self.origin, 1.0, self.way(x, y, z), 1.0)

    def moved(self, x: float, y: float, z: float) -> "Frame":
        """Return this frame with its origin moved, its directions as they are."""
        return self._replace(origin=self.at(x, y, z))

    def turned(self, yaw: float = 0.0, pitch: float = 0.0, roll: float = 0.0) -> "Frame":
        """Return this frame turned left by ``yaw``, then nose up by ``pitch``, then over by ``roll``."""
        ahead, left = _spun(self.ahead, self.left, yaw)
        ahead, up = _spun(ahead, self.up, pitch)
        left, up = _spun(left, up, roll)
        return Frame(self.origin, ahead, left, up)


def _spun(first: Vector, second: Vector, angle: float) -> tuple[Vector, Vector]:
    if angle == 0.0:
        return first, second
    c, s = cosine(angle), sine(angle)
    return _weighted(first, c, second, s), _weighted(second, c, first, -s)


class Spine(NamedTuple):
    """A line from the neck (0) to the tip of the tail (1), with a frame at every step."""

    frames: tuple[Frame, ...]
    length: float

    def at(self, place: float) -> Frame:
        """Return the frame at a place from 0 (neck) to 1 (tip of the tail)."""
        position = min(max(place, 0.0), 1.0) * (len(self.frames) - 1)
        index = min(int(position), len(self.frames) - 2)
        here, following = self.frames[index], self.frames[index + 1]
        return here._replace(origin=mix(here.origin, following.origin, position - index))


def spine(length: float, yaw: Callable[[float], float], pitch: Callable[[float], float], *, pin: float) -> Spine:
    """Walk from the neck to the tip of the tail.

    Parameters
    ----------
    length
        Length of the spine, in animal lengths.
    yaw, pitch
        Heading at each place from 0 (neck) to 1 (tip), in radians.
    pin
        The place, 0..1, that stays where it is in a straight animal.

    Examples
    --------
    >>> line = spine(0.8, lambda p: 0.0, lambda p: 0.0, pin=0.0)
    >>> round(line.at(1.0).origin[0], 6)
    -0.8
    """
    steps = 40
    frames = [Frame().turned(yaw(0.0), pitch(0.0))]
    for index in range(1, steps + 1):
        here = frames[-1]
        origin = here.at(-length / steps, 0.0, 0.0)
        frames.append(Frame(origin).turned(yaw(index / steps), pitch(index / steps)))
    held = Spine(tuple(frames), length).at(pin).origin
    shift = (-pin * length - held[0], -held[1], -held[2])
    return Spine(tuple(f._replace(origin=_weighted(f.origin, 1.0, shift, 1.0)) for f in frames), length)
