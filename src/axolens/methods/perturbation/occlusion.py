"""Occlusion: a window slides over the photo."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np
from array_api_compat import array_namespace

from axolens.classifiers.counted import Counted
from axolens.classifiers.protocols import Targets
from axolens.errors import InputError
from axolens.maths.array import Array
from axolens.maths.scores import score_each
from axolens.maths.windows import sliding_windows
from axolens.methods.baseline import baseline_image, in_words
from axolens.methods.emptiness import why_each_is_empty
from axolens.methods.method import Card, Raw, check_whole
from axolens.methods.perturbation.hiding import masked_scores
from axolens.photos.fill import check_fill
from axolens.records.target import Target

Overlap = Literal["mean", "sum"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Occlusion:
    """By how much the score falls when a window of the photo is hidden (arXiv:1311.2901).

    Parameters
    ----------
    window, stride
        Side of the square window and its step, px of the network grid.
    fill
        What a hidden place shows: "mean" (the photo's mean colour), "blur", a colour, or "network-zero".
    overlap
        A place under several windows gets the "mean" of their falls, or their "sum".
    chunk
        Images a pass; 0 is what suits the device.
    """

    window: int = 32
    stride: int = 16
    fill: str = "mean"
    overlap: str = "mean"
    chunk: int = 0
    card: ClassVar[Card] = Card(
        name="occlusion",
        title="Occlusion",
        family="perturbation",
        needs="predictions",
        unit="relative",
        contrast="exact",
        source="arXiv:1311.2901",
        reading="A square window slides over the photo and hides what is under it: orange where the score falls "
        "without it, blue where it rises. Only one window is hidden at a time, so what the photo shows twice goes "
        "unnoticed.",
    )

    def __post_init__(self) -> None:
        """Refuse settings that mean nothing."""
        for name, least in (("window", 1), ("stride", 1), ("chunk", 0)):
            check_whole(f"occlusion.{name}", getattr(self, name), least)
        if self.stride > self.window:
            raise InputError("occlusion.stride", expected="at most the window, or places are skipped", got=self.stride)
        if self.overlap not in ("mean", "sum"):
            raise InputError("occlusion.overlap", expected="mean or sum", got=repr(self.overlap))
        check_fill(self.fill)

    @property
    def images(self) -> int:
        """One image forward a window, here of a photo of 224 pixels a side, and the photo itself."""
        return 1 + len(sliding_windows((224, 1), self.window, self.stride)) ** 2

    def attribute(self, model: Counted, batch: Array, targets: Targets, rngs: Sequence[np.random.Generator]) -> Raw:
        """Return maps at the network's own size."""
        del rngs
        maps = array_namespace(batch).stack(
            [self._one(model, batch[i, ...], targets[i]) for i in range(batch.shape[0])]
        )
        said = f"Hidden places show {in_words(self.fill)}."
        notes = tuple(tuple((said, *empty) for empty in row) for row in why_each_is_empty(maps, maps))
        return Raw(maps=maps, notes=notes)

    def _one(self, model: Counted, image: Array, targets: Sequence[Target]) -> Array:
        xp = array_namespace(image)
        height, width = image.shape[0], image.shape[1]
        windows = sliding_windows((height, width), self.window, self.stride)
        filled = baseline_image(model, image, self.fill)
        whole = score_each(model.scores(image[None, ...]), [targets], model.kind)[0, :]

        def masks(start: int, stop: int) -> Array:
            return model.asarray(~windows[start:stop])

        falls: Array = 0.0
        for visible, scores in masked_scores(model, image, filled, masks, len(windows), self.chunk):
            hidden = xp.astype(xp.reshape(~visible, (visible.shape[0], -1)), whole.dtype)
            fall = whole[None, :] - score_each(scores, [targets] * visible.shape[0], model.kind)
            falls = falls + xp.matmul(xp.permute_dims(fall, (1, 0)), hidden)
        if self.overlap == "mean":
            falls = falls / model.asarray(windows.sum(axis=0).reshape(1, -1).astype(np.float32))
        return xp.reshape(falls, (len(targets), height, width))
