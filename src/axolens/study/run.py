"""A folder of photos: predicted, explained, the wrong answers laid beside photos of the class they were taken for."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from axolens.cases.explain import Progress, chosen_methods, explain
from axolens.cases.judged import verdict_images
from axolens.cases.provenance import provenance_of
from axolens.classifiers.protocols import Classifier
from axolens.diagnosis.plan import BUDGET
from axolens.errors import AxolensError, InputError
from axolens.methods.method import Method
from axolens.photos.folder import list_photos
from axolens.photos.read import PIXEL_LIMIT
from axolens.records.case import Case, Provenance
from axolens.records.study import Study
from axolens.study.diagnosing import Diagnoses, plain
from axolens.study.lending import lenders_of
from axolens.study.plan import known_truths
from axolens.study.steps import Plan, Step, plan_of
from axolens.study.store import (
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
    diagnose: bool = False,
    trust: bool = False,
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
    diagnose
        Whether each wrongly answered photo of the folder is diagnosed too, with other photos as references, and what
        the diagnoses say about each class. Photos in one subfolder of a class are taken for photos of one individual.
    trust
        Whether each map gets a verdict, held against maps of other photos of the folder.
    pixel_limit
        Most pixels that are accepted in one photo.
    looked
        Called with 1 after each photo that the model was asked about, before anything is explained.
    planned
        Called with the numbers of photos and images before the explaining begins; with diagnoses, of images at most.
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
    plan = plan_of(model, Path(folder), None if references is None else Path(references), pixel_limit, looked)
    if all(method.card.contrast != "exact" for method in chosen):
        plan.ask_no_contrasts()
    made = Diagnoses(model, plan.sightings, seed, pixel_limit, progress, command) if diagnose else None
    kept, images = _left(home, plan, provenance_of(model, chosen, seed, command), made, trust)
    clear_run(home, keep=kept)
    each = sum(method.images for method in chosen) + trust * verdict_images(chosen)
    planned(images.photos, images.diagnoses + images.maps * each)
    write_summary(home, plan.summary(finished=False))
    ask = partial(explain, model, methods=methods, settings=settings, seed=seed, progress=progress, command=command)
    paths = [one.path for one in plan.sightings] if trust else []
    ask = partial(ask, trust=trust, others=lenders_of(model, paths, pixel_limit))
    try:
        for step in plan.steps:
            try:
                case = read_case(home, step.stem) if step.stem in kept else None
                if case is None:
                    case = ask(step.sighting.photo(pixel_limit), target=step.targets)
                    write_case(home, step.stem, case)
            except AxolensError as error:
                plan.fail(step, error)
                continue
            finished(_diagnosed(home, plan, step, case, made), step.stem)
    except BaseException:
        write_summary(home, plan.summary(finished=False, findings=made.findings() if made else ()))
        raise
    write_summary(home, plan.summary(finished=True, findings=made.findings() if made else ()))
    return read_study(home)


class Left(NamedTuple):
    """What an earlier run has not done: photos, those of them whose maps are to be made, and images of diagnoses."""

    photos: int
    maps: int
    diagnoses: int


def _left(home: Path, plan: Plan, origin: Provenance, made: Diagnoses | None, trust: bool) -> tuple[set[str], Left]:
    """Return the stems of the records that can be kept, and what is left to do."""
    kept, photos, diagnoses = set(), 0, 0
    for step in plan.steps:
        case = _kept(home, step, origin)
        case = None if trust and case is not None and case.attributions and not case.verdicts else case
        lacks = made is not None and made.lacks(step.sighting, case)
        kept |= set() if case is None else {step.stem}
        photos, diagnoses = photos + (case is None or lacks), diagnoses + lacks
    return kept, Left(photos, len(plan.steps) - len(kept), BUDGET * diagnoses)


def _diagnosed(home: Path, plan: Plan, step: Step, case: Case, made: Diagnoses | None) -> Case:
    """Return the case with the diagnosis it should have, on disk; one that fails is noted and the rest goes on."""
    lacks = made is not None and made.lacks(step.sighting, case)
    if case.diagnosis is not None and (lacks or made is None):
        case = plain(case)
        write_case(home, step.stem, case)
    if made is None:
        return case
    if lacks:
        try:
            case = made.make(step.sighting, case)
            write_case(home, step.stem, case)
        except Exception as error:
            # Whatever stops one photo's edits must not take the other photos' results away.
            reason = f"{error}" if isinstance(error, AxolensError) else f"{type(error).__name__}: {error}"
            plan.notes.append(f"{step.sighting.name} could not be diagnosed: {reason}")
            return case
    made.add(step.sighting, case)
    return case


def _check_folders(model: Classifier, folder: Path, references: Path | None) -> None:
    """Refuse subfolders that are no classes, and references whose class is not known, before anything is made."""
    known_truths(model.labels, {truth for _, truth in list_photos(folder) if truth is not None}, folder)
    if references is None:
        return
    classes = {truth for _, truth in list_photos(references) if truth is not None}
    if not classes:
        raise InputError("references", expected="one subfolder a class", got=f"{references} with photos only")
    known_truths(model.labels, classes, references)


def _kept(home: Path, step: Step, origin: Provenance) -> Case | None:
    """Return the record that an earlier run left for this photo, if everything it depends on is the same."""
    case = read_case(home, step.stem)
    if case is None or not origin.model_digest:
        return None
    facts = ("model_digest", "preprocess", "seed", "settings", "versions")
    same = all(getattr(plain(case).provenance, fact) == getattr(origin, fact) for fact in facts)
    asked = questions_of(case) == step.targets
    return case if same and case.photo.digest == step.sighting.digest and asked else None
