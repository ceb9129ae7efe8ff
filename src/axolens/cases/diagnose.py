"""What a wrong answer responds to: one photo, tested by interventions."""

import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from axolens.cases.beginning import MATCHED, Beginning, Box, Mask, Notes, asked_photo, begun, last_images
from axolens.cases.explain import Progress, generator
from axolens.cases.provenance import provenance_of
from axolens.classifiers.asking import as_batch
from axolens.classifiers.counted import Counted
from axolens.classifiers.protocols import Classifier
from axolens.diagnosis.company import Company, Specific, specificity
from axolens.diagnosis.experiment import Experiment, experiment
from axolens.diagnosis.grading import finding_of, grade_of
from axolens.diagnosis.lookalikes import LookAlikes, lookalikes
from axolens.diagnosis.plan import BUDGET, KNOWN, declared
from axolens.diagnosis.preflight import preflight
from axolens.diagnosis.references import References
from axolens.diagnosis.round_trips import HARMLESS, round_trips
from axolens.diagnosis.sentences import claimed_twins, sentence_of
from axolens.diagnosis.working import read_pictures
from axolens.maths.scores import score
from axolens.records.attribution import Cost
from axolens.records.case import Case
from axolens.records.diagnosis import Diagnosis, Finding
from axolens.records.photo import Photo

LIMITS = (
    "Pose and the view in depth cannot be changed in a single photo: not tested.",
    "Why the model learned this, no edit of a photo can show.",
    "Each grade is about this photo alone; a statement about the class wants at least six independent photos.",
    "Ranges cover harmless variations of this photo, not other photos.",
)


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
        rightly are used. A ``diagnosis.references.References`` is asked once for several photos.
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
    shown, notes = asked_photo(photo, truth, mask, box)
    start = begun(counted, shown, references, declared(factors), budget, seed)
    rng = generator(seed, shown.digest)
    checks, _ = preflight(counted, shown, start.prediction, rng)
    last = start.plan.images - start.company.known - last_images(start.company)
    found = experiment(counted, start.question, start.prepared, start.plan, rng, last)
    answered = start.prediction.top(1)[0]
    alike, trips = _alike(counted, start), _round_trips(counted, start)
    findings = _findings(found, start, _tried_elsewhere(counted, found, start))
    diagnosis = Diagnosis(
        truth=start.question.truth.name,
        predicted=answered.label,
        margin=start.question.before.margin,
        preflight=checks,
        findings=findings,
        matches=alike.matches,
        plan=start.plan.facts(),
        round_trips=trips,
        cost=Cost(counted.forward, counted.backward, time.perf_counter() - started),
        limits=(
            *LIMITS,
            *_mirror(start),
            *_lossy(trips),
            *notes,
            *_left_out(start.company),
            alike.sentence,
        ),
        references={"right": start.company.right, "asked": start.company.asked} if start.company.asked else {},
        matched=_matched(alike, start.company),
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
    seed: int = 0,
) -> int:
    """Return how many images ``diagnose`` will ask at most, without asking any edit; ``References`` are asked here."""
    shown, _ = asked_photo(photo, truth, mask, box)
    start = begun(Counted(model), shown, references, declared(factors), budget, seed)
    return start.plan.images - (start.company.images if isinstance(references, References) else 0)


def _tried_elsewhere(model: Counted, found: Experiment, start: Beginning) -> dict[str, Specific | None]:
    """Try the first factor on photos of other classes, where it may be claimed."""
    first = found.trials[0]
    verdict, question = found.verdicts.get(first.name), start.question
    if verdict is None or grade_of(first, question.before, verdict) not in ("shown", "suggested"):
        return {}
    factor, change = KNOWN[first.name], float(first.changes(question.before)[verdict.dose])
    place = first.edits[verdict.dose].place
    return {first.name: specificity(model, factor, question.picture, question.truth, change, place)}


def _findings(found: Experiment, start: Beginning, elsewhere: Mapping[str, Specific | None]) -> tuple[Finding, ...]:
    before, truth = start.question.before, start.question.truth.name
    graded = {one.name: str(grade_of(one, before, found.verdicts.get(one.name))) for one in found.trials}
    twins, findings = claimed_twins(graded), []
    for rank, trial in enumerate(found.trials, start=1):
        verdict = found.verdicts.get(trial.name)
        sentence = sentence_of(trial, before, verdict, truth, elsewhere.get(trial.name), twins.get(trial.name, ()))
        findings.append(finding_of(trial, before, verdict, rank, sentence))
    return tuple(findings)


def _round_trips(model: Counted, start: Beginning) -> dict[str, float]:
    """Return by how much each empty edit, and reducing a large photo first, moves the log-odds of the true class."""
    question, pictures = start.question, round_trips(start.question.picture)
    said = read_pictures(model, list(pictures.values()), question.truth, question.margin)
    found = {name: one.log_odds - question.before.log_odds for name, one in zip(pictures, said, strict=True)}
    if question.picture.pixels.shape != start.photo.pixels.shape:
        whole = score(start.prediction.scores[None].astype(np.float64), question.truth, start.prediction.kind)
        found["reduced to twice the network's size"] = question.before.log_odds - float(whole[0])
    return found


def _mirror(start: Beginning) -> Notes:
    if start.question.mirror:
        return ()
    return ("To this model a mirror image is another photo: references change their answer, so none was a variation.",)


def _lossy(trips: Mapping[str, float]) -> Notes:
    """Name the pipelines that alone move the answer."""
    moved = [f"{name} ({change:+.1f})" for name, change in trips.items() if abs(change) >= HARMLESS]
    if not moved:
        return ()
    return (f"Empty edits alone change the log-odds: {', '.join(moved)}. Effects of that size may be the pipeline's.",)


def _left_out(company: Company) -> Notes:
    notes = []
    if company.images < company.offered:
        notes.append(
            f"{company.images} of {company.offered} references were asked, drawn by class: a ninth of the budget."
        )
    if company.left_out:
        more = " …" if len(company.left_out) > 5 else ""
        notes.append(f"References left out: {'; '.join(company.left_out[:5])}{more}.")
    return tuple(notes)


def _alike(model: Counted, start: Beginning) -> LookAlikes:
    """Match the photo with references of both classes, where there are any."""
    company = start.company
    if not (company.own or company.taken):
        return LookAlikes((), "No look-alikes: there are no references that the model answers rightly.")
    own, taken, rest = (
        [(one, as_batch(model, one)) for one in photos[:MATCHED]]
        for photos in (company.own, company.taken, company.rest)
    )
    answered = start.prediction.top(1)[0].index
    batch = as_batch(model, start.photo)
    return lookalikes(model, start.photo, batch, [*own, *taken], rest, answered=answered, mask=start.photo.mask)


def _matched(alike: LookAlikes, company: Company) -> dict[str, Photo]:
    names = {match.reference for match in alike.matches}
    return {one.name: one for one in (*company.own, *company.taken) if one.name in names}
