"""What the maps share that never ask the model."""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float

from axolens.classifiers.counted import Counted
from axolens.classifiers.protocols import Differentiable, Targets
from axolens.maths.array import Array
from axolens.methods.method import Raw

BLIND = "This map knows nothing of the model: it was made to hold other maps against, and explains nothing."


def blind_maps(maps: Sequence[Float[np.ndarray, "h w"]], model: Counted, targets: Targets) -> Raw:
    """Return one map an image as the map of each of its m targets, with the note that it knows nothing of the model.

    Parameters
    ----------
    maps
        (h, w) for each of n images.
    model
        Where the arrays are to live; it is not asked.
    targets
        n rows of m.
    """
    count = len(targets[0])
    stacked = np.stack([np.stack([values] * count) for values in maps]).astype(np.float32)
    return Raw(maps=model.asarray(stacked), notes=tuple(((BLIND,),) * count for _ in targets))


def network_size(model: Counted, batch: Array) -> tuple[int, int]:
    """Return height and width of the network grid, also of a batch that is whatever the network takes."""
    shape = batch.shape[1:3] if channels_last(model) else batch.shape[2:4]
    return int(shape[0]), int(shape[1])


def channels_last(model: Counted) -> bool:
    """Tell whether a batch holds the channels last, as in display space; without a preprocess the model says."""
    return model.preprocess is not None or not isinstance(model.model, Differentiable) or model.channel_axis == -1
