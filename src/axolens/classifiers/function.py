"""Any function from a batch to scores, as a black box on NumPy."""

from collections.abc import Callable
from typing import Any

import numpy as np
from array_api_compat import array_namespace, device
from jaxtyping import Float, Float32
from numpy.typing import NDArray

from axolens.classifiers.labels import fitting_labels, miscounted
from axolens.classifiers.outputs import (
    Output,
    Reading,
    Turn,
    declared,
    is_distribution,
    log_odds,
    log_probability,
    noise,
    recognised,
    two_classes,
)
from axolens.errors import ModelError
from axolens.maths.array import Array
from axolens.records.labels import Labels
from axolens.records.prediction import ScoreKind
from axolens.records.preprocess import Preprocess

Function = Callable[[Any], Any]


class FunctionClassifier:
    """A function as a classifier that gives predictions only.

    Parameters
    ----------
    function
        Takes what ``preprocess`` describes and gives (n, k) numbers, or (n,) where there is one output.
    labels
        The classes; two where there is one output.
    preprocess
        From the photo to what the function takes; None hands batches over as they are.
    name, digest
        What a report calls the model, and sha256 of its file or weights.
    kind, turn, single
        What the scores are, how they are had from the outputs, and whether there is one output z, which becomes the
        two classes "not" and "is".

    Raises
    ------
    ModelError
        From ``scores``: if the function gives another shape than one score a class and image.
    """

    def __init__(
        self,
        function: Function,
        labels: Labels,
        preprocess: Preprocess | None,
        *,
        name: str,
        digest: str = "",
        kind: ScoreKind,
        turn: Turn,
        single: bool,
    ) -> None:
        self.function, self.labels, self.preprocess = function, labels, preprocess
        self.name, self.digest, self.kind = name, digest, kind
        self._turn, self._single = turn, single

    def asarray(self, values: NDArray[Any]) -> NDArray[Any]:
        """Copy host values; numbers with a fraction become float32, masks and indices stay what they are."""
        return np.array(values, dtype=np.float32 if values.dtype.kind == "f" else values.dtype)

    def scores(self, batch: Array) -> Float32[np.ndarray, "n k"]:
        """Return (n, k) scores of each image."""
        values = batch if self.preprocess is None else np.ascontiguousarray(normalised(batch, self.preprocess))
        outputs = function_outputs(self.function, values)
        scores = scores_from(outputs, self._turn, self._single)
        if scores.shape[1] != len(self.labels):
            raise miscounted(len(self.labels), outputs.shape[1])
        return np.asarray(scores)


def wrap_function(
    function: Function,
    *,
    labels: Labels | None,
    preprocess: Preprocess | None,
    name: str,
    digest: str = "",
    output: Output = "auto",
) -> FunctionClassifier:
    """Return a classifier of a function; three images of noise show what it gives.

    Parameters
    ----------
    function
        Takes what ``preprocess`` describes and gives (n, k) numbers, or (n,) where there is one output.
    labels
        The classes; None counts them: "class 0", "class 1", …
    preprocess
        From the photo to what the function takes; None hands batches over as they are, and nothing is tried out.
    name, digest
        What a report calls the model, and sha256 of its file or weights.
    output
        What the numbers are: "logits" (before a softmax), "probabilities" (after it), "independent-logits" or
        "independent-probabilities" (before or after one sigmoid a class); "auto" takes rows that are in [0, 1] and sum
        to 1 for probabilities, and numbers beyond [0, 1] for logits.

    Raises
    ------
    ModelError
        If the function gives anything but (n, k), the labels are too few or too many, or are missing where nothing
        can be tried out; or if ``output`` is "auto" and the numbers are in [0, 1] but do not sum to 1.

    Examples
    --------
    >>> dark = lambda batch: 1 - batch.mean((1, 2, 3))
    >>> display = Preprocess(size=(4, 6), layout="nhwc")
    >>> model = wrap_function(dark, labels=None, preprocess=display, name="dark", output="probabilities")
    >>> model.kind, model.labels.names
    ('logits', ('class 0', 'class 1'))
    >>> model.scores(model.asarray(np.full((1, 4, 6, 3), 0.5)))
    array([[0., 0.]], dtype=float32)
    """
    if preprocess is not None:
        outputs = probed(function, preprocess)
        reading = recognised(outputs, output)
        labels = fitting_labels(labels, outputs.shape[1])
    elif labels is None:
        raise ModelError("labels", expected="the classes, as no preprocess says what to try out", got="neither")
    else:
        reading = declared(output, len(labels)) or Reading("logits")
        function = _refusing_probabilities(function) if output == "auto" else function
    kind, turn, single = reading
    return FunctionClassifier(
        function, labels, preprocess, name=name, digest=digest, kind=kind, turn=turn, single=single
    )


def probed(function: Function, preprocess: Preprocess) -> Float32[np.ndarray, "n k"]:
    """Return what a function gives for three images of noise, the same ones every time."""
    return function_outputs(function, np.ascontiguousarray(normalised(noise(preprocess.size), preprocess)))


def scores_from(outputs: Array, turn: Turn, single: bool) -> Array:
    """Return scores (n, k) from outputs of any framework."""
    if turn != "as is":
        outputs = log_probability(outputs) if turn == "log p" else log_odds(outputs)
    return two_classes(outputs) if single else outputs


def function_outputs(function: Function, values: Array) -> Float32[np.ndarray, "n k"]:
    """Return the (n, k) float32 outputs of a function; one number an image, (n,), counts as (n, 1).

    Raises
    ------
    ModelError
        If it gives anything else.
    """
    outputs = np.asarray(function(values))
    shape = outputs.shape
    if outputs.ndim not in (1, 2) or shape[0] != len(values) or outputs.dtype.kind not in "fiub":
        raise ModelError(
            "model",
            expected=f"an output of shape ({len(values)}, k), one score a class and image",
            got=f"shape {shape}",
        )
    return outputs.reshape(len(values), -1).astype(np.float32)


def normalised(batch: Float[Array, "n h w 3"], preprocess: Preprocess) -> Float[Array, "n _ _ _"]:
    """Return what a network takes, in any framework: scaled, normalised, in its channel order and layout.

    Examples
    --------
    >>> white = np.ones((1, 2, 5, 3), np.float32)
    >>> normalised(white, Preprocess(size=(2, 5), scale=255.0, std=(127.5,) * 3)).shape
    (1, 3, 2, 5)
    """
    xp = array_namespace(batch)
    if preprocess.order == "bgr":
        batch = xp.flip(batch, axis=-1)
    mean = xp.asarray(preprocess.mean, dtype=batch.dtype, device=device(batch))
    std = xp.asarray(preprocess.std, dtype=batch.dtype, device=device(batch))
    scaled = ((batch if preprocess.scale == 1 else batch * preprocess.scale) - mean) / std
    return xp.permute_dims(scaled, (0, 3, 1, 2)) if preprocess.layout == "nchw" else scaled


def _refusing_probabilities(function: Function) -> Function:
    """Refuse probabilities where nothing could be tried out: read as logits they would be wrong in silence."""

    def refusing(values: Any) -> Any:
        outputs = function_outputs(function, values)
        if is_distribution(outputs):
            raise ModelError(
                "output", expected="logits", got="probabilities that sum to 1", hint='Say output="probabilities".'
            )
        return outputs

    return refusing
