"""Light: too dark or too bright, moved by a power of the levels; and of another colour than the references'."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from axolens.diagnosis.factors.factor import Edit, Picture, Pixels, clipped, luma, smooth_field
from axolens.diagnosis.factors.noise import quiet
from axolens.diagnosis.factors.white import WHITE, aside, balanced, drawn_angle, gains_at, kelvin_for, warmth
from axolens.diagnosis.natural import compare, quantile
from axolens.records.diagnosis import Measured

Levels = Float[np.ndarray, "..."]
STRONGEST = 8.0
"""The largest power, and the inverse of the least."""
COLOURED = 1
"""Place of the edit that moves the colour of the light, not its brightness."""


@dataclass(frozen=True, slots=True)
class Light:
    """Bring the mean brightness to that of ordinary photos by a power of the levels (gamma).

    Where there are references with masks also the light's colour to theirs, as far as daylight goes, by gains of red
    and blue. Their brightness is no aim: it is more their backgrounds' than their light's. The noise of a noisy picture
    is put back as it was: it came after the light.
    """

    name: str = "light"

    def measure(self, picture: Picture) -> Measured:
        """Measure the mean brightness."""
        return compare("light", float(luma(picture.pixels).mean()), "of full brightness", ("dark", "bright"))

    def edits(self, picture: Picture) -> tuple[Edit, ...]:
        """Return the picture as bright as ordinary photos, and as warm as the references."""
        bare = quiet(picture).pixels
        power = power_to(luma(bare), quantile("light", 0.5))
        words = f"{'brightened' if power < 1 else 'darkened'} (levels to the power {power:.2f})"
        lit = Edit(words, power, clipped(bare**power + (picture.pixels - bare)))
        return (lit, _as_warm(picture)) if picture.guides else (lit,)

    def sham(self, picture: Picture, edits: Sequence[Edit], rng: np.random.Generator) -> tuple[Pixels, ...]:
        """Brighten some places and darken others by as much, under one smooth random field; or tint off daylight."""
        field = smooth_field(rng, picture.pixels.shape[:2])[..., None]
        angle = drawn_angle(rng) if picture.guides else 0.0
        bare = quiet(picture).pixels
        grains = picture.pixels - bare
        return tuple(
            balanced(picture.pixels, aside(gains_at(edit.dose), angle))
            if edit.place == COLOURED
            else clipped(bare ** np.exp(np.log(edit.dose) * field) + grains)
            for edit in edits
        )


def _as_warm(picture: Picture) -> Edit:
    kelvin = kelvin_for(float(np.median([warmth(one) for one in picture.guides])) - warmth(picture))
    words = f"made {'warmer' if kelvin < WHITE else 'cooler'}, as in light of {kelvin:.0f} K"
    return Edit(words, kelvin, balanced(picture.pixels, gains_at(kelvin)), COLOURED)


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
