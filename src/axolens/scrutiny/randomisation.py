"""Randomisation: whether the maps change when the network's weights are shuffled."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import cast

import numpy as np
from jaxtyping import Float, Float32
from scipy.stats import t as students

from axolens.classifiers.counted import Counted
from axolens.classifiers.protocols import Randomisable
from axolens.maths.array import to_numpy
from axolens.maths.pointing import alike
from axolens.methods.method import Method
from axolens.records.photo import Fact
from axolens.records.target import Target
from axolens.records.verdict import Check, Outcome
from axolens.scrutiny.account import STAGES
from axolens.scrutiny.again import as_made
from axolens.scrutiny.floors import answered

ENOUGH, FEWEST = 0.5, 5
"""Which share of the shuffled networks' maps must differ from place to place, and of how many photos."""
BOUND = 0.95
"""Of a one-sided bound over photos."""
KEPT = 0.1
"""A rank correlation below which nothing is left, whatever the floor."""


@dataclass(frozen=True, slots=True, eq=False)
class Shuffled:
    """How alike a method's maps stay when weights are shuffled.

    Parameters
    ----------
    likeness
        (stages, seeds, photos) Spearman of the signed map, before and after; NaN where a map is constant.
    between
        (photos,) mean Spearman of each photo's map with the maps of the other photos, under the intact weights.
    """

    likeness: Float[np.ndarray, "g s n"]
    between: Float[np.ndarray, "n"]


def shuffled(
    model: Counted, method: Method, images: Float32[np.ndarray, "n h w 3"], seeds: int, rng: np.random.Generator
) -> Shuffled:
    """Make a method's maps of n photos under the intact weights and under shuffled ones.

    Parameters
    ----------
    model
        Whose own model is ``Randomisable``; it is left as found.
    method
        Asked for the class that the intact model names.
    images
        On the network grid, at least two.
    seeds
        Random networks for each of ``STAGES``.
    rng
        Seeds networks and maps.

    Notes
    -----
    Adebayo et al. (2018), arXiv:1810.03292, with weights permuted within each tensor and signed maps: with absolute
    values, guided backpropagation passes and integrated gradients fail. Re-initialised networks give constant maps.
    """
    batch = model.asarray(images)
    targets = answered(model, batch)
    drawn = [int(one) for one in rng.integers(2**31, size=seeds)]
    intact, settings = _maps(model, method, images, targets, drawn[0])
    method = as_made(method, settings)
    between = np.array(
        [np.mean([alike(one, other) for j, other in enumerate(intact) if j != i]) for i, one in enumerate(intact)]
    )
    found = np.full((len(STAGES), seeds, len(images)), np.nan)
    for place, share in enumerate(STAGES):
        for number, seed in enumerate(drawn):
            other = Counted(cast(Randomisable, model.model).randomised(seed, share), model.progress)
            maps, _ = _maps(other, method, images, targets, drawn[0])
            found[place, number] = [alike(one, now) for one, now in zip(intact, maps, strict=True)]
            model.forward, model.backward = model.forward + other.forward, model.backward + other.backward
    return Shuffled(found, between)


def randomisation(found: Shuffled) -> Check:
    """Check whether the maps of shuffled networks are less like the map than maps of different photos are.

    Passed where the upper 95 % bound over photos, at every stage, lies below the likeness of different photos, or below
    0.1. Failed where the lower bound lies above both with all weights shuffled.
    """
    known = np.isfinite(found.likeness)
    lost = f"{1 - float(known.mean()):.0%} of the maps of shuffled networks are constant or no numbers".replace(
        "%", " %"
    )
    kept = known.any(axis=1).all(axis=0) & np.isfinite(found.between)  # photos with a map at every stage
    if known.mean() < ENOUGH or kept.sum() < FEWEST:
        return Check("randomisation", "undecided", f"{lost}: too many to compare.")
    photos, floor = int(kept.sum()), float(found.between[kept].mean())
    each = np.nanmean(found.likeness[:, :, kept], axis=1)  # over random networks: photos are the independent units
    middle, spread = each.mean(axis=1), each.std(axis=1, ddof=1) / np.sqrt(photos)
    reach = float(students.ppf(BOUND, photos - 1)) * spread
    low, high = middle - reach, middle + reach
    bar = max(floor, KEPT)
    outcome: Outcome = "passed" if (high < bar).all() else "failed" if low[-1] > bar else "undecided"
    told = f"With all weights shuffled the maps of {photos} photos stay alike by {middle[-1]:.2f} (rank correlation, "
    told += f"{low[-1]:.2f} to {high[-1]:.2f}), with the upper half by {middle[0]:.2f}; maps of different photos are "
    told += f"alike by {floor:.2f}." + (f" {lost}, and left out." if known.mean() < 1 else "")
    span = (float(low[-1]), float(high[-1]))
    return Check("randomisation", outcome, told, value=float(middle[-1]), floor=floor, interval=span)


def _maps(
    model: Counted, method: Method, images: Float32[np.ndarray, "n h w 3"], targets: Sequence[Target], seed: int
) -> tuple[list[np.ndarray], Mapping[str, Fact]]:
    rngs = [np.random.default_rng([seed, place]) for place in range(len(images))]
    raw = method.attribute(model, model.asarray(images), [[one] for one in targets], rngs)
    return [one[0].astype(np.float64) for one in to_numpy(raw.maps)], raw.settings
