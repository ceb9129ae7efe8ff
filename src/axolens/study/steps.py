"""What a study does, photo by photo: which questions, which pairs, and the summary that says what belongs together."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from axolens.cases.compare import contrast
from axolens.cases.explain import Progress
from axolens.cases.questions import chosen_targets
from axolens.classifiers.protocols import Classifier
from axolens.errors import AxolensError
from axolens.records.study import ClassFinding, Failure
from axolens.records.target import Target
from axolens.study.plan import Sighting, count_confusions, reference_for, sight
from axolens.study.store import case_stem, findings_tree


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
    sightings: Sequence[Sighting] = ()
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

    def summary(self, *, finished: bool, findings: Sequence[ClassFinding] = ()) -> dict[str, Any]:
        """Return the plan as ``study.json`` holds it; findings about classes are there where there are any."""
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
            **({"findings": findings_tree(findings)} if findings else {}),
        }


def plan_of(model: Classifier, folder: Path, references: Path | None, pixel_limit: int, looked: Progress) -> Plan:
    """Ask the model about every photo, and decide what is explained and what is laid beside what."""
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
    return Plan(needed, pairs, failures, sightings, notes)


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
