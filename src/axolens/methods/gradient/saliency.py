"""Saliency: the gradient itself."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from array_api_compat import array_namespace

from axolens.classifiers.counted import Counted
from axolens.classifiers.protocols import Targets
from axolens.maths.array import Array
from axolens.methods.emptiness import why_each_is_empty
from axolens.methods.method import Card, Raw


@dataclass(frozen=True, slots=True, kw_only=True)
class Saliency:
    """How much the score rises a unit of each pixel's brightness: the gradient, summed over the channels.

    Simonyan et al. (arXiv:1312.6034) take the largest absolute value over the channels instead. That loses what speaks
    for and what against, and two classes' maps no longer differ by the map of their contrast.
    """

    card: ClassVar[Card] = Card(
        name="saliency",
        title="Saliency",
        family="gradient",
        needs="gradients",
        unit="relative",
        contrast="exact",
        source="arXiv:1312.6034",
        reading="How the score would react to a very small change: orange where a slightly brighter pixel would raise "
        "it, blue where it would lower it. Fine grained and noisy; it says to what the score is sensitive, not what it "
        "is made of.",
    )

    @property
    def images(self) -> int:
        """One image forward for one photo, whatever the number of targets."""
        return 1

    def attribute(self, model: Counted, batch: Array, targets: Targets, rngs: Sequence[np.random.Generator]) -> Raw:
        """Return signed maps at the network's own size, in one forward pass for all targets."""
        del rngs
        slopes = model.gradient(batch, targets)
        maps = array_namespace(slopes).sum(slopes, axis=model.channel_axis)
        return Raw(maps=maps, notes=why_each_is_empty(maps, slopes))
