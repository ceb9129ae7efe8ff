"""A layer whose places look at a part of the photo, and not at the photo."""

from collections.abc import Sequence
from dataclasses import dataclass
from weakref import WeakKeyDictionary

import numpy as np
from jaxtyping import Float32

from axolens.classifiers.counted import Counted
from axolens.classifiers.protocols import Classifier, Featured, Layer
from axolens.maths.array import Array, to_numpy
from axolens.maths.likeness import spread
from axolens.methods.cam.layer_choice import MOST_PLACES, probe_image, top_target
from axolens.records.target import Target

LARGEST_VIEW = 1 / 3  # of a side
FINER = 4  # times as many places a side, where evidence is looked for inside a region
FEWEST, MOST = (10, 7), 64  # places a side, 7 where none has 10; a finer layer only sees edges, and costs memory
NEARLY_ALL, MAIN = 0.95, 0.9  # of the squared change: what decides, and what is drawn as the region
SPOTS = ((0.40, 0.45), (0.55, 0.60), (0.47, 0.52), (0.60, 0.42))  # near the middle, so that no view is cut off


@dataclass(frozen=True, slots=True)
class PartLayer:
    """A layer and how far its places look.

    Parameters
    ----------
    layer
        Its name, grid and channels.
    view
        Share of the picture's side that decides what a place holds, 0..1.
    region
        Rows and columns of places that hold most of it.
    fine
        The layer that says where in a region the evidence lies: of the grids with at most four times as many places a
        side the finest, and there the deepest; the same layer where none is finer.
    """

    layer: Layer
    view: float
    region: tuple[float, float]
    fine: Layer

    def sentence(self) -> str:
        """Say what was chosen."""
        rows, columns = self.layer.grid
        seen = f"{rows} × {columns} places that each see {100 * self.view:.0f} % of a side"
        return f"Read at layer {self.layer.name}: {seen}."


_chosen: WeakKeyDictionary[Classifier, PartLayer | None] = WeakKeyDictionary()


def part_layer(model: Counted) -> PartLayer | None:
    """Return the deepest layer whose places look at no more than a third of a side, None where there is none.

    Measured once per model, on four fixed pictures of noise: one spot is changed, and the places that it moves are
    counted. That needs no knowledge of the architecture, and sees past a theoretical view whose rim hardly counts, or
    past attention that reaches everywhere and hardly moves anything. Passed over are pooled copies, grids of fewer
    than 10 places a side (7 where there is no finer one) or more than 64, and layers where the answer's gradient is
    zero at half of the places or more.

    Parameters
    ----------
    model
        9 images forward, and one forward and back for each layer that is tried; nothing the second time.
    """
    if model.model not in _chosen:
        _chosen[model.model] = _measured(model)
    return _chosen[model.model]


def _measured(model: Counted) -> PartLayer | None:
    if not isinstance(model.model, Featured) or model.preprocess is None:
        return None
    probe = probe_image(model.preprocess.size)
    image = model.asarray(probe)
    every = [one for one in model.layers(image) if not one.pools]
    layers = [one for one in every if max(one.grid) <= MOST and min(one.grid) >= FEWEST[-1]]
    if not layers:
        return None
    changes = [_change(model, probe, spot, layers) for spot in SPOTS]
    measured = list(zip(layers, zip(*changes, strict=True), strict=True))
    target = top_target(model, image)
    for fewest in FEWEST:
        for layer, change in reversed(measured):
            rows, columns = _counted(change, NEARLY_ALL)
            view = max(rows / layer.grid[0], columns / layer.grid[1])
            if min(layer.grid) >= fewest and 0 < view <= LARGEST_VIEW and _reached(model, image, target, layer):
                return PartLayer(layer, view, _counted(change, MAIN), _finer(layer, every))
    return None


def _finer(layer: Layer, every: Sequence[Layer]) -> Layer:
    """Return the layer that says where in a place's view the evidence lies."""
    within = [one for one in every if layer.grid[0] < one.grid[0] <= FINER * layer.grid[0] + 1]
    finest = max((one.grid[0] for one in within), default=0)
    return next((one for one in reversed(within) if one.grid[0] == finest), layer)


def _reached(model: Counted, image: Array, target: Target, layer: Layer) -> bool:
    gradient = to_numpy(model.trace(image, [[target]], layer.name)[2])[0, 0]
    return float((np.abs(gradient).sum(axis=0) > 0).mean()) > MOST_PLACES


def _change(
    model: Counted, probe: Float32[np.ndarray, "1 h w 3"], spot: tuple[float, float], layers: Sequence[Layer]
) -> list[Float32[np.ndarray, "a b"]]:
    """Return the squared change of each layer's places when a small square of the picture is inverted."""
    height, width = probe.shape[1:3]
    side, top, left = max(1, min(height, width) // 64), int(spot[0] * height), int(spot[1] * width)
    pair = np.concatenate([probe, probe])
    pair[1, top : top + side, left : left + side] = 1 - pair[1, top : top + side, left : left + side]
    found: tuple[Array, ...] = model.features(model.asarray(pair), [layer.name for layer in layers])
    return [((both[1] - both[0]) ** 2).sum(axis=0) for both in map(to_numpy, found)]


def _counted(changes: Sequence[Float32[np.ndarray, "a b"]], level: float) -> tuple[float, float]:
    rows, columns = zip(*(spread(change, level) for change in changes), strict=True)
    return float(np.mean(rows)), float(np.mean(columns))
