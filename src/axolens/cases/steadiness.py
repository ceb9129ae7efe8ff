"""Whether a model answers the same photo alike, call after call and beside whatever other picture."""

import numpy as np
from array_api_compat import array_namespace

from axolens.classifiers.asking import asked_scores
from axolens.classifiers.protocols import Classifier, Trainable
from axolens.maths.array import Array, to_numpy
from axolens.maths.scores import score
from axolens.records.prediction import Prediction
from axolens.records.target import Target

STEADY = 1e-3  # of the largest score by size: batches of other sizes round float32 a hundred times finer


def steadiness_notes(model: Classifier, batch: Array, prediction: Prediction) -> tuple[str, ...]:
    """Ask about a photo once more, beside its mirror image, and say whether the answer is another.

    A drop-out that is left on answers by chance, statistics of the batch by the neighbour. Two images forward.

    Parameters
    ----------
    model
        The classifier that is asked.
    batch
        The photo on the network grid, a batch of one.
    prediction
        What the model said of it before.

    Returns
    -------
    notes
        Also that a module was found in training mode, which is switched off while it is asked.
    """
    notes: tuple[str, ...] = ()
    if isinstance(model, Trainable) and model.training:
        notes = (f"{model.name} was left in training mode; it was asked in evaluation mode and left as found.",)
    xp = array_namespace(batch)
    beside = xp.concat([batch[:1, ...], xp.flip(batch[:1, ...], axis=-2)], axis=0)
    again = to_numpy(asked_scores(model, beside))[:1].astype(np.float32)
    before = prediction.scores[None]
    if np.abs(again - before).max() <= STEADY * max(1.0, float(np.abs(before).max())):
        return notes
    top = prediction.top(1)[0]
    answered = prediction.labels.resolve(Target(top.index))
    first, second = (float(score(scores, answered, prediction.kind)[0]) for scores in (before, again))
    return (
        *notes,
        f"The model changes its answer: asked twice about this photo, it gave {top.label} log-odds {first:+.3g}, then "
        f"{second:+.3g}. Maps of such a model are partly chance: switch off drop-out, and statistics of the batch.",
    )
