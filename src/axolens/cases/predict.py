"""What a model says about a photo."""

from pathlib import Path
from typing import Any

from axolens.classifiers.asking import as_batch, prediction_of
from axolens.classifiers.protocols import Classifier
from axolens.errors import LabelError
from axolens.photos.read import read
from axolens.records.photo import Photo
from axolens.records.prediction import Prediction


def predict(model: Classifier, photo: Photo | str | Path) -> Prediction:
    """Ask a model about one photo.

    Parameters
    ----------
    model
        From ``axolens.load``.
    photo
        A photo, or the path of one.

    Returns
    -------
    prediction
        Scores and probabilities of all classes; ``prediction.top(5)`` names the likeliest.

    Raises
    ------
    ModelError
        If the model has no preprocess, or its answer is not a number.

    Examples
    --------
    >>> import numpy as np
    >>> import axolens as ax
    >>> brightness = lambda batch: np.stack([batch.mean((1, 2, 3)), 1 - batch.mean((1, 2, 3))], axis=1)
    >>> model = ax.load(brightness, labels=["light", "dark"], preprocess={"size": 8}, output="probabilities")
    >>> ax.predict(model, ax.read(np.full((9, 12, 3), 200, np.uint8))).top(1)[0].label
    'light'
    """
    return prediction_of(model, as_batch(model, as_photo(photo)))


def as_photo(photo: Photo | str | Path | Any) -> Photo:
    """Return the photo itself, or what is read from a path, bytes, an array or a PIL image."""
    return photo if isinstance(photo, Photo) else read(photo)


def with_known_truth(model: Classifier, photo: Photo) -> Photo:
    """Refuse a true class that the model does not know, in a sentence about the photo.

    Raises
    ------
    LabelError
        If the photo's truth is no class of the model, or fits several.
    """
    if photo.truth is not None:
        try:
            model.labels.find(photo.truth)
        except LabelError as error:
            raise LabelError(
                f"truth of {photo.name}", expected=error.expected, got=error.got, hint=error.hint
            ) from None
    return photo
