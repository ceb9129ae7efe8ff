"""Which method suits a model and its photos: the same photos, the same cells, every order and fill."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from pathlib import Path

import numpy as np
from jaxtyping import Float, Float32

from axolens.cases.explain import Progress, attributions
from axolens.cases.questions import offered
from axolens.classifiers.asking import needed_preprocess, prediction_of
from axolens.classifiers.counted import Counted
from axolens.classifiers.protocols import Classifier
from axolens.errors import AxolensError, InputError
from axolens.maths.blob import centre_blob
from axolens.maths.proportions import wilson
from axolens.maths.signflip import sign_flip
from axolens.methods.method import Method
from axolens.photos.folder import list_photos
from axolens.photos.read import PIXEL_LIMIT, read
from axolens.photos.resize import frame_of, to_network
from axolens.records.comparison import Comparison, MethodPair, MethodScore
from axolens.records.study import Failure
from axolens.records.target import Target
from axolens.scrutiny.account import USUAL, Account
from axolens.scrutiny.cells import grid_of, to_cells
from axolens.scrutiny.faithfulness import curves, effects

BOTH = replace(USUAL, orders=("most", "least"))
BLOB = "centre blob"
FEWEST = 6
"""Photos below which no p by sign flips reaches 0.05."""


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """One photo and each method's map of it for the class that the model names, on the grid of cells."""

    image: Float32[np.ndarray, "h w 3"]
    clean: Float32[np.ndarray, "k"]
    target: Target
    maps: Float[np.ndarray, "m r c"]


def compare_methods(
    model: Classifier,
    folder: str | Path,
    methods: Sequence[Method],
    *,
    seed: int = 0,
    pixel_limit: int = PIXEL_LIMIT,
    progress: Progress | None = None,
    planned: Callable[[int, int], None] = lambda photos, images: None,
) -> Comparison:
    """Compare methods on the photos below a folder, paired by photo.

    Parameters
    ----------
    model
        From ``axolens.load``.
    folder
        Photos, in subfolders or not; truths are not asked for.
    methods
        One or more; the centre blob is compared too.
    seed, pixel_limit, progress
        As for ``run_study``.
    planned
        Called with the numbers of photos and images beforehand.

    Raises
    ------
    InputError
        If fewer than six photos can be used.
    """
    paths = [path for path, _ in list_photos(folder)]
    planned(len(paths), len(paths) * images_each(methods))
    counted, seen, failures = Counted(model, progress), [], []
    for path in paths:
        try:
            seen.append(_look(counted, path, methods, seed, pixel_limit))
        except AxolensError as error:
            failures.append(Failure(path.relative_to(folder).as_posix(), str(error)))
    if len(seen) < FEWEST:
        expected, hint = f"at least {FEWEST} photos that can be used", failures[0].error if failures else ""
        raise InputError(f"folder {folder}", expected=expected, got=f"{len(seen)}", hint=hint)
    found = np.stack([_effects(counted, seen, place, seed) for place in range(len(seen))])
    names = [method.card.name for method in methods]
    own, swapped = found[:, :, : len(names) + 1], found[:, :, len(names) + 1 :]
    scores, pairs = scored([*names, BLOB], own, swapped), paired([*names, BLOB], own)
    readings = tuple(f"{order}, {fill}" for order, fill in BOTH.readings)
    return Comparison(model.name, len(seen), readings, scores, pairs, tuple(failures))


def images_each(methods: Sequence[Method], account: Account = BOTH) -> int:
    """Return how many images a photo takes, about: its maps, their curves, and another photo's."""
    return 1 + sum(method.images for method in methods) + account.each * (2 * len(methods) + 1)


def scored(
    names: Sequence[str], own: Float[np.ndarray, "n q m"], swapped: Float[np.ndarray, "n q s"]
) -> tuple[MethodScore, ...]:
    """Return what each method's maps did, by falling effect; ``swapped`` holds another photo's map for the first s."""
    found = []
    for place, name in enumerate(names):
        effect = own[:, :, place].mean(axis=1)
        over = effect - swapped[:, :, place].mean(axis=1) if place < swapped.shape[2] else np.zeros(len(effect))
        ahead = int((over > 0).sum())
        p = min(1.0, sign_flip(over) * max(1, swapped.shape[2])) if over.any() else 1.0
        each = tuple(float(one) for one in own[:, :, place].mean(axis=0))
        share = wilson(ahead, len(over))
        found.append(MethodScore(name, float(effect.mean()), each, float(over.mean()), p, ahead, share))
    return tuple(sorted(found, key=lambda one: -one.effect))


def paired(names: Sequence[str], own: Float[np.ndarray, "n q m"]) -> tuple[MethodPair, ...]:
    """Return every two methods, photo by photo, their p adjusted by Holm.

    Notes
    -----
    Holm (1979): the smallest of k p-values counts k times, the next k − 1 times, and none less than one before it.
    """
    found = []
    for first, second in combinations(range(len(names)), 2):
        gap = own[:, :, first] - own[:, :, second]
        if gap.mean() < 0:
            first, second, gap = second, first, -gap
        agree = bool((gap.mean(axis=0) > 0).all())
        p = sign_flip(gap.mean(axis=1))
        found.append(MethodPair(names[first], names[second], float(gap.mean()), p, agree))
    found.sort(key=lambda one: one.p)
    adjusted, least = [], 0.0
    for place, one in enumerate(found):
        least = max(least, min(1.0, one.p * (len(found) - place)))
        adjusted.append(replace(one, p=least))
    return tuple(adjusted)


def _look(model: Counted, path: Path, methods: Sequence[Method], seed: int, pixel_limit: int) -> Seen:
    photo, preprocess = read(path, pixel_limit=pixel_limit), needed_preprocess(model.model)
    image = to_network(photo, preprocess)
    batch = model.asarray(image[None])
    prediction = prediction_of(model, batch)
    target = prediction.labels.resolve(Target(prediction.top(1)[0].index))
    frame, cells = frame_of(photo.size, preprocess), grid_of(image.shape[:2])
    maps = []
    for method in methods:
        asked = offered(method, [target])
        (made,) = attributions(model.model, method, batch, asked, frame, seed, photo.digest, model.progress)
        maps.append(to_cells(np.nan_to_num(made.values.astype(np.float64)), cells))
    return Seen(image, prediction.scores, target, np.stack(maps))


def _effects(model: Counted, seen: Sequence[Seen], place: int, seed: int) -> Float[np.ndarray, "q m"]:
    """Return the effects of a photo's own maps, the blob, and the maps of the next photo."""
    one, other = seen[place], seen[(place + 1) % len(seen)]
    blob = centre_blob((one.maps.shape[1], one.maps.shape[2]))[None]
    maps = np.concatenate([one.maps, blob, other.maps])
    found = curves(model, one.image, maps, BOTH, np.random.default_rng([seed, 7, place]))
    return effects(found, one.clean, one.target, model.kind, BOTH)
