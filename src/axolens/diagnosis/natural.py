"""How ordinary photos measure, as quantiles: what ``benchmarks/natural.py`` prints for 117 photos."""

import numpy as np

from axolens.records.diagnosis import Measured

LEVELS = (0.02, 0.05, 0.25, 0.5, 0.75, 0.95, 0.98)
TABLE: dict[str, tuple[float, ...]] = {
    "scale": (0.789, 0.832, 0.914, 0.947, 0.97, 0.988, 1.0),
    "light": (0.197, 0.256, 0.394, 0.455, 0.53, 0.654, 0.724),
    "colour": (2.99, 3.73, 8.62, 15.5, 22.0, 31.3, 37.1),
    "blur": (0.334, 0.34, 0.386, 0.436, 0.494, 0.559, 0.599),
    "noise": (0.00031, 0.000969, 0.00291, 0.00581, 0.0155, 0.0312, 0.0572),
    "compression": (1.01, 1.01, 1.02, 1.04, 1.12, 1.35, 1.42),
}
LEAST = 1e-4
"""Of a measurement whose logarithm is taken."""
FARTHEST = 5.0


def quantile(name: str, level: float) -> float:
    """Return the value that this share of ordinary photos stays below."""
    return float(np.interp(level, LEVELS, TABLE[name]))


def compare(name: str, value: float, unit: str, words: tuple[str, str]) -> Measured:
    """Return a measurement with its place among ordinary photos, and a word where it is unusual."""
    place = float(np.interp(value, TABLE[name], LEVELS, left=0.0, right=1.0))
    word = words[0] if place < LEVELS[1] else words[1] if place > LEVELS[-2] else ""
    return Measured(value, unit, place, word)


def beyond(name: str, value: float, side: str) -> float:
    """Return how far a measurement lies past all but 5 of 100 ordinary photos, from 0 to ``FARTHEST``.

    The step from their median to their 95th (or 5th) of 100 is the unit, in logarithms.

    Parameters
    ----------
    name, value
        A factor of ``TABLE`` and its measurement, at least 0.
    side
        "high", "low", or "both" for the farther of the two.

    Examples
    --------
    Median chroma is 15.5, 5 of 100 have less than 3.73: a factor of 4.16, and 3.73/4.16 is one step farther.

    >>> round(beyond("colour", 3.73 / (15.5 / 3.73), "low"), 6), beyond("colour", 15.5, "low")
    (1.0, 0.0)
    """
    _, low, _, middle, _, high, _ = np.log(np.maximum(TABLE[name], LEAST))
    place = np.log(max(value, LEAST))
    steps = {"low": (place - low) / (low - middle), "high": (place - high) / (high - middle)}
    found = max(steps.values()) if side == "both" else steps[side]
    return float(np.clip(found, 0.0, FARTHEST))
