"""Photos that lend their maps, for those of other photos to be held against."""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from axolens.classifiers.asking import needed_preprocess
from axolens.classifiers.protocols import Classifier
from axolens.errors import AxolensError
from axolens.photos.read import PIXEL_LIMIT, read
from axolens.photos.resize import reduced
from axolens.records.photo import Photo
from axolens.scrutiny.account import USUAL


def lenders_of(
    model: Classifier,
    paths: Sequence[Path],
    pixel_limit: int = PIXEL_LIMIT,
    refused: Callable[[AxolensError], object] = lambda error: None,
) -> tuple[Photo, ...]:
    """Return photos, reduced, one more than a verdict needs: a photo does not lend to itself.

    They are taken evenly from all, so that each class of a folder lends about as often as it occurs; ``refused`` is
    called with the error of each that cannot be read.
    """
    wanted = min(len(paths), USUAL.swaps + 1)
    places = np.unique(np.linspace(0, len(paths) - 1, wanted).round().astype(int)) if wanted else ()
    found = []
    for place in places:
        try:
            found.append(reduced(read(paths[place], pixel_limit=pixel_limit), needed_preprocess(model))[0])
        except AxolensError as error:
            refused(error)
    return tuple(found)
