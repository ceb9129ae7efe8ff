"""Eigen-CAM."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np

from axolens.classifiers.counted import Counted
from axolens.classifiers.protocols import Targets
from axolens.maths.array import Array
from axolens.maths.cam import eigen_cam
from axolens.methods.cam.at_layer import map_at_layer
from axolens.methods.method import Card, Raw

SAME = "The same map for every class: it says where the layer is most active, not what for."


@dataclass(frozen=True, slots=True, kw_only=True)
class EigenCam:
    """What most of a layer's channels show together, whatever the class (arXiv:2008.00299).

    It asks for no class: the map is the same for every target, and a map of one against another would be nothing.

    Parameters
    ----------
    layer
        A layer by the framework's name; None takes the one that Grad-CAM takes, checked once per model by this method's
        own map against random maps.

    Examples
    --------
    >>> EigenCam(layer="layer2").card.contrast
    'not offered'
    """

    layer: str | None = None
    card: ClassVar[Card] = Card(
        name="eigencam",
        title="Eigen-CAM",
        family="cam",
        needs="layers",
        unit="relative",
        contrast="not offered",
        source="arXiv:2008.00299",
        reading="Shows where most channels of a late layer light up together. It knows of no class: the map is the "
        "same for the right answer and for the wrong one, so it explains neither.",
        about="model",
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
        raw = map_at_layer(eigen_cam, self.layer, model, batch, targets, rngs[0])
        return replace(raw, notes=tuple(tuple((SAME, *said) for said in row) for row in raw.notes))
