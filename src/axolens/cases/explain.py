"""One photo: what the model says, and why."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from axolens.cases.predict import as_batch, as_photo, needed_preprocess, prediction_of, with_known_truth
from axolens.cases.provenance import provenance_of, settings_of
from axolens.classifiers.counted import Counted
from axolens.classifiers.protocols import Classifier, Differentiable, Layered
from axolens.errors import CapabilityError, InputError
from axolens.maths.array import Array, to_numpy
from axolens.maths.scores import score
from axolens.methods.catalogue import METHODS, method_of, plain_name
from axolens.methods.emptiness import why_empty
from axolens.methods.method import Card, Method, Raw
from axolens.photos.resize import frame_of
from axolens.records.attribution import Attribution, Cost
from axolens.records.case import Case
from axolens.records.frame import Frame
from axolens.records.photo import Photo
from axolens.records.prediction import Prediction
from axolens.records.target import Label, Target

Progress = Callable[[int], None]
Question = Target | Label
SEEN_SHARE = 0.995


def explain(
    model: Classifier,
    photo: Photo | str | Path,
    *,
    target: Question | list[Target] | None = None,
    methods: str | Sequence[str | Method] | None = None,
    settings: Mapping[str, Mapping[str, Any]] | None = None,
    seed: int = 0,
    progress: Progress | None = None,
    command: str = "axolens.explain",
) -> Case:
    """Explain a model's answer on one photo.

    Parameters
    ----------
    model
        From ``axolens.load``.
    photo
        A photo, or the path of one.
    target
        A class, a ``Target`` such as ``Target("newt", against="axolotl")``, or a list of targets; by default the class
        the model names, and where the photo's truth is another, that one and the lead of the one over the other.
    methods
        Names from ``axolens methods`` or the methods themselves; by default Grad-CAM and LIME, as far as the model can.
    settings
        For methods given by name: ``{"lime": {"samples": 500}}``.
    seed
        Of all random numbers, together with the photo's digest.
    progress
        Called with the number of images after each pass.
    command
        For the provenance.

    Returns
    -------
    case
        Photo, prediction, one attribution a method and target, provenance.

    Raises
    ------
    CapabilityError
        If a method that was asked for needs what this model cannot give.
    LabelError
        If the target or the photo's truth is no class of the model.

    Examples
    --------
    >>> import axolens as ax
    >>> brightness = lambda batch: np.stack([batch.mean((1, 2, 3)), 1 - batch.mean((1, 2, 3))], axis=1)
    >>> model = ax.load(brightness, labels=["light", "dark"], preprocess={"size": 32}, output="probabilities")
    >>> halves = np.full((40, 60, 3), 250, np.uint8)
    >>> halves[:, 30:] = 10
    >>> lime = ax.Lime(samples=200, segmenter="slic", fill="#808080")
    >>> map_ = ax.explain(model, ax.read(halves), target="light", methods=[lime]).attributions[0]
    >>> bool(map_.values[:, :12].mean() > 0 > map_.values[:, 20:].mean())
    True
    """
    shown = with_known_truth(model, as_photo(photo))
    chosen = chosen_methods(model, methods, settings)
    batch = as_batch(model, shown)
    prediction = prediction_of(model, batch)
    targets = chosen_targets(prediction, shown.truth, target)
    frame = frame_of(shown.size, needed_preprocess(model))
    maps: list[Attribution] = []
    notes = list(_case_notes(frame))
    for method in chosen:
        try:
            found = attributions(model, method, batch, targets, frame, seed, shown.digest, progress)
        except CapabilityError as error:
            if methods is not None or len(chosen) == 1:
                raise
            notes.append(f"Without {method.card.title}: {error}")
            continue
        maps += [replace(one, notes=(*margin_note(prediction, one.target), *one.notes)) for one in found]
    return Case(shown, prediction, tuple(maps), provenance_of(model, chosen, seed, command), tuple(notes))


def attributions(
    model: Classifier,
    method: Method,
    batch: Array,
    targets: Sequence[Target],
    frame: Frame,
    seed: int,
    digest: str,
    progress: Progress | None = None,
) -> tuple[Attribution, ...]:
    """Return one attribution a target from one run of a method, stamped with its cost, seed and settings."""
    counted = Counted(model, progress)
    started = time.perf_counter()
    raw = method.attribute(counted, batch, [list(targets)], [generator(seed, digest)])
    cost = Cost(counted.forward, counted.backward, time.perf_counter() - started)
    maps = to_numpy(raw.maps)[0].astype(np.float32)
    return tuple(
        Attribution(
            values=values,
            unit=method.card.unit,
            frame=frame,
            target=targets[j],
            method=method.card.name,
            settings={**settings_of(method), **raw.settings},
            seed=seed,
            cost=cost,
            regions=raw.regions[0][j] if raw.regions else None,
            residual=None if raw.residual is None else float(to_numpy(raw.residual)[0, j]),
            notes=_notes(raw, j, values),
            title=method.card.title,
            reading=method.card.reading,
        )
        for j, values in enumerate(maps)
    )


def chosen_methods(
    model: Classifier,
    methods: str | Sequence[str | Method] | None,
    settings: Mapping[str, Mapping[str, Any]] | None = None,
) -> tuple[Method, ...]:
    """Return the methods that were asked for, or all that this model can serve.

    Raises
    ------
    CapabilityError
        If a method that was asked for needs what the model cannot give.
    """
    named = {plain_name(name): values for name, values in (settings or {}).items()}
    if isinstance(methods, str):
        methods = [methods]
    if methods is None:
        asked = [name for name in METHODS if _can(model, METHODS[name].card)]
        chosen = tuple(method_of(name, named.get(name)) for name in asked)
    else:
        chosen = tuple(method_of(m, named.get(plain_name(m))) if isinstance(m, str) else m for m in methods)
    running = [method.card.name for method in chosen]
    for name in named:
        if name not in running:
            method_of(name, named[name])
            raise InputError("settings", expected=f"settings of {', '.join(running)}", got=f"settings of {name}")
    if len(set(running)) < len(running):
        raise InputError("methods", expected="each method once", got=", ".join(running))
    for method in chosen:
        if not _can(model, method.card):
            raise _cannot(model, method.card)
    return chosen


def _cannot(model: Classifier, card: Card) -> CapabilityError:
    return CapabilityError(
        f"method {card.name}",
        expected=f"a model with {card.needs}",
        got=f"{model.name}, which gives predictions only",
        hint="LIME asks for predictions only: use method lime.",
    )


def chosen_targets(
    prediction: Prediction, true_class: str | int | None, target: Question | list[Target] | None = None
) -> tuple[Target, ...]:
    """Return the resolved questions: those asked, or the model's answer, the truth, and the one against the other."""
    if target is None:
        answered = prediction.top(1)[0].index
        truth = answered if true_class is None else prediction.labels.find(true_class)
        asked = [Target(answered)]
        if truth != answered:
            asked += [Target(truth), Target(answered, against=truth)]
    else:
        several = target if isinstance(target, list) else [target]
        if not several:
            raise InputError("target", expected="at least one", got="an empty list")
        asked = [one if isinstance(one, Target) else Target(one) for one in several]
    return tuple(prediction.labels.resolve(one) for one in asked)


def margin_note(prediction: Prediction, target: Target) -> tuple[str, ...]:
    """Say a contrast's margin beside its map: log p_A/p_B, whose parts the signed map shows."""
    if not target.against_indices:
        return ()
    margin = float(score(prediction.scores[None], target, prediction.kind)[0])
    return (f"Margin of {target.name} against {target.against_name} on this photo: {margin:+.2f} log-odds.",)


def generator(seed: int, digest: str) -> np.random.Generator:
    """Return a photo's own generator, seeded by (seed, digest of the photo) and never by its place in a batch."""
    return np.random.default_rng([seed, int(digest[:16] or "0", 16)])


def _can(model: Classifier, card: Card) -> bool:
    needed: type = {"predictions": Classifier, "gradients": Differentiable, "layers": Layered}[card.needs]
    return isinstance(model, needed)


def _notes(raw: Raw, j: int, values: np.ndarray) -> tuple[str, ...]:
    said = raw.notes[0][j] if raw.notes else ()
    return said if raw.notes else why_empty(values, dead=False)


def _case_notes(frame: Frame) -> tuple[str, ...]:
    if frame.share >= SEEN_SHARE:
        return ()
    return (f"The network saw {100 * frame.share:.0f} % of this photo: the rest was cut off before it.",)
