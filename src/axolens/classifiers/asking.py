"""Asking a classifier about photos, and saying in one sentence what it refuses."""

import textwrap
from collections.abc import Sequence

import numpy as np
from jaxtyping import Float

from axolens.classifiers.protocols import Classifier
from axolens.errors import AxolensError, ModelError
from axolens.maths.array import Array, to_numpy
from axolens.maths.scores import probabilities, score
from axolens.photos.resize import to_network
from axolens.records.photo import Photo
from axolens.records.prediction import Prediction
from axolens.records.preprocess import Preprocess
from axolens.records.target import Target


def prediction_of(model: Classifier, batch: Array) -> Prediction:
    """Return what a model says about the first image of a batch."""
    scores = asked_scores(model, batch[:1])
    found = to_numpy(scores)[0].astype(np.float32)
    _check_finite(model, found)
    shares = to_numpy(probabilities(scores, model.kind))[0].astype(np.float32)
    return Prediction(found, model.kind, shares, model.labels)


def log_odds_of(model: Classifier, photos: Sequence[Photo]) -> Float[np.ndarray, "n k"]:
    """Return the log-odds of each class against all others, for every photo.

    Parameters
    ----------
    model
        With a preprocess.
    photos
        At least one.

    Returns
    -------
    log_odds
        (n, k) float64.

    Raises
    ------
    ModelError
        If the model has no preprocess, refuses the photos, or gives no finite scores.

    Examples
    --------
    >>> import axolens as ax
    >>> brightness = lambda batch: np.stack([batch.mean((1, 2, 3)), 1 - batch.mean((1, 2, 3))], axis=1)
    >>> model = ax.load(brightness, labels=["light", "dark"], preprocess={"size": 8}, output="probabilities")
    >>> photo = Photo(np.full((9, 9, 3), 0.8, np.float32))
    >>> log_odds_of(model, [photo]).round(3)  # ln 4
    array([[ 1.386, -1.386]])
    """
    preprocess = needed_preprocess(model)
    batch = model.asarray(np.stack([to_network(photo, preprocess) for photo in photos]))
    scores = to_numpy(asked_scores(model, batch)).astype(np.float64)
    _check_finite(model, scores)
    classes = (model.labels.resolve(Target(index)) for index in range(scores.shape[1]))
    return np.stack([score(scores, one, model.kind) for one in classes], axis=1)


def asked_scores(model: Classifier, batch: Array) -> Array:
    """Ask a model, and say in one sentence what it refuses.

    Raises
    ------
    ModelError
        If the model raises an error of its own; that one is its cause.
    """
    try:
        return model.scores(batch)
    except AxolensError:
        raise
    except Exception as error:
        said = textwrap.shorten(str(error), 160, placeholder=" …") or type(error).__name__
        raise ModelError(
            f"model {model.name}", expected=f"an answer to images of size {tuple(batch.shape[1:])}",
            got=f"{type(error).__name__}: {said.rstrip('.')}", hint="Does its preprocess say what it takes?",
        ) from error  # fmt: skip


def as_batch(model: Classifier, photo: Photo) -> Array:
    """Return a photo on the network grid, as a batch of one on the model's device."""
    return model.asarray(to_network(photo, needed_preprocess(model))[None])


def needed_preprocess(model: Classifier) -> Preprocess:
    """Return the model's preprocess.

    Raises
    ------
    ModelError
        If it has none, so that no photo can be brought to it.
    """
    if model.preprocess is None:
        raise ModelError(
            f"model {model.name}", expected="to be told how its photos are prepared", got="preprocess=None",
            hint='Pass preprocess="imagenet", a spec such as "keras/VGG19", or a Preprocess to axolens.load.',
        )  # fmt: skip
    return model.preprocess


def _check_finite(model: Classifier, scores: Float[np.ndarray, "..."]) -> None:
    if not np.isfinite(scores).all():
        bad = int((~np.isfinite(scores)).sum())
        raise ModelError(
            f"model {model.name}", expected="finite scores", got=f"{bad} of {scores.size} that are no numbers",
            hint="Check the weights and the preprocess.",
        )  # fmt: skip
