"""XGrad-CAM."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from axolens.classifiers.counted import Counted
from axolens.classifiers.protocols import Targets
from axolens.maths.array import Array
from axolens.maths.cam import xgrad_cam
from axolens.methods.cam.at_layer import map_at_layer
from axolens.methods.method import Card, Raw


@dataclass(frozen=True, slots=True, kw_only=True)
class XGradCam:
    """Grad-CAM whose weights count a gradient as much as the channel gives at its place (arXiv:2008.02312).

    A gradient where the channel is silent changes nothing there, and is not counted; so each channel's part sums to
    what the score, taken as linear, has from that channel.

    Parameters
    ----------
    layer
        A layer by the framework's name; None takes the one that Grad-CAM takes, checked once per model by this method's
        own map against random maps.

    Examples
    --------
    >>> XGradCam(layer="layer2").card.contrast
    'exact'
    """

    layer: str | None = None
    card: ClassVar[Card] = Card(
        name="xgradcam",
        title="XGrad-CAM",
        family="cam",
        needs="layers",
        unit="relative",
        contrast="exact",
        source="arXiv:2008.02312",
        reading="Looks into the network as Grad-CAM does, but a channel's weight is read where the channel speaks. The "
        "grid is as coarse as Grad-CAM's.",
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
        return map_at_layer(xgrad_cam, self.layer, model, batch, targets, rngs[0])
