"""A Keras model on the torch backend, left as found."""

import copy
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import torch
from numpy.typing import NDArray

from axolens.classifiers.function import scores_from
from axolens.classifiers.keras_calls import passed_through
from axolens.classifiers.keras_layers import channels_first, find_layers, named_layer
from axolens.classifiers.keras_randomised import randomised, same_layer
from axolens.classifiers.keras_readout import KerasReadout
from axolens.classifiers.keras_start import channels_last, import_keras
from axolens.classifiers.keras_weights import weights_digest
from axolens.classifiers.protocols import Layer, Targets
from axolens.classifiers.torch_features import gridded, read_layers
from axolens.classifiers.torch_graph import Put, on_grid, pixel_gradient, trace
from axolens.classifiers.torch_guided import guide
from axolens.classifiers.torch_layers import named_error
from axolens.classifiers.torch_module import normalised
from axolens.errors import LayerError
from axolens.maths.array import Array
from axolens.records.labels import Labels
from axolens.records.preprocess import Preprocess


class KerasClassifier:
    """A Keras model on torch as a classifier with gradients and layers.

    Parameters
    ----------
    model
        Takes what ``preprocess`` describes and gives (n, k). It runs with ``training=False``; its activations,
        calls, trainable weights and gradients are left as found.
    labels
        The classes.
    preprocess
        From the photo to what the model takes; None hands batches over as they are.
    name, digest
        What a report calls the model, and sha256 of its weights.
    readout
        Where the scores are read: at the output, or before a last softmax or sigmoid.
    """

    def __init__(
        self,
        model: Any,
        labels: Labels,
        preprocess: Preprocess | None,
        *,
        name: str,
        digest: str = "",
        readout: KerasReadout,
    ) -> None:
        self.model, self.labels, self.preprocess, self.name = model, labels, preprocess, name
        self.digest = digest or weights_digest(model)
        self.kind = readout.reading.kind
        self._readout = readout
        self._last = channels_last(model) if preprocess is None else preprocess.layout == "nhwc"
        self.channel_axis = -1 if preprocess is not None or self._last else -3

    @property
    def device(self) -> torch.device:
        """Where the model's weights live."""
        weights = self.model.weights
        return weights[0].value.device if weights else torch.device("cpu")

    def asarray(self, values: NDArray[Any]) -> torch.Tensor:
        """Copy host values to the model's device."""
        return torch.tensor(values, device=self.device)

    def scores(self, batch: Array) -> torch.Tensor:
        """Return (n, k) scores of each image."""
        with torch.no_grad():
            return self._run(batch)

    def gradient(self, batch: Array, targets: Targets) -> torch.Tensor:
        """Return (n, m, h', w', 3): score units per unit of display-space pixel, through the normalisation."""
        return pixel_gradient(self._run, batch, targets, self.kind)

    def guided_gradient(self, batch: Array, targets: Targets) -> torch.Tensor:
        """Return (n, m, h', w', 3): the gradient with only positive slopes let back through each ReLU."""
        return pixel_gradient(self._run, batch, targets, self.kind, guide=guide)

    def layers(self, batch: Array) -> tuple[Layer, ...]:
        """Return the layers that are grids of places, in the order in which they finish."""
        with torch.no_grad():
            return find_layers(self.model, self._run, batch[:1], self._image(batch), self._last)

    def trace(self, batch: Array, targets: Targets, layer: str) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """Return scores (n, k), activations (n, c, h'', w'') and gradients (n, m, c, h'', w'') at a layer."""
        part = named_layer(self.model, layer)
        try:
            scores, seen, slopes = trace(self._run, lambda tap: passed_through(part, tap), batch, targets, self.kind)
            if self._last and seen.ndim == 4:
                seen, slopes = channels_first(seen), channels_first(slopes)
            return scores, *on_grid(seen, slopes, self._image(batch), None)
        except (RuntimeError, ValueError) as error:
            raise named_error(layer, error) from None

    def head(self, batch: Array, activations: Array, layer: str) -> torch.Tensor:
        """Return (n, k) scores of images at whose layer ``activations`` (n, c, h'', w'') stand in for what it gave."""
        part, put = named_layer(self.model, layer), Put(activations, self._image(batch), None)

        def tap(output: torch.Tensor) -> torch.Tensor:
            return put(channels_first(output)).movedim(-3, -1) if self._last and output.ndim == 4 else put(output)

        try:
            with torch.no_grad(), passed_through(part, tap):
                return self._run(batch)
        except (LayerError, RuntimeError, ValueError) as error:
            raise named_error(layer, error) from None

    def features(self, batch: Array, layers: Sequence[str]) -> tuple[torch.Tensor, ...]:
        """Return the activations (n, c, h'', w'') of several layers from one pass."""
        tapped = {layer: partial(passed_through, named_layer(self.model, layer)) for layer in layers}
        seen = read_layers(self._run, tapped, batch)
        turned = {layer: channels_first(x) if self._last and x.ndim == 4 else x for layer, x in seen.items()}
        image = self._image(batch)
        return tuple(gridded(layer, turned[layer], image, None, "channels first") for layer in layers)

    def randomised(self, seed: int, share: float) -> "KerasClassifier":
        """Return a copy with a share of the weight tensors permuted each in itself, from the scores down."""
        other = copy.copy(self)
        other.model = randomised(self.model, seed, share)
        other._readout = replace(self._readout, last=same_layer(other.model, self._readout.last))
        return other

    def _image(self, batch: Array) -> tuple[int, int]:
        if self.preprocess is not None:
            return self.preprocess.size
        return (batch.shape[1], batch.shape[2]) if self._last else (batch.shape[2], batch.shape[3])

    def _run(self, batch: torch.Tensor) -> torch.Tensor:
        prepared = batch if self.preprocess is None else normalised(batch, self.preprocess)
        # Keras moves what it is given to its own current device, which need not be the model's.
        with import_keras().device(str(self.device)):
            values = self._readout.read(self.model, prepared)
        scores: torch.Tensor = scores_from(values, self._readout.reading.turn, self._readout.reading.single)
        return scores
