"""The picture that is edited, and what the model says about edited pictures."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float32

from axolens.classifiers.asking import asked_scores, needed_preprocess
from axolens.classifiers.counted import Counted
from axolens.diagnosis.factors.factor import Picture, Pixels
from axolens.errors import ModelError
from axolens.maths.array import to_numpy
from axolens.maths.scores import score
from axolens.methods.passes import in_passes, pass_size
from axolens.photos.resize import reduced, to_network
from axolens.records.diagnosis import Reading
from axolens.records.photo import Photo
from axolens.records.preprocess import Preprocess
from axolens.records.target import Target

AnySize = Float32[np.ndarray, "_ _ 3"]
PASS = 16
"""Images a pass, which suits a processor's cache."""


def working_picture(photo: Photo, preprocess: Preprocess) -> Picture:
    """Return the photo reduced to at most twice the network's size, with its mask.

    Examples
    --------
    >>> photo = Photo(np.zeros((400, 600, 3), np.float32))
    >>> picture = working_picture(photo, Preprocess(size=(50, 50), short_side=50))
    >>> picture.pixels.shape, picture.unit
    ((100, 150, 3), 2.0)
    """
    small, unit = reduced(photo, preprocess)
    return Picture(small.pixels, unit, small.mask)


def seen(pixels: Pixels, preprocess: Preprocess) -> Float32[np.ndarray, "h2 w2 3"]:
    """Return what the network sees of a picture, by the same resize and crop as for a photo."""
    return to_network(Photo(pixels), preprocess)


@dataclass(frozen=True, slots=True, eq=False)
class Question:
    """What is asked of every picture of a diagnosis: the true class, and its lead over the class first answered.

    ``mirror`` is whether a mirror image counts as the same photo to this model, ``independent`` those of the picture's
    references that each show another individual.
    """

    picture: Picture
    before: Reading
    truth: Target
    margin: Target
    mirror: bool = True
    independent: tuple[Picture, ...] = ()


def read_pictures(model: Counted, pictures: Sequence[AnySize], truth: Target, margin: Target) -> tuple[Reading, ...]:
    """Return what the model says about the true class of each picture.

    Parameters
    ----------
    model
        With a preprocess; as many images forward as pictures.
    pictures
        (h, w, 3) sRGB in [0, 1], of any sizes.
    truth, margin
        Resolved targets: the true class, and its lead over the class that was first answered.

    Raises
    ------
    ModelError
        If a score is no finite number: compared with it, every p would be 0.
    """
    preprocess = needed_preprocess(model)
    return _read(model, [seen(one, preprocess) for one in pictures], truth, margin)


def read_seen(model: Counted, pictures: Sequence[AnySize], question: Question) -> tuple[Reading, ...]:
    """Return the readings of pictures that are on the network grid already."""
    return _read(model, pictures, question.truth, question.margin)


def _read(model: Counted, pictures: Sequence[AnySize], truth: Target, margin: Target) -> tuple[Reading, ...]:
    if not pictures:
        return ()

    def ask(start: int, stop: int) -> np.ndarray:
        batch = np.stack(pictures[start:stop])
        return to_numpy(asked_scores(model, model.asarray(batch))).astype(np.float64)

    scores = np.concatenate(list(in_passes(len(pictures), min(PASS, pass_size(pictures[0])), ask)))
    if bad := int((~np.isfinite(scores).all(axis=1)).sum()):
        raise ModelError(
            f"model {model.name}", expected="finite scores of every edited picture",
            got=f"{bad} of {len(scores)} pictures with scores that are no numbers",
            hint="Does it compute in half precision? Ask it in single precision.",
        )  # fmt: skip
    odds, leads = score(scores, truth, model.kind), score(scores, margin, model.kind)
    right = scores.argmax(axis=1) == truth.indices[0]
    return tuple(Reading(*one) for one in zip(odds.tolist(), leads.tolist(), right.tolist(), strict=True))
