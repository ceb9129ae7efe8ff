"""White noise."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from axolens.classifiers.counted import Counted
from axolens.classifiers.protocols import Targets
from axolens.maths.array import Array
from axolens.methods.method import Card, Raw
from axolens.methods.nulls.blind import blind_maps, network_size


@dataclass(frozen=True, slots=True, kw_only=True)
class Noise:
    """White noise: every place of the network grid drawn by itself, with mean 0 and standard deviation 1.

    A check that this map passes checks nothing.

    Examples
    --------
    >>> Noise().card.about
    'nothing'
    """

    card: ClassVar[Card] = Card(
        name="noise",
        title="White noise",
        family="null",
        needs="predictions",
        unit="relative",
        contrast="not offered",
        source="none: drawn by chance",
        reading="Pure chance, drawn without a look at photo or model. Whatever it seems to show is not there.",
        about="nothing",
    )

    @property
    def images(self) -> int:
        """No image: the model is not asked."""
        return 0

    def attribute(self, model: Counted, batch: Array, targets: Targets, rngs: Sequence[np.random.Generator]) -> Raw:
        """Return noise (n, m, h, w) at the network's own size, the same for all m targets of an image."""
        size = network_size(model, batch)
        return blind_maps([rng.standard_normal(size, dtype=np.float32) for rng in rngs], model, targets)
