"""A folder of photos: predicted, explained, the wrong answers laid beside photos of the class they were taken for."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from axolens.cases.compare import contrast
from axolens.cases.explain import Progress, chosen_methods, explain
from axolens.cases.provenance import provenance_of
from axolens.cases.questions import chosen_targets
from axolens.classifiers.protocols import Classifier
from axolens.errors import AxolensError, InputError
from axolens.methods.method import Method
from axolens.photos.folder import list_photos
from axolens.photos.read import PIXEL_LIMIT
from axolens.records.case import Case, Provenance
from axolens.records.study import Failure, Study
from axolens.records.target import Target
from axolens.study.plan import Sighting, count_confusions, known_truths, reference_for, sight
from axolens.study.store import (
    case_stem,
    clear_run,
    questions_of,
    read_case,
    read_study,
    writable_folder,
    write_case,
    write_summary,
)

Finished = Callable[[Case, str], None]


def run_study(
    model: Classifier,
    folder: str | Path,
    out: str | Path,
    *,
    references: str | Path | None = None,
    methods: str | Sequence[str | Method] | None = None,
    settings: Mapping[str, Mapping[str, Any]] | None = None,
    seed: int = 0,
    pixel_limit: int = PIXEL_LIMIT,
    progress: Progress | None = None,
    looked: Progress = lambda photos: None,
    planned: Callable[[int, int], None] = lambda photos, images: None,
    finished: Finished = lambda case, stem: None,
    command: str = "axolens.run_study",
) -> Study:
    """Predict and explain a folder of photos, one subfolder a true class, and lay wrong answers beside references.

    Everything finished is on disk at once: after an interruption ``read_study`` gives what there is, and the same call
    goes on from there. Records of another model, other settings or other photos in ``out`` are taken away.

    Parameters
    ----------
    model, methods, settings, seed, progress, command
        As for ``explain``.
    folder
        One subfolder a true class, by any of the names the model's labels know.
    out
        Where the records go, made if need be.
    references
        Further photos, one subfolder a class, to lay wrong answers beside.
    pixel_limit
        Most pixels that are accepted in one photo.
    looked
        Called with 1 after each photo that the model was asked about, before anything is explained.
    planned
        Called with the numbers of photos and images before the explaining begins.
    finished
        Called with each case and the stem of its files when it is on disk.

    Returns
    -------
    study
        Its cases are read from ``out`` one at a time when they are asked for.

    Raises
    ------
    LabelError
        If a subfolder's name is no class of the model.
    InputError
        If ``out`` cannot be written, or lies inside ``folder``.
    """
    _check_folders(model, Path(folder), None if references is None else Path(references))
    home = writable_folder(Path(out))
    if home.resolve().is_relative_to(Path(folder).resolve()):
        raise InputError("out", expected="a folder outside the photos", got=home, hint="It would be read as a class.")
    chosen = chosen_methods(model, methods, settings)
    plan = _plan(model, Path(folder), None if references is None else Path(references), pixel_limit, looked)
    if all(method.card.contrast != "exact" for method in chosen):
        plan.ask_no_contrasts()
    origin = provenance_of(model, chosen, seed, command)
    kept = {step.stem for step in plan.steps if _kept(home, step, origin) is not None}
    clear_run(home, keep=kept)
    left = len(plan.steps) - len(kept)
    planned(left, left * sum(method.images for method in chosen))
    write_summary(home, plan.summary(finished=False))
    ask = partial(explain, model, methods=methods, settings=settings, seed=seed, progress=progress, command=command)
    for step in plan.steps:
        try:
            case = _kept(home, step, origin) if step.stem in kept else None
            if case is None:
                case = ask(step.sighting.photo(pixel_limit), target=step.targets)
                write_case(home, step.stem, case)
        except AxolensError as error:
            plan.fail(step, error)
            continue
        finished(case, step.stem)
    write_summary(home, plan.summary(finished=True))
    return read_study(home)


def _check_folders(model: Classifier, folder: Path, references: Path | None) -> None:
    """Refuse subfolders that are no classes, and references whose class is not known, before anything is made."""
    known_truths(model.labels, {truth for _, truth in list_photos(folder) if truth is not None}, folder)
    if references is None:
        return
    classes = {truth for _, truth in list_photos(references) if truth is not None}
    if not classes:
        raise InputError("references", expected="one subfolder a class", got=f"{references} with photos only")
    known_truths(model.labels, classes, references)


def _kept(home: Path, step: "Step", origin: Provenance) -> Case | None:
    """Return the record that an earlier run left for this photo, if everything it depends on is the same."""
    case = read_case(home, step.stem)
    if case is None or not origin.model_digest:
        return None
    facts = ("model_digest", "preprocess", "seed", "settings", "versions")
    same = all(getattr(case.provenance, fact) == getattr(origin, fact) for fact in facts)
    asked = questions_of(case) == step.targets
    return case if same and case.photo.digest == step.sighting.digest and asked else None


@dataclass(slots=True)
class Step:
    """One photo to explain: its own questions first, then those of the photos it is laid beside."""

    sighting: Sighting
    stem: str
    targets: list[Target]
    own: int


@dataclass(slots=True)
class Plan:
    """What is explained, and which photos belong together."""

    steps: list[Step]
    pairs: list[tuple[Step, Step]]
    failures: list[Failure]
    notes: list[str] = field(default_factory=list)

    def fail(self, step: Step, error: AxolensError) -> None:
        """Note that a photo could not be explained, and what that means for the photos it was to lie beside."""
        self.failures.append(Failure(step.sighting.name, str(error)))
        for case, reference in self.pairs:
            if reference is step:
                self.notes.append(
                    f"{case.sighting.name} has no reference: {step.sighting.name} could not be explained."
                )

    def ask_no_contrasts(self) -> None:
        """Take out the questions of one class against another, which no method answers."""
        for step in self.steps:
            step.own = sum(target.against is None for target in step.targets[: step.own])
            step.targets = [target for target in step.targets if target.against is None]

    def summary(self, *, finished: bool) -> dict[str, Any]:
        """Return the plan as ``study.json`` holds it."""
        listed = sorted((step for step in self.steps if step.sighting.listed), key=lambda step: step.stem)
        return {
            "photos": [_row(step) for step in listed],
            "references": [_row(step) for step in self.steps if not step.sighting.listed],
            "pairs": [_pair_row(case, reference) for case, reference in self.pairs],
            "confusions": [
                {"truth": one.truth, "answered": one.answered, "count": one.count}
                for one in count_confusions(step.sighting for step in listed)
            ],
            "failures": [{"photo": one.photo, "error": one.error} for one in self.failures],
            "notes": self.notes,
            "finished": finished,
        }


def _plan(model: Classifier, folder: Path, references: Path | None, pixel_limit: int, looked: Progress) -> Plan:
    failures: list[Failure] = []
    sightings = list(sight(model, folder, failures=failures, pixel_limit=pixel_limit, looked=looked))
    if references is not None:
        sightings += sight(model, references, listed=False, failures=failures, pixel_limit=pixel_limit, looked=looked)
    steps = {id(s): _step(place, s) for place, s in enumerate(sightings, start=1)}
    pairs, notes = [], []
    for wrong in sightings:
        if wrong.truth is None or not (wrong.wrong and wrong.listed):
            continue
        found = reference_for(wrong, sightings)
        if found is None:
            name = model.labels.name(wrong.answered)
            notes.append(f"{wrong.name} was taken for {name}, and there is no photo of that class to lay beside it.")
            continue
        steps[id(found)].targets = _added(steps[id(found)].targets, contrast(wrong.prediction, wrong.truth))
        pairs.append((steps[id(wrong)], steps[id(found)]))
    if not any(s.truth is not None for s in sightings if s.listed):
        notes.append(
            "No true class is known: the folder has no subfolders named after classes, so nothing is right or wrong."
        )
    beside = [reference for _, reference in pairs]
    needed = [step for step in steps.values() if step.sighting.listed or any(step is one for one in beside)]
    # What a reader wants first is done first: wrong answers with their references, then the rest in order.
    needed.sort(key=lambda step: not (step.sighting.wrong or any(step is one for one in beside)))
    return Plan(needed, pairs, failures, notes)


def _step(place: int, sighting: Sighting) -> Step:
    stem = case_stem(place, sighting.name if sighting.listed else f"reference-{sighting.name}")
    targets = list(chosen_targets(sighting.prediction, sighting.truth)) if sighting.listed else []
    return Step(sighting, stem, targets, len(targets))


def _added(targets: list[Target], more: Iterable[Target]) -> list[Target]:
    return list(dict.fromkeys([*targets, *more]))


def _pair_row(case: Step, reference: Step) -> dict[str, Any]:
    sighting = case.sighting
    return {
        "case": case.stem,
        "reference": reference.stem,
        "answered": sighting.answered,
        "truth": sighting.truth,
    }


def _row(step: Step) -> dict[str, Any]:
    sighting = step.sighting
    prediction, labels = sighting.prediction, sighting.prediction.labels
    return {
        "photo": sighting.name,
        "truth": None if sighting.truth is None else labels.name(sighting.truth),
        "correct": None if sighting.truth is None else not sighting.wrong,
        "top": [asdict(answer) for answer in prediction.top(5)],
        "case": step.stem,
        "own": step.own,
    }
