"""How ordinary photos measure, as quantiles."""

import numpy as np

from axolens.records.diagnosis import Measured

LEVELS = (0.02, 0.05, 0.25, 0.5, 0.75, 0.95, 0.98)
TABLE: dict[str, tuple[float, ...]] = {
    "scale": (0.789, 0.832, 0.914, 0.947, 0.97, 0.988, 1.0),
    "light": (0.197, 0.256, 0.394, 0.455, 0.53, 0.654, 0.724),
    "colour": (2.99, 3.73, 8.62, 15.5, 22.0, 31.3, 37.1),
    "blur": (0.321, 0.343, 0.383, 0.44, 0.496, 0.58, 0.612),
    "noise": (0.00031, 0.000969, 0.00291, 0.00581, 0.0155, 0.0312, 0.0572),
    "compression": (1.0, 1.01, 1.02, 1.04, 1.12, 1.35, 1.42),
}


def quantile(name: str, level: float) -> float:
    """Return the value that this share of ordinary photos stays below."""
    return float(np.interp(level, LEVELS, TABLE[name]))


def compare(name: str, value: float, unit: str, words: tuple[str, str]) -> Measured:
    """Return a measurement with its place among ordinary photos, and a word where it is unusual."""
    place = float(np.interp(value, TABLE[name], LEVELS, left=0.0, right=1.0))
    word = words[0] if place < LEVELS[1] else words[1] if place > LEVELS[-2] else ""
    return Measured(value, unit, place, word)
