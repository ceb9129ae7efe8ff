"""Any PyTorch module, left as found."""

import copy
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from itertools import chain
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from axolens.classifiers.function import normalised
from axolens.classifiers.grids import Axes
from axolens.classifiers.protocols import Attention, Layer, Targets
from axolens.classifiers.torch_attention import attend, attend_back
from axolens.classifiers.torch_blending import blended, portions
from axolens.classifiers.torch_features import gridded, read_layers
from axolens.classifiers.torch_folded import Folding
from axolens.classifiers.torch_graph import Guide, Put, evaluating, frozen, on_grid, pixel_gradient, trace
from axolens.classifiers.torch_guided import guide
from axolens.classifiers.torch_layers import axes_of, convolved, find_layers, hooked, named_error, named_layer
from axolens.classifiers.torch_randomised import randomised
from axolens.classifiers.torch_readout import Readout
from axolens.errors import LayerError
from axolens.maths.array import Array
from axolens.records.labels import Labels
from axolens.records.preprocess import Preprocess

__all__ = ["TorchClassifier", "normalised", "weights_digest"]


class TorchClassifier:
    """A PyTorch module as a classifier with gradients and layers.

    Parameters
    ----------
    module
        Takes what ``preprocess`` describes and gives (n, k) scores, a tuple that begins with them, or an output with
        ``logits``. Its mode, hooks, gradients, device and dtype are left as found.
    labels
        The classes.
    preprocess
        From the photo to what the module takes; None hands batches over as they are.
    name, digest
        What a report calls the model, and sha256 of its weights.
    readout
        Where the scores are read: at the output, or before a last softmax or sigmoid.
    prefix
        Class and register tokens before the grid of a transformer, where known.
    chunk
        How many images the module takes at once, where it takes no other number; None is any.
    """

    def __init__(
        self,
        module: torch.nn.Module,
        labels: Labels,
        preprocess: Preprocess | None,
        *,
        name: str,
        digest: str = "",
        readout: Readout | None = None,
        prefix: int | None = None,
        chunk: int | None = None,
    ) -> None:
        self.module, self.labels, self.preprocess, self.name = module, labels, preprocess, name
        self.digest = digest or weights_digest(module)
        self._readout = readout or Readout("logits")
        self._prefix, self._chunk = prefix, chunk
        self._folding = Folding()
        last = preprocess is not None and preprocess.layout == "nhwc"
        self._axes: Axes = "channels last" if last else "channels first"
        self.kind = self._readout.kind
        self.channel_axis = -3 if preprocess is None else -1

    @property
    def device(self) -> torch.device:
        """Where the module's parameters live."""
        return _home(self.module)[0]

    @property
    def training(self) -> bool:
        """Whether any part of the module is in training mode; it never is while it is asked."""
        return any(part.training for part in self.module.modules())

    def asarray(self, values: NDArray[Any]) -> torch.Tensor:
        """Copy host values to the module's device, in the order of their axes: a network is as fast as its layout."""
        return torch.tensor(np.asarray(values, order="C"), device=self.device)

    def scores(self, batch: Array) -> torch.Tensor:
        """Return (n, k) scores of each image."""
        with evaluating(self.module), torch.no_grad():
            return torch.cat([self._run(part) for part in self._parts(batch)])[: len(batch)]

    def blended_scores(self, image: Array, filled: Array, visible: Array) -> torch.Tensor:
        """Return (n, k) scores of the photo where it is visible and ``filled`` elsewhere.

        Both are prepared once: preprocessing is affine in each pixel, so that blending may come after it.
        """
        with evaluating(self.module), torch.no_grad():
            ends = self._prepared(torch.stack([image, filled]))
            if self._chunk is not None:
                parts = self._parts(blended(ends, visible, self._axes))
                return torch.cat([self._readout.read(self.module, part) for part in parts])[: len(visible)]
            asked = self._folding.of(self.module, ends, self._readout.read)
            batches = (blended(ends, part, self._axes) for part in portions(visible))
            return torch.cat([self._readout.read(asked, batch) for batch in batches])

    def gradient(self, batch: Array, targets: Targets) -> torch.Tensor:
        """Return (n, m, h', w', 3): score units per unit of display-space pixel, through the normalisation."""
        return self._slopes(batch, targets)

    def guided_gradient(self, batch: Array, targets: Targets) -> torch.Tensor:
        """Return (n, m, h', w', 3): the gradient with only positive slopes let back through each ReLU."""
        return self._slopes(batch, targets, guide)

    def layers(self, batch: Array) -> tuple[Layer, ...]:
        """Return the layers that are grids of places, in the order in which they finish."""
        one = self._parts(batch[:1])[0]
        with evaluating(self.module), torch.no_grad():
            return find_layers(self.module, lambda: self._run(one), self._image(batch), self._prefix, self._axes)

    def trace(self, batch: Array, targets: Targets, layer: str) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """Return scores (n, k), activations (n, c, h'', w'') and gradients (n, m, c, h'', w'') at a layer."""
        part = named_layer(self.module, layer)
        try:
            with evaluating(self.module), convolved(self.module) as cut:
                found = [
                    trace(self._run, lambda tap: hooked(part, tap), images, asked, self.kind, frozen(self.module))
                    for images, asked in zip(self._parts(batch), self._asked(targets), strict=True)
                ]
            scores, seen, slopes = (torch.cat(values)[: len(batch)] for values in zip(*found, strict=True))
            axes = axes_of(part, self._axes)
            return scores, *on_grid(seen, slopes, self._image(batch), self._prefix, axes, cut)
        except (LayerError, RuntimeError, ValueError) as error:
            raise named_error(layer, error) from None

    def head(self, batch: Array, activations: Array, layer: str) -> torch.Tensor:
        """Return (n, k) scores of images at whose layer ``activations`` (n, c, h'', w'') stand in for what it gave."""
        part, image = named_layer(self.module, layer), self._image(batch)
        try:
            with evaluating(self.module), torch.no_grad(), convolved(self.module) as cut:
                found = []
                for images, values in zip(self._parts(batch), self._parts(activations), strict=True):
                    with hooked(part, Put(values, image, self._prefix, axes_of(part, self._axes), cut)):
                        found.append(self._run(images))
                return torch.cat(found)[: len(batch)]
        except (LayerError, RuntimeError, ValueError) as error:
            raise named_error(layer, error) from None

    def features(self, batch: Array, layers: Sequence[str]) -> tuple[torch.Tensor, ...]:
        """Return the activations (n, c, h'', w'') of several layers from one pass."""
        parts = {layer: named_layer(self.module, layer) for layer in layers}
        tapped = {layer: partial(hooked, part) for layer, part in parts.items()}
        with evaluating(self.module), convolved(self.module) as cut:
            found = [read_layers(self._run, tapped, images) for images in self._parts(batch)]
        image = self._image(batch)
        return tuple(
            gridded(layer, _joined(found, layer)[: len(batch)], image, self._prefix, axes_of(part, self._axes), cut)
            for layer, part in parts.items()
        )

    def attentions(self, batch: Array) -> Attention:
        """Return the attention weights of each block, (n, heads, t, t), and what its tokens are."""
        with evaluating(self.module):
            found = [
                attend(self._run, self.module, part, self._image(batch), self._prefix) for part in self._parts(batch)
            ]
        joined = zip(*(one.weights for one in found), strict=True)
        return replace(found[0], weights=tuple(torch.cat(weights)[: len(batch)] for weights in joined))

    def attention_gradients(self, batch: Array, targets: Targets) -> tuple[Attention, tuple[torch.Tensor, ...]]:
        """Return what ``attentions`` does, and each block's gradients (n, m, heads, t, t), through its own weights."""
        image = self._image(batch)
        with evaluating(self.module):
            found = [
                attend_back(self._run, self.module, part, asked, self.kind, image, self._prefix)
                for part, asked in zip(self._parts(batch), self._asked(targets), strict=True)
            ]
        weights, slopes = (
            tuple(torch.cat(parts)[: len(batch)] for parts in zip(*blocks, strict=True))
            for blocks in ([one.weights for one, _ in found], [slopes for _, slopes in found])
        )
        return replace(found[0][0], weights=weights), slopes

    def randomised(self, seed: int, share: float) -> "TorchClassifier":
        """Return a copy with a share of the weight tensors permuted each in itself, from the scores down."""
        other = copy.copy(self)
        other.module, other._folding = randomised(self.module, seed, share), Folding()
        return other

    def _slopes(self, batch: Array, targets: Targets, guide: Guide = lambda scores: None) -> torch.Tensor:
        with evaluating(self.module):
            found = [
                pixel_gradient(self._run, part, asked, self.kind, frozen(self.module), guide)
                for part, asked in zip(self._parts(batch), self._asked(targets), strict=True)
            ]
        return torch.cat(found)[: len(batch)]

    def _parts(self, batch: torch.Tensor) -> tuple[torch.Tensor, ...]:
        """Return the batch in parts that the module takes; the last is filled up with its last image."""
        if self._chunk is None or len(batch) == 0:
            return (batch,)
        short = -len(batch) % self._chunk
        return torch.split(torch.cat([batch, *[batch[-1:]] * short]), self._chunk)

    def _asked(self, targets: Targets) -> list[Targets]:
        if self._chunk is None:
            return [targets]
        filled = [*targets, *[targets[-1]] * (-len(targets) % self._chunk)]
        return [filled[start : start + self._chunk] for start in range(0, len(filled), self._chunk)]

    def _image(self, batch: Array) -> tuple[int, int]:
        if self.preprocess is None:
            return batch.shape[2], batch.shape[3]
        return self.preprocess.size

    def _run(self, batch: torch.Tensor) -> torch.Tensor:
        return self._readout.read(self.module, self._prepared(batch))

    def _prepared(self, batch: torch.Tensor) -> torch.Tensor:
        if self.preprocess is None:
            return batch.clone()  # a module may work on its input in place
        device, dtype = _home(self.module)
        return normalised(batch, self.preprocess).to(device=device, dtype=dtype)


def weights_digest(module: torch.nn.Module) -> str:
    """Return the sha256 of a module's names, shapes and weights."""
    digest = hashlib.sha256()
    for name, tensor in module.state_dict().items():
        digest.update(f"{name} {tuple(tensor.shape)} {tensor.dtype}".encode())
        digest.update(tensor.detach().cpu().contiguous().reshape(-1).view(torch.uint8).numpy())
    return digest.hexdigest()


def _joined(found: Sequence[Mapping[str, torch.Tensor]], layer: str) -> torch.Tensor:
    return torch.cat([seen[layer] for seen in found])


def _home(module: torch.nn.Module) -> tuple[torch.device, torch.dtype]:
    for tensor in chain(module.parameters(), module.buffers()):
        if tensor.is_floating_point():
            return tensor.device, tensor.dtype
    return torch.device("cpu"), torch.float32
