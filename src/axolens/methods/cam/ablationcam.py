"""Ablation-CAM."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from array_api_compat import array_namespace

from axolens.classifiers.counted import Counted
from axolens.classifiers.protocols import Targets
from axolens.maths.array import Array, to_numpy
from axolens.maths.scores import score_each
from axolens.methods.cam.layer_choice import unchecked_layer
from axolens.methods.emptiness import why_empty
from axolens.methods.method import Card, Raw, check_whole
from axolens.methods.passes import in_passes, pass_size
from axolens.records.target import Target


@dataclass(frozen=True, slots=True, kw_only=True)
class AblationCam:
    """A layer's channels, each weighed by how much the score falls without it (doi:10.1109/WACV45572.2020.9093360).

    One channel at a time is set to zero at all places of the layer, and the rest of the network is asked again. No
    gradient is asked, so that a saturated score does not hide what it rests on.

    Parameters
    ----------
    layer
        A layer by the framework's name; None takes the one that Grad-CAM takes, which is not checked here.
    chunk
        Images a pass; 0 is what suits the device.

    Notes
    -----
    The paper divides every fall by the score itself. That is one number for the whole map, and where the score is below
    0, as log-odds may be, it would turn the map's sign; it is left out, which makes a contrast exact.

    Examples
    --------
    >>> AblationCam(layer="layer4").card.contrast
    'exact'
    """

    layer: str | None = None
    chunk: int = 0
    card: ClassVar[Card] = Card(
        name="ablationcam",
        title="Ablation-CAM",
        family="cam",
        needs="replaceable layers",
        unit="relative",
        contrast="exact",
        source="doi:10.1109/WACV45572.2020.9093360",
        reading="Looks into the network: the channels of a late layer are taken away one by one, and each counts by "
        "how much the score falls without it. The grid is as coarse as Grad-CAM's.",
    )

    def __post_init__(self) -> None:
        """Refuse settings that mean nothing."""
        check_whole("ablationcam.chunk", self.chunk, 0)

    @property
    def images(self) -> int:
        """One image forward a channel, here of a layer with 512 of them, and one that reads the layer."""
        return 513

    def attribute(self, model: Counted, batch: Array, targets: Targets, rngs: Sequence[np.random.Generator]) -> Raw:
        """Return signed maps (n, m, h, w) at the layer's own resolution; every target has the same passes.

        Raises
        ------
        CapabilityError
            If the network has no layer that is a grid of places.
        LayerError
            If the named layer does not exist, is no grid of places, or is called several times in a pass.
        """
        del rngs
        name, said = (self.layer, ()) if self.layer is not None else unchecked_layer(model, batch)
        scores, activations, _ = model.trace(batch, [row[:1] for row in targets], name)
        whole = score_each(scores, targets, model.kind)
        found = [
            self._one(model, batch[i, ...], activations[i, ...], whole[i, :], targets[i], name)
            for i in range(batch.shape[0])
        ]
        maps = array_namespace(batch).stack(found)
        asked = f"Each of {activations.shape[1]} channels was taken away in turn."
        notes = tuple(tuple((*said, asked, *_why_empty(values)) for values in row) for row in to_numpy(maps))
        return Raw(maps=maps, notes=notes, settings={"layer": name})

    def _one(
        self, model: Counted, image: Array, activations: Array, whole: Array, targets: Sequence[Target], layer: str
    ) -> Array:
        """Return (m, h, w)."""
        xp = array_namespace(activations)
        count = activations.shape[0]

        def ask(start: int, stop: int) -> Array:
            kept = model.asarray((np.arange(start, stop)[:, None] != np.arange(count)).astype(np.float32))
            images = xp.broadcast_to(image[None, ...], (stop - start, *image.shape))
            scores = model.head(images, kept[..., None, None] * activations[None, ...], layer)
            return score_each(scores, [targets] * (stop - start), model.kind)

        without = xp.concat(list(in_passes(count, pass_size(image, self.chunk), ask)))
        return xp.tensordot(xp.permute_dims(whole[None, :] - without, (1, 0)), activations, axes=1)


def _why_empty(values: np.ndarray) -> tuple[str, ...]:
    if values.any():
        return why_empty(values, dead=False)
    return ("The map is zero everywhere: the layer gives nothing, or the score is the same without any channel of it.",)
