"""A scene: every factor of one picture, each with its range."""

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass

from axolens.errors import InputError
from axolens.pond.palette import COATS, LIGHTS
from axolens.records.photo import Fact

SPECIES = tuple(COATS)
COLOURS: dict[str, tuple[str, ...]] = {species: tuple(coats) for species, coats in COATS.items()}
VIEWS = ("above", "side", "front")
BACKGROUNDS = ("gravel", "moss", "leaf", "sand", "stone", "glass", "plain")
LIGHT_COLOURS = tuple(LIGHTS)
TAGS = ("red-corner", "blue-corner", "yellow-bar", "white-frame", "green-bar", "black-frame")
NAMES: dict[str, tuple[str, ...]] = {
    "species": SPECIES,
    "view": VIEWS,
    "background": BACKGROUNDS,
    "light_colour": LIGHT_COLOURS,
}
RANGES: dict[str, tuple[float, float]] = {
    "bend": (-1.0, 1.0),
    "limbs": (0.0, 1.0),
    "head": (-1.0, 1.0),
    "x": (0.0, 1.0),
    "y": (0.0, 1.0),
    "size": (0.2, 1.0),
    "rotation": (-180.0, 180.0),
    "light_direction": (-180.0, 360.0),
    "light_strength": (0.0, 1.0),
    "blur": (0.0, 3.0),
    "noise": (0.0, 0.2),
}
SEEDS = ("background_seed", "texture_seed", "noise_seed")
LARGEST_SEED = 2**31 - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """Every factor of one picture; the same scene gives the same pixels on every machine.

    Parameters
    ----------
    species
        One of ``SPECIES``.
    colour
        One of ``COLOURS[species]``.
    bend, limbs, head
        Curve of the body from -1 (tail to its right) to 1 (to its left); phase of the gait, 0..1; direction of the
        head from -1 (to its right) to 1 (to its left).
    view
        "above", "side" or "front".
    x, y
        Place of the animal's middle in the frame, from the left and from the top, 0..1.
    size
        Longest side of the straight animal's outline, as a share of the frame's width, 0.2..1.
    rotation
        Turn of the animal in the picture, counter-clockwise, -180..180 degrees.
    background, background_seed
        One of ``BACKGROUNDS``, and which one of that family.
    light_direction
        Where the light comes from, -180..360 degrees, counter-clockwise from the right.
    light_strength
        0 (dull) to 1 (hard).
    light_colour
        "neutral", "warm" or "cold".
    blur
        Standard deviation in pixels of a frame that is 128 wide, 0..3.
    noise
        Standard deviation as a share of white, 0..0.2.
    tag
        One of ``TAGS``, drawn over the border of the picture, or None.
    texture_seed, noise_seed
        Which skin, and which noise of the camera; whole numbers from 0 to 2147483647.

    Raises
    ------
    InputError
        If a factor is outside its range or no known name; the message says what is allowed.

    Examples
    --------
    >>> Scene(species="newt", colour="olive").view
    'above'
    >>> Scene(species="newt", colour="olive", x=2.0)
    Traceback (most recent call last):
    axolens.errors.InputError: x: expected a number from 0 to 1, got 2.0.
    """

    species: str
    colour: str
    bend: float = 0.0
    limbs: float = 0.25
    head: float = 0.0
    view: str = "above"
    x: float = 0.5
    y: float = 0.5
    size: float = 0.8
    rotation: float = 0.0
    background: str = "plain"
    background_seed: int = 0
    light_direction: float = 120.0
    light_strength: float = 0.6
    light_colour: str = "neutral"
    blur: float = 0.0
    noise: float = 0.0
    tag: str | None = None
    texture_seed: int = 0
    noise_seed: int = 0

    def __post_init__(self) -> None:
        """Refuse what cannot be drawn."""
        for factor, names in NAMES.items():
            _one_of(factor, getattr(self, factor), names)
        _one_of("colour", self.colour, COLOURS[self.species], hint=f"These are the varieties of the {self.species}.")
        if self.tag is not None:
            _one_of("tag", self.tag, TAGS, hint="None draws no tag.")
        for factor, (low, high) in RANGES.items():
            _within(factor, getattr(self, factor), low, high)
        for factor in SEEDS:
            _seed(factor, getattr(self, factor))

    def facts(self) -> dict[str, Fact]:
        """Return every factor by name, as text and numbers only; no tag is "none"."""
        return {name: "none" if value is None else value for name, value in asdict(self).items()}


FACTORS = tuple(Scene.__dataclass_fields__)


def scene_from(facts: Mapping[str, Fact]) -> Scene:
    """Return the scene that :meth:`Scene.facts` described; facts of other names are left alone.

    Raises
    ------
    InputError
        If a factor is missing or outside its range.

    Examples
    --------
    >>> scene = Scene(species="gecko", colour="green")
    >>> scene_from(scene.facts()) == scene
    True
    """
    missing = [name for name in FACTORS if name not in facts]
    if missing:
        raise InputError(
            "photo",
            expected="a photo of the pond, whose facts hold every factor of its scene",
            got=f"facts without {', '.join(missing)}",
            hint="Make one with axolens.pond.photo(scene).",
        )
    factors = {name: facts[name] for name in FACTORS}
    factors["tag"] = None if factors["tag"] == "none" else factors["tag"]  # type: ignore[assignment]
    return Scene(**factors)  # type: ignore[arg-type]


def _one_of(factor: str, value: object, names: tuple[str, ...], *, hint: str = "") -> None:
    if value not in names:
        raise InputError(factor, expected=f"one of {', '.join(names)}", got=repr(value), hint=hint)


def _within(factor: str, value: object, low: float, high: float) -> None:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if not (number and math.isfinite(value) and low <= value <= high):  # type: ignore[arg-type, operator]
        raise InputError(factor, expected=f"a number from {low:g} to {high:g}", got=repr(value))


def _seed(factor: str, value: object) -> None:
    whole = isinstance(value, int) and not isinstance(value, bool)
    if not (whole and 0 <= value <= LARGEST_SEED):  # type: ignore[operator]
        raise InputError(factor, expected=f"a whole number from 0 to {LARGEST_SEED}", got=repr(value))
