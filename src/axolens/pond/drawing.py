"""From a scene to its pixels, its mask and the masks of its parts."""

import math
from dataclasses import dataclass
from functools import cache

import numpy as np
from jaxtyping import Bool, UInt8
from numpy.typing import NDArray

from axolens.errors import InputError
from axolens.pond.anatomy import Pose
from axolens.pond.backgrounds import background
from axolens.pond.bodies import BODIES
from axolens.pond.borrowed import Worn, wear_crest
from axolens.pond.camera import Camera, directions, extent
from axolens.pond.canvas import Layers, lay_out
from axolens.pond.figure import Figure
from axolens.pond.geometry import cosine, sine
from axolens.pond.light import Light, blurred, light_from, lit_animal, lit_ground, shadow, slopes
from axolens.pond.noise import grain
from axolens.pond.palette import COATS, LIGHTS
from axolens.pond.scene import Scene
from axolens.pond.skin import coloured
from axolens.pond.tags import tagged
from axolens.records.arrays import freeze

Picture = NDArray[np.float64]
SMALLEST, LARGEST = 16, 1024


@dataclass(frozen=True, slots=True, eq=False)
class Drawing:
    """One picture and what is known about its pixels.

    Parameters
    ----------
    pixels
        (h, w, 3) uint8, sRGB, row 0 at the top.
    mask
        (h, w), True where the animal covers at least half of the pixel, before blur.
    parts
        For each part of the animal its own mask; they do not overlap and together are the mask.
    """

    pixels: UInt8[np.ndarray, "h w 3"]
    mask: Bool[np.ndarray, "h w"]
    parts: dict[str, Bool[np.ndarray, "h w"]]

    def __post_init__(self) -> None:
        """Freeze the arrays."""
        freeze(self, pixels=self.pixels, mask=self.mask)
        for part in self.parts.values():
            part.setflags(write=False)


def draw(scene: Scene, size: int = 128, *, crest: str | None = None) -> Drawing:
    """Draw a scene: the same bytes on every machine.

    Parameters
    ----------
    scene
        Every factor of the picture.
    size
        Height and width of the picture in pixels, 16..1024; pictures are square.
    crest
        A colour variety of the iguana whose crest is drawn on the animal's back, or None.

    Raises
    ------
    InputError
        If the size is outside its range, or there is no such iguana.

    Examples
    --------
    >>> drawing = draw(Scene(species="axolotl", colour="black"), size=32)
    >>> drawing.pixels.shape, sorted(drawing.parts)[:3]
    ((32, 32, 3), ['body', 'eyes', 'fin'])
    """
    if not SMALLEST <= size <= LARGEST:
        raise InputError("size", expected=f"a whole number of pixels from {SMALLEST} to {LARGEST}", got=repr(size))
    figure = BODIES[scene.species](Pose(scene.bend, scene.limbs, scene.head))
    worn = None if crest is None else wear_crest(figure, crest)
    layers = lay_out(figure, _camera(scene, size), size)
    light = light_from(scene.light_direction, scene.light_strength, LIGHTS[scene.light_colour])
    picture = _through_lens(_lit(scene, layers, light, size, worn), scene, light)
    picture, free = tagged(picture, scene.tag)
    mask = (layers.cover >= 0.5) & free
    parts = {name: mask & (layers.part == index) for index, name in enumerate(figure.parts())}
    return Drawing(_bytes(picture, scene), mask, parts)


def _camera(scene: Scene, size: int) -> Camera:
    left, top, right, bottom = _neutral(scene.species, scene.view)
    scale = scene.size * size / max(right - left, bottom - top)
    x, y, angle = (left + right) / 2 * scale, (top + bottom) / 2 * scale, math.radians(scene.rotation)
    c, s = cosine(angle), sine(angle)
    centre = (scene.x * size - (x * c + y * s), scene.y * size - (y * c - x * s))
    return Camera(*directions(scene.view, scene.rotation), scale, centre)


@cache
def _neutral(species: str, view: str) -> tuple[float, float, float, float]:
    """Return the outline of the straight animal: a bend does not change the scale."""
    return extent(_straight(species), view)


def _straight(species: str) -> Figure:
    return BODIES[species](Pose())


def _lit(scene: Scene, layers: Layers, light: Light, size: int, worn: Worn | None) -> Picture:
    """Put the lit animal over the lit ground with its shadow."""
    coat = COATS[scene.species][scene.colour]
    where = np.flatnonzero(layers.cover > 0.0)
    right, down = (slope.reshape(-1)[where] for slope in slopes(layers.depth))
    colours = coloured(layers, where, coat, scene.texture_seed)
    if worn is not None:
        on_it = layers.part.reshape(-1)[where] == worn.part
        colours = np.where(
            on_it, coloured(layers, where, coat._replace(accent=worn.colour), scene.texture_seed), colours
        )
    animal = lit_animal(colours, right, down, light)
    ground = lit_ground(*background(scene.background, scene.background_seed, size), light)
    ground = ground * shadow(layers.cover, light, 0.035 * size)
    flat = np.ascontiguousarray(ground).reshape(3, -1)
    behind = flat[:, where]
    flat[:, where] = behind + (animal - behind) * layers.cover.reshape(-1)[where]
    return flat.reshape(ground.shape)


def _through_lens(picture: Picture, scene: Scene, light: Light) -> Picture:
    tint = np.array(light.colour)[:, None, None]
    return blurred(picture * tint, scene.blur * picture.shape[1] / 128.0)


def _bytes(picture: Picture, scene: Scene) -> UInt8[np.ndarray, "h w 3"]:
    picture = np.minimum(np.maximum(picture, 0.0), 1.0)
    if scene.noise > 0.0:
        picture = picture + grain(scene.noise_seed, picture.shape[1]) * scene.noise
    levels = np.floor(np.minimum(np.maximum(picture, 0.0), 1.0) * 255.0 + 0.5)
    return np.ascontiguousarray(levels.astype(np.uint8).transpose(1, 2, 0))
