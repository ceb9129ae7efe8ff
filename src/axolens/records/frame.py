"""Which part of a photo the network sees."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Frame:
    """The part of the photo that lands on the network grid.

    Parameters
    ----------
    box
        x0, y0, x1, y1 in photo pixels; edges, not centres; may end between two pixels.
    size
        Height and width of the network grid, in network pixels.
    photo
        Height and width of the photo, in photo pixels.

    Examples
    --------
    >>> frame = Frame(box=(50.0, 0.0, 150.0, 100.0), size=(224, 224), photo=(100, 200))
    >>> frame.to_photo(112.0, 112.0)
    (100.0, 50.0)
    >>> frame.to_network(100.0, 50.0)
    (112.0, 112.0)
    >>> frame.share
    0.5
    """

    box: tuple[float, float, float, float]
    size: tuple[int, int]
    photo: tuple[int, int]

    @property
    def share(self) -> float:
        """Which share of the photo's area the network sees, 0 to 1."""
        x0, y0, x1, y1 = self.box
        return (x1 - x0) * (y1 - y0) / (self.photo[0] * self.photo[1])

    def to_photo(self, x: float, y: float) -> tuple[float, float]:
        """Return the photo's x, y of a point on the network grid."""
        x0, y0, x1, y1 = self.box
        return x0 + x * (x1 - x0) / self.size[1], y0 + y * (y1 - y0) / self.size[0]

    def to_network(self, x: float, y: float) -> tuple[float, float]:
        """Return the network grid's x, y of a point of the photo; outside the grid where it is not seen."""
        x0, y0, x1, y1 = self.box
        return (x - x0) * self.size[1] / (x1 - x0), (y - y0) * self.size[0] / (y1 - y0)
