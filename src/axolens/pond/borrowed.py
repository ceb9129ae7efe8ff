"""A part of one animal on the back of another: whose features a look-alike must find is then known."""

import math
from itertools import pairwise
from typing import NamedTuple

from axolens.errors import InputError
from axolens.pond.bodies.iguana import spikes
from axolens.pond.figure import Ball, Figure
from axolens.pond.geometry import Frame
from axolens.pond.palette import COATS, Colour

REACH = 0.54  # of a crest, in animal lengths behind the nape, as on the iguana
SPACING = 0.042


class Worn(NamedTuple):
    """A borrowed part: its index among the parts of the figure, and its own colour."""

    part: int
    colour: Colour


def wear_crest(figure: Figure, colour: str) -> Worn:
    """Add the crest of an iguana of this colour to the back of another animal, from the nape along its spine.

    Raises
    ------
    InputError
        If the animal has a crest of its own, or there is no iguana of this colour.

    Examples
    --------
    >>> from axolens.pond.anatomy import Pose
    >>> from axolens.pond.bodies import BODIES
    >>> gecko = BODIES["gecko"](Pose())
    >>> wear_crest(gecko, "brown").colour, gecko.parts()
    ((206, 180, 130), ('body', 'crest', 'eyes', 'head', 'limbs', 'tail'))
    """
    if colour not in COATS["iguana"]:
        raise InputError("crest", expected=f"one of {', '.join(COATS['iguana'])}", got=repr(colour))
    if "crest" in figure.parts():
        raise InputError("crest", expected="an animal without a crest of its own", got="an iguana")
    back = [ball for ball in figure.balls if ball.part in ("body", "tail") and ball.paint == "skin"]
    roots, walked, due = [_top(back[0])], 0.0, SPACING
    for before, here in pairwise(back):
        walked += math.dist(before.frame.origin, here.frame.origin)
        if due <= walked <= REACH:
            roots.append(_top(here))
            due = walked + SPACING
    spikes(figure, roots)
    return Worn(figure.parts().index("crest"), COATS["iguana"][colour].accent)


def _top(ball: Ball) -> Frame:
    return ball.frame.moved(0.0, 0.0, 0.85 * ball.half[2])
