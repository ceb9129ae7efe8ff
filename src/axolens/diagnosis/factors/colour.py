"""Colour of the whole picture: how much there is, its opposite, and its cast; in Lab, at the same lightness."""

import warnings
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float
from skimage.color import lab2rgb, rgb2lab

from axolens.diagnosis.factors.animal import NARROWEST, WIDEST, elsewhere, towards
from axolens.diagnosis.factors.factor import Edit, Picture, Pixels, Values, clipped, coarse, remembered
from axolens.diagnosis.natural import compare, quantile
from axolens.records.diagnosis import Measured

GREY = 2.5
"""Mean chroma below which a picture has no colour to move."""
MOST = 4.0


@dataclass(frozen=True, slots=True)
class Colour:
    """Move the object's colours to those of the references' objects, where both have masks.

    Else multiply the chroma of every pixel, also through zero to the opposite hue, or take the cast away; a grey
    picture has none to multiply.
    """

    name: str = "colour"

    def measure(self, picture: Picture) -> Measured:
        """Measure the mean chroma."""
        chroma = rgb2lab(coarse(picture.pixels, round(8 * picture.unit)))[..., 1:]
        mean = float(np.hypot(chroma[..., 0], chroma[..., 1]).mean())
        return compare("colour", mean, "units of chroma", ("colourless", "colourful"))

    def edits(self, picture: Picture) -> tuple[Edit, ...]:
        """Return the object in the references' colours; or the picture's strengthened, opposite, and without a cast."""
        if picture.guides:
            return towards(picture)
        lab = _lab(picture)
        mean = float(np.hypot(lab[..., 1], lab[..., 2]).mean())
        if mean < GREY:
            return ()
        gain = float(np.clip(quantile("colour", 0.5) / mean, 1.0, MOST))
        cast = lab[..., 1:].mean((0, 1))
        moved = (
            ("with stronger colours", max(gain, 1.5), lab[..., 1:] * max(gain, 1.5)),
            ("with opposite colours", -gain, -gain * lab[..., 1:]),
            ("without its cast of colour", 0.0, lab[..., 1:] - cast),
        )
        return tuple(Edit(words, dose, _rgb(lab, chroma)) for words, dose, chroma in moved)

    def sham(self, picture: Picture, edits: Sequence[Edit], rng: np.random.Generator) -> tuple[Pixels, ...]:
        """Move every colour, or those of the object, as far as the edit does, in another direction."""
        if picture.guides:
            return elsewhere(picture, edits, rng)
        angle = rng.uniform(np.pi / 3, 5 * np.pi / 3)
        turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]], np.float32)
        lab = _lab(picture)
        return tuple(_rgb(lab, lab[..., 1:] + (_lab(edit) - lab)[..., 1:] @ turn.T) for edit in edits)


def tinted(one: Picture, lender: Picture) -> Pixels:
    """Return a whole picture with the mean and spread of a* and b* of another one, at its own lightness.

    The spread changes by a factor of 1/3 to 3, as an object's does.

    Examples
    --------
    >>> red, green = (np.full((4, 4, 3), levels, np.float32) for levels in ((0.6, 0.4, 0.4), (0.4, 0.5, 0.4)))
    >>> tinted(Picture(red), Picture(green))[0, 0].astype(float).round(2).tolist()  # as dark as the red one
    [0.38, 0.48, 0.38]
    """
    lab, other = _lab(one), _lab(lender)[..., 1:]
    mean, spread = lab[..., 1:].mean((0, 1)), lab[..., 1:].std((0, 1))
    gain = np.clip(other.std((0, 1)) / np.maximum(spread, 1e-3), NARROWEST, WIDEST)
    return _rgb(lab, (lab[..., 1:] - mean) * gain + other.mean((0, 1)))


@remembered
def _lab(shown: Picture | Edit) -> Values:
    return np.asarray(rgb2lab(shown.pixels))


def _rgb(lab: Values, chroma: Float[np.ndarray, "h w 2"]) -> Pixels:
    """Return the picture with this chroma; colours that sRGB does not have are cut."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return clipped(lab2rgb(np.concatenate([lab[..., :1], chroma], axis=-1)))
