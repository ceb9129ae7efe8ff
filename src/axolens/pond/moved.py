"""The parts of a scene, where they lie in the picture, and the same scene with one of them moved."""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Bool

from axolens.errors import InputError
from axolens.pond.drawing import draw
from axolens.pond.noise import generator
from axolens.pond.planted import changed
from axolens.pond.scene import BACKGROUNDS, COLOURS, LARGEST_SEED, SPECIES, TAGS, Scene
from axolens.pond.tags import tagged

Mask = Bool[np.ndarray, "h w"]
SHAPE = 32  # pixels: enough to see which tags lie in the same place


def regions(scene: Scene, size: int = 128) -> dict[str, Mask]:
    """Return where the animal, its background and the tag lie: they do not overlap, and together are the picture.

    Parameters
    ----------
    scene
        Every factor of the picture.
    size
        Height and width in pixels, 16..1024.

    Returns
    -------
    regions
        (h, w) each; "tag" only where the scene has one that covers anything.

    Raises
    ------
    InputError
        If the size is outside its range.

    Examples
    --------
    >>> found = regions(Scene(species="newt", colour="olive", tag="red-corner"), 32)
    >>> sorted(found), int(found["tag"].sum())
    (['animal', 'background', 'tag'], 25)
    """
    animal, tag = draw(scene, size).mask, _covered(scene.tag, size)
    found = {"animal": animal, "background": ~animal & ~tag}
    return found if scene.tag is None else {**found, "tag": tag}


def moves(scene: Scene, count: int = 8, seed: int = 0) -> dict[str, list[Scene]]:
    """Return the same scene with one part moved and everything else, down to the noise, the same.

    Parameters
    ----------
    scene
        Every factor of the picture.
    count
        How many scenes for the animal and for the background, at least 2. A tag has as many as there are.
    seed
        Of what is drawn by chance, together with the scene's own seeds.

    Returns
    -------
    moves
        For each part of :func:`regions` its scenes. The animal: in turn the same outline in another colour and skin,
        and another species in its pose and place. The background: other kinds in turn. The tag: taken away, and
        another that covers the same pixels where there is one.

    Raises
    ------
    InputError
        If there are fewer than 2.

    Examples
    --------
    >>> found = moves(Scene(species="newt", colour="olive", tag="white-frame"), 2)
    >>> [one.species == "newt" for one in found["animal"]], [one.tag for one in found["tag"]]
    ([True, False], [None, 'black-frame'])
    """
    if count < 2:
        raise InputError("count", expected="at least 2 redraws of each part", got=count)
    rng = generator(seed, 53, scene.texture_seed, scene.background_seed)
    kinds = _turned(rng, [kind for kind in BACKGROUNDS if kind != scene.background], count)
    grounds = [changed(scene, {"background": kind, "background_seed": _any(rng)}) for kind in kinds]
    found = {"animal": _animals(scene, count, rng), "background": grounds}
    if scene.tag is not None:
        found["tag"] = [changed(scene, {"tag": tag}) for tag in (None, *_twins(scene.tag))]
    return found


def _animals(scene: Scene, count: int, rng: np.random.Generator) -> list[Scene]:
    coats = _turned(rng, [coat for coat in COLOURS[scene.species] if coat != scene.colour], count)
    others = _turned(rng, [species for species in SPECIES if species != scene.species], count)
    found = []
    for place in range(count):
        colour, species = coats[place // 2], scene.species
        if place % 2:
            species = others[place // 2]
            colour = COLOURS[species][int(rng.integers(len(COLOURS[species])))]
        found.append(changed(scene, {"species": species, "colour": colour, "texture_seed": _any(rng)}))
    return found


def _turned(rng: np.random.Generator, names: Sequence[str], count: int) -> list[str]:
    """Return names by chance, each as often as the others."""
    order = [names[place] for place in rng.permutation(len(names))]
    return [order[place % len(order)] for place in range(count)]


def _any(rng: np.random.Generator) -> int:
    return int(rng.integers(LARGEST_SEED))


def _twins(tag: str) -> list[str]:
    own = _covered(tag, SHAPE)
    return [other for other in TAGS if other != tag and np.array_equal(_covered(other, SHAPE), own)]


def _covered(tag: str | None, size: int) -> Mask:
    return ~tagged(np.zeros((3, size, size)), tag)[1]
