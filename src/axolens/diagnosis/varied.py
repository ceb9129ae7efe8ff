"""A photo under harmless variations on the network grid, and what a model says about many pictures."""

import numpy as np
from jaxtyping import Float, Float32

from axolens.classifiers.asking import asked_scores
from axolens.classifiers.protocols import Classifier
from axolens.diagnosis.variations import variations
from axolens.maths.array import to_numpy
from axolens.photos.resize import reduced, to_network
from axolens.records.photo import Photo
from axolens.records.preprocess import Preprocess

Images = Float32[np.ndarray, "n h w 3"]
Scores = Float[np.ndarray, "n k"]


def varied(photo: Photo, preprocess: Preprocess, count: int, rng: np.random.Generator) -> Images:
    """Return harmless variations of a photo, reduced to twice the network's size before, on the network grid.

    Parameters
    ----------
    photo, preprocess
        The photo, and how it comes to the network.
    count
        How many.
    rng
        The photo's generator.

    Examples
    --------
    >>> grey = Photo(np.full((90, 120, 3), 0.2, np.float32))
    >>> pictures = varied(grey, Preprocess(size=(16, 16), short_side=16), 3, np.random.default_rng(0))
    >>> pictures.shape, round(float(np.ptp(pictures)), 6)
    ((3, 16, 16, 3), 0.0)
    """
    small, unit = reduced(photo, preprocess)
    pictures = (pixels for _, pixels in variations(small.pixels, count, rng, unit))
    return np.stack([to_network(Photo(pixels), preprocess) for pixels in pictures])


def answers_to(model: Classifier, batch: Images) -> Scores:
    """Return a model's scores of host pictures on the host, (n, k) float64; n images forward."""
    return to_numpy(asked_scores(model, model.asarray(batch))).astype(np.float64)
