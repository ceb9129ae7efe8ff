"""Guided backpropagation, kept because it must fail the sanity checks."""

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

WARNING = (
    "Guided backpropagation draws the picture's edges almost whatever the network has learned and whichever class is "
    "asked (arXiv:1810.03292, arXiv:1805.07039): do not read this map as evidence."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class GuidedBackprop:
    """The gradient with only positive slopes let back through each ReLU (arXiv:1412.6806), summed over the channels."""

    card: ClassVar[Card] = Card(
        name="guidedbackprop",
        title="Guided backpropagation",
        family="gradient",
        needs="guided gradients",
        unit="relative",
        contrast="not offered",
        source="arXiv:1412.6806",
        reading="Crisp, and misleading: it draws the edges of the picture almost whatever the network has learned. It "
        "is here as the example of a map that must fail the checks.",
    )

    @property
    def images(self) -> int:
        """One image forward for one photo, whatever the number of targets."""
        return 1

    def attribute(self, model: Counted, batch: Array, targets: Targets, rngs: Sequence[np.random.Generator]) -> Raw:
        """Return signed maps at the network's own size, in one forward pass for all targets."""
        del rngs
        slopes = model.guided_gradient(batch, targets)
        maps = array_namespace(slopes).sum(slopes, axis=model.channel_axis)
        notes = tuple(tuple((WARNING, *said) for said in row) for row in why_each_is_empty(maps, slopes))
        return Raw(maps=maps, notes=notes)
