"""A diagnosis before its first edit: the question, the references, and what will be asked."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from jaxtyping import Bool

from axolens.cases.predict import as_photo, with_known_truth
from axolens.classifiers.asking import as_batch, needed_preprocess, prediction_of
from axolens.classifiers.counted import Counted
from axolens.diagnosis.boxes import mask_from_box
from axolens.diagnosis.company import MOST, Company, company_of, mirror_is_harmless
from axolens.diagnosis.experiment import beside, prepared_trials
from axolens.diagnosis.masks import checked_mask
from axolens.diagnosis.plan import MOST_DOSES, REPEATED, Plan, plan_for
from axolens.diagnosis.preflight import MOST_CHECKED
from axolens.diagnosis.trial import Trial
from axolens.diagnosis.working import Question, read_pictures, working_picture
from axolens.errors import InputError, LabelError
from axolens.records.photo import Photo
from axolens.records.prediction import Prediction
from axolens.records.target import Target

Mask = Bool[np.ndarray, "h w"]
Box = tuple[float, float, float, float]
Notes = tuple[str, ...]
ALWAYS = 2 + MOST_CHECKED
"""Images of the photo itself, and of the pre-flight at most."""
TRIPS = 4
"""Images of the round trips."""
LAYER = 12
"""Images of choosing a layer, where there are references."""
SHARE = 9
"""References are asked for a ninth of the budget at most: 100 of 900 images."""
MATCHED = 5
"""References a class whose regions are matched, and as many again of other classes."""
FINE = 6
"""Images in which the evidence inside a region is looked for: the photo and a reference a match, at most."""
NO_MASK = "Without a mask of the object its background and its own colour, size and place were not tested."


@dataclass(frozen=True, slots=True, eq=False)
class Beginning:
    """A diagnosis before its first edit."""

    photo: Photo
    prediction: Prediction
    question: Question
    prepared: tuple[Trial, ...]
    plan: Plan
    company: Company


def asked_photo(
    photo: Photo | str | Path, truth: str | None, mask: Mask | None, box: Box | None
) -> tuple[Photo, Notes]:
    """Return the photo with its truth and its mask, and what must be known about the mask."""
    shown = as_photo(photo)
    shown = shown if truth is None else replace(shown, truth=truth)
    if shown.truth is None:
        raise LabelError(
            f"truth of {shown.name}", expected="the true class", got="none", hint="Pass truth=… (--truth LABEL)."
        )
    if mask is not None:
        return replace(shown, mask=checked_mask(mask, shown.size, f"mask of {shown.name}")), ()
    if box is not None:
        boxed = mask_from_box(shown.pixels, box)
        return replace(shown, mask=boxed.mask), (boxed.note,) if boxed.note else ()
    return shown, () if shown.mask is not None else (NO_MASK,)


def begun(
    model: Counted, photo: Photo, references: Sequence[Photo], factors: Sequence[str], budget: int, seed: int
) -> Beginning:
    """Ask about the unedited photo, refuse a right answer, and decide what will be asked."""
    shown = with_known_truth(model, photo)
    preprocess = needed_preprocess(model)
    prediction = prediction_of(model, as_batch(model, shown))
    true, answered = prediction.labels.find(str(shown.truth)), prediction.top(1)[0].index
    if true == answered:
        raise InputError(
            f"photo {shown.name}", expected="a wrong answer to diagnose", got=f"the right one, {shown.truth}",
            hint="Ask axolens explain what speaks for it.",
        )  # fmt: skip
    truth, margin = (prediction.labels.resolve(one) for one in (Target(true), Target(true, against=answered)))
    company = company_of(model, shown, references, true, answered, budget // SHARE, seed)
    own, taken, rest = (
        tuple(working_picture(one, preprocess) for one in photos)
        for photos in (company.own, company.taken, company.rest)
    )
    picture = replace(working_picture(shown, preprocess), references=own, others=taken, unrelated=rest)
    if picture.mask is not None:
        checked_mask(picture.mask, picture.pixels.shape[:2], f"mask of {shown.name} at the size the network sees")
    before = read_pictures(model, [picture.pixels], truth, margin)[0]
    mirror, units = mirror_is_harmless(model, own, truth), tuple(own[place] for place in company.independent)
    question = Question(picture, before, truth, margin, mirror, units)
    prepared = prepared_trials(question, factors, MOST_DOSES)
    counts = {trial.name: len(trial.edits) for trial in prepared}
    repeated = 0 if picture.guides else REPEATED
    plan = plan_for(counts, budget, fixed_images(company), seed, beside(question), repeated)
    return Beginning(shown, prediction, question, prepared, plan, company)


def fixed_images(company: Company) -> int:
    """Return how many images do not depend on the doses, at most."""
    return ALWAYS + company.images + min(MOST, len(company.own)) + last_images(company)


def last_images(company: Company) -> int:
    """Return how many of these are asked after the factors, at most: other classes, a layer and what is matched."""
    matched = 1 + sum(min(MATCHED, len(one)) for one in (company.own, company.taken, company.rest))
    layer = LAYER + FINE if company.own or company.taken else 0
    return layer + 2 * min(MOST, len(company.taken) + len(company.rest)) + matched + TRIPS
