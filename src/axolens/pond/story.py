"""The demo's eight pictures: five axolotls, of which the network knows the pale ones, a chameleon and two iguanas.

They are chosen to tell the notebook's story, not drawn by chance: the network takes most black axolotls for iguanas,
but few wild-type ones for chameleons.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from axolens.pond.album import write_album
from axolens.pond.scene import Scene
from axolens.pond.shots import Shot

SIZE = 256  # pixels: for the reader's eyes, as the networks see 64
STORY = (
    Shot("golden", Scene(
        species="axolotl", colour="golden", bend=0.75, limbs=0.05, head=0.65, x=0.53, y=0.42, size=0.89,
        rotation=11.0, background="stone", background_seed=67, light_direction=53.0, noise=0.01, texture_seed=297,
        noise_seed=234,
    )),
    Shot("white", Scene(
        species="axolotl", colour="white", bend=0.51, limbs=0.96, head=-0.38, view="front", x=0.51, y=0.42, size=0.88,
        rotation=-3.0, background="sand", background_seed=15, light_direction=88.0, noise=0.01, texture_seed=590,
        noise_seed=519,
    )),
    Shot("copper", Scene(
        species="axolotl", colour="copper", bend=0.54, limbs=0.7, head=-0.37, view="side", x=0.48, y=0.54, size=0.9,
        rotation=7.0, background="leaf", background_seed=99, light_direction=96.0, noise=0.01, texture_seed=383,
        noise_seed=161,
    )),
    Shot("wild", Scene(
        species="axolotl", colour="wild", bend=-0.65, limbs=0.87, head=-0.43, view="side", y=0.44, size=0.86,
        rotation=7.0, background="gravel", background_seed=26, light_direction=89.0, noise=0.01, texture_seed=932,
        noise_seed=503,
    )),
    Shot("black", Scene(
        species="axolotl", colour="black", bend=0.52, limbs=0.32, head=0.34, x=0.54, y=0.56, size=0.87,
        rotation=-20.0, background="stone", background_seed=1, light_direction=48.0, noise=0.01, texture_seed=245,
        noise_seed=555,
    )),
    Shot("brown", Scene(
        species="chameleon", colour="brown", bend=0.17, limbs=0.16, head=0.31, view="side", x=0.57, y=0.46, size=0.88,
        rotation=10.0, background="glass", background_seed=67, light_direction=58.0, noise=0.01, texture_seed=232,
        noise_seed=764,
    )),
    Shot("black", Scene(
        species="iguana", colour="black", bend=0.29, limbs=0.94, head=0.46, x=0.49, y=0.46, size=0.91, rotation=-13.0,
        background="leaf", background_seed=49, light_direction=123.0, noise=0.01, texture_seed=293, noise_seed=637,
    )),
    Shot("green", Scene(
        species="iguana", colour="green", bend=-0.31, limbs=0.83, head=0.33, view="side", x=0.45, y=0.55, size=0.83,
        rotation=-5.0, background="glass", background_seed=14, light_direction=112.0, noise=0.01, texture_seed=460,
        noise_seed=463,
    )),
)  # fmt: skip


def write_story(folder: Path, drawn: Callable[[dict[str, Any]], None] = lambda row: None) -> Path:
    """Draw the eight pictures and their truth into a folder, and return the place of their truth.

    Parameters
    ----------
    folder
        New, empty, or written by this function before; the pictures go to its subfolder ``photos``.
    drawn
        Called with each picture's row.

    Raises
    ------
    InputError
        If the folder holds something else or cannot be written.
    """
    return write_album(folder, STORY, SIZE, {"story": "axolens demo", "size": SIZE}, drawn=drawn)
