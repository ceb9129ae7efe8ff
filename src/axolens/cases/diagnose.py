"""What a wrong answer responds to: one photo, tested by interventions."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from jaxtyping import Bool

from axolens.cases.explain import Progress, generator
from axolens.cases.predict import as_photo, with_known_truth
from axolens.cases.provenance import provenance_of
from axolens.classifiers.asking import as_batch, needed_preprocess, prediction_of
from axolens.classifiers.counted import Counted
from axolens.classifiers.protocols import Classifier
from axolens.diagnosis.experiment import Experiment, experiment, prepared_trials
from axolens.diagnosis.grading import finding_of
from axolens.diagnosis.plan import BUDGET, MOST_DOSES, VARIATIONS, VARIED, Plan, declared, images_of, plan_for
from axolens.diagnosis.sentences import sentence_of
from axolens.diagnosis.trial import Trial
from axolens.diagnosis.working import Question, read_pictures, working_picture
from axolens.errors import InputError, LabelError
from axolens.records.attribution import Cost
from axolens.records.case import Case
from axolens.records.diagnosis import Diagnosis, Finding
from axolens.records.photo import Photo
from axolens.records.prediction import Prediction
from axolens.records.target import Target

LIMITS = (
    "Pose and the view in depth cannot be changed in a single photo: not tested.",
    "Why the model learned this, no edit of a photo can show.",
    "Each grade is about this photo alone; a statement about the class wants at least six independent photos.",
    "Ranges cover harmless variations of this photo, not other photos.",
)


@dataclass(frozen=True, slots=True, eq=False)
class _Start:
    """A diagnosis before its first edit."""

    photo: Photo
    prediction: Prediction
    question: Question
    prepared: tuple[Trial, ...]
    plan: Plan


def diagnose(
    model: Classifier,
    photo: Photo | str | Path,
    references: Sequence[Photo] = (),
    *,
    truth: str | None = None,
    mask: Bool[np.ndarray, "h w"] | None = None,
    box: tuple[float, float, float, float] | None = None,
    factors: Sequence[str] | None = None,
    budget: int = BUDGET,
    seed: int = 0,
    progress: Progress | None = None,
    command: str = "axolens.diagnose",
) -> Case:
    """Test on a wrongly answered photo which factors the answer responds to.

    Parameters
    ----------
    model
        From ``axolens.load``.
    photo
        A photo with its truth, or the path of one.
    references
        Photos of the true class and of the class it was taken for, with their truths; those that the model answers
        rightly are used.
    truth
        The photo's true class, where the photo does not say it.
    mask, box
        Where the object is: (h, w) True on it, or x0, y0, x1, y1 in pixels of the photo.
    factors
        Names of ``axolens.records.diagnosis.FACTORS``; all by default.
    budget
        Images, at most.
    seed
        Of all random numbers, together with the photo's digest.
    progress
        Called with the number of images after each pass.
    command
        For the provenance.

    Returns
    -------
    case
        Whose ``diagnosis`` holds the plan, a finding a factor ordered by rank, and what was not tested.

    Raises
    ------
    LabelError
        If the true class is not given or no class of the model.
    InputError
        If the answer is right, a factor is unknown or the budget is too small.
    """
    started = time.perf_counter()
    counted = Counted(model, progress)
    start = _started(counted, _with_truth(photo, truth, mask), declared(factors), budget, seed)
    found = experiment(counted, start.question, start.prepared, start.plan, generator(seed, start.photo.digest))
    answered = start.prediction.top(1)[0]
    diagnosis = Diagnosis(
        truth=start.question.truth.name,
        predicted=answered.label,
        margin=start.question.before.margin,
        preflight=(),
        findings=_findings(found, start),
        matches=(),
        plan=start.plan.facts(),
        round_trips={},
        cost=Cost(counted.forward, counted.backward, time.perf_counter() - started),
        limits=LIMITS,
    )
    provenance = provenance_of(model, (), seed, command)
    return Case(start.photo, start.prediction, (), provenance, diagnosis=diagnosis)


def planned_images(
    model: Classifier,
    photo: Photo | str | Path,
    references: Sequence[Photo] = (),
    *,
    truth: str | None = None,
    mask: Bool[np.ndarray, "h w"] | None = None,
    box: tuple[float, float, float, float] | None = None,
    factors: Sequence[str] | None = None,
    budget: int = BUDGET,
) -> int:
    """Return how many images ``diagnose`` will ask at most, without asking any edit."""
    shown = _with_truth(photo, truth, mask)
    start = _started(Counted(model), shown, declared(factors), budget, 0)
    counts = {trial.name: len(trial.edits) for trial in start.prepared}
    return 1 + images_of(counts, start.plan.doses) + 2 * VARIED * VARIATIONS


def _with_truth(photo: Photo | str | Path, truth: str | None, mask: Bool[np.ndarray, "h w"] | None) -> Photo:
    shown = as_photo(photo)
    shown = shown if truth is None else replace(shown, truth=truth)
    if shown.truth is None:
        raise LabelError(
            f"truth of {shown.name}", expected="the true class", got="none", hint="Pass truth=… (--truth LABEL)."
        )
    return shown if mask is None else replace(shown, mask=mask)


def _started(model: Counted, photo: Photo, factors: Sequence[str], budget: int, seed: int) -> _Start:
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
    picture = working_picture(shown, preprocess)
    before = read_pictures(model, [picture.pixels], truth, margin)[0]
    question = Question(picture, before, truth, margin)
    prepared = prepared_trials(question, factors, MOST_DOSES)
    plan = plan_for({trial.name: len(trial.edits) for trial in prepared}, budget, 2, seed)
    return _Start(shown, prediction, question, prepared, plan)


def _findings(found: Experiment, start: _Start) -> tuple[Finding, ...]:
    before, truth = start.question.before, start.question.truth.name
    findings = []
    for rank, trial in enumerate(found.trials, start=1):
        verdict = found.verdicts.get(trial.name)
        findings.append(finding_of(trial, before, verdict, rank, sentence_of(trial, before, verdict, truth)))
    return tuple(findings)
