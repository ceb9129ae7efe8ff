"""A classifier that counts what it is asked."""

from collections.abc import Callable, Sequence
from typing import Any, cast

from numpy.typing import NDArray

from axolens.classifiers.protocols import (
    Attention,
    AttentionDifferentiable,
    Attentive,
    Blending,
    Classifier,
    Differentiable,
    Featured,
    Guided,
    Headed,
    Layer,
    Layered,
    Targets,
)
from axolens.maths.array import Array
from axolens.maths.blending import blend


class Counted:
    """Pass every question on, and count images forward and backward.

    Parameters
    ----------
    model
        The classifier that answers.
    progress
        Called with the number of images after each forward pass; an exception in it ends the work.
    """

    def __init__(self, model: Classifier, progress: Callable[[int], None] | None = None) -> None:
        self.model, self.progress = model, progress
        self.name, self.labels, self.digest = model.name, model.labels, model.digest
        self.preprocess, self.kind = model.preprocess, model.kind
        self.forward, self.backward = 0, 0

    def asarray(self, values: NDArray[Any]) -> Array:
        """Copy host values to the model's framework and device."""
        return self.model.asarray(values)

    def scores(self, batch: Array) -> Array:
        """Return (n, k) scores; n images forward."""
        scores = self.model.scores(batch)
        self._count(batch.shape[0], 0)
        return scores

    def blended_scores(self, image: Array, filled: Array, visible: Array) -> Array:
        """Return (n, k) scores of the photo where it is visible and ``filled`` elsewhere; n images forward."""
        if isinstance(self.model, Blending):
            scores = self.model.blended_scores(image, filled, visible)
        else:
            scores = self.model.scores(blend(image, filled, visible))
        self._count(visible.shape[0], 0)
        return scores

    @property
    def channel_axis(self) -> int:
        """The axis of an image that holds the channels, counted from the end."""
        return cast(Differentiable, self.model).channel_axis

    def gradient(self, batch: Array, targets: Targets) -> Array:
        """Return the pixels' gradients; n images forward, n a target backward."""
        slopes = cast(Differentiable, self.model).gradient(batch, targets)
        self._count(batch.shape[0], sum(map(len, targets)))
        return slopes

    def guided_gradient(self, batch: Array, targets: Targets) -> Array:
        """Return the pixels' guided gradients; n images forward, n a target backward."""
        slopes = cast(Guided, self.model).guided_gradient(batch, targets)
        self._count(batch.shape[0], sum(map(len, targets)))
        return slopes

    def layers(self, batch: Array) -> tuple[Layer, ...]:
        """Return the layers; one image forward."""
        found = cast(Layered, self.model).layers(batch)
        self._count(1, 0)
        return found

    def trace(self, batch: Array, targets: Targets, layer: str) -> tuple[Array, Array, Array]:
        """Return a layer's activations and gradients; n images forward, n a target backward."""
        traced = cast(Layered, self.model).trace(batch, targets, layer)
        self._count(batch.shape[0], sum(map(len, targets)))
        return traced

    def head(self, batch: Array, activations: Array, layer: str) -> Array:
        """Return scores from other values at a layer; n images forward."""
        scores = cast(Headed, self.model).head(batch, activations, layer)
        self._count(batch.shape[0], 0)
        return scores

    def features(self, batch: Array, layers: Sequence[str]) -> tuple[Array, ...]:
        """Return the activations of several layers; n images forward."""
        found = cast(Featured, self.model).features(batch, layers)
        self._count(batch.shape[0], 0)
        return found

    def attentions(self, batch: Array) -> Attention:
        """Return the attention weights; n images forward, and again and back to see where scores are read."""
        found = cast(Attentive, self.model).attentions(batch)
        self._count(2 * batch.shape[0], batch.shape[0])
        return found

    def attention_gradients(self, batch: Array, targets: Targets) -> tuple[Attention, tuple[Array, ...]]:
        """Return attention and its gradients; n images forward, n a target back, and n to see where scores are read."""
        found = cast(AttentionDifferentiable, self.model).attention_gradients(batch, targets)
        self._count(batch.shape[0], batch.shape[0] + sum(map(len, targets)))
        return found

    def _count(self, forward: int, backward: int) -> None:
        self.forward += forward
        self.backward += backward
        if self.progress is not None:
            self.progress(forward)
