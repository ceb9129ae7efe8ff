"""Which part of a scene decides what a network says of it: the one whose redrawing takes most of the answer away."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float

from axolens.pond.moved import moves, regions
from axolens.pond.picture import photo
from axolens.pond.scene import Scene
from axolens.records.photo import Photo

LogOdds = Callable[[Sequence[Photo]], Float[np.ndarray, "n k"]]
"""Takes photos and gives (n, k): for each the log-odds of each class against all others."""

LEAST = 0.5  # log-odds: a part that takes away less decides nothing
CLEAR = 1.5  # times: the first part's weight over the second's
REDRAWS = 8


@dataclass(frozen=True, slots=True, eq=False)
class Decision:
    """What decides one picture's answer.

    Parameters
    ----------
    answer
        Index of the class that the network names.
    weights
        For each part how much the log-odds of that class fall when it is moved, the mean over the redraws.
    part
        The part that decides, or None.
    why
        Why none does; empty where one does.
    mask
        (h, w), True on the part that decides; None without one.
    """

    answer: int
    weights: dict[str, float]
    part: str | None
    why: str
    mask: Bool[np.ndarray, "h w"] | None


def decide(scene: Scene, log_odds: LogOdds, size: int = 128, *, count: int = REDRAWS, seed: int = 0) -> Decision:
    """Ask a network about a scene and about the same scene with each part moved, and say which part decides.

    No map is looked at.

    Parameters
    ----------
    scene
        Every factor of the picture.
    log_odds
        Asks the network.
    size
        Height and width of the pictures in pixels, 16..1024.
    count, seed
        As :func:`axolens.pond.moved.moves` takes them.

    Raises
    ------
    InputError
        If the size is outside its range, or there are fewer than 2 redraws.

    Examples
    --------
    >>> def redness(photos):  # of the upper right corner
    ...     red = np.array([10.0 * (one.pixels[:3, -3:, 0] - one.pixels[:3, -3:, 2]).mean() for one in photos])
    ...     return np.stack([red, -red], axis=1)
    >>> decide(Scene(species="newt", colour="olive", tag="red-corner"), redness, 32).part
    'tag'
    """
    moved = moves(scene, count, seed)
    scenes = [scene, *(one for part in moved.values() for one in part)]
    found = log_odds([photo(one, size) for one in scenes])
    answer = int(found[0].argmax())
    falls, weights, start = found[0, answer] - found[:, answer], {}, 1
    for name, own in moved.items():
        weights[name] = float(falls[start : start + len(own)].mean())
        start += len(own)
    part, why = chosen(weights)
    mask = None if part is None else regions(scene, size)[part]
    if mask is not None and not mask.any():
        part, why, mask = None, "the part that decides is not in the picture", None
    return Decision(answer, weights, part, why, mask)


def chosen(weights: Mapping[str, float]) -> tuple[str | None, str]:
    """Return the part with the largest weight, or why there is none that decides.

    Parameters
    ----------
    weights
        For each part the fall of the log-odds when it is moved.

    Returns
    -------
    part, why
        A part and no reason, or None and the reason: the largest weight is below 0.5, or less than 1.5 times the next.

    Examples
    --------
    >>> chosen({"animal": 3.0, "background": 2.0}), chosen({"animal": 0.4, "background": -1.0})[1]
    (('animal', ''), 'no part moves the answer')
    >>> chosen({"animal": 2.9, "background": 2.0})
    (None, 'two parts move the answer about as much')
    """
    first, second, *_ = sorted(weights, key=lambda name: -weights[name])
    if weights[first] < LEAST:
        return None, "no part moves the answer"
    if weights[first] < CLEAR * weights[second]:
        return None, "two parts move the answer about as much"
    return first, ""
