"""One photo: what the model says, and why."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from axolens.cases.judged import verdicts
from axolens.cases.predict import as_photo, with_known_truth
from axolens.cases.provenance import provenance_of, settings_of
from axolens.cases.questions import Question, chosen_targets, left_out_note, margin_note, offered
from axolens.cases.steadiness import steadiness_notes
from axolens.classifiers.asking import as_batch, needed_preprocess, prediction_of
from axolens.classifiers.counted import Counted
from axolens.classifiers.protocols import (
    AttentionDifferentiable,
    Attentive,
    Classifier,
    Differentiable,
    Guided,
    Headed,
    Layered,
)
from axolens.errors import CapabilityError, InputError
from axolens.maths.array import Array, to_numpy
from axolens.methods.catalogue import DEFAULTS, METHODS, method_of, plain_name
from axolens.methods.emptiness import why_empty
from axolens.methods.method import Card, Method, Need, Raw
from axolens.photos.resize import frame_of
from axolens.records.attribution import Attribution, Cost
from axolens.records.case import Case
from axolens.records.frame import Frame
from axolens.records.photo import Photo
from axolens.records.target import Target
from axolens.records.verdict import Verdict
from axolens.scrutiny.account import USUAL

Progress = Callable[[int], None]
SEEN_SHARE = 0.995
NEEDS: dict[Need, type] = {
    "predictions": Classifier,
    "gradients": Differentiable,
    "guided gradients": Guided,
    "layers": Layered,
    "replaceable layers": Headed,
    "attention": Attentive,
    "attention gradients": AttentionDifferentiable,
}


def explain(
    model: Classifier,
    photo: Photo | str | Path,
    *,
    target: Question | list[Target] | None = None,
    methods: str | Sequence[str | Method] | None = None,
    settings: Mapping[str, Mapping[str, Any]] | None = None,
    trust: bool = False,
    others: Sequence[Photo] = (),
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
    trust
        Whether each map gets a verdict, by the usual account: about 250 images a method.
    others
        Other photos, whose maps the verdicts hold these against; without them drawings of the built-in world serve.
    seed
        Of all random numbers, together with the photo's digest.
    progress
        Called with the number of images after each pass.
    command
        For the provenance.

    Returns
    -------
    case
        Photo, prediction, one attribution a method and target, a verdict on each where asked, provenance.

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
    asked = [offered(method, targets) for method in chosen]
    maps: list[Attribution] = []
    judged: list[Verdict] = []
    notes = [*steadiness_notes(model, batch, prediction), *_case_notes(frame)]
    for method, own in zip(chosen, asked, strict=True):
        notes += left_out_note(method, len(targets), len(own))
        try:
            found = attributions(model, method, batch, own, frame, seed, shown.digest, progress)
        except CapabilityError as error:
            if methods is not None or len(chosen) == 1:
                raise
            notes.append(f"Without {method.card.title}: {error}")
            continue
        maps += [replace(one, notes=(*margin_note(prediction, one.target), *one.notes)) for one in found]
        if trust:
            judged += verdicts(Counted(model, progress), shown, prediction, method, found, USUAL, seed, others)
    origin = provenance_of(model, chosen, seed, command)
    return Case(shown, prediction, tuple(maps), origin, tuple(notes), verdicts=tuple(judged))


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
    """Return the methods that were asked for, or those of the defaults that this model can serve.

    Raises
    ------
    CapabilityError
        If a method that was asked for needs what the model cannot give.
    """
    named = {plain_name(name): values for name, values in (settings or {}).items()}
    if isinstance(methods, str):
        methods = [methods]
    if methods is None:
        asked = [name for name in DEFAULTS if _can(model, METHODS[name].card)]
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
    explaining = (name for name, kind in METHODS.items() if kind.card.about == "class" and name != "lime")
    others = [name for name in explaining if _can(model, METHODS[name].card)]
    besides = f", or one of {', '.join(others)}, which this model can serve" if others else ""
    *given, last = (need for need, kind in NEEDS.items() if isinstance(model, kind))
    return CapabilityError(
        f"method {card.name}",
        expected=f"a model with {card.needs}",
        got=f"{model.name}, which gives {', '.join(given)}{' and ' * bool(given)}{last} only",
        hint=f"LIME asks for predictions only: use method lime{besides}.",
    )


def generator(seed: int, digest: str) -> np.random.Generator:
    """Return a photo's own generator, seeded by (seed, digest of the photo) and never by its place in a batch."""
    return np.random.default_rng([seed, int(digest[:16] or "0", 16)])


def _can(model: Classifier, card: Card) -> bool:
    return isinstance(model, NEEDS[card.needs])


def _notes(raw: Raw, j: int, values: np.ndarray) -> tuple[str, ...]:
    said = raw.notes[0][j] if raw.notes else ()
    return said if raw.notes else why_empty(values, dead=False)


def _case_notes(frame: Frame) -> tuple[str, ...]:
    if frame.share >= SEEN_SHARE:
        return ()
    return (f"The network saw {100 * frame.share:.0f} % of this photo: the rest was cut off before it.",)
