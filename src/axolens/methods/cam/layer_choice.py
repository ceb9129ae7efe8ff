"""Which layer a map is read at, and whether that layer's map is better than a random one."""

from collections.abc import Callable
from typing import NamedTuple
from weakref import WeakKeyDictionary

import numpy as np
from jaxtyping import Float, Float32

from axolens.classifiers.counted import Counted
from axolens.classifiers.protocols import Classifier
from axolens.errors import CapabilityError
from axolens.maths.array import Array, to_numpy
from axolens.maths.cam import grad_cam
from axolens.maths.noise import same_smoothness
from axolens.maths.scores import score
from axolens.photos.fill import blurred
from axolens.photos.resize import enlarge
from axolens.records.target import Target

Formula = Callable[[Array, Array], Array]
"""From activations (n, c, h, w) and gradients (n, m, c, h, w) to maps (n, m, h, w)."""

RANDOM_MAPS = 19
HIDDEN_SHARE = 0.25
MOST_PLACES = 0.5
SAME = 1e-3  # float32 rounding of a pooled layer, with room for a sum in another order


class LayerCheck(NamedTuple):
    """The chosen layer, how many of the random maps its map beat, and at which share of its places there is gradient.

    ``beaten`` is None where the layer was not checked.
    """

    layer: str
    beaten: int | None
    reached: float

    def sentence(self) -> str:
        """Say what the check found."""
        chosen = f"Layer {self.layer} was chosen by gradient flow"
        if self.reached <= MOST_PLACES:
            chosen += f", though the score depends on only {100 * self.reached:.0f} % of its places"
        if self.beaten is None:
            return f"{chosen}; it was not checked against random maps."
        found = f"Hiding the quarter of the picture where its map points lowered the score more than {self.beaten} of"
        checked = f"{chosen}. {found} {RANDOM_MAPS} random maps did"
        if self.beaten == RANDOM_MAPS:
            return f"{checked} (checked once per model, on the first photo)."
        if self.beaten > RANDOM_MAPS / 2:
            return f"{checked} (checked on the first photo): not all, so read maps of this layer with care."
        return (
            f"{checked} (checked on the first photo): no better than chance, so do not rely on maps of this layer. "
            "Name another one (--layer), or use LIME."
        )


_chosen: WeakKeyDictionary[Classifier, tuple[str, float]] = WeakKeyDictionary()
_checked: WeakKeyDictionary[Classifier, dict[Formula, LayerCheck]] = WeakKeyDictionary()


def settled_layer(
    model: Counted, batch: Array, rng: np.random.Generator, formula: Formula = grad_cam
) -> tuple[str, tuple[str, ...]]:
    """Return the layer for this model and what the check found: chosen once per model, checked once per formula.

    The layer is chosen on a fixed picture of noise, so that it does not depend on which photo came first; the check is
    made on the first photo. A model without a preprocess has no photos: its first batch is taken, and not checked.
    """
    image = batch[:1]
    layer, reached = _layer_of(model, image)
    checks = _checked.setdefault(model.model, {})
    if formula not in checks:
        beaten = None
        if model.preprocess is not None:
            beaten = check_layer(model, image, top_target(model, image), layer, rng, formula)
        checks[formula] = LayerCheck(layer, beaten, reached)
    return layer, (checks[formula].sentence(),)


def unchecked_layer(model: Counted, batch: Array) -> tuple[str, tuple[str, ...]]:
    """Return the layer for this model, for a method whose map would cost too many images to check it by."""
    layer, reached = _layer_of(model, batch[:1])
    return layer, (LayerCheck(layer, None, reached).sentence(),)


def _layer_of(model: Counted, image: Array) -> tuple[str, float]:
    if model.model not in _chosen:
        probe = image if model.preprocess is None else model.asarray(probe_image((image.shape[1], image.shape[2])))
        _chosen[model.model] = choose_layer(model, probe, top_target(model, probe))
    return _chosen[model.model]


def probe_image(size: tuple[int, int]) -> Float32[np.ndarray, "1 h w 3"]:
    """Return a fixed picture of coloured noise, coarse and fine."""
    rng = np.random.default_rng(0)
    coarse = np.stack([enlarge(rng.random((7, 7), np.float32), size) for _ in range(3)], axis=-1)
    return ((coarse + rng.random((*size, 3), np.float32)) / 2)[None].astype(np.float32)


def choose_layer(model: Counted, image: Array, target: Target) -> tuple[str, float]:
    """Return the deepest layer before the read-out that the gradient reaches at most places, and at which share.

    Passed over are pooled copies of a finer grid, the class maps themselves, and layers where the score's gradient is
    zero at half of the places or more, such as the last block of a transformer that is read out at its class token.
    Where no layer is reached at most places, the one reached at the largest share is taken.

    Raises
    ------
    CapabilityError
        If the network has no such layer, for example no convolution.
    """
    reached: dict[str, float] = {}
    for layer in reversed(model.layers(image)):
        if layer.pools:
            continue
        scores, activations, gradients = model.trace(image, [[target]], layer.name)
        if is_class_maps(to_numpy(scores)[0], to_numpy(activations)[0]):
            continue
        reached[layer.name] = float((np.abs(to_numpy(gradients)[0, 0]).sum(axis=0) > 0).mean())
        if reached[layer.name] > MOST_PLACES:
            return layer.name, reached[layer.name]
    best = max(reached, key=lambda name: reached[name], default=None)
    if best is not None and reached[best] > 0:
        return best, reached[best]
    raise CapabilityError(
        "layer",
        expected="a layer whose output is a grid of places that the score depends on, such as a convolution's",
        got=f"none in {model.name}",
        hint="LIME needs no layers: use method lime.",
    )


def is_class_maps(scores: Float[np.ndarray, "k"], activations: Float[np.ndarray, "c h w"]) -> bool:
    """Tell whether the scores are a layer pooled over its places: then its channels are the classes.

    Examples
    --------
    >>> maps = np.arange(8.0).reshape(2, 2, 2)
    >>> is_class_maps(maps.mean((1, 2)) + 5, maps), is_class_maps(np.array([1.0, 0.0]), maps)
    (True, False)
    """
    lit = np.maximum(activations, 0)  # an activation may stand between the maps and the pooling
    for pooled in (activations.mean((1, 2)), lit.mean((1, 2)), activations.max((1, 2)), lit.max((1, 2))):
        if pooled.size == 1:  # one output z stands as the two classes (0, z)
            pooled = np.array([0.0, float(pooled[0])])
        if pooled.shape == scores.shape:
            gap = (pooled - pooled[0]) - (scores - scores[0])
            if np.abs(gap).max() <= SAME * max(1.0, float(np.abs(pooled).max())):
                return True
    return False


def check_layer(
    model: Counted, image: Array, target: Target, layer: str, rng: np.random.Generator, formula: Formula = grad_cam
) -> int:
    """Return how many of 19 random maps a formula's map of a layer beats at lowering the score by hiding.

    Each map hides the quarter of the picture where it is highest, behind the blurred picture. The random maps are as
    smooth as the map itself, since smoothness alone changes what hiding does.
    """
    _, activations, gradients = model.trace(image, [[target]], layer)
    own = to_numpy(formula(activations, gradients))[0, 0]
    size = (image.shape[1], image.shape[2])
    maps = [own, *(same_smoothness(own, rng) for _ in range(RANDOM_MAPS))]
    keep = np.stack([~highest(enlarge(values, size), HIDDEN_SHARE) for values in maps])
    clean = to_numpy(image)[0].astype(np.float32)
    filled = model.asarray(blurred(np.clip(clean, 0, 1), min(size) / 8))
    hidden = [model.blended_scores(image[0], filled, model.asarray(part)) for part in np.array_split(keep, 4)]
    left = np.concatenate([to_numpy(score(scores, target, model.kind)) for scores in hidden])
    return int((left[0] < left[1:]).sum())


def top_target(model: Counted, image: Array) -> Target:
    """Return the model's own answer as a target, in log-odds."""
    scores = to_numpy(model.scores(image))
    return model.labels.resolve(Target(int(scores[0].argmax())))


def highest(values: Float32[np.ndarray, "h w"], share: float) -> np.ndarray:
    """Return the mask of the highest share of the places; ties are broken by position."""
    order = np.argsort(-values, axis=None, kind="stable")
    mask = np.zeros(values.size, bool)
    mask[order[: round(share * values.size)]] = True
    return mask.reshape(values.shape)
