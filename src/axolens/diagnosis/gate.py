"""Which edits are out of range: judged by pixels, before the network is asked, and never by its own features."""

from functools import lru_cache

from axolens.diagnosis.factors.colour import Colour
from axolens.diagnosis.factors.factor import Factor, Picture, Pixels
from axolens.diagnosis.factors.light import Light
from axolens.diagnosis.factors.noise import Noise
from axolens.diagnosis.natural import LEVELS

WATCHED: tuple[Factor, ...] = (Light(), Colour(), Noise())
LOWEST, HIGHEST = LEVELS[0], LEVELS[-1]


def out_of_range(picture: Picture, edited: Pixels) -> str:
    """Return why an edited picture is like no ordinary photo; empty where it may count.

    Brightness, chroma and noise are measured. A picture is refused where one of them lies beyond 96 of 100 ordinary
    photos and the unedited photo did not: 2 on either side.

    Examples
    --------
    >>> import numpy as np
    >>> grey = Picture(np.full((32, 32, 3), 0.5, np.float32))
    >>> out_of_range(grey, np.full((32, 32, 3), 0.01, np.float32))
    'its light is beyond 98 of 100 ordinary photos'
    """
    for factor in WATCHED:
        was, now = factor.measure(picture), factor.measure(Picture(edited, picture.unit))
        if _beyond(was.quantile, now.quantile) and not _as_references(factor, picture, now.value):
            return f"its {factor.name} is beyond 98 of 100 ordinary photos"
    return ""


def _beyond(was: float | None, now: float | None) -> bool:
    if was is None or now is None:
        return False
    return (now <= LOWEST < was) or (now >= HIGHEST > was)


def _as_references(factor: Factor, picture: Picture, value: float) -> bool:
    """Tell whether references, whatever they are photos of, measure as far out."""
    company = (*picture.references, *picture.others, *picture.unrelated)
    values = [_measured(factor.name, one) for one in company]
    return bool(values) and min(values) <= value <= max(values)


@lru_cache(maxsize=256)
def _measured(name: str, picture: Picture) -> float:
    return next(one for one in WATCHED if one.name == name).measure(picture).value
