"""Whether a map can be believed: one map of one photo, from any source."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Bool

from axolens.cases.explain import Progress, attributions, chosen_methods
from axolens.cases.judged import verdicts
from axolens.cases.predict import as_photo, with_known_truth
from axolens.cases.questions import Question, chosen_targets, offered
from axolens.classifiers.asking import as_batch, needed_preprocess, prediction_of
from axolens.classifiers.counted import Counted
from axolens.classifiers.protocols import Classifier
from axolens.errors import InputError
from axolens.methods.method import Method
from axolens.photos.resize import frame_of
from axolens.records.attribution import Attribution, Cost
from axolens.records.photo import Photo
from axolens.records.verdict import Verdict
from axolens.scrutiny.account import FULL, USUAL
from axolens.scrutiny.cells import grid_of, to_cells
from axolens.scrutiny.given import Explainer, Given, checked_map


def trust(
    model: Classifier,
    photo: Photo | str | Path,
    *,
    target: Question | None = None,
    method: str | Method | None = None,
    settings: Mapping[str, Any] | None = None,
    values: Any = None,
    explainer: Explainer | None = None,
    others: Sequence[Photo] = (),
    swapped: Sequence[Any] = (),
    mask: Bool[np.ndarray, "h w"] | None = None,
    full: bool = True,
    seed: int = 0,
    progress: Progress | None = None,
) -> Verdict:
    """Judge one map of one photo: what may be concluded from it, and what not.

    Parameters
    ----------
    model
        From ``axolens.load``.
    photo
        A photo, or the path of one.
    target
        What the map is for; by default the class that the model names.
    method, settings
        A method of ours by name with its settings, or itself; by default Grad-CAM, or LIME where the model has no
        layers.
    values
        Someone else's finished map (h, w) over what the network sees; what speaks for the target is positive.
    explainer
        In place of a finished map, what makes it: called with the model, a picture (h, w, 3) on the network grid in
        [0, 1], and the target. Only so can the map be made again, for other photos, classes and shuffled weights.
    others
        Other photos, whose maps this one is held against; without them the drawings of the built-in world serve.
    swapped
        Finished maps of at least 19 other photos that come from where ``values`` come from.
    mask
        (h, w) of the photo, True on the object, in place of the photo's own.
    full
        The full account, about 1,000 images; otherwise the usual one, about 250.
    seed
        Of all random numbers, together with the photo's digest.
    progress
        Called with the number of images after each pass.

    Returns
    -------
    verdict
        Its checks and the sentences that they allow.

    Raises
    ------
    InputError
        If a map or mask cannot be used, or more than one source of the map is named.

    Examples
    --------
    >>> import axolens as ax
    >>> from axolens.pond import Scene, photo
    >>> model, shot = ax.load("pond"), photo(Scene(species="axolotl", colour="golden"), 64)
    >>> verdict = ax.trust(model, shot, values=np.zeros((8, 8)), full=False)
    >>> verdict.failed, verdict.sentences
    (True, ('About this map, not the answer: it shows nothing; do not read it.',))
    """
    if sum(one is not None for one in (method, values, explainer)) > 1:
        raise InputError("map", expected="one of method, values and explainer", got="more than one")
    shown = with_known_truth(model, as_photo(photo))
    shown = shown if mask is None else replace(shown, mask=_sized(mask, shown))
    counted, batch = Counted(model, progress), as_batch(model, shown)
    prediction = prediction_of(counted, batch)
    (asked, *_) = chosen_targets(prediction, None, target)
    frame = frame_of(shown.size, needed_preprocess(model))
    made_by: Method | None
    made: tuple[Attribution, ...]
    if values is not None:
        made_by = None
        made = (Attribution(checked_map(values), "relative", frame, asked, "given", {}, seed, Cost(0, 0, 0.0)),)
    else:
        made_by = Given(explainer=explainer) if explainer is not None else _chosen(model, method, settings)
        own = offered(made_by, [asked])
        made = attributions(counted, made_by, batch, own, frame, seed, shown.digest)
    account, lent = FULL if full else USUAL, _cells(swapped, frame.size)
    (verdict,) = verdicts(counted, shown, prediction, made_by, made, account, seed, others, lent)
    return verdict


def _sized(mask: Bool[np.ndarray, "h w"], photo: Photo) -> Bool[np.ndarray, "h w"]:
    if mask.shape != photo.size:
        raise InputError("mask", expected=f"the size of {photo.name}, {photo.size}", got=mask.shape)
    return mask


def _chosen(model: Classifier, method: str | Method | None, settings: Mapping[str, Any] | None) -> Method:
    if method is None:
        return chosen_methods(model, None)[0]
    named = {method: settings} if isinstance(method, str) and settings else None
    return chosen_methods(model, [method], named)[0]


def _cells(swapped: Sequence[Any], size: tuple[int, int]) -> np.ndarray | None:
    """Return maps of other photos on the grid of cells.

    Raises
    ------
    InputError
        If there are some, and fewer than 19.
    """
    if len(swapped) == 0:
        return None
    if len(swapped) < USUAL.swaps:
        got, hint = f"{len(swapped)}", "With fewer, no map could be told from them at 5 %."
        raise InputError("swapped", expected=f"at least {USUAL.swaps} maps of other photos", got=got, hint=hint)
    cells = grid_of(size)
    return np.stack([to_cells(np.nan_to_num(checked_map(one).astype(np.float64)), cells) for one in swapped])
