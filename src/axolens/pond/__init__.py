"""The pond: a small world of drawn animals in which everything is known.

Every picture has a true class, a mask of the animal and of each of its parts, and every factor that made it; a factor
can be moved and everything else stays the same, down to the noise.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from axolens.pond.drawing import Drawing, draw
    from axolens.pond.picture import crested, parts, photo, rerender
    from axolens.pond.sampling import sample
    from axolens.pond.scene import Scene

__all__ = ["Drawing", "Scene", "crested", "draw", "parts", "photo", "rerender", "sample"]

_HOME = {
    "Drawing": "drawing",
    "Scene": "scene",
    "crested": "picture",
    "draw": "drawing",
    "parts": "picture",
    "photo": "picture",
    "rerender": "picture",
    "sample": "sampling",
}


def __getattr__(name: str) -> object:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
