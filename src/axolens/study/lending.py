"""Photos of the folder that lend their maps, for others to be held against."""

from collections.abc import Sequence

import numpy as np

from axolens.classifiers.asking import needed_preprocess
from axolens.classifiers.protocols import Classifier
from axolens.errors import AxolensError
from axolens.photos.resize import reduced
from axolens.records.photo import Photo
from axolens.scrutiny.account import USUAL
from axolens.study.plan import Sighting


def lenders_of(model: Classifier, sightings: Sequence[Sighting], pixel_limit: int) -> tuple[Photo, ...]:
    """Return photos of a folder, reduced, one more than a verdict needs: a photo does not lend to itself.

    They are taken evenly from the folder, so that each class lends about as often as it occurs; what cannot be read is
    left out.
    """
    wanted = min(len(sightings), USUAL.swaps + 1)
    places = np.unique(np.linspace(0, len(sightings) - 1, wanted).round().astype(int)) if wanted else ()
    found = []
    for place in places:
        try:
            found.append(reduced(sightings[place].photo(pixel_limit), needed_preprocess(model))[0])
        except AxolensError:
            continue
    return tuple(found)
