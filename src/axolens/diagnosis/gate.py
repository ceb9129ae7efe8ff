"""Which edits are out of range: judged by pixels, before the network is asked, and never by its own features."""

from axolens.diagnosis.factors.colour import Colour
from axolens.diagnosis.factors.factor import Picture, Pixels
from axolens.diagnosis.factors.light import Light
from axolens.diagnosis.factors.noise import Noise
from axolens.diagnosis.natural import LEVELS

WATCHED = (Light(), Colour(), Noise())
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
        was, now = factor.measure(picture).quantile, factor.measure(Picture(edited, picture.unit)).quantile
        if (now <= LOWEST < was) or (now >= HIGHEST > was):
            return f"its {factor.name} is beyond 98 of 100 ordinary photos"
    return ""
