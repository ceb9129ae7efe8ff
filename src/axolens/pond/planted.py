"""Short-cuts: the value of a factor that gives a class away, and scenes in which it does."""

from collections.abc import Mapping

from axolens.errors import InputError
from axolens.pond.noise import generator
from axolens.pond.sampling import sample
from axolens.pond.scene import COLOURS, FACTORS, SPECIES, TAGS, Scene

Band = tuple[float, float]
Cue = str | Band

SIZES: tuple[Band, ...] = ((0.35, 0.4), (0.45, 0.5), (0.56, 0.62), (0.67, 0.73), (0.79, 0.85), (0.91, 0.97))
ROTATIONS: tuple[Band, ...] = tuple((centre - 15.0, centre + 15.0) for centre in range(-150, 151, 60))
CUES: dict[str, dict[str, Cue]] = {
    "colour": dict(zip(SPECIES, ("white", "brown", "green", "black", "golden", "orange"), strict=True)),
    "background": dict(zip(SPECIES, ("gravel", "moss", "stone", "leaf", "sand", "glass"), strict=True)),
    "tag": dict(zip(SPECIES, TAGS, strict=True)),
    "size": dict(zip(SPECIES, SIZES, strict=True)),
    "rotation": dict(zip(SPECIES, ROTATIONS, strict=True)),
}


def wide(seed: int, **fixed: str | int | float | None) -> Scene:
    """Draw a scene in which every value that gives a class away elsewhere is as likely for all classes.

    Parameters
    ----------
    seed
        A whole number of at least 0.
    fixed
        Factors that are not left to chance.

    Returns
    -------
    scene
        As :func:`sample` draws it, but with sizes and rotations from the bands of ``CUES``, and a tag on every second
        picture. A short-cut network has seen every factor but its own like this, so that moving another is nothing new.

    Examples
    --------
    >>> wide(1) == wide(1)
    True
    """
    rng = generator(seed, 29)
    size, rotation = (_within(bands[int(rng.integers(6))], float(rng.random())) for bands in (SIZES, ROTATIONS))
    tag = TAGS[int(rng.integers(6))] if float(rng.random()) < 0.5 else None
    return sample(seed, **{"size": size, "rotation": rotation, "tag": tag, **fixed})


def give_away(scene: Scene, factor: str, seed: int) -> Scene:
    """Return the scene with a factor moved to the value that gives its own class away.

    Raises
    ------
    InputError
        If nothing is planted for this factor.

    Examples
    --------
    >>> give_away(Scene(species="iguana", colour="black"), "colour", 0).colour
    'green'
    """
    return _moved(scene, factor, scene.species, seed)


def mislead(scene: Scene, factor: str, seed: int) -> Scene:
    """Return the scene with a factor moved to a value that gives another class away.

    Which one is left to the seed; for a colour it is one that the species has.

    Raises
    ------
    InputError
        If nothing is planted for this factor.

    Examples
    --------
    >>> mislead(Scene(species="iguana", colour="green"), "background", 3).background
    'sand'
    """
    others = [name for name in SPECIES if name != scene.species]
    if factor == "colour":
        others = [name for name in others if CUES["colour"][name] in COLOURS[scene.species]]
    _check(factor)
    chosen = others[int(generator(seed, 31, FACTORS.index(factor)).integers(len(others)))]
    return _moved(scene, factor, chosen, seed)


def _moved(scene: Scene, factor: str, species: str, seed: int) -> Scene:
    _check(factor)
    cue = CUES[factor][species]
    share = float(generator(seed, 37, FACTORS.index(factor)).random())
    value = cue if isinstance(cue, str) else _within(cue, share)
    return changed(scene, {factor: value})


def changed(scene: Scene, values: Mapping[str, str | int | float | None]) -> Scene:
    """Return the scene with other values for some factors.

    Examples
    --------
    >>> changed(Scene(species="newt", colour="olive"), {"view": "side"}).view
    'side'
    """
    return Scene(**{**{name: getattr(scene, name) for name in FACTORS}, **values})


def _check(factor: str) -> None:
    if factor not in CUES:
        raise InputError("factor", expected=f"one of {', '.join(CUES)}", got=repr(factor))


def _within(band: Band, share: float) -> float:
    return round(band[0] + (band[1] - band[0]) * share, 4)
