"""A partition of what the network sees into regions."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from jaxtyping import Int32

from axolens.errors import InputError
from axolens.records.arrays import freeze
from axolens.records.photo import Fact


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Segments:
    """Superpixels: labels 0 to s - 1 without gaps, on the network grid.

    Parameters
    ----------
    labels
        (h', w') int32.
    maker, settings
        The algorithm and what it was given.

    Raises
    ------
    InputError
        If a number from 0 to s - 1 is missing.

    Examples
    --------
    >>> import numpy as np
    >>> Segments(np.array([[0, 0], [1, 2]], np.int32), "by hand").count
    3
    """

    labels: Int32[np.ndarray, "h w"]
    maker: str
    settings: Mapping[str, Fact] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuse gaps, then freeze the labels."""
        found = np.unique(self.labels)
        if found[0] != 0 or found[-1] != found.size - 1:
            raise InputError(
                "segments",
                expected="labels 0, 1, 2, … without gaps",
                got=f"{found.size} labels from {found[0]} to {found[-1]}",
                hint="numpy.unique(labels, return_inverse=True) closes gaps.",
            )
        freeze(self, labels=self.labels)
        object.__setattr__(self, "settings", dict(self.settings))

    def __repr__(self) -> str:
        """Say how many regions there are and who made them."""
        return f"Segments({self.count} regions by {self.maker})"

    @property
    def count(self) -> int:
        """Number of regions s."""
        return int(self.labels.max()) + 1
