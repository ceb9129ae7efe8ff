"""What a classifier can be asked: small protocols, no base class."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np

from axolens.maths.array import Array
from axolens.records.labels import Labels
from axolens.records.prediction import ScoreKind
from axolens.records.preprocess import Preprocess
from axolens.records.target import Target

Targets = Sequence[Sequence[Target]]
"""For each image its targets, equally many for all: the m questions asked of one forward pass."""


@dataclass(frozen=True, slots=True)
class Layer:
    """A layer whose output is a grid of places.

    Parameters
    ----------
    name
        The framework's own name.
    grid
        Height and width of the grid.
    channels
        Number of channels at each place.
    pools
        Whether the layer only pools, so that its input holds the finer grid.
    """

    name: str
    grid: tuple[int, int]
    channels: int
    pools: bool = False


@runtime_checkable
class Classifier(Protocol):
    """Anything that gives scores for a batch of images.

    A batch is (n, h', w', 3) float32 on the network grid: after resize and crop, before scaling and normalisation.
    With ``preprocess`` None it is whatever the network takes.
    """

    name: str
    labels: Labels
    preprocess: Preprocess | None
    digest: str
    kind: ScoreKind

    def asarray(self, values: np.ndarray) -> Array:
        """Copy host values to the model's framework and device."""
        ...

    def scores(self, batch: Array) -> Array:
        """Return (n, k) scores of ``kind``."""
        ...


@runtime_checkable
class Blending(Classifier, Protocol):
    """A classifier that hides parts of a photo on its own device, behind its preprocessing."""

    def blended_scores(self, image: Array, filled: Array, visible: Array) -> Array:
        """Return (n, k): ``scores`` of ``axolens.maths.blending.blend`` of the same three arrays, up to rounding."""
        ...


@runtime_checkable
class Trainable(Classifier, Protocol):
    """A classifier that may be left as it is while it learns, and is asked as it is when it has learnt."""

    @property
    def training(self) -> bool:
        """Whether any part of it is left so."""
        ...


@runtime_checkable
class Randomisable(Classifier, Protocol):
    """A classifier whose weights can be shuffled."""

    def randomised(self, seed: int, share: float) -> "Randomisable":
        """Return another classifier with a share of its weight tensors permuted each in itself, from the scores down.

        This one is left as found.

        Raises
        ------
        CapabilityError
            If it holds no weights or cannot be copied.
        """
        ...


@runtime_checkable
class Differentiable(Classifier, Protocol):
    """A classifier that gives gradients of a target's score.

    ``channel_axis`` is the axis of an image that holds the channels, counted from the end: −1 in display space, and
    what the network takes where ``preprocess`` is None.
    """

    channel_axis: int

    def gradient(self, batch: Array, targets: Targets) -> Array:
        """Return (n, m, h', w', 3): score units per unit of display-space pixel, through the normalisation."""
        ...


@runtime_checkable
class Guided(Classifier, Protocol):
    """A classifier that gives gradients of which only the positive part passes back through each ReLU."""

    def guided_gradient(self, batch: Array, targets: Targets) -> Array:
        """Return (n, m, h', w', 3) as ``gradient`` does.

        Raises
        ------
        CapabilityError
            If the network has no ReLU.
        """
        ...


@runtime_checkable
class Layered(Classifier, Protocol):
    """A classifier whose layers can be read."""

    def layers(self, batch: Array) -> tuple[Layer, ...]:
        """Return the layers whose output is a grid of at least two places a side, in the order of the pass."""
        ...

    def trace(self, batch: Array, targets: Targets, layer: str) -> tuple[Array, Array, Array]:
        """Return scores (n, k), activations (n, c, h'', w'') and gradients (n, m, c, h'', w'') at a layer.

        Gradients flow from the score to the layer and no further; parameters get none.
        """
        ...


@runtime_checkable
class Headed(Layered, Protocol):
    """A classifier that can be asked what follows from other values at a layer."""

    def head(self, batch: Array, activations: Array, layer: str) -> Array:
        """Return (n, k) scores of images at whose layer ``activations`` (n, c, h'', w'') stand in for what it gave.

        What does not pass through the layer (skip connections around it, tokens before the grid) is that of the images.

        Raises
        ------
        LayerError
            If the layer is called several times in a pass.
        """
        ...


@runtime_checkable
class Featured(Layered, Protocol):
    """A classifier whose layers can be read without a question: no target, no gradient."""

    def features(self, batch: Array, layers: Sequence[str]) -> tuple[Array, ...]:
        """Return the activations of several layers from one pass, each (n, c, h'', w'') float32 as ``trace`` has them.

        Raises
        ------
        LayerError
            If a layer does not exist, or gives no grid of places.
        """
        ...


@dataclass(frozen=True, slots=True)
class Attention:
    """Who attends to whom, in every block of a network of tokens.

    Parameters
    ----------
    weights
        For each block in the order of the pass (n, heads, t, t): how much each token, a row, takes from each other, a
        column. A row sums to 1.
    grid
        Height and width of the grid that the last tokens are.
    prefix
        Class, distillation and register tokens before the grid: t is prefix + height · width.
    read
        The tokens at which the scores are read after the last block, by their place in the row of t.
    """

    weights: tuple[Array, ...]
    grid: tuple[int, int]
    prefix: int
    read: tuple[int, ...]


@runtime_checkable
class Attentive(Classifier, Protocol):
    """A classifier whose attention can be read."""

    def attentions(self, batch: Array) -> Attention:
        """Return the attention weights of n images.

        Raises
        ------
        CapabilityError
            If the network has no attention among all tokens of an image.
        """
        ...


@runtime_checkable
class AttentionDifferentiable(Attentive, Protocol):
    """A classifier that gives gradients of a target's score on its attention weights."""

    def attention_gradients(self, batch: Array, targets: Targets) -> tuple[Attention, tuple[Array, ...]]:
        """Return the attention, and for each block (n, m, heads, t, t): score units per unit of each weight.

        Raises
        ------
        CapabilityError
            If the network has no attention among all tokens of an image.
        """
        ...
