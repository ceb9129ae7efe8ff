"""The colour of the light: gains of red and blue along the colours of daylight, and aside from them."""

from functools import cache

import numpy as np
from jaxtyping import Float
from kornia.augmentation import RandomPlanckianJitter
from scipy.spatial.transform import Rotation

from axolens.diagnosis.factors.factor import Picture, Pixels, clipped

Gains = Float[np.ndarray, "3"]
COOLEST, WARMEST, STEP = 15_000.0, 3_000.0, 500.0  # kelvin, of kornia's table
SUN, WHITE, SHADE = 5_000.0, 6_500.0, 9_000.0
"""Kelvin of the sun at noon, of sRGB's white and of open shade: the light's colour is moved no farther."""
LEAST, MOST = 60.0, 120.0
"""Degrees by which a placebo's colour lies off the colours of daylight."""
DARKEST = 1e-3


def gains_at(kelvin: float) -> Gains:
    """Return what red, green and blue are multiplied by where light of this temperature takes the place of 6,500 K.

    From kornia's table of black bodies (Zini and others 2022, https://arxiv.org/abs/2202.07993).

    Examples
    --------
    >>> gains_at(6500.0).tolist(), gains_at(5000.0).round(2).tolist()
    ([1.0, 1.0, 1.0], [1.14, 1.0, 0.78])
    """
    lights = np.arange(WARMEST, COOLEST + 1, STEP)
    red, blue = (np.interp(kelvin, lights, column) / np.interp(WHITE, lights, column) for column in _table().T)
    return np.array([red, 1.0, blue])


@cache
def _table() -> Float[np.ndarray, "n 2"]:
    """Return red and blue over green of black bodies from 3,000 to 15,000 K, in steps of 500."""
    return np.asarray(RandomPlanckianJitter(mode="blackbody").pl, np.float64)


def kelvin_for(warmer: float) -> float:
    """Return the light, from 5,000 to 9,000 K, whose gains raise the logarithm of red over blue by so much.

    Examples
    --------
    >>> kelvin_for(0.0), kelvin_for(9.0), kelvin_for(-9.0)
    (6500.0, 5000.0, 9000.0)
    """
    lights = np.arange(SUN, SHADE + 1, STEP)
    warmth = [float(np.log(gains[0] / gains[2])) for gains in map(gains_at, lights)]
    return float(np.interp(-warmer, [-one for one in warmth], lights))


def warmth(picture: Picture) -> float:
    """Return the logarithm of the mean red over the mean blue behind the object; of all that is seen without a mask.

    Examples
    --------
    >>> round(warmth(Picture(np.full((4, 4, 3), (0.8, 0.5, 0.4), np.float32))), 3)
    0.693
    """
    behind = picture.pixels[... if picture.mask is None or picture.mask.all() else ~picture.mask].reshape(-1, 3)
    red, _, blue = np.maximum(behind.mean(axis=0, dtype=np.float64), DARKEST)
    return float(np.log(red / blue))


def balanced(pixels: Pixels, gains: Gains) -> Pixels:
    """Return the picture with red, green and blue multiplied."""
    return clipped(pixels * gains)


def aside(gains: Gains, angle: float) -> Gains:
    """Return gains as strong, of a colour that lies this many degrees off, about grey.

    Examples
    --------
    Half-way round, warm is cool.

    >>> aside(np.array([2.0, 1.0, 0.5]), 180.0).round(2).tolist()
    [0.5, 1.0, 2.0]
    """
    turn = Rotation.from_rotvec(np.deg2rad(angle) * np.ones(3) / np.sqrt(3))
    return np.exp(turn.apply(np.log(gains)))


def drawn_angle(rng: np.random.Generator) -> float:
    """Return degrees, to either side, by which a placebo's colour lies off: towards green or towards purple."""
    return float(rng.choice([-1.0, 1.0]) * rng.uniform(LEAST, MOST))
