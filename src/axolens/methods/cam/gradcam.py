"""Grad-CAM."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from axolens.classifiers.counted import Counted
from axolens.classifiers.protocols import Targets
from axolens.maths.array import Array
from axolens.maths.cam import grad_cam
from axolens.methods.cam.at_layer import map_at_layer
from axolens.methods.method import Card, Raw


@dataclass(frozen=True, slots=True, kw_only=True)
class GradCam:
    """Channels of a late layer, each weighed by the mean gradient of the score (arXiv:1610.02391).

    Parameters
    ----------
    layer
        A layer by the framework's name; None takes the deepest one that the score's gradient reaches at most places
        and that is not the class maps themselves, checked once per model against random maps.
    """

    layer: str | None = None
    card: ClassVar[Card] = Card(
        name="gradcam",
        title="Grad-CAM",
        family="cam",
        needs="layers",
        unit="relative",
        contrast="exact",
        source="arXiv:1610.02391",
        reading="Looks into the network: which cells of a late layer raise the score of the class. The grid is coarse, "
        "often 7 by 7 or 14 by 14, so a spot is an area and not an outline.",
    )

    @property
    def images(self) -> int:
        """One image forward for one photo, whatever the number of targets."""
        return 1

    def attribute(self, model: Counted, batch: Array, targets: Targets, rngs: Sequence[np.random.Generator]) -> Raw:
        """Return signed maps at the layer's own resolution, in one forward pass for all targets."""
        return map_at_layer(grad_cam, self.layer, model, batch, targets, rngs[0])
