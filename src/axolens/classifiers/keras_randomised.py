"""A Keras model with its weights shuffled, for checks of what a map owes to them."""

from typing import Any

import numpy as np

from axolens.classifiers.keras_start import import_keras, to_host
from axolens.errors import CapabilityError


def randomised(model: Any, seed: int, share: float) -> Any:
    """Return a copy of a model whose trainable weights are permuted within each tensor, from the scores down.

    Parameters
    ----------
    model
        Left as found.
    seed
        Of the permutations.
    share
        Of the weight tensors, above 0 and at most 1, counted from the last one that the model holds.

    Raises
    ------
    CapabilityError
        If the model cannot be copied or holds no weights.
    """
    keras = import_keras()
    try:
        other = keras.models.clone_model(model)
        for own, copied in zip(model.weights, other.weights, strict=True):
            copied.assign(own.value)
    except Exception as error:  # a subclassed model refuses in ways of its own
        raise CapabilityError(
            "model", expected="a model that Keras can copy, to shuffle its weights", got=type(error).__name__
        ) from error
    weights = [one for one in other.weights if "moving_" not in one.path and "seed_generator" not in one.path]
    if not weights:
        raise CapabilityError("model", expected="weights to shuffle", got="none")
    rng = np.random.default_rng(seed)
    for weight in weights[len(weights) - max(1, round(share * len(weights))) :]:
        values = to_host(weight.value)
        weight.assign(rng.permutation(values.ravel()).reshape(values.shape))
    return other


def same_layer(copied: Any, layer: Any) -> Any:
    """Return the layer of a copied model that stands where a layer of the original does, by its name; None is none.

    Raises
    ------
    CapabilityError
        If the copy has no layer of that name.
    """
    if layer is None:
        return None
    found = [one for one in copied._flatten_layers() if one.name == layer.name]
    if len(found) != 1:
        raise CapabilityError("model", expected=f"one layer {layer.name} in the copy", got=f"{len(found)}")
    return found[0]
