"""What is checked before any heatmap: the preparation, the photo, and whether the question makes sense."""

import numpy as np
from jaxtyping import Bool, Float

from axolens.classifiers.asking import needed_preprocess
from axolens.classifiers.protocols import Classifier
from axolens.diagnosis.labels import ASKED, doubt, label_check
from axolens.diagnosis.masks import checked_mask
from axolens.diagnosis.otherwise import Otherwise
from axolens.diagnosis.preparations import RANGES
from axolens.diagnosis.varied import answers_to, varied
from axolens.errors import InputError
from axolens.photos.resize import frame_of
from axolens.records.diagnosis import Preflight
from axolens.records.frame import Frame
from axolens.records.photo import Photo
from axolens.records.prediction import Prediction

Mask = Bool[np.ndarray, "h w"]

REPEATED = 4  # variations under which each other preparation is asked
MOST_CHECKED = ASKED + (1 + len(RANGES)) * (3 * REPEATED + 1)
"""Images, at most: red and blue exchanged and every other range, each under the variations and on what is spoilt."""
SEEN, WHOLE = 0.95, 0.99
NEAR = 5


def preflight(
    model: Classifier,
    photo: Photo,
    prediction: Prediction,
    rng: np.random.Generator,
    mask: Bool[np.ndarray, "..."] | None = None,
) -> tuple[tuple[Preflight, ...], int]:
    """Check what would make a diagnosis worthless, before anything is explained.

    Parameters
    ----------
    model
        From ``axolens.load``.
    photo
        With its true class.
    prediction
        What the model says about it.
    rng
        The photo's generator, for harmless variations.
    mask
        (h, w) of the photo, True on the object; by default the photo's own.

    Returns
    -------
    checks
        Channel order, value range, EXIF rotation, object inside the crop, logits available, true class known, near
        miss, steady answer and label, in this order. "failed" asks for a look at the photo or the model and is no
        verdict.
    asked
        How many images the model was asked about: at most 34, and 9 for each preparation that seems to mend the answer.

    Raises
    ------
    InputError
        If the photo has no true class, or the mask covers nothing, everything or another size.
    LabelError
        If the model does not know it.
    ModelError
        If the model has no preprocess, or refuses an image.

    Examples
    --------
    >>> import axolens as ax
    >>> brightness = lambda batch: np.stack([batch.mean((1, 2, 3)) - 0.5, 0.5 - batch.mean((1, 2, 3))], axis=1)
    >>> model = ax.load(brightness, labels=["light", "dark"], preprocess={"size": 8}, output="logits")
    >>> photo = ax.read(np.full((9, 12, 3), 100, np.uint8), truth="light")
    >>> checks, asked = preflight(model, photo, ax.predict(model, photo), np.random.default_rng(0))
    >>> [check.name for check in checks if check.outcome == "failed"], asked
    ([], 30)
    """
    if photo.truth is None:
        raise InputError(f"photo {photo.name}", expected="its true class", got="none", hint="Pass truth=LABEL.")
    truth = prediction.labels.find(photo.truth)
    where = photo.mask if mask is None else mask
    if where is not None:
        checked_mask(where, photo.size, f"mask of {photo.name}")
    preprocess = needed_preprocess(model)
    batch = varied(photo, preprocess, ASKED, rng)
    scores = answers_to(model, batch)
    otherwise = Otherwise(model, batch[:REPEATED], scores[:REPEATED], truth, rng)
    checks = (
        otherwise.order_check(preprocess),
        otherwise.range_check(preprocess),
        rotation_check(photo),
        crop_check(frame_of(photo.size, preprocess), where),
        logits_check(prediction, truth),
        Preflight(
            "true class known",
            "passed",
            f"{prediction.labels.name(truth)} is class {truth} of the model's {len(prediction.labels)}.",
        ),
        miss_check(prediction, truth),
        steadiness_check(prediction, truth, int((scores.argmax(axis=1) == truth).sum()), len(batch)),
        label_check(doubt(scores, truth, model.kind), truth, prediction.labels),
    )
    return checks, len(batch) + otherwise.asked


def rotation_check(photo: Photo) -> Preflight:
    """Say whether the file says how the camera was held; reading a photo turns it upright."""
    if photo.facts.get("format") == "array" or "exif_orientation" not in photo.facts:
        words = "The photo does not say how the camera was held: look whether it stands upright."
        return Preflight("EXIF rotation", "unknown", words)
    said = photo.facts["exif_orientation"]
    words = "is stored upright" if said == 1 else f"is stored turned (EXIF orientation {said}) and was set upright"
    return Preflight("EXIF rotation", "passed", f"The photo {words} when it was read.")


def crop_check(frame: Frame, mask: Mask | None) -> Preflight:
    """Say how much of the object the network sees.

    Examples
    --------
    >>> left = np.zeros((10, 20), bool)
    >>> left[:, 3:7] = True
    >>> crop_check(Frame(box=(5.0, 0.0, 15.0, 10.0), size=(8, 8), photo=(10, 20)), left).sentence
    'Only 50 % of the object lies in the part of the photo that the network sees.'
    """
    name = "object inside the crop"
    if frame.share >= WHOLE:
        return Preflight(name, "passed", "The network sees the whole photo.")
    if mask is None:
        words = f"The network sees {_percent(frame.share)} of the photo; without a mask it is not known whether the "
        return Preflight(name, "unknown", f"{words}object is in it.")
    x0, y0, x1, y1 = frame.box
    down, across = _covered(mask.shape[0], y0, y1), _covered(mask.shape[1], x0, x1)
    share = float(down @ mask @ across / mask.sum())
    words = f"{_percent(share)} of the object lies in the part of the photo that the network sees."
    return Preflight(name, "passed", words) if share >= SEEN else Preflight(name, "failed", f"Only {words}")


def logits_check(prediction: Prediction, truth: int) -> Preflight:
    """Say whether log-odds are exact: from logits they are, from probabilities only where none is rounded to 0 or 1."""
    name = "logits available"
    if prediction.kind == "logits":
        return Preflight(name, "passed", "The model gives logits, so that log-odds are exact.")
    if prediction.kind == "independent-logits":
        return Preflight(name, "passed", "The model gives one logit a class, each for itself.")
    asked = (prediction.probabilities[truth], prediction.probabilities.max())
    if all(1e-6 < chance < 1 - 1e-6 for chance in asked):
        return Preflight(name, "passed", "The model gives probabilities; here they are far enough from 0 and 1.")
    words = "The model gives probabilities and here they are rounded to 0 or 1, so that log-odds are rough."
    return Preflight(name, "failed", words)


def miss_check(prediction: Prediction, truth: int) -> Preflight:
    """Say whether the true class is among the first five."""
    rank, label = prediction.rank(truth), prediction.labels.name(truth)
    of = f"{label} is number {rank} of {len(prediction.labels)} classes"
    if rank == 1:
        return Preflight("near miss", "passed", f"No miss: {of}.")
    return Preflight(
        "near miss", "passed" if rank <= NEAR else "failed", f"{'A near' if rank <= NEAR else 'A far'} miss: {of}."
    )


def steadiness_check(prediction: Prediction, truth: int, right: int, count: int) -> Preflight:
    """Say in how many harmless variations the true class is first; half of them are too many for a wrong answer.

    Examples
    --------
    >>> from axolens.records.labels import Labels
    >>> chances = np.array([0.4, 0.6], np.float32)
    >>> prediction = Prediction(np.log(chances), "log-probabilities", chances, Labels(("newt", "frog")))
    >>> [steadiness_check(prediction, 0, right, 10).outcome for right in (4, 5)]
    ['passed', 'failed']
    """
    label = prediction.labels.name(truth)
    said = f"{label} is first in {right} of {count} harmless variations (small shifts, scales, mirror images, JPEG)"
    if prediction.rank(truth) == 1 or 2 * right < count:
        return Preflight("steady answer", "passed", f"{said}.")
    words = f"{said}: the wrong answer hangs by a thread, and an edit that mends it may do no more than they."
    return Preflight("steady answer", "failed", words)


def _covered(side: int, start: float, end: float) -> Float[np.ndarray, "s"]:
    """Return which share of each pixel of a side lies between two edges."""
    places = np.arange(side)
    return np.clip(np.minimum(places + 1, end) - np.maximum(places, start), 0, 1)


def _percent(share: float) -> str:
    return f"{share:.0%}".replace("%", " %")
