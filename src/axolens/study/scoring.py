"""What each method's maps did over a folder, and which of two did better; one row a group of photos."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations

import numpy as np
from jaxtyping import Float

from axolens.maths.proportions import wilson
from axolens.maths.signflip import sign_flip
from axolens.records.comparison import MethodPair, MethodScore


def scored(
    names: Sequence[str], own: Float[np.ndarray, "g q m"], swapped: Float[np.ndarray, "g q s"]
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


def paired(names: Sequence[str], own: Float[np.ndarray, "g q m"]) -> tuple[MethodPair, ...]:
    """Return every two methods, group by group, their p adjusted by Holm.

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
