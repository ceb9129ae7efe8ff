"""What the methods that read one layer share: the layer, one pass for all targets, and why a map is empty."""

import numpy as np

from axolens.classifiers.counted import Counted
from axolens.classifiers.protocols import Targets
from axolens.maths.array import Array, to_numpy
from axolens.methods.cam.layer_choice import Formula, settled_layer
from axolens.methods.emptiness import why_empty
from axolens.methods.method import Raw


def map_at_layer(
    formula: Formula, layer: str | None, model: Counted, batch: Array, targets: Targets, rng: np.random.Generator
) -> Raw:
    """Return a formula's maps at a layer's own resolution, in one forward pass for all targets.

    Parameters
    ----------
    formula
        From activations (n, c, h, w) and gradients (n, m, c, h, w) to maps (n, m, h, w).
    layer
        By the framework's name; None takes the one that suits this model, see ``settled_layer``.
    model, batch, targets
        The classifier, its images and their m targets.
    rng
        Draws the random maps that a chosen layer's map is held against.
    """
    name, said = (layer, ()) if layer is not None else settled_layer(model, batch, rng, formula)
    _, activations, gradients = model.trace(batch, targets, name)
    maps = formula(activations, gradients)
    host, slopes = to_numpy(maps), to_numpy(gradients)
    notes = tuple(
        tuple((*said, *why_empty(host[i, j], dead=not slopes[i, j].any())) for j in range(host.shape[1]))
        for i in range(host.shape[0])
    )
    return Raw(maps=maps, notes=notes, settings={"layer": name})
