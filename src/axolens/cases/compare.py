"""A wrongly answered photo beside a photo of the class it was taken for."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from axolens.cases.explain import Progress, explain
from axolens.cases.predict import as_photo, predict, with_known_truth
from axolens.classifiers.protocols import Classifier
from axolens.errors import LabelError
from axolens.methods.method import Method
from axolens.records.case import Case, Pair
from axolens.records.labels import Labels
from axolens.records.photo import Photo
from axolens.records.prediction import Prediction
from axolens.records.target import Target


def compare(
    model: Classifier,
    photo: Photo | str | Path,
    reference: Photo | str | Path,
    *,
    truth: str | None = None,
    methods: str | Sequence[str | Method] | None = None,
    settings: Mapping[str, Mapping[str, Any]] | None = None,
    seed: int = 0,
    progress: Progress | None = None,
    command: str = "axolens.compare",
) -> Pair:
    """Explain a photo and a reference for the same two classes by the same methods.

    Parameters
    ----------
    model, photo, methods, settings, seed, progress, command
        As for ``explain``.
    reference
        A photo of the class the first one was taken for.
    truth
        The photo's true class, where the photo does not say it.

    Returns
    -------
    pair
        Both cases, the margin between the two classes on each, and what must be known about the reference.

    Raises
    ------
    LabelError
        If the true class is not known, or neither photo names a second class.
    """
    shown = as_photo(photo)
    if truth is not None:
        shown = replace(shown, truth=truth)
    beside = with_known_truth(model, as_photo(reference))
    said, said_beside = predict(model, with_known_truth(model, shown)), predict(model, beside)
    if shown.truth is None:
        raise LabelError(
            f"truth of {shown.name}", expected="the true class", got="none", hint="Pass truth=… (--truth LABEL)."
        )
    targets = contrast(said, shown.truth, *_other_class(said, beside, said_beside))
    first, second = (
        explain(
            model,
            one,
            target=list(targets),
            methods=methods,
            settings=settings,
            seed=seed,
            progress=progress,
            command=command,
        )
        for one in (shown, beside)
    )
    return pair_of(first, second, targets)


def contrast(said: Prediction, true_class: str | int, *others: int) -> tuple[Target, Target, Target]:
    """Return the three questions of a comparison: the answer, the truth, and the answer rather than the truth.

    ``others`` are candidates for the second class where the photo is rightly answered.
    """
    truth, answered = said.labels.find(true_class), said.top(1)[0].index
    return questions(
        said.labels, next((index for index in (answered, *others) if index != truth), said.top(2)[1].index), truth
    )


def questions(labels: Labels, answered: int, truth: int) -> tuple[Target, Target, Target]:
    """Return the three questions about two classes: each by itself, and the first rather than the second."""
    one, other, lead = Target(answered), Target(truth), Target(answered, against=truth)
    return labels.resolve(one), labels.resolve(other), labels.resolve(lead)


def pair_of(case: Case, reference: Case, targets: tuple[Target, Target, Target]) -> Pair:
    """Return two explained photos as a pair, with what must be known about the reference."""
    answered, truth = targets[0].indices[0], targets[1].indices[0]
    return Pair(
        case=case,
        reference=reference,
        answered=targets[0].name,
        truth=targets[1].name,
        margin=case.prediction.margin(answered, truth),
        reference_margin=reference.prediction.margin(answered, truth),
        notes=_pair_notes(case, reference, answered),
    )


def _other_class(said: Prediction, reference: Photo, said_beside: Prediction) -> tuple[int, ...]:
    named = () if reference.truth is None else (said.labels.find(reference.truth),)
    return (*named, said_beside.top(1)[0].index)


def _pair_notes(case: Case, reference: Case, answered: int) -> tuple[str, ...]:
    prediction, truth = reference.prediction, reference.photo.truth
    top = prediction.top(1)[0]
    notes = []
    if case.correct:
        other = prediction.labels.name(answered)
        notes.append(f"The photo is rightly answered; {other} is the class it is compared with.")
    if truth is None:
        notes.append(f"The true class of the reference is not known; the model calls it {reference.answered}.")
    elif prediction.labels.find(truth) != top.index:
        notes.append(
            f"The reference is itself wrongly answered: a {truth}, called {reference.answered} ({top.probability:.2f})."
        )
    if truth is not None and prediction.labels.find(truth) != answered:
        notes.append(f"The reference is a {truth}, not a {prediction.labels.name(answered)}.")
    return tuple(notes)
