"""How often the networks of the pond are right, counted: by network, by factor, and with a factor moved."""

from collections.abc import Callable, Sequence
from functools import cache, partial
from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Int

from axolens.maths.proportions import paired_difference, wilson
from axolens.pond.answers import answers
from axolens.pond.network import PondNet
from axolens.pond.planted import mislead
from axolens.pond.recipes import UNTRAINED, recipe_of, scene_for
from axolens.pond.sampling import sample
from axolens.pond.scene import SPECIES, Scene
from axolens.pond.weights import load_network

PUBLIC_TEST = range(1_000_000, 1_005_000)
"""Seeds of the public test set; no training uses them."""

SceneAt = Callable[[int], Scene]
Answers = Int[np.ndarray, "n"]


class Share(NamedTuple):
    """How many of how many."""

    hits: int
    total: int

    @property
    def interval(self) -> tuple[float, float]:
        """Wilson's interval at 95 %."""
        return wilson(self.hits, self.total)


class Fall(NamedTuple):
    """What moving a factor did to the same pictures: how many became right, how many wrong."""

    mended: int
    harmed: int
    total: int

    @property
    def points(self) -> float:
        """Change of the share of right answers, in points of 100; a fall is negative."""
        return 100.0 * (self.mended - self.harmed) / self.total

    def bounds(self, level: float = 0.95) -> tuple[float, float]:
        """Return the interval of the change in points; 0.90 gives one-sided bounds of 95 %."""
        low, high = paired_difference(self.mended, self.harmed, self.total, level)
        return 100.0 * low, 100.0 * high


def share(right: Bool[np.ndarray, "n"]) -> Share:
    """Count the right ones.

    Examples
    --------
    >>> share(np.array([True, False]))
    Share(hits=1, total=2)
    """
    return Share(int(right.sum()), right.size)


def fall(before: Bool[np.ndarray, "n"], after: Bool[np.ndarray, "n"]) -> Fall:
    """Count what became right and what wrong, picture by picture.

    Examples
    --------
    >>> fall(np.array([True, True, False]), np.array([False, True, False]))
    Fall(mended=0, harmed=1, total=3)
    """
    return Fall(int((after & ~before).sum()), int((before & ~after).sum()), before.size)


def truths(scene_at: SceneAt, seeds: Sequence[int]) -> Answers:
    """Return the index of the true species of every picture."""
    return np.array([SPECIES.index(scene_at(seed).species) for seed in seeds])


def answered(names: Sequence[str], scene_at: SceneAt, seeds: Sequence[int]) -> dict[str, Answers]:
    """Return which species each network names for every picture."""
    logits = answers({name: _network(name) for name in names}, scene_at, seeds)
    return {name: values.argmax(axis=1) for name, values in logits.items()}


def right(names: Sequence[str], scene_at: SceneAt, seeds: Sequence[int]) -> dict[str, Bool[np.ndarray, "n"]]:
    """Return, for each network, which pictures it answers rightly."""
    true = truths(scene_at, seeds)
    return {name: found == true for name, found in answered(names, scene_at, seeds).items()}


def own_scenes(name: str) -> SceneAt:
    """Return the scenes that a network was trained on; for the untrained one balanced scenes.

    Examples
    --------
    >>> own_scenes("pond-random")(3) == sample(3)
    True
    """
    return sample if name == UNTRAINED else partial(scene_for, name)


def misled(scene_at: SceneAt, factor: str) -> SceneAt:
    """Return the same scenes with a factor moved to what gives another class away.

    Examples
    --------
    >>> sample(3).species, sample(3).background, misled(sample, "background")(3).background
    ('newt', 'plain', 'sand')
    """
    return partial(_misled, scene_at, factor)


def alike(names: Sequence[str]) -> list[list[str]]:
    """Return the networks in groups that were trained on pictures of one distribution.

    Examples
    --------
    >>> alike(["pond", "pond-fair", "pond-control"])
    [['pond', 'pond-control'], ['pond-fair']]
    """
    groups: dict[object, list[str]] = {}
    for name in names:
        key = _distribution(name)
        groups.setdefault(key, []).append(name)
    return list(groups.values())


def _distribution(name: str) -> object:
    if name == UNTRAINED:
        return None, ()
    recipe = recipe_of(name)
    return recipe.dark, tuple(recipe.planted.items())


def _misled(scene_at: SceneAt, factor: str, seed: int) -> Scene:
    return mislead(scene_at(seed), factor, seed)


@cache
def _network(name: str) -> PondNet:
    return load_network(name)
