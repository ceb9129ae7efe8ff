"""SmoothGrad."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import ClassVar

import numpy as np
from array_api_compat import array_namespace

from axolens.classifiers.counted import Counted
from axolens.classifiers.protocols import Targets
from axolens.errors import InputError
from axolens.maths.array import Array, to_numpy
from axolens.maths.moments import Moments, moments, noise_share, pooled
from axolens.methods.emptiness import why_each_is_empty
from axolens.methods.method import Card, Raw, check_whole
from axolens.methods.noisiness import noise_note
from axolens.methods.passes import in_passes
from axolens.records.target import Target


@dataclass(frozen=True, slots=True, kw_only=True)
class SmoothGrad:
    """The mean gradient over copies of the photo with Gaussian noise (arXiv:1706.03825), summed over the channels.

    Parameters
    ----------
    samples
        Noisy copies, and so images forward.
    noise
        Standard deviation of the noise, as a share of the photo's range from its darkest to its brightest value.
    chunk
        Images a pass.
    """

    samples: int = 50
    noise: float = 0.15
    chunk: int = 8
    card: ClassVar[Card] = Card(
        name="smoothgrad",
        title="SmoothGrad",
        family="gradient",
        needs="gradients",
        unit="relative",
        contrast="exact",
        source="arXiv:1706.03825",
        reading="Saliency averaged over many noisy copies of the photo, so that what stays is what the score reacts to "
        "on all of them: orange where a brighter pixel would raise it, blue where it would lower it.",
    )

    def __post_init__(self) -> None:
        """Refuse settings that mean nothing."""
        check_whole("smoothgrad.samples", self.samples, 2)
        check_whole("smoothgrad.chunk", self.chunk, 1)
        if not 0 < self.noise < math.inf:
            raise InputError("smoothgrad.noise", expected="a finite share above 0", got=self.noise)

    @property
    def images(self) -> int:
        """As many images forward as samples."""
        return self.samples

    def attribute(self, model: Counted, batch: Array, targets: Targets, rngs: Sequence[np.random.Generator]) -> Raw:
        """Return signed maps at the network's own size; every target sees the same noise."""
        found = [reduce(pooled, self._parts(model, batch[i, ...], targets[i], rngs[i])) for i in range(batch.shape[0])]
        maps = array_namespace(batch).stack([one.mean for one in found])
        shares = [to_numpy(noise_share(one)) for one in found]
        notes = tuple(
            tuple(empty or (noise_note(float(share)),) for empty, share in zip(row, own, strict=True))
            for row, own in zip(why_each_is_empty(maps, maps), shares, strict=True)
        )
        return Raw(maps=maps, notes=notes)

    def _parts(
        self, model: Counted, image: Array, targets: Sequence[Target], rng: np.random.Generator
    ) -> Iterator[Moments]:
        """Yield the moments of each pass's maps."""
        xp = array_namespace(image)
        spread = np.float32(self.noise * float(xp.max(image) - xp.min(image)))
        drawn: dict[int, np.ndarray] = {}  # a pass that memory does not hold is asked again, with the same noise

        def ask(start: int, stop: int) -> Moments:
            for done in [i for i in drawn if i < start]:
                del drawn[done]
            for i in range(start, stop):
                if i not in drawn:
                    drawn[i] = rng.standard_normal(image.shape, np.float32)
            noise = model.asarray(spread * np.stack([drawn[i] for i in range(start, stop)]))
            slopes = model.gradient(image[None, ...] + noise, [targets] * (stop - start))
            return moments(xp.sum(slopes, axis=model.channel_axis))

        return in_passes(self.samples, self.chunk, ask)
