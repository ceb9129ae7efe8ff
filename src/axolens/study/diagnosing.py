"""The diagnoses of a study: which wrong answers have one, with which references, and what they say together."""

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache

from axolens.cases.diagnose import diagnose
from axolens.cases.explain import Progress
from axolens.classifiers.protocols import Classifier
from axolens.diagnosis.folder import Told, class_findings, told
from axolens.diagnosis.plan import BUDGET
from axolens.photos.resize import reduced
from axolens.records.case import Case
from axolens.records.photo import Fact, Photo
from axolens.records.study import ClassFinding
from axolens.study.groups import individual
from axolens.study.plan import Sighting

MOST = 10
"""References of the true class, of the class a photo was taken for, and of all others."""
HELD = 64
"""Reduced references that are held in memory."""
KEY = "diagnose"


class Diagnoses:
    """The diagnoses of a folder's wrong answers, each with other photos of the study as references.

    Parameters
    ----------
    model, seed, progress, command
        As for ``diagnose``.
    sightings
        Every photo of the study and its references, with what the model says of it.
    pixel_limit
        Most pixels that are accepted in one photo.
    """

    def __init__(
        self,
        model: Classifier,
        sightings: Sequence[Sighting],
        seed: int,
        pixel_limit: int,
        progress: Progress | None,
        command: str,
    ) -> None:
        self._model, self._sightings, self._seed = model, sightings, seed
        self._limit, self._progress, self._command = pixel_limit, progress, command
        self._small = lru_cache(maxsize=HELD)(self._reduced)
        self._told: list[Told] = []

    def lacks(self, sighting: Sighting, case: Case | None) -> bool:
        """Tell whether a photo's diagnosis is still to be made: another one's references or budget do not count."""
        if not (sighting.wrong and sighting.listed):
            return False
        return case is None or case.diagnosis is None or case.provenance.settings.get(KEY) != self._facts(sighting)

    def make(self, sighting: Sighting, case: Case) -> Case:
        """Return the case with its diagnosis; at most ``BUDGET`` images forward."""
        chosen = references_for(sighting, self._sightings)
        found = diagnose(
            self._model, replace(sighting.photo(self._limit), group=individual(sighting.name)),
            [self._small(one) for one in chosen], seed=self._seed, progress=self._progress, command=self._command,
        ).diagnosis  # fmt: skip
        if found is not None:
            found = replace(found, references=counted(sighting, self._sightings) or found.references)
        settings = {**case.provenance.settings, KEY: self._facts(sighting)}
        return replace(case, diagnosis=found, provenance=replace(case.provenance, settings=settings))

    def add(self, sighting: Sighting, case: Case) -> None:
        """Count a photo's diagnosis among those of its class."""
        if case.diagnosis is not None and not self.lacks(sighting, case):
            self._told.append(told(case.photo.digest, individual(sighting.name), case.diagnosis))

    def findings(self) -> tuple[ClassFinding, ...]:
        """Return what the diagnoses so far say about each class."""
        return class_findings(self._told)

    def _reduced(self, sighting: Sighting) -> Photo:
        photo = replace(sighting.photo(self._limit), group=individual(sighting.name))
        return photo if self._model.preprocess is None else reduced(photo, self._model.preprocess)[0]

    def _facts(self, sighting: Sighting) -> dict[str, Fact]:
        chosen = references_for(sighting, self._sightings)
        digest = hashlib.sha256(" ".join(f"{one.digest} {one.truth}" for one in chosen).encode()).hexdigest()
        return {"budget": BUDGET, "references": len(chosen), "references_digest": digest[:16]}


def plain(case: Case) -> Case:
    """Return a case without its diagnosis, as a study makes it that was not asked for any."""
    settings = {name: one for name, one in case.provenance.settings.items() if name != KEY}
    return replace(case, diagnosis=None, provenance=replace(case.provenance, settings=settings))


def references_for(wrong: Sighting, sightings: Sequence[Sighting]) -> tuple[Sighting, ...]:
    """Return rightly answered photos: of the true class, of the class it was taken for, and of others in turn.

    At most ten of each; the photo itself, a copy of it and photos of the same individual are none.
    """
    group = individual(wrong.name)
    fit = [
        one for one in sightings
        if one.truth is not None and not one.wrong and one.digest != wrong.digest
        and (group is None or individual(one.name) != group)
    ]  # fmt: skip
    own, taken = ([one for one in fit if one.truth == label][:MOST] for label in (wrong.truth, wrong.answered))
    seen: Counter[int | None] = Counter()
    turns = []
    for one in fit:
        if one.truth not in (wrong.truth, wrong.answered):
            turns.append((seen[one.truth], one))
            seen[one.truth] += 1
    rest = [one for _, one in sorted(turns, key=lambda turn: turn[0])[:MOST]]
    return (*own, *taken, *rest)


def counted(wrong: Sighting, sightings: Sequence[Sighting]) -> dict[str, Fact]:
    """Return how many other photos of the true class there are, and how many of them the model answers rightly."""
    own = [one for one in sightings if one.truth == wrong.truth and one.digest != wrong.digest]
    return {"right": sum(not one.wrong for one in own), "asked": len(own)} if own else {}
