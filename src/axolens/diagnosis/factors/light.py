"""Light: too dark or too bright, moved by a power of the levels."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from axolens.diagnosis.factors.factor import Edit, Picture, Pixels, clipped, luma, smooth_field
from axolens.diagnosis.factors.noise import quiet
from axolens.diagnosis.natural import compare, quantile
from axolens.records.diagnosis import Measured

Levels = Float[np.ndarray, "..."]
STRONGEST = 8.0
"""The largest power, and the inverse of the least."""


@dataclass(frozen=True, slots=True)
class Light:
    """Bring the mean brightness to that of ordinary photos by a power of the levels (gamma).

    The noise of a noisy picture is put back as it was: it came after the light.
    """

    name: str = "light"
    quantiles: tuple[float, ...] = (0.5,)

    def measure(self, picture: Picture) -> Measured:
        """Measure the mean brightness."""
        return compare("light", float(luma(picture.pixels).mean()), "of full brightness", ("dark", "bright"))

    def edits(self, picture: Picture) -> tuple[Edit, ...]:
        """Return the picture at quantiles of ordinary brightness."""
        bare, found = quiet(picture).pixels, []
        for aim in self.quantiles:
            power = power_to(luma(bare), quantile("light", aim))
            words = "brightened" if power < 1 else "darkened"
            found.append(
                Edit(
                    f"{words} (levels to the power {power:.2f})", power, clipped(bare**power + (picture.pixels - bare))
                )
            )
        return tuple(found)

    def sham(self, picture: Picture, edits: Sequence[Edit], rng: np.random.Generator) -> tuple[Pixels, ...]:
        """Brighten some places and darken others by as much, under one smooth random field."""
        field = smooth_field(rng, picture.pixels.shape[:2])[..., None]
        bare = quiet(picture).pixels
        grains = picture.pixels - bare
        return tuple(clipped(bare ** np.exp(np.log(edit.dose) * field) + grains) for edit in edits)


def power_to(levels: Levels, mean: float) -> float:
    """Return the power in [1/8, 8] at which levels in [0, 1] have this mean, by bisection.

    Examples
    --------
    >>> round(power_to(np.full(4, 0.5), 0.25), 3)
    2.0
    """
    low, high = -np.log(STRONGEST), np.log(STRONGEST)
    for _ in range(40):
        middle = (low + high) / 2
        low, high = (middle, high) if float((levels ** np.exp(middle)).mean()) > mean else (low, middle)
    return float(np.exp((low + high) / 2))
