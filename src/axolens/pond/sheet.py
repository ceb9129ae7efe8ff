"""A contact sheet: every animal in every colour, from every side."""

from collections.abc import Sequence

import numpy as np
from jaxtyping import UInt8
from PIL import Image, ImageDraw, ImageFont

from axolens.pond.drawing import draw
from axolens.pond.noise import generator
from axolens.pond.scene import BACKGROUNDS, COLOURS, SPECIES, VIEWS, Scene

CAPTION = 14  # pixels under each picture
POSES = ((-0.7, 0.15, 0.5), (0.5, 0.6, -0.6))  # bend, limbs, head


def sheet(size: int = 96, species: Sequence[str] = SPECIES) -> UInt8[np.ndarray, "h w 3"]:
    """Draw the contact sheet: one row for each species and colour, three views in two poses each, captioned.

    Parameters
    ----------
    size
        Height and width of each picture in pixels, 16..1024.
    species
        The animals to show, in this order.

    Returns
    -------
    sheet
        (h, w, 3) uint8, sRGB.

    Examples
    --------
    >>> sheet(size=16, species=["newt"]).shape
    (90, 192, 3)
    """
    rows = [(name, colour) for name in species for colour in COLOURS[name]]
    half = (len(rows) + 1) // 2
    columns = len(VIEWS) * len(POSES)
    canvas = Image.new("RGB", (2 * columns * size, half * (size + CAPTION)), (250, 250, 248))
    for number, (name, colour) in enumerate(rows):
        left, top = (number // half) * columns * size, (number % half) * (size + CAPTION)
        _row(canvas, left, top, name, colour, number, size)
    return np.asarray(canvas).copy()


def _row(canvas: Image.Image, left: int, top: int, species: str, colour: str, number: int, size: int) -> None:
    pen, font = ImageDraw.Draw(canvas), ImageFont.load_default(size=10)
    for index in range(len(VIEWS) * len(POSES)):
        pixels = draw(example(species, colour, number, index), size).pixels
        canvas.paste(Image.fromarray(pixels), (left + index * size, top))
        text = f"{species} {colour}" if index == 0 else VIEWS[index // len(POSES)]
        pen.text((left + index * size + 3, top + size), text, fill=(40, 40, 40), font=font)


def example(species: str, colour: str, number: int, index: int) -> Scene:
    """Return the scene of one place of the sheet: row ``number``, column ``index`` (two poses of each view).

    Examples
    --------
    >>> example("newt", "olive", 3, 5).view
    'front'
    """
    bend, limbs, head = POSES[index % len(POSES)]
    rng = generator(number, index, 41)
    return Scene(
        species=species,
        colour=colour,
        bend=bend,
        limbs=limbs,
        head=head,
        view=VIEWS[index // len(POSES)],
        size=0.86,
        rotation=-20.0 if index == 1 else 0.0,
        background=BACKGROUNDS[(number * 5 + index) % len(BACKGROUNDS)],
        background_seed=int(rng.integers(10_000)),
        light_direction=float(rng.integers(40, 140)),
        texture_seed=number,
        blur=0.3,
        noise=0.015,
    )
