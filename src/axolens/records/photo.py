"""One photo, as the person sees it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from jaxtyping import Bool, Float32

from axolens.errors import InputError
from axolens.records.arrays import freeze

Fact = str | int | float | bool


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Photo:
    """A photo in display space: sRGB in [0, 1], row 0 at the top, and what is known about it.

    Parameters
    ----------
    pixels
        (h, w, 3) float32, sRGB values in [0, 1].
    name
        What a reader calls it; a file's name, never a path to trust.
    digest
        sha256 of the file's bytes, in hexadecimal; the random numbers of a photo are seeded by it.
    facts
        What the file said: format, size in pixels before reduction, mode, EXIF orientation, …
    truth
        Name of the true class, or None.
    mask
        (h, w), True on the object, or None.
    group
        Which animal, patient or camera: photos of one group are not independent.

    Raises
    ------
    InputError
        If the pixels are not in [0, 1] or the mask has another size.

    Examples
    --------
    >>> import numpy as np
    >>> Photo(np.full((2, 3, 3), 0.5, np.float32), name="grey").size
    (2, 3)
    """

    pixels: Float32[np.ndarray, "h w 3"]
    name: str = "memory"
    digest: str = ""
    facts: Mapping[str, Fact] = field(default_factory=dict)
    truth: str | None = None
    mask: Bool[np.ndarray, "h w"] | None = None
    group: str | None = None

    def __post_init__(self) -> None:
        """Refuse pixels outside [0, 1], then freeze the arrays."""
        low, high = float(self.pixels.min()), float(self.pixels.max())
        if not (low >= 0.0 and high <= 1.0):
            raise InputError(
                "pixels",
                expected="sRGB values in [0, 1]",
                got=f"values from {low:g} to {high:g}",
                hint="Divide 8-bit pixels by 255; undo mean and std before building a Photo.",
            )
        if self.mask is not None and self.mask.shape != self.pixels.shape[:2]:
            raise InputError("mask", expected=f"the photo's size, {self.pixels.shape[:2]}", got=self.mask.shape)
        freeze(self, pixels=self.pixels, mask=self.mask)
        object.__setattr__(self, "facts", dict(self.facts))

    def __repr__(self) -> str:
        """Say name, size and truth; not the pixels."""
        return f"Photo({self.name!r}, {self.size[0]} × {self.size[1]}, truth={self.truth!r})"

    @property
    def size(self) -> tuple[int, int]:
        """Height and width in pixels."""
        return self.pixels.shape[0], self.pixels.shape[1]
