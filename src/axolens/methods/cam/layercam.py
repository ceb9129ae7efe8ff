"""LayerCAM."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from axolens.classifiers.counted import Counted
from axolens.classifiers.protocols import Targets
from axolens.maths.array import Array
from axolens.maths.cam import layer_cam
from axolens.methods.cam.at_layer import map_at_layer
from axolens.methods.method import Card, Raw


@dataclass(frozen=True, slots=True, kw_only=True)
class LayerCam:
    """Each place of a layer, weighed by the score's gradient there where it is positive (doi:10.1109/TIP.2021.3089943).

    Made to be read at early layers too, whose grids are finer: there the mean gradient of a channel says little, and
    the positive gradient at a place still does. What speaks against the class is left out, so a map of one class
    against another would mean nothing.

    Parameters
    ----------
    layer
        A layer by the framework's name; None takes the one that Grad-CAM takes, checked once per model by this method's
        own map against random maps.

    Examples
    --------
    >>> LayerCam(layer="layer2").card.contrast
    'not offered'
    """

    layer: str | None = None
    card: ClassVar[Card] = Card(
        name="layercam",
        title="LayerCAM",
        family="cam",
        needs="layers",
        unit="relative",
        contrast="not offered",
        source="doi:10.1109/TIP.2021.3089943",
        reading="Looks into the network: where a layer gives something that would raise the score if there were more "
        "of it. What lowers the score is left out, so this map shows no evidence against the class.",
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
        return map_at_layer(layer_cam, self.layer, model, batch, targets, rngs[0])
