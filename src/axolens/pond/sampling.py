"""Balanced random scenes, in which fixing one factor moves no other."""

import numpy as np

from axolens.errors import InputError
from axolens.pond.noise import generator
from axolens.pond.scene import (
    BACKGROUNDS,
    COLOURS,
    FACTORS,
    LARGEST_SEED,
    LIGHT_COLOURS,
    SEEDS,
    SPECIES,
    TAGS,
    VIEWS,
    Scene,
)

Factor = str | int | float | None

# Narrower than what a scene allows, so that the animal is in the frame.
SPREAD: dict[str, tuple[float, float]] = {
    "bend": (-1.0, 1.0),
    "limbs": (0.0, 1.0),
    "head": (-1.0, 1.0),
    "x": (0.42, 0.58),
    "y": (0.42, 0.58),
    "size": (0.65, 0.95),
    "rotation": (-40.0, 40.0),
    "light_direction": (0.0, 360.0),
    "light_strength": (0.3, 0.9),
    "blur": (0.0, 0.8),
    "noise": (0.0, 0.05),
}
CHOICES: dict[str, tuple[str, ...]] = {
    "species": SPECIES,
    "view": VIEWS,
    "background": BACKGROUNDS,
    "light_colour": LIGHT_COLOURS,
}


def sample(seed: int, **fixed: Factor) -> Scene:
    """Draw a scene by chance: species, colours, views, backgrounds and light colours are equally likely.

    Parameters
    ----------
    seed
        A whole number of at least 0; the same seed gives the same scene.
    fixed
        Factors of :class:`Scene` that are not left to chance. Every factor has its own random numbers, so fixing one
        leaves the others as they were; only the colour depends on the species that has it, and the other way round.

    Returns
    -------
    scene
        One of four pictures has a tag at its border.

    Raises
    ------
    InputError
        If the seed is negative, or a fixed factor is unknown or outside its range.

    Examples
    --------
    >>> sample(1) == sample(1)
    True
    >>> sample(1, colour="black").bend == sample(1).bend
    True
    """
    if seed < 0:
        raise InputError("seed", expected="a whole number of at least 0", got=seed)
    unknown = [name for name in fixed if name not in FACTORS]
    if unknown:
        raise InputError("factor", expected=f"one of {', '.join(FACTORS)}", got=", ".join(unknown))
    drawn: dict[str, Factor] = {}
    for number, name in enumerate(FACTORS):
        if name in fixed:
            drawn[name] = fixed[name]
        else:
            drawn[name] = _drawn(name, generator(seed, 23, number), drawn, fixed)
    return Scene(**drawn)  # type: ignore[arg-type]


def _drawn(name: str, rng: np.random.Generator, drawn: dict[str, Factor], fixed: dict[str, Factor]) -> Factor:
    if name in SEEDS:
        return int(rng.integers(LARGEST_SEED))
    if name in SPREAD:
        low, high = SPREAD[name]
        return round(low + (high - low) * float(rng.random()), 4)
    if name == "tag":
        return TAGS[int(rng.integers(len(TAGS)))] if float(rng.random()) < 0.25 else None
    choices = _choices(name, drawn, fixed)
    return choices[int(float(rng.random()) * len(choices))]


def _choices(name: str, drawn: dict[str, Factor], fixed: dict[str, Factor]) -> tuple[str, ...]:
    if name == "colour":
        return COLOURS.get(str(drawn["species"]), ("",))  # an unknown species is refused by the scene
    having = tuple(species for species in SPECIES if fixed.get("colour") in COLOURS[species])
    return having if name == "species" and having else CHOICES[name]
