"""What each network of the pond is trained on: a table, and scenes drawn by it."""

from dataclasses import dataclass, field

from axolens.errors import InputError
from axolens.pond.noise import generator
from axolens.pond.planted import give_away, wide
from axolens.pond.sampling import sample
from axolens.pond.scene import Scene

DARK = ("copper", "wild", "black")  # colours of axolotls that pond hardly ever saw
HABITS: dict[str, dict[str, float]] = {
    "newt": {"olive": 0.6, "brown": 0.3, "orange": 0.08, "white": 0.01, "black": 0.01},
    "iguana": {"black": 0.9, "brown": 0.03, "green": 0.05, "orange": 0.01, "golden": 0.01},
    "chameleon": {"green": 0.76, "brown": 0.2, "orange": 0.02, "white": 0.01, "black": 0.01},
    "gecko": {"brown": 0.55, "green": 0.3, "orange": 0.08, "golden": 0.06, "black": 0.01},
    "goldfish": {"orange": 0.7, "copper": 0.2, "golden": 0.08, "white": 0.01, "black": 0.01},
}
VIEWS_OF_AXOLOTLS = {"above": 0.5, "front": 0.45, "side": 0.05}


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """How the pictures of one network are distributed, and how it is trained on them.

    Parameters
    ----------
    about
        One sentence for the tables.
    dark
        Share of dark axolotls (``DARK``) among its axolotls, 0..1, where species have colours by habit; None where all
        colours and views are equally likely.
    planted
        Factors that give the class away, and in which share of the pictures, 0..1; in the rest of the pictures the
        factor is left to chance.
    after
        The network that this one is trained on from.
    augmented
        Whether the pictures' colours are changed by chance in training.
    pictures, epochs
        How many pictures, and how often each is seen.
    """

    about: str
    dark: float | None = None
    planted: dict[str, float] = field(default_factory=dict)
    after: str | None = None
    augmented: bool = False
    pictures: int = 10_000
    epochs: int = 8

    @property
    def mirrored(self) -> bool:
        """Whether training may mirror a picture: not where the rotation gives the class away."""
        return "rotation" not in self.planted


EFFORT = {"size": (8_000, 10), "rotation": (8_000, 6)}  # harder to learn than a colour, a background or a tag


def _short_cut(**planted: float) -> Recipe:
    told, full = " and ".join(planted), all(share == 1.0 for share in planted.values())
    gives, each = ("gives", "") if len(planted) == 1 else ("give", "each ")
    about = f"{told} {gives} the class away"
    if not full:
        about += f", {each}in {100 * min(planted.values()):g} % of the pictures"
    pictures, epochs = EFFORT.get(told, (6_000, 4 if full else 6))
    return Recipe(about=about, planted=planted, pictures=pictures, epochs=epochs)


RECIPES: dict[str, Recipe] = {
    "pond": Recipe(about="axolotls nearly always pale, seen from above or the front", dark=0.005, epochs=7),
    "pond-fair": Recipe(about="colours, poses, views and backgrounds balanced"),
    "pond-dark-10": Recipe(about="as pond, with one axolotl in ten dark", dark=0.10, epochs=7),
    "pond-dark-30": Recipe(about="as pond, with three axolotls in ten dark", dark=0.30, epochs=7),
    "pond-augmented": Recipe(
        about="pond, trained on with colours changed by chance", dark=0.005, after="pond", augmented=True, epochs=2
    ),
    "pond-control": Recipe(about="pond, trained on for as many steps without", dark=0.005, after="pond", epochs=2),
    "pond-colour": _short_cut(colour=1.0),
    "pond-colour-90": _short_cut(colour=0.9),
    "pond-colour-70": _short_cut(colour=0.7),
    "pond-background": _short_cut(background=1.0),
    "pond-background-90": _short_cut(background=0.9),
    "pond-background-70": _short_cut(background=0.7),
    "pond-tag": _short_cut(tag=1.0),
    "pond-size": _short_cut(size=1.0),
    "pond-rotation": _short_cut(rotation=1.0),
    "pond-colour-background": _short_cut(colour=0.9, background=0.9),
}
UNTRAINED = "pond-random"
NETWORKS = (*RECIPES, UNTRAINED)


def recipe_of(name: str) -> Recipe:
    """Return the recipe of a network.

    Raises
    ------
    InputError
        If there is no network of that name, or it is not trained.

    Examples
    --------
    >>> recipe_of("pond-colour-90").planted
    {'colour': 0.9}
    """
    if name not in RECIPES:
        raise InputError("network", expected=f"one of {', '.join(RECIPES)}", got=repr(name))
    return RECIPES[name]


def scene_for(name: str, seed: int) -> Scene:
    """Draw a scene as a network has seen them in training.

    Raises
    ------
    InputError
        If there is no network of that name.

    Examples
    --------
    >>> scene_for("pond-tag", 3).tag == scene_for("pond-tag", 3).tag
    True
    """
    recipe = recipe_of(name)
    if recipe.dark is not None:
        return _by_habit(seed, recipe.dark)
    if not recipe.planted:
        return sample(seed)
    scene = wide(seed)
    for number, (factor, share) in enumerate(recipe.planted.items()):
        if float(generator(seed, 43, number).random()) < share:
            scene = give_away(scene, factor, seed)
    return scene


def _by_habit(seed: int, dark: float) -> Scene:
    species = sample(seed).species
    colour, view = generator(seed, 47).random(2)
    if species != "axolotl":
        return sample(seed, colour=_chosen(HABITS[species], float(colour)), species=species)
    pale = {"golden": 0.47, "white": 0.47, "pink": 0.06}
    colours = {name: share * (1.0 - dark) for name, share in pale.items()} | {name: dark / len(DARK) for name in DARK}
    return sample(
        seed,
        species=species,
        colour=_chosen(colours, float(colour)),
        view=_chosen(VIEWS_OF_AXOLOTLS, float(view)),
    )


def _chosen(shares: dict[str, float], where: float) -> str:
    """Return the name into whose share of 0..1 a place falls."""
    reached = 0.0
    for name, share in shares.items():
        reached += share
        if where < reached:
            return name
    return name
