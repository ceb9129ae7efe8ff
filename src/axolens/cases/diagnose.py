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
from axolens.diagnosis.boxes import mask_from_box
from axolens.diagnosis.company import MOST, Company, breaks, company_of, specificity
from axolens.diagnosis.experiment import Experiment, experiment, prepared_trials
from axolens.diagnosis.grading import finding_of, grade_of
from axolens.diagnosis.masks import checked_mask
from axolens.diagnosis.plan import BUDGET, KNOWN, MOST_DOSES, Plan, declared, images_of, plan_for
from axolens.diagnosis.preflight import preflight
from axolens.diagnosis.round_trips import round_trips
from axolens.diagnosis.sentences import Elsewhere, sentence_of
from axolens.diagnosis.trial import Trial
from axolens.diagnosis.working import Question, read_pictures, working_picture
from axolens.errors import InputError, LabelError
from axolens.records.attribution import Cost
from axolens.records.case import Case
from axolens.records.diagnosis import Diagnosis, Finding
from axolens.records.photo import Photo
from axolens.records.prediction import Prediction
from axolens.records.target import Target

Mask = Bool[np.ndarray, "h w"]
Box = tuple[float, float, float, float]
Notes = tuple[str, ...]
ALWAYS = 2 + 43 + 4
"""Images of the photo itself, of the pre-flight at most, and of the round trips."""
NO_MASK = "Without a mask of the object its background and its own colour, size and place were not tested."
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
    company: Company


def diagnose(
    model: Classifier,
    photo: Photo | str | Path,
    references: Sequence[Photo] = (),
    *,
    truth: str | None = None,
    mask: Mask | None = None,
    box: Box | None = None,
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
    shown, notes = _photo(photo, truth, mask, box)
    start = _started(counted, shown, references, declared(factors), budget, seed)
    rng = generator(seed, shown.digest)
    checks, _ = preflight(counted, shown, start.prediction, rng)
    found = experiment(counted, start.question, start.prepared, start.plan, rng)
    answered = start.prediction.top(1)[0]
    findings = _findings(found, start, _tried_elsewhere(counted, found, start))
    diagnosis = Diagnosis(
        truth=start.question.truth.name,
        predicted=answered.label,
        margin=start.question.before.margin,
        preflight=checks,
        findings=findings,
        matches=(),
        plan=start.plan.facts(),
        round_trips=_round_trips(counted, start.question),
        cost=Cost(counted.forward, counted.backward, time.perf_counter() - started),
        limits=(*LIMITS, *notes, *_left_out(start.company)),
        references={"right": start.company.right, "asked": start.company.asked} if start.company.asked else {},
    )
    return Case(shown, start.prediction, (), provenance_of(model, (), seed, command), diagnosis=diagnosis)


def planned_images(
    model: Classifier,
    photo: Photo | str | Path,
    references: Sequence[Photo] = (),
    *,
    truth: str | None = None,
    mask: Mask | None = None,
    box: Box | None = None,
    factors: Sequence[str] | None = None,
    budget: int = BUDGET,
) -> int:
    """Return how many images ``diagnose`` will ask at most, without asking any edit."""
    shown, _ = _photo(photo, truth, mask, box)
    start = _started(Counted(model), shown, references, declared(factors), budget, 0)
    counts = {trial.name: len(trial.edits) for trial in start.prepared}
    return images_of(counts, start.plan.doses) + _fixed(start.company)


def _photo(photo: Photo | str | Path, truth: str | None, mask: Mask | None, box: Box | None) -> tuple[Photo, Notes]:
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


def _started(
    model: Counted, photo: Photo, references: Sequence[Photo], factors: Sequence[str], budget: int, seed: int
) -> _Start:
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
    company = company_of(model, shown, references, true, answered)
    picture = replace(
        working_picture(shown, preprocess), references=company.own, others=company.taken, unrelated=company.rest
    )
    before = read_pictures(model, [picture.pixels], truth, margin)[0]
    question = Question(picture, before, truth, margin)
    prepared = prepared_trials(question, factors, MOST_DOSES)
    counts = {trial.name: len(trial.edits) for trial in prepared}
    plan = plan_for(counts, budget, _fixed(company), seed)
    return _Start(shown, prediction, question, prepared, plan, company)


def _fixed(company: Company) -> int:
    """Return how many images do not depend on the doses, at most."""
    tried = min(MOST, len(company.own)) * MOST_DOSES + 2 * min(MOST, len(company.taken) + len(company.rest))
    return ALWAYS + company.asked + len(company.left_out) + tried


def _tried_elsewhere(model: Counted, found: Experiment, start: _Start) -> dict[str, Elsewhere]:
    """Try the first factor on the references, where it may be claimed."""
    first = found.trials[0]
    verdict, question = found.verdicts.get(first.name), start.question
    if verdict is None or grade_of(first, question.before, verdict) not in ("shown", "suggested"):
        return {}
    factor, change = KNOWN[first.name], float(first.changes(question.before)[verdict.dose])
    broken = breaks(model, factor, question.picture, start.company, question.truth)
    same = specificity(model, factor, question.picture, start.company, question.truth, change, verdict.dose)
    return {first.name: Elsewhere(broken, same)}


def _findings(found: Experiment, start: _Start, elsewhere: dict[str, Elsewhere]) -> tuple[Finding, ...]:
    before, truth = start.question.before, start.question.truth.name
    findings = []
    for rank, trial in enumerate(found.trials, start=1):
        verdict = found.verdicts.get(trial.name)
        sentence = sentence_of(trial, before, verdict, truth, elsewhere.get(trial.name))
        findings.append(finding_of(trial, before, verdict, rank, sentence))
    return tuple(findings)


def _round_trips(model: Counted, question: Question) -> dict[str, float]:
    """Return by how much each empty edit moves the log-odds of the true class."""
    pictures = round_trips(question.picture)
    said = read_pictures(model, list(pictures.values()), question.truth, question.margin)
    return {name: one.log_odds - question.before.log_odds for name, one in zip(pictures, said, strict=True)}


def _left_out(company: Company) -> Notes:
    if not company.left_out:
        return ()
    return (f"References left out: {'; '.join(company.left_out[:5])}{' …' if len(company.left_out) > 5 else ''}.",)
