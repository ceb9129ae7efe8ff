"""Edge map."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from scipy.ndimage import sobel

from axolens.classifiers.counted import Counted
from axolens.classifiers.protocols import Targets
from axolens.maths.array import Array, to_numpy
from axolens.methods.method import Card, Raw
from axolens.methods.nulls.blind import blind_maps, channels_last

LUMINANCE = (0.2126, 0.7152, 0.0722)  # of red, green and blue in sRGB


@dataclass(frozen=True, slots=True, kw_only=True)
class EdgeMap:
    """Where the photo's brightness changes: Sobel's slope of the luminance, without a look at the model.

    Edges look like an explanation, as they follow what people see; a method whose maps resemble this one may show the
    photo rather than the model (arXiv:1810.03292).

    Examples
    --------
    >>> EdgeMap().card.about
    'photo'
    """

    card: ClassVar[Card] = Card(
        name="edgemap",
        title="Edge map",
        family="null",
        needs="predictions",
        unit="relative",
        contrast="not offered",
        source="arXiv:1810.03292",
        reading="The edges of the photo, found without a look at the model. It looks like an explanation and is none; "
        "a map that resembles it may show the photo rather than the model.",
        about="photo",
    )

    @property
    def images(self) -> int:
        """No image: the model is not asked."""
        return 0

    def attribute(self, model: Counted, batch: Array, targets: Targets, rngs: Sequence[np.random.Generator]) -> Raw:
        """Return (n, m, h, w), change of luminance a pixel, the same for all m targets of an image."""
        del rngs
        pixels = to_numpy(batch).astype(np.float64)
        if not channels_last(model):
            pixels = np.moveaxis(pixels, 1, -1)
        light = pixels @ LUMINANCE if pixels.shape[-1] == 3 else pixels.mean(-1)
        slopes = (np.stack([sobel(one, axis=axis, mode="nearest") / 8 for axis in (0, 1)]) for one in light)
        return blind_maps([np.hypot(*both) for both in slopes], model, targets)
