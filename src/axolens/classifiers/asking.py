"""Asking a classifier about photos, and saying in one sentence what it refuses."""

import textwrap

import numpy as np

from axolens.classifiers.protocols import Classifier
from axolens.errors import AxolensError, ModelError
from axolens.maths.array import Array, to_numpy
from axolens.maths.scores import probabilities
from axolens.photos.resize import to_network
from axolens.records.photo import Photo
from axolens.records.prediction import Prediction
from axolens.records.preprocess import Preprocess


def prediction_of(model: Classifier, batch: Array) -> Prediction:
    """Return what a model says about the first image of a batch."""
    scores = asked_scores(model, batch[:1])
    found = to_numpy(scores)[0].astype(np.float32)
    if not np.isfinite(found).all():
        bad = int((~np.isfinite(found)).sum())
        raise ModelError(
            f"model {model.name}", expected="finite scores", got=f"{bad} of {found.size} that are no numbers",
            hint="Check the weights and the preprocess.",
        )  # fmt: skip
    shares = to_numpy(probabilities(scores, model.kind))[0].astype(np.float32)
    return Prediction(found, model.kind, shares, model.labels)


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
