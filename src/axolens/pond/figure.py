"""What an animal is made of before it is seen: ellipsoids and tapered rods in space, each of one part and one paint."""

from typing import NamedTuple

from axolens.pond.geometry import Frame, Vector

PAINTS = ("skin", "belly", "accent", "accent2", "eye", "glint", "dark")


class Ball(NamedTuple):
    """An ellipsoid: a frame, half its length, width and height, and where its skin lies on the unbent animal."""

    frame: Frame
    half: Vector
    place: float
    part: str
    paint: str
    lift: float = 0.0


class Rod(NamedTuple):
    """A round rod between two points, with a radius at each."""

    start: Vector
    end: Vector
    radii: tuple[float, float]
    place: float
    part: str
    paint: str
    lift: float = 0.0


class Figure:
    """The shapes of one animal, collected part by part."""

    def __init__(self) -> None:
        self.balls: list[Ball] = []
        self.rods: list[Rod] = []

    def ball(
        self, part: str, frame: Frame, half: Vector, *, paint: str = "skin", place: float = 0.0, lift: float = 0.0
    ) -> None:
        """Add an ellipsoid.

        Parameters
        ----------
        part
            Name of the part that it belongs to.
        frame, half
            Centre and directions; half the length, width and height along them, in animal lengths.
        paint
            One of ``PAINTS``.
        place
            Where on the unbent animal, in animal lengths behind the neck (negative): the skin's pattern is laid there.
        lift
            How much nearer to the viewer it counts as, in animal lengths; keeps a pupil on its eye.
        """
        self.balls.append(Ball(frame, half, place, part, paint, lift))

    def rod(
        self,
        part: str,
        start: Vector,
        end: Vector,
        radii: tuple[float, float],
        *,
        paint: str = "skin",
        place: float = 0.0,
        lift: float = 0.0,
    ) -> None:
        """Add a tapered rod; the parameters are those of :meth:`ball`, the radii are in animal lengths."""
        self.rods.append(Rod(start, end, radii, place, part, paint, lift))

    def parts(self) -> tuple[str, ...]:
        """Return the names of all parts, in alphabetical order."""
        return tuple(sorted({shape.part for shape in self.balls} | {shape.part for shape in self.rods}))
