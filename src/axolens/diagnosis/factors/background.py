"""Background: the object before what lies behind the references' objects."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float
from skimage.color import rgb2lab

from axolens.diagnosis.factors.cutout import fitted, ground, pasted
from axolens.diagnosis.factors.factor import Edit, Picture, Pixels, luma, remembered
from axolens.records.diagnosis import Measured

FEWEST = 26
"""Photos of other classes that placebos need. A quarter is left out as too alike, and 39 families from few donors
repeat each other: with a null edit p was at most 0.05 in 28 of 60 runs with 6 of them, and in 3 of 60 with 50."""


@dataclass(frozen=True, slots=True)
class Background:
    """Put the object before the references' backgrounds, their own objects and marks filled in.

    Needs the masks of the picture and of its references. The picture's marks stay, so that what they do is not laid at
    the background's door. Placebos are the same with backgrounds of other classes.
    """

    name: str = "background"
    quantiles: tuple[float, ...] = (0.5, 0.17, 0.83)

    def measure(self, picture: Picture) -> Measured:
        """Measure the share of the picture that is background."""
        if picture.mask is None:
            return Measured(0.0, "")
        return Measured(float(1 - picture.mask.mean()), "of the picture")

    def edits(self, picture: Picture) -> tuple[Edit, ...]:
        """Return the object before backgrounds at quantiles of the references' brightness."""
        behind = sorted((ground(one) for one in picture.guides), key=lambda pixels: float(luma(pixels).mean()))
        places = [round(quantile * (len(behind) - 1)) for quantile in self.quantiles if behind]
        words = "put before the background of another photo of its class"
        return tuple(Edit(words, float(place + 1), _before(picture, behind[place])) for place in dict.fromkeys(places))

    def sham(self, picture: Picture, edits: Sequence[Edit], rng: np.random.Generator) -> tuple[Pixels, ...]:
        """Put the object before backgrounds of other classes, mirrored or not; none for too few photos."""
        donors = _unlike(picture)
        found = []
        for which in rng.choice(len(donors), len(edits), replace=False) if donors else ():
            axes = tuple(axis for axis in (0, 1) if rng.random() < 0.5)
            found.append(_before(picture, np.flip(donors[which], axes)))
        return tuple(found)


def _unlike(picture: Picture) -> list[Pixels]:
    """Return the backgrounds of other classes without the quarter that is most like one of the references'."""
    found, own = picture.strangers, np.array([_look(one) for one in picture.guides])
    if len(found) < FEWEST or not len(own):
        return []
    near = [float(np.linalg.norm(own - _look(one), axis=1).min()) for one in found]
    return [ground(found[which]) for which in sorted(np.argsort(near)[len(found) // 4 :])]


@remembered
def _look(picture: Picture) -> Float[np.ndarray, "c"]:
    """Return mean and spread of a background in Lab."""
    lab = rgb2lab(ground(picture)).reshape(-1, 3)
    return np.concatenate([lab.mean(axis=0), lab.std(axis=0)]).astype(np.float64)


def _before(picture: Picture, behind: Pixels) -> Pixels:
    return pasted(picture, fitted(behind, picture.pixels.shape[:2]))
