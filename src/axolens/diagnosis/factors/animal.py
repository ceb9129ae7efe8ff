"""The object's own colour: its mean and spread in Lab moved to those of the references' objects."""

import warnings
from collections.abc import Sequence

import numpy as np
from jaxtyping import Bool, Float
from scipy.cluster.vq import kmeans2
from skimage.color import lab2rgb, rgb2lab

from axolens.diagnosis.factors.cutout import cover
from axolens.diagnosis.factors.factor import Edit, Picture, Pixels, clipped, remembered

Tone = Float[np.ndarray, "2 c"]
"""Mean and spread of the three channels of Lab."""
GROUPS = 2
DISTINCT = 25.0
"""Distance in Lab below which references are of one colour."""
DRAWS = 200
NARROWEST, WIDEST = 1 / 3, 3.0
"""Bounds on how the spread may change: more tears the skin's pattern or its noise apart."""
FEWEST = 6
WANDER = 8.0
"""Standard deviation in Lab around the colours of other classes' objects."""
LEAST = 0.004  # of a pixel, below which a cover moves no level of 8 bits
APART = 1.0
"""A placebo's aim is at least this far from every aim of the references, in shares of the move."""
HUE, PALE = 60.0, 12.0
"""Degrees between the hue of a placebo and of the references, where both have more chroma than the second number."""


@remembered
def toned(picture: Picture) -> Tone:
    """Return mean and standard deviation of L*, a* and b* of the object; of the whole picture without a mask."""
    inside = rgb2lab(picture.pixels[... if picture.mask is None else picture.mask]).reshape(-1, 3)
    return np.stack([inside.mean(axis=0), inside.std(axis=0)]).astype(np.float64)


def aims(picture: Picture) -> list[tuple[int, Tone]]:
    """Return the tone of each group of references alike in colour, and how many they are, the largest first."""
    tones = np.array([toned(one) for one in picture.guides])
    if len(tones) < 2:
        return [(1, one) for one in tones]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        centres, group = kmeans2(tones[:, 0].copy(), GROUPS, minit="++", seed=0)
    if float(np.linalg.norm(centres[0] - centres[1])) < DISTINCT:
        group = np.zeros_like(group)
    sizes = [(int((group == one).sum()), np.median(tones[group == one], axis=0)) for one in sorted(set(group.tolist()))]
    return sorted(sizes, key=lambda pair: -pair[0])


def recoloured(picture: Picture, aim: Tone, dose: float = 1.0) -> Pixels:
    """Move the object's colours to a tone (Reinhard and others 2001, doi:10.1109/38.946629), ``dose`` of the way."""
    if picture.mask is None:
        return picture.pixels
    mean, spread = toned(picture)
    gain = np.clip(aim[1] / np.maximum(spread, 1e-3), NARROWEST, WIDEST) ** dose
    over = cover(picture)
    where = over > LEAST
    lab = rgb2lab(picture.pixels[where])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        changed = lab2rgb((lab - mean) * gain + mean + dose * (aim[0] - mean))
    found = picture.pixels.copy()
    found[where] += over[where][:, None] * (changed - found[where])
    return clipped(found)


def towards(picture: Picture) -> tuple[Edit, ...]:
    """Return the object in the colours of each group of references, and half-way to the largest group's."""
    found = aims(picture)
    moves = [(index, 1.0) for index in range(len(found))] + [(0, 0.5)] * bool(found)
    return tuple(
        Edit(
            f"recoloured {'all' if dose == 1 else 'half'} the way to {found[index][0]} references of its class",
            dose,
            recoloured(picture, found[index][1], dose),
            place,
        )
        for place, (index, dose) in enumerate(moves)
    )


def elsewhere(picture: Picture, edits: Sequence[Edit], rng: np.random.Generator) -> tuple[Pixels, ...]:
    """Return the object moved as far in Lab, to random colours that are none of the references'."""
    found = aims(picture)
    if picture.mask is None or not found:
        return ()
    own = toned(picture)
    way = _ways(picture, own[0], rng)
    shams = []
    for edit in edits:
        aim = found[edit.place if edit.place < len(found) else 0][1]
        distance = float(np.linalg.norm(aim[0] - own[0]))
        goal = _free(own[0] + distance * way, np.array([one[1][0] for one in found]), APART * distance)
        shams.append(recoloured(picture, np.stack([goal, aim[1]]), edit.dose))
    return tuple(shams)


def _ways(picture: Picture, own: Float[np.ndarray, "c"], rng: np.random.Generator) -> Float[np.ndarray, "n c"]:
    """Return directions in Lab, most of them near those of other classes' objects: colours that a model may know."""
    way = rng.standard_normal((DRAWS, 3)) * WANDER
    if len(picture.strangers) >= FEWEST:
        tones = np.array([toned(one)[0] for one in picture.strangers])
        way[: DRAWS // 2] += tones[rng.integers(len(tones), size=DRAWS // 2)] - own
    return way / np.maximum(np.linalg.norm(way, axis=1, keepdims=True), 1e-9)


def _free(goals: Float[np.ndarray, "n c"], taken: Float[np.ndarray, "m c"], apart: float) -> Float[np.ndarray, "c"]:
    """Return the first goal that sRGB has, far from all that are taken and of another hue; else the least bad."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        back = rgb2lab(np.clip(lab2rgb(goals[None]), 0, 1))[0]
    lost = np.linalg.norm(back - goals, axis=1)
    near = np.linalg.norm(goals[:, None] - taken[None], axis=-1).min(axis=1)
    bad = lost / 5 + np.maximum(apart - near, 0) / 5 + _same_hue(goals, taken)
    fits = np.flatnonzero((lost < 5) & (near >= apart) & ~_same_hue(goals, taken))
    return goals[fits[0] if len(fits) else int(np.argmin(bad))]


def _same_hue(goals: Float[np.ndarray, "n c"], taken: Float[np.ndarray, "m c"]) -> Bool[np.ndarray, "n"]:
    """Return which goals have the hue of one that is taken; the nearly grey have none."""
    one, other = (np.rad2deg(np.arctan2(colours[:, 2], colours[:, 1])) for colours in (goals, taken))
    vivid, theirs = (np.hypot(colours[:, 1], colours[:, 2]) > PALE for colours in (goals, taken))
    turn = np.abs((one[:, None] - other[None] + 180) % 360 - 180)
    return ((turn < HUE) & vivid[:, None] & theirs[None]).any(axis=1)
