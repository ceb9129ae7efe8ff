"""The colour of every pixel of the animal before light: paints, belly, marks, and a fine grain."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from axolens.pond.canvas import Layers
from axolens.pond.noise import generator, solid, step
from axolens.pond.palette import DARK, GLINT, Coat

Values = NDArray[np.float64]


def coloured(layers: Layers, where: NDArray[np.int64], coat: Coat, texture_seed: int) -> Values:
    """Return the animal's colour, (3, m) in 0..1, at m pixels.

    Parameters
    ----------
    layers
        Paints and places on the skin, from the canvas.
    where
        The m pixels, counted row by row.
    coat
        The colour variety.
    texture_seed
        Places every mark; a whole number of at least 0.
    """
    paint = layers.paint.reshape(len(layers.paint), -1)[:, where]
    place, across, up = layers.skin.reshape(3, -1)[:, where]
    flank = up * 0.08
    rng = generator(texture_seed, 11)
    belly = step(-up, 0.10, 0.65)
    mark = PATTERNS[coat.pattern](rng, place, across, flank) * (1.0 - 0.45 * belly)
    fine = solid(rng, place * 60.0, across * 60.0, flank * 60.0)
    coarse = solid(rng, place * 14.0, across * 14.0, flank * 14.0)
    grain = 0.86 + 0.14 * fine + 0.14 * coarse
    picture = np.empty((3, len(where)))
    for channel in range(3):
        skin = coat.back[channel] + (coat.belly[channel] - coat.back[channel]) * belly
        skin = skin + (coat.mark[channel] - skin) * mark
        flat = (coat.belly, coat.accent, coat.accent2, coat.eye, GLINT, DARK)
        total = paint[0] * skin * grain
        for share, colour in zip(paint[1:4], flat[:3], strict=True):
            total = total + share * (colour[channel] * grain)
        for share, colour in zip(paint[4:], flat[3:], strict=True):
            total = total + share * float(colour[channel])
        picture[channel] = total * (1.0 / 255.0)
    return picture


def _mottle(rng: np.random.Generator, place: Values, across: Values, flank: Values) -> Values:
    return step(solid(rng, place * 26.0, across * 26.0, flank * 26.0), 0.50, 0.85) * 0.75


def _spots(rng: np.random.Generator, place: Values, across: Values, flank: Values) -> Values:
    return step(solid(rng, place * 24.0, across * 26.0, flank * 26.0), 0.58, 0.66)


def _bands(rng: np.random.Generator, place: Values, across: Values, flank: Values) -> Values:
    """Rings around the animal, faint on the body and strong on the tail."""
    wobble = solid(rng, place * 12.0, across * 22.0, flank * 22.0)
    phase = place * 9.0 + wobble * 0.35 + float(rng.random())
    wave = np.abs(phase - np.floor(phase) - 0.5) * 2.0
    return step(wave, 0.52, 0.68) * (0.40 + 0.60 * step(-place, 0.25, 0.42))


def _stripes(rng: np.random.Generator, place: Values, across: Values, flank: Values) -> Values:
    """Upright bars with torn edges, and a few flecks between them."""
    wobble = solid(rng, place * 18.0, across * 18.0, flank * 30.0)
    phase = place * 11.0 + wobble * 0.9 + float(rng.random())
    wave = np.abs(phase - np.floor(phase) - 0.5) * 2.0
    return np.maximum(step(wave, 0.55, 0.75), step(wobble, 0.72, 0.80) * 0.7) * 0.8


def _scales(rng: np.random.Generator, place: Values, across: Values, flank: Values) -> Values:
    """Rows of overlapping scales: the mark is the shaded rim of each."""
    along, girth = place * 24.0 + float(rng.random()), (flank * 1.7 + across * 0.6) * 20.0
    row = np.floor(along)
    shift = girth + 0.5 * (row - 2.0 * np.floor(row * 0.5))
    x, y = along - row - 0.25, shift - np.floor(shift) - 0.5
    rim = step(np.sqrt(x * x + y * y), 0.36, 0.56)
    return rim * (0.55 + 0.45 * solid(rng, place * 9.0, across * 9.0, flank * 9.0))


PATTERNS: dict[str, Callable[[np.random.Generator, Values, Values, Values], Values]] = {
    "mottle": _mottle,
    "spots": _spots,
    "bands": _bands,
    "stripes": _stripes,
    "scales": _scales,
}
