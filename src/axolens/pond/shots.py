"""Pictures that are to be drawn: a name, a scene, and the seed that drew it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from axolens.errors import InputError
from axolens.pond.planted import changed
from axolens.pond.recipes import NETWORKS, UNTRAINED, scene_for
from axolens.pond.sampling import Factor, sample
from axolens.pond.scene import COLOURS, Scene

PHOTOS, MASKS = "photos", "masks"


@dataclass(frozen=True, slots=True)
class Shot:
    """A picture that is to be drawn: its file's name without ending, its scene, and the seed that drew the scene."""

    name: str
    scene: Scene
    seed: int | None = None

    @property
    def photo(self) -> str:
        """The picture's place in the album."""
        return f"{PHOTOS}/{self.scene.species}/{self.name}.png"

    @property
    def mask(self) -> str:
        """The place of the map of its parts."""
        return f"{MASKS}/{self.scene.species}/{self.name}.png"


def shots(seeds: Sequence[int], network: str | None = None, fixed: Mapping[str, Factor] | None = None) -> list[Shot]:
    """Return the pictures of many seeds.

    Parameters
    ----------
    seeds
        One a picture.
    network
        Scenes as this network has seen them in training; None and "pond-random" are balanced.
    fixed
        Factors that are the same in all pictures.

    Raises
    ------
    InputError
        If a factor is unknown or outside its range, there is no such network, or a seed is negative.

    Examples
    --------
    >>> [shot.photo for shot in shots(range(2), fixed={"species": "newt"})]
    ['photos/newt/0000000.png', 'photos/newt/0000001.png']
    """
    if network not in (None, *NETWORKS):
        raise InputError("network", expected=f"one of {', '.join(NETWORKS)}", got=repr(network))
    _check_colour((fixed or {}).get("colour"))
    if network in (None, UNTRAINED):
        return [_shot(seed, sample(seed, **(fixed or {}))) for seed in seeds]
    return [_shot(seed, _seen(str(network), seed, fixed or {})) for seed in seeds]


def _check_colour(colour: Factor) -> None:
    known = dict.fromkeys(name for colours in COLOURS.values() for name in colours)
    if colour is not None and colour not in known:
        raise InputError("colour", expected=f"one of {', '.join(known)}", got=repr(colour))


def _shot(seed: int, scene: Scene) -> Shot:
    return Shot(f"{seed:07d}", scene, seed)


def _seen(network: str, seed: int, fixed: Mapping[str, Factor]) -> Scene:
    try:
        return changed(scene_for(network, seed), fixed)
    except InputError as error:
        if error.name != "colour":
            raise
        hint = f"{error.hint} Fix species and colour together."
        raise InputError("colour", expected=error.expected, got=error.got, hint=hint) from None
