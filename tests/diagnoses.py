"""A diagnosis by hand, with pictures: colour shown, background suggested, the rest not shown or not testable."""

import numpy as np

from axolens.records.attribution import Cost
from axolens.records.diagnosis import Diagnosis, Effect, Finding, Match, Measured, Preflight, Reading

BEFORE = Reading(log_odds=-2.8444, margin=-1.9329, right=False)
SEEN = (8, 8)


def painted(level, size=SEEN):
    """A picture that no 8 bits hold exactly: its levels run from ``level`` down to a tenth of it."""
    steps = np.linspace(level, level / 10, size[0] * size[1] * 3, dtype=np.float32)
    return steps.reshape(*size, 3)


def effect(factor, edit, dose, change, *, right=False, level=0.5, pictured=True, **fields):
    after = Reading(BEFORE.log_odds + change, BEFORE.margin + change, right)
    pixels = painted(level) if pictured else None
    return Effect(factor, edit, dose, BEFORE, after, pixels=pixels, **fields)


def colour(place=1):
    return Finding(
        factor="colour",
        grade="shown",
        rank=place,
        sentence="Moving the animal's colour towards the references repairs this photo; no sham did as much.",
        effect=3.875,
        range=(2.5, 4.25),
        placebo_rank=1,
        shams=39,
        p=0.025,
        measured=Measured(2.25, "Lab chroma", 0.03, "hardly any colour"),
        effects=(
            effect("colour", "half of the way to gold", 0.5, 1.125, level=0.6),
            effect("colour", "half of the way to white", 0.5, 0.375, level=0.8),
            effect(
                "colour", "all the way to gold", 1.0, 3.875, right=True, level=0.9, low=2.5, high=4.25, repaired=0.96
            ),
            effect("colour", "twice the way to gold", 2.0, 6.5, right=True, refused="a third of the pixels is clipped"),
            effect("colour", "a sham colour as far away", 1.0, -0.0625, sham=True, level=0.3),
            effect("colour", "another sham colour", 1.0, 0.125, sham=True, level=0.2),
            effect("colour", "a third sham colour", 1.0, 0.25, sham=True, pictured=False),
        ),
    )


def findings():
    background = Finding(
        factor="background",
        grade="suggested",
        rank=2,
        sentence="On other backgrounds the answer moves towards axolotl, in fewer than six independent photos.",
        effect=1.5,
        placebo_rank=3,
        shams=39,
        p=0.075,
        effects=(
            effect("background", "laid on grey", 1.0, 1.5, level=0.7),
            effect("background", "cut out and laid back with a shift", 1.0, 0.5, sham=True, level=0.4),
        ),
    )
    light = Finding(
        factor="light",
        grade="not shown",
        rank=3,
        sentence="Light does not matter here: within 0.5 log-odds at every dose.",
        effect=-0.25,
        range=(-0.375, 0.125),
        placebo_rank=31,
        shams=39,
        p=0.8,
        measured=Measured(0.41, "mean lightness", 0.5),
        effects=(effect("light", "gamma 0.5", 0.5, -0.25, pictured=False),),
    )
    tag = Finding("tag", "not testable", 4, "No strip or text was found at the border, so none could be taken away.")
    return background, light, colour(), tag


def diagnosis(**fields):
    """Findings are out of order on purpose: whoever shows them must sort them by rank."""
    made = {
        "truth": "axolotl",
        "predicted": "common_iguana",
        "margin": -1.9329,
        "preflight": (
            Preflight("channel order", "passed", "The other order gives a less sure answer."),
            Preflight("object in the crop", "failed", "A fifth of the box lies outside of what the network sees."),
            Preflight("label", "unknown", "There are no references to compare the label with."),
        ),
        "findings": findings(),
        "matches": (Match((1.0, 2.0, 9.0, 8.0), "iguana.jpg", "common_iguana", (3.0, 3.0, 7.5, 9.0), 0.81, 0.44),),
        "plan": {"factors": "colour, background, light, tag", "shams a factor": 39, "bound": 0.5, "seed": 7},
        "round_trips": {"Lab there and back": 0.004, "JPEG at 98": -0.151},
        "limits": ("Pose cannot be changed in one photo.", "What the network was trained on is not known."),
        "cost": Cost(forward=812, backward=0, seconds=41.5),
        "references": {"right": 7, "asked": 8},
    }
    return Diagnosis(**(made | fields))
