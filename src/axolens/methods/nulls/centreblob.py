"""Centre blob."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from axolens.classifiers.counted import Counted
from axolens.classifiers.protocols import Targets
from axolens.errors import InputError
from axolens.maths.array import Array
from axolens.maths.blob import WIDTH, centre_blob
from axolens.methods.method import Card, Raw
from axolens.methods.nulls.blind import blind_maps, network_size


@dataclass(frozen=True, slots=True, kw_only=True)
class CentreBlob:
    """A Gaussian blob in the middle, where photographers put what they photograph.

    It finds the object in most photos without a look at them, so a method must point better than this.

    Parameters
    ----------
    width
        Standard deviation of the blob as a share of each side of the network grid, above 0 and at most 1.

    Raises
    ------
    InputError
        If ``width`` is not.

    Examples
    --------
    >>> CentreBlob().card.about
    'nothing'
    """

    width: float = WIDTH
    card: ClassVar[Card] = Card(
        name="centreblob",
        title="Centre blob",
        family="null",
        needs="predictions",
        unit="relative",
        contrast="not offered",
        source="doi:10.1167/7.14.4",
        reading="A blob in the middle, the same for every photo and model: people photograph things in the middle. A "
        "map that does no better than this one has found nothing.",
        about="nothing",
    )

    def __post_init__(self) -> None:
        """Refuse a width that is no share of the picture."""
        if not 0 < self.width <= 1:
            raise InputError("centreblob.width", expected="a share above 0 and at most 1", got=self.width)

    @property
    def images(self) -> int:
        """No image: the model is not asked."""
        return 0

    def attribute(self, model: Counted, batch: Array, targets: Targets, rngs: Sequence[np.random.Generator]) -> Raw:
        """Return blobs (n, m, h, w) with values in (0, 1] at the network's own size, all the same."""
        del rngs
        blob = centre_blob(network_size(model, batch), self.width)
        return blind_maps([blob] * len(targets), model, targets)
