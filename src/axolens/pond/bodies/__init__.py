"""The six animals, as shapes in space."""

from collections.abc import Callable

from axolens.pond.anatomy import Pose
from axolens.pond.bodies.axolotl import axolotl
from axolens.pond.bodies.chameleon import chameleon
from axolens.pond.bodies.gecko import gecko
from axolens.pond.bodies.goldfish import goldfish
from axolens.pond.bodies.iguana import iguana
from axolens.pond.bodies.newt import newt
from axolens.pond.figure import Figure

BODIES: dict[str, Callable[[Pose], Figure]] = {
    "axolotl": axolotl,
    "newt": newt,
    "iguana": iguana,
    "chameleon": chameleon,
    "gecko": gecko,
    "goldfish": goldfish,
}
