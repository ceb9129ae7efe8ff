"""Input × gradient."""

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
class InputXGradient:
    """Each pixel times its gradient, summed over the channels (arXiv:1605.01713): a first guess of what it brings.

    In display space, so black pixels get nothing. Elsewhere the pixels are often those after normalisation, where it
    is the mean colour that gets nothing. The map is the score's linear model at the photo, taken to black; it sums to
    the score's difference from there only where the score is linear, which is why its unit is "relative".
    """

    card: ClassVar[Card] = Card(
        name="inputxgradient",
        title="Input × gradient",
        family="gradient",
        needs="gradients",
        unit="relative",
        contrast="exact",
        source="arXiv:1605.01713",
        reading="How the score would react to darkening each pixel, judged from a very small step: orange where light "
        "speaks for the class, blue where it speaks against it. Black pixels get nothing, whatever they mean.",
    )

    @property
    def images(self) -> int:
        """One image forward for one photo, whatever the number of targets."""
        return 1

    def attribute(self, model: Counted, batch: Array, targets: Targets, rngs: Sequence[np.random.Generator]) -> Raw:
        """Return signed maps at the network's own size, in one forward pass for all targets."""
        del rngs
        slopes = model.gradient(batch, targets)
        maps = array_namespace(slopes).sum(batch[:, None, ...] * slopes, axis=model.channel_axis)
        return Raw(maps=maps, notes=why_each_is_empty(maps, slopes))
