"""Score-CAM."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from array_api_compat import array_namespace

from axolens.classifiers.counted import Counted
from axolens.classifiers.protocols import Targets
from axolens.errors import CapabilityError
from axolens.maths.array import Array, to_numpy
from axolens.maths.channels import as_masks, bilinear, softmax
from axolens.maths.scores import score_each
from axolens.methods.baseline import baseline_image, in_words
from axolens.methods.cam.layer_choice import unchecked_layer
from axolens.methods.emptiness import why_empty
from axolens.methods.method import Card, Raw, check_whole
from axolens.methods.perturbation.hiding import masked_scores
from axolens.photos.fill import check_fill
from axolens.records.target import Target


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreCam:
    """A layer's channels, each weighed by the score of the photo seen through it alone (arXiv:1910.01279).

    Each channel is enlarged to the photo and stretched to [0, 1], the photo is shown through it, and the softmax of the
    scores over the channels gives the weights. No gradient is asked, and no channel counts against the class.

    Parameters
    ----------
    layer
        A layer by the framework's name; None takes the one that Grad-CAM takes, which is not checked here.
    fill
        What is seen where a channel is lowest: "mean" (the photo's mean colour), "blur", a colour, or "network-zero"
        (the paper's).
    chunk
        Images a pass; 0 is what suits the device.

    Examples
    --------
    >>> ScoreCam(layer="layer4").card.contrast  # a softmax of scores is not linear in them
    'not offered'
    """

    layer: str | None = None
    fill: str = "mean"
    chunk: int = 0
    card: ClassVar[Card] = Card(
        name="scorecam",
        title="Score-CAM",
        family="cam",
        needs="layers",
        unit="relative",
        contrast="not offered",
        source="arXiv:1910.01279",
        reading="Looks into the network, but asks from outside: the photo is seen through each channel of a late layer "
        "by itself, and the channels through which the class is seen best make the map. Nothing on it speaks against "
        "the class. The grid is as coarse as Grad-CAM's.",
    )

    def __post_init__(self) -> None:
        """Refuse settings that mean nothing."""
        check_whole("scorecam.chunk", self.chunk, 0)
        check_fill(self.fill)

    @property
    def images(self) -> int:
        """One image forward a channel, here of a layer with 512 of them, and one that reads the layer."""
        return 513

    def attribute(self, model: Counted, batch: Array, targets: Targets, rngs: Sequence[np.random.Generator]) -> Raw:
        """Return maps (n, m, h, w) at the layer's own resolution; every target is asked through the same channels.

        Raises
        ------
        CapabilityError
            If the network has no layer that is a grid of places, or no preprocess, without which nothing is a photo.
        LayerError
            If the named layer does not exist or is no grid of places.
        """
        del rngs
        if model.preprocess is None:
            raise CapabilityError(
                "method scorecam", expected="a model with a preprocess, that can be shown a photo through a mask",
                got="preprocess=None", hint="Say how photos are prepared, or use method gradcam.",
            )  # fmt: skip
        name, said = (self.layer, ()) if self.layer is not None else unchecked_layer(model, batch)
        _, activations, _ = model.trace(batch, [row[:1] for row in targets], name)
        found = [self._one(model, batch[i, ...], activations[i, ...], targets[i]) for i in range(batch.shape[0])]
        maps = array_namespace(batch).stack(found)
        asked = f"Seen through {activations.shape[1]} channels, over {in_words(self.fill)}."
        notes = tuple(tuple((*said, asked, *_why_empty(values)) for values in row) for row in to_numpy(maps))
        return Raw(maps=maps, notes=notes, settings={"layer": name})

    def _one(self, model: Counted, image: Array, activations: Array, targets: Sequence[Target]) -> Array:
        """Return (m, h, w)."""
        xp = array_namespace(activations)
        count, *cells = activations.shape
        sides = (image.shape[0], image.shape[1])
        rows, columns = (model.asarray(bilinear(*side)) for side in zip(sides, cells, strict=True))
        filled = baseline_image(model, image, self.fill)

        def masks(start: int, stop: int) -> Array:
            return as_masks(activations[start:stop, ...], rows, columns)

        passes = masked_scores(model, image, filled, masks, count, self.chunk)
        scores = [score_each(found, [targets] * found.shape[0], model.kind) for _, found in passes]
        weights = xp.permute_dims(softmax(xp.concat(scores)), (1, 0))
        return xp.tensordot(weights, activations, axes=1)


def _why_empty(values: np.ndarray) -> tuple[str, ...]:
    if values.any():
        return why_empty(values, dead=False)
    return ("The map is zero everywhere: the layer gives nothing on this photo.",)
