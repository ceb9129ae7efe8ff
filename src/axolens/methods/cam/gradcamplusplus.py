"""Grad-CAM++."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from axolens.classifiers.counted import Counted
from axolens.classifiers.protocols import Targets
from axolens.maths.array import Array
from axolens.maths.cam import grad_cam_plus_plus
from axolens.methods.cam.at_layer import map_at_layer
from axolens.methods.method import Card, Raw


@dataclass(frozen=True, slots=True, kw_only=True)
class GradCamPlusPlus:
    """Grad-CAM with weights from the positive gradients, which count more where they are alone (arXiv:1710.11063).

    Made so that several things of one class are all found, the small beside the large. What lowers the score is left
    out, so a map of one class against another would mean nothing.

    Parameters
    ----------
    layer
        A layer by the framework's name; None takes the one that Grad-CAM takes, checked once per model by this method's
        own map against random maps.

    Examples
    --------
    >>> GradCamPlusPlus(layer="layer2").card.contrast
    'not offered'
    """

    layer: str | None = None
    card: ClassVar[Card] = Card(
        name="gradcamplusplus",
        title="Grad-CAM++",
        family="cam",
        needs="layers",
        unit="relative",
        contrast="not offered",
        source="arXiv:1710.11063",
        reading="Looks into the network as Grad-CAM does, with more weight for what raises the score at few places. "
        "What lowers the score is left out, so this map shows no evidence against the class.",
    )

    @property
    def images(self) -> int:
        """One image forward for one photo, whatever the number of targets."""
        return 1

    def attribute(self, model: Counted, batch: Array, targets: Targets, rngs: Sequence[np.random.Generator]) -> Raw:
        """Return signed maps (n, m, h, w) at the layer's own resolution, in one forward pass for all targets.

        Raises
        ------
        CapabilityError
            If the network has no layer that is a grid of places.
        LayerError
            If the named layer does not exist or is no grid of places.
        """
        return map_at_layer(grad_cam_plus_plus, self.layer, model, batch, targets, rngs[0])
