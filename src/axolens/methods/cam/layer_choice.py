"""Which layer a map is read at, and whether that layer's map is better than a random one."""

from typing import NamedTuple
from weakref import WeakKeyDictionary

import numpy as np
from jaxtyping import Float32

from axolens.classifiers.counted import Counted
from axolens.classifiers.protocols import Classifier
from axolens.errors import CapabilityError
from axolens.maths.array import Array, to_numpy
from axolens.maths.cam import grad_cam
from axolens.maths.noise import same_smoothness
from axolens.maths.scores import score
from axolens.methods.perturbation.hiding import hide
from axolens.photos.fill import blurred
from axolens.photos.resize import enlarge
from axolens.records.target import Target

RANDOM_MAPS = 19
HIDDEN_SHARE = 0.25
MOST_PLACES = 0.5


class LayerCheck(NamedTuple):
    """The chosen layer and how many of the random maps its map beat; ``beaten`` is None where it was not checked."""

    layer: str
    beaten: int | None

    def sentence(self) -> str:
        """Say what the check found."""
        if self.beaten is None:
            return f"Layer {self.layer} was chosen by gradient flow; it was not checked against random maps."
        found = f"Hiding the quarter of the picture where its map points lowered the score more than {self.beaten} of"
        checked = f"Layer {self.layer} was chosen by gradient flow. {found} {RANDOM_MAPS} random maps did"
        if self.beaten == RANDOM_MAPS:
            return f"{checked} (checked once per model, on the first photo)."
        return f"{checked} (checked on the first photo): not all, so read maps of this layer with care."


_settled: WeakKeyDictionary[Classifier, LayerCheck] = WeakKeyDictionary()


def settled_layer(model: Counted, batch: Array, rng: np.random.Generator) -> tuple[str, tuple[str, ...]]:
    """Return the layer for this model and what the check found; chosen and checked once per model, then kept."""
    if model.model not in _settled:
        image = batch[:1]
        target = top_target(model, image)
        layer = choose_layer(model, image, target)
        beaten = None if model.preprocess is None else check_layer(model, image, target, layer, rng)
        _settled[model.model] = LayerCheck(layer, beaten)
    found = _settled[model.model]
    return found.layer, (found.sentence(),)


def choose_layer(model: Counted, image: Array, target: Target) -> str:
    """Return the deepest layer before the read-out that the gradient reaches at most places.

    Passed over are pooled copies of a finer grid, the class maps themselves (as many channels as classes), and layers
    where the score's gradient is zero at half of the places or more, such as the last block of a transformer that is
    read out at its class token.

    Raises
    ------
    CapabilityError
        If the network has no such layer, for example no convolution.
    """
    for layer in reversed(model.layers(image)):
        if layer.pools or layer.channels == len(model.labels):
            continue
        _, _, gradients = model.trace(image, [[target]], layer.name)
        if float((np.abs(to_numpy(gradients)[0, 0]).sum(axis=0) > 0).mean()) > MOST_PLACES:
            return layer.name
    raise CapabilityError(
        "layer",
        expected="a layer whose output is a grid of places, such as a convolution's",
        got=f"none in {model.name}",
        hint="LIME needs no layers: use method lime.",
    )


def check_layer(model: Counted, image: Array, target: Target, layer: str, rng: np.random.Generator) -> int:
    """Return how many of 19 random maps a layer's Grad-CAM beats at lowering the score by hiding.

    Each map hides the quarter of the picture where it is highest, behind the blurred picture. The random maps are as
    smooth as the map itself, since smoothness alone changes what hiding does.
    """
    _, activations, gradients = model.trace(image, [[target]], layer)
    own = to_numpy(grad_cam(activations, gradients))[0, 0]
    size = (image.shape[1], image.shape[2])
    maps = [own, *(same_smoothness(own, rng) for _ in range(RANDOM_MAPS))]
    keep = np.stack([~highest(enlarge(values, size), HIDDEN_SHARE) for values in maps])
    clean = to_numpy(image)[0].astype(np.float32)
    filled = model.asarray(blurred(np.clip(clean, 0, 1), min(size) / 8))
    hidden = [model.scores(hide(image[0], filled, model.asarray(part))) for part in np.array_split(keep, 4)]
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
