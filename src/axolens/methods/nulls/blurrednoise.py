"""Blurred noise."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from axolens.classifiers.counted import Counted
from axolens.classifiers.protocols import Targets
from axolens.errors import InputError
from axolens.maths.array import Array
from axolens.maths.noise import blurred_noise
from axolens.methods.method import Card, Raw
from axolens.methods.nulls.blind import blind_maps, network_size


@dataclass(frozen=True, slots=True, kw_only=True)
class BlurredNoise:
    """White noise behind a Gaussian blur: blobs at random places, as smooth as a heatmap often is.

    Blurring alone improves scores of hiding and removing (arXiv:2304.13836), so this is a harder null than white noise.
    For noise as smooth as a given map use ``noise_as_smooth_as``.

    Parameters
    ----------
    width
        Standard deviation of the blur as a share of the shorter side of the network grid, in [0, 1].

    Raises
    ------
    InputError
        If ``width`` is not.

    Examples
    --------
    >>> BlurredNoise(width=0.1).card.about
    'nothing'
    """

    width: float = 0.08
    card: ClassVar[Card] = Card(
        name="blurrednoise",
        title="Blurred noise",
        family="null",
        needs="predictions",
        unit="relative",
        contrast="not offered",
        source="arXiv:2304.13836",
        reading="Pure chance, smoothed until it looks like a heatmap. Drawn without a look at photo or model: whatever "
        "it seems to show is not there.",
        about="nothing",
    )

    def __post_init__(self) -> None:
        """Refuse a width that is no share of the picture."""
        if not 0 <= self.width <= 1:
            raise InputError("blurrednoise.width", expected="a share of at least 0 and at most 1", got=self.width)

    @property
    def images(self) -> int:
        """No image: the model is not asked."""
        return 0

    def attribute(self, model: Counted, batch: Array, targets: Targets, rngs: Sequence[np.random.Generator]) -> Raw:
        """Return noise (n, m, h, w) at the network's own size, the same for all m targets of an image."""
        size = network_size(model, batch)
        return blind_maps([blurred_noise(size, self.width * min(size), rng) for rng in rngs], model, targets)
