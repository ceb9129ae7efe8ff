"""HiResCAM."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from axolens.classifiers.counted import Counted
from axolens.classifiers.protocols import Targets
from axolens.maths.array import Array
from axolens.maths.cam import hires_cam
from axolens.methods.cam.at_layer import map_at_layer
from axolens.methods.method import Card, Raw


@dataclass(frozen=True, slots=True, kw_only=True)
class HiResCam:
    """Each place of a late layer, weighed by the gradient of the score at that very place (arXiv:2011.08891).

    Grad-CAM weighs a channel alike at all places, and so may colour places that the score does not use; this does not.
    Where the score is linear from the layer on, the map sums to the score without its constant part. At a layer that is
    only averaged afterwards both are the same map.

    Parameters
    ----------
    layer
        A layer by the framework's name; None takes the one that Grad-CAM takes, checked once per model by this method's
        own map against random maps.

    Examples
    --------
    >>> HiResCam(layer="layer4").card.contrast
    'exact'
    """

    layer: str | None = None
    card: ClassVar[Card] = Card(
        name="hirescam",
        title="HiResCAM",
        family="cam",
        needs="layers",
        unit="relative",
        contrast="exact",
        source="arXiv:2011.08891",
        reading="Looks into the network as Grad-CAM does, but place by place: which cells of a late layer the score "
        "was made of, and how. The grid is as coarse as Grad-CAM's; the map is often less smooth.",
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
        return map_at_layer(hires_cam, self.layer, model, batch, targets, rngs[0])
