"""Any PyTorch module, left as found."""

import hashlib
from typing import Any

import torch
from numpy.typing import NDArray

from axolens.classifiers.protocols import Layer, Targets
from axolens.classifiers.torch_graph import evaluating, on_grid, pixel_gradient, trace
from axolens.classifiers.torch_layers import find_layers, hooked, named_layer
from axolens.classifiers.torch_readout import Readout
from axolens.errors import LayerError
from axolens.maths.array import Array
from axolens.records.labels import Labels
from axolens.records.preprocess import Preprocess


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
    ) -> None:
        self.module, self.labels, self.preprocess, self.name = module, labels, preprocess, name
        self.digest = digest or weights_digest(module)
        self._readout = readout or Readout("logits")
        self._prefix = prefix
        self.kind = self._readout.kind

    @property
    def device(self) -> torch.device:
        """Where the module's parameters live."""
        return _home(self.module)[0]

    def asarray(self, values: NDArray[Any]) -> torch.Tensor:
        """Copy host values to the module's device."""
        return torch.tensor(values, device=self.device)

    def scores(self, batch: Array) -> torch.Tensor:
        """Return (n, k) scores of each image."""
        with evaluating(self.module), torch.no_grad():
            return self._run(batch)

    def gradient(self, batch: Array, targets: Targets) -> torch.Tensor:
        """Return (n, m, h', w', 3): score units per unit of display-space pixel, through the normalisation."""
        with evaluating(self.module):
            return pixel_gradient(self._run, batch, targets, self.kind)

    def layers(self, batch: Array) -> tuple[Layer, ...]:
        """Return the layers that are grids of places, in the order in which they finish."""
        with evaluating(self.module), torch.no_grad():
            return find_layers(self.module, lambda: self._run(batch[:1]), self._image(batch), self._prefix)

    def trace(self, batch: Array, targets: Targets, layer: str) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """Return scores (n, k), activations (n, c, h'', w'') and gradients (n, m, c, h'', w'') at a layer."""
        part = named_layer(self.module, layer)
        try:
            with evaluating(self.module):
                scores, seen, slopes = trace(self._run, lambda tap: hooked(part, tap), batch, targets, self.kind)
            return scores, *on_grid(seen, slopes, self._image(batch), self._prefix)
        except (RuntimeError, ValueError) as error:
            if "this pass" in str(error) or "grid of places" in str(error):
                raise LayerError(
                    "layer", expected="a layer whose output is a grid", got=f"{layer!r}: {error}"
                ) from None
            raise

    def _image(self, batch: Array) -> tuple[int, int]:
        if self.preprocess is None:
            return batch.shape[2], batch.shape[3]
        return self.preprocess.size

    def _run(self, batch: torch.Tensor) -> torch.Tensor:
        return self._readout.read(self.module, self._prepared(batch))

    def _prepared(self, batch: torch.Tensor) -> torch.Tensor:
        if self.preprocess is None:
            return batch
        device, dtype = _home(self.module)
        return normalised(batch, self.preprocess).to(device=device, dtype=dtype)


def normalised(batch: torch.Tensor, preprocess: Preprocess) -> torch.Tensor:
    """Return what the network takes: scaled, normalised, in its channel order and layout."""
    if preprocess.order == "bgr":
        batch = batch.flip(-1)
    mean = torch.tensor(preprocess.mean, device=batch.device, dtype=batch.dtype)
    std = torch.tensor(preprocess.std, device=batch.device, dtype=batch.dtype)
    scaled = (batch * preprocess.scale - mean) / std
    return scaled.permute(0, 3, 1, 2) if preprocess.layout == "nchw" else scaled


def weights_digest(module: torch.nn.Module) -> str:
    """Return the sha256 of a module's names, shapes and weights."""
    digest = hashlib.sha256()
    for name, tensor in module.state_dict().items():
        digest.update(f"{name} {tuple(tensor.shape)} {tensor.dtype}".encode())
        digest.update(tensor.detach().cpu().contiguous().reshape(-1).view(torch.uint8).numpy())
    return digest.hexdigest()


def _home(module: torch.nn.Module) -> tuple[torch.device, torch.dtype]:
    for tensor in (*module.parameters(), *module.buffers()):
        if tensor.is_floating_point():
            return tensor.device, tensor.dtype
    return torch.device("cpu"), torch.float32
