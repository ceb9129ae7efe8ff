"""What lies behind the animal: seven families, each varied by a seed."""

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from axolens.pond.noise import cells, field, generator, octaves, step

Plane = NDArray[np.float64]
Picture = NDArray[np.float64]
Ground = tuple[Picture, Plane]  # colour (3, h, w) in 0..1, and height in shares of the frame's width
Pair = tuple[tuple[float, float, float], tuple[float, float, float]]

_GRAVEL: tuple[Pair, ...] = (
    ((0.34, 0.31, 0.29), (0.74, 0.69, 0.62)),
    ((0.22, 0.23, 0.26), (0.58, 0.60, 0.64)),
    ((0.42, 0.30, 0.22), (0.82, 0.70, 0.54)),
)
_MOSS: tuple[Pair, ...] = (
    ((0.08, 0.17, 0.06), (0.42, 0.55, 0.20)),
    ((0.10, 0.20, 0.12), (0.36, 0.52, 0.30)),
    ((0.14, 0.16, 0.05), (0.56, 0.56, 0.22)),
)
_LEAF: tuple[Pair, ...] = (
    ((0.10, 0.34, 0.12), (0.46, 0.66, 0.30)),
    ((0.20, 0.36, 0.10), (0.62, 0.70, 0.34)),
    ((0.30, 0.18, 0.08), (0.70, 0.48, 0.24)),
)
_SAND: tuple[Pair, ...] = (
    ((0.66, 0.55, 0.39), (0.90, 0.82, 0.65)),
    ((0.56, 0.50, 0.44), (0.84, 0.80, 0.74)),
    ((0.62, 0.42, 0.27), (0.88, 0.68, 0.48)),
)
_STONE: tuple[Pair, ...] = (
    ((0.28, 0.29, 0.31), (0.60, 0.61, 0.62)),
    ((0.16, 0.17, 0.20), (0.40, 0.42, 0.46)),
    ((0.36, 0.31, 0.27), (0.66, 0.60, 0.54)),
)
_GLASS: tuple[Pair, ...] = (
    ((0.10, 0.30, 0.38), (0.50, 0.76, 0.80)),
    ((0.08, 0.22, 0.42), (0.46, 0.66, 0.86)),
    ((0.12, 0.32, 0.28), (0.54, 0.78, 0.68)),
)
_PLAIN: tuple[Pair, ...] = (
    ((0.80, 0.80, 0.80), (0.90, 0.90, 0.90)),
    ((0.42, 0.46, 0.52), (0.54, 0.58, 0.64)),
    ((0.14, 0.14, 0.16), (0.24, 0.24, 0.26)),
    ((0.62, 0.72, 0.78), (0.74, 0.82, 0.88)),
    ((0.70, 0.62, 0.52), (0.82, 0.74, 0.64)),
)


def background(family: str, seed: int, size: int) -> Ground:
    """Draw a background.

    Parameters
    ----------
    family
        One of ``FAMILIES``.
    seed
        Chooses tones and every pebble, vein and crack; a whole number of at least 0.
    size
        Height and width in pixels.

    Returns
    -------
    colour, height
        (3, size, size) in 0..1 before light, and (size, size) in shares of the frame's width.

    Examples
    --------
    >>> colour, height = background("moss", 1, 32)
    >>> colour.shape, height.shape
    ((3, 32, 32), (32, 32))
    """
    return FAMILIES[family](generator(seed, 7), size)


def _between(pair: Pair, share: Plane) -> Picture:
    low, high = (np.array(colour)[:, None, None] for colour in pair)
    return low + (high - low) * share


def _pick(rng: np.random.Generator, pairs: tuple[Pair, ...]) -> Pair:
    """Choose a pair and change its lightness and its tint a little."""
    low, high = pairs[int(rng.integers(len(pairs)))]
    lightness = 0.85 + 0.3 * float(rng.random())
    tint = [lightness * (0.94 + 0.12 * float(rng.random())) for _ in range(3)]
    return _times(low, tint), _times(high, tint)


def _times(colour: tuple[float, float, float], by: list[float]) -> tuple[float, float, float]:
    return colour[0] * by[0], colour[1] * by[1], colour[2] * by[2]


def _grid(rng: np.random.Generator, size: int) -> tuple[Plane, Plane]:
    """Return two coordinates at right angles, turned and moved at random, over -0.7..0.7 or so."""
    a, b = float(rng.random()) * 2.0 - 1.0, float(rng.random()) * 2.0 - 1.0
    norm = max(math.sqrt(a * a + b * b), 0.05)
    a, b = a / norm, b / norm
    centre = np.arange(size) * (1.0 / size) - (0.35 + 0.3 * float(rng.random()))
    x, y = centre[None, :], centre[:, None]
    return a * x + b * y, a * y - b * x


def _gravel(rng: np.random.Generator, size: int) -> Ground:
    pair = _pick(rng, _GRAVEL)
    near, gap, which = cells(rng, size, int(rng.integers(11, 18)))
    tones = rng.random(2048)[which]
    edge = step(gap, 0.0, 0.22)
    share = 0.12 + tones * 0.62 + 0.15 * field(rng, size, 40.0, 40.0)
    return _between(pair, share) * (0.52 + 0.48 * edge), np.maximum(0.55 - near * near, 0.0) * 0.05 * edge


def _moss(rng: np.random.Generator, size: int) -> Ground:
    pair = _pick(rng, _MOSS)
    clumps = octaves(rng, size, 5.0, 3)
    tufts = field(rng, size, 46.0, 31.0) * 0.5 + field(rng, size, 28.0, 50.0) * 0.5
    share = clumps * 0.75 + (tufts - 0.5) * 0.60 + 0.1
    return _between(pair, np.minimum(np.maximum(share, 0.0), 1.0)), clumps * 0.05 + tufts * 0.018


def _leaf(rng: np.random.Generator, size: int) -> Ground:
    pair = _pick(rng, _LEAF)
    x, y = _grid(rng, size)
    side = np.sqrt(y * y + 0.0001)
    phase = (x - side * 0.7) * float(rng.integers(7, 12)) + 0.25 * field(rng, size, 5.0, 5.0)
    wave = np.abs(phase - np.floor(phase) - 0.5) * 2.0
    veins = 1.0 - step(wave, 0.06, 0.20)
    rib = 1.0 - step(side, 0.012, 0.030)
    share = 0.30 + 0.25 * octaves(rng, size, 4.0, 3) + 0.18 * wave - 0.2 * side
    share = share + np.maximum(veins * 0.32, rib * 0.55)
    return _between(pair, np.minimum(np.maximum(share, 0.0), 1.0)), wave * 0.012 + rib * 0.006


def _sand(rng: np.random.Generator, size: int) -> Ground:
    pair = _pick(rng, _SAND)
    x, _ = _grid(rng, size)
    phase = x * float(rng.integers(6, 13)) + 1.6 * octaves(rng, size, 3.0, 2)
    wave = np.abs(phase - np.floor(phase) - 0.5) * 2.0
    ripple = wave * wave * (3.0 - 2.0 * wave)
    fine = rng.random((128, 128))
    index = (np.arange(size) * 128) // size
    share = 0.30 + 0.30 * ripple + 0.25 * octaves(rng, size, 6.0, 2) + 0.20 * (fine[index][:, index] - 0.5)
    return _between(pair, np.minimum(np.maximum(share, 0.0), 1.0)), ripple * 0.010


def _stone(rng: np.random.Generator, size: int) -> Ground:
    pair = _pick(rng, _STONE)
    _, gap, which = cells(rng, size, int(rng.integers(3, 6)))
    rough = octaves(rng, size, 9.0, 3)
    crack = step(gap + (rough - 0.5) * 0.16, 0.01, 0.07)
    share = 0.15 + 0.65 * rough + 0.2 * rng.random(64)[which & 63]
    return _between(pair, np.minimum(share, 1.0)) * (0.45 + 0.55 * crack), rough * 0.035 + crack * 0.008


def _glass(rng: np.random.Generator, size: int) -> Ground:
    pair = _pick(rng, _GLASS)
    x, y = _grid(rng, size)
    deep = np.arange(size) * (1.0 / size)
    share = 0.62 - 0.45 * deep[:, None] + 0.16 * octaves(rng, size, 2.0, 2) + 0.0 * x
    for _ in range(int(rng.integers(2, 5))):
        middle, width = float(rng.random()) * 1.2 - 0.6, 0.015 + 0.05 * float(rng.random())
        share = share + (1.0 - step(np.abs(x - middle), width, width + 0.02)) * (0.12 + 0.16 * float(rng.random()))
    for _ in range(int(rng.integers(3, 8))):
        cx, cy, radius = (float(v) for v in rng.random(3) * np.array([1.2, 1.2, 0.03]) - np.array([0.6, 0.6, -0.012]))
        away = np.abs(np.sqrt((x - cx) * (x - cx) + (y - cy) * (y - cy)) - radius)
        share = share + 0.3 * (1.0 - step(away, 0.003, 0.011))
    return _between(pair, np.minimum(np.maximum(share, 0.0), 1.0)), np.zeros((size, size))


def _plain(rng: np.random.Generator, size: int) -> Ground:
    pair = _pick(rng, _PLAIN)
    x, _ = _grid(rng, size)
    return _between(pair, np.minimum(np.maximum(0.5 + 0.7 * x, 0.0), 1.0)), np.zeros((size, size))


FAMILIES: dict[str, Callable[[np.random.Generator, int], Ground]] = {
    "gravel": _gravel,
    "moss": _moss,
    "leaf": _leaf,
    "sand": _sand,
    "stone": _stone,
    "glass": _glass,
    "plain": _plain,
}
