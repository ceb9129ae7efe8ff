"""The same map made again: under harmless variations of the photo and other seeds, for other classes."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float32

from axolens.classifiers.counted import Counted
from axolens.maths.array import to_numpy
from axolens.maths.pointing import alike
from axolens.methods.method import Method
from axolens.records.target import Target
from axolens.records.verdict import Check, Outcome
from axolens.scrutiny.cells import grid_of, to_cells
from axolens.scrutiny.standing import HALF, LEVEL

FARTHEST = 0.01  # of the shorter side: a shift that moves no cell
GRAIN = 1 / 255  # standard deviation of the noise on a varied photo


@dataclass(frozen=True, slots=True, eq=False)
class Repeats:
    """Likenesses (Spearman, over the cells) of a map with itself made again, and with maps for other classes.

    Parameters
    ----------
    again
        With the map of each varied photo, by another seed.
    others
        With the map for each other class of the unvaried photo, by name.
    """

    again: tuple[float, ...]
    others: dict[str, float]


def repeats(
    model: Counted,
    method: Method,
    image: Float32[np.ndarray, "h w 3"],
    target: Target,
    others: list[Target],
    count: int,
    rng: np.random.Generator,
) -> Repeats:
    """Make a map again under ``count`` harmless variations, and once for other classes; 1 + count maps are made."""
    cells = grid_of(image.shape[:2])
    varied, mirrored = zip(*(_varied(image, place % 2 == 1, rng) for place in range(count)), strict=True)
    seeds = [np.random.default_rng(int(one)) for one in rng.integers(2**63, size=count + 1)]
    raw = method.attribute(model, model.asarray(image[None]), [[target, *others]], seeds[:1])
    own, *rest = (to_cells(one, cells) for one in to_numpy(raw.maps)[0].astype(np.float64))
    made = method.attribute(model, model.asarray(np.stack(varied)), [[target]] * count, seeds[1:])
    back = [
        to_cells(one[0, :, ::-1] if turned else one[0], cells)
        for one, turned in zip(to_numpy(made.maps).astype(np.float64), mirrored, strict=True)
    ]
    return Repeats(
        tuple(alike(own, one) for one in back), {str(t): alike(own, one) for t, one in zip(others, rest, strict=True)}
    )


def class_sensitivity(found: Repeats) -> Check:
    """Check whether the map differs from the maps for other classes by more than from itself made again."""
    again, others = np.array(found.again), found.others
    if not np.isfinite(again).all() or not all(map(np.isfinite, others.values())):
        return Check("class sensitivity", "undecided", "A map made again, or for another class, is constant.")
    nearest = max(others, key=lambda name: others[name])
    value = others[nearest]
    p = (1 + int((again <= value + 1e-9).sum())) / (1 + len(again))
    outcome: Outcome = "passed" if p <= LEVEL else "failed" if p > HALF else "undecided"
    told = f"The map for {nearest} is like it by {value:.2f} (rank correlation); itself, made again under harmless "
    told += f"variations, by {again.min():.2f} at least (p {p:.2f})."
    return Check("class sensitivity", outcome, told, value=value, floor=float(again.min()), p=p)


def stability(found: Repeats) -> Check:
    """Say how alike the map stays under harmless variations and other seeds; nothing is passed by being steady."""
    again = np.array(found.again)
    if not np.isfinite(again).all():
        return Check("stability", "undecided", "A map made again is constant or holds no numbers.", described=True)
    low, middle, high = (float(one) for one in np.quantile(again, (0.05, 0.5, 0.95)))
    told = (
        f"Made again {len(again)} times under harmless variations and other seeds, it is like itself by {middle:.2f} "
    )
    told += f"({low:.2f} to {high:.2f}). This describes: fixed noise would be perfectly steady."
    return Check("stability", "undecided", told, value=middle, interval=(low, high), described=True)


def _varied(
    image: Float32[np.ndarray, "h w 3"], mirrored: bool, rng: np.random.Generator
) -> tuple[Float32[np.ndarray, "h w 3"], bool]:
    """Return the photo moved by a pixel or two, perhaps mirrored, with the faintest noise."""
    reach = max(1, round(FARTHEST * min(image.shape[:2])))
    down, right = (int(one) for one in rng.integers(-reach, reach, size=2, endpoint=True))
    height, width = image.shape[:2]
    padded = np.pad(image, ((reach, reach), (reach, reach), (0, 0)), mode="reflect")
    moved = padded[reach + down : reach + down + height, reach + right : reach + right + width]
    moved = moved[:, ::-1] if mirrored else moved
    return np.clip(moved + rng.normal(0, GRAIN, moved.shape), 0, 1).astype(np.float32), mirrored
