"""What is decided before the first pass: which factors, how many doses and shams, which bounds."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from axolens.diagnosis.factors.background import Background
from axolens.diagnosis.factors.blur import Blur
from axolens.diagnosis.factors.colour import Colour
from axolens.diagnosis.factors.compression import Compression
from axolens.diagnosis.factors.factor import Factor
from axolens.diagnosis.factors.light import Light
from axolens.diagnosis.factors.noise import Noise
from axolens.diagnosis.factors.orientation import Orientation
from axolens.diagnosis.factors.scale import Scale
from axolens.diagnosis.factors.tag import Tag
from axolens.diagnosis.grading import LARGEST_BOUND, LEVEL, REPAIRED
from axolens.errors import InputError
from axolens.records.diagnosis import FACTORS
from axolens.records.photo import Fact

KNOWN: Mapping[str, Factor] = {
    factor.name: factor
    for factor in (
        Colour(), Background(), Scale(), Orientation(), Light(), Blur(), Noise(), Compression(), Tag()
    )
}  # fmt: skip
SHAMS = 39
VARIATIONS = 12
VARIED = 2
"""How many factors are read under every variation at least; further ones that stand out, as the budget allows."""
REPEATED = 4
BUDGET = 900
MOST_DOSES = 3
FIRST = (
    "tag", "colour", "background", "scale", "orientation", "scale", "orientation", "light", "blur", "compression",
    "noise",
)  # fmt: skip
"""Which factors get a further dose first where the budget does not hold all: a quarter turn says nothing of another."""


@dataclass(frozen=True, slots=True)
class Plan:
    """A diagnosis before its first pass.

    Parameters
    ----------
    factors
        The declared factors, in the order of the records.
    doses
        How many edits each factor has.
    shams
        Families of shams a factor; each has one sham a dose.
    variations
        Harmless variations under which best edits are read.
    varied
        Factors for whose variations there are images, at least.
    images
        Of all that is asked, at most.
    seed
        Of all random numbers, together with the photo's digest.
    """

    factors: tuple[str, ...]
    doses: Mapping[str, int]
    shams: int = SHAMS
    variations: int = VARIATIONS
    varied: int = VARIED
    images: int = BUDGET
    seed: int = 0

    def facts(self) -> dict[str, Fact]:
        """Return the plan as it is written into the result."""
        return {
            "factors": ", ".join(self.factors),
            "doses": ", ".join(f"{name} {count}" for name, count in self.doses.items()),
            "sham families a factor": self.shams,
            "harmless variations": self.variations,
            "factors read under them, at least": self.varied,
            "level for all factors at once": LEVEL,
            "share of variations repaired": REPAIRED,
            "bound of no effect, at most": LARGEST_BOUND,
            "seed": self.seed,
        }


def plan_for(
    counts: Mapping[str, int], budget: int, fixed: int, seed: int, beside: int = 0, repeated: int = REPEATED
) -> Plan:
    """Return the plan with as many doses a factor as the budget holds, and then as many factors under variations.

    Parameters
    ----------
    counts
        For each declared factor how many valid edits there are.
    budget
        Images, at most.
    fixed
        Images that do not depend on the doses: references, pre-flight, look-alikes.
    seed
        For the plan.
    beside
        Images that a factor under variations takes beside these: other masks, and references to break.
    repeated
        How often each edit is read for the ranking beside its shams; 0 where these rank it.

    Raises
    ------
    InputError
        If the budget does not hold one dose a factor with its shams.

    Examples
    --------
    >>> plan_for({"light": 3, "blur": 1, "tag": 0}, 200, 10, 0).doses
    {'light': 2, 'blur': 1, 'tag': 0}
    """
    each, able = VARIATIONS + beside, sum(count > 0 for count in counts.values())
    others = fixed + VARIATIONS + each * VARIED
    doses = {name: min(count, 1) for name, count in counts.items()}
    for _ in range(MOST_DOSES - 1):
        for name in (one for one in FIRST if doses.get(one, 0)):
            more = {**doses, name: min(doses[name] + 1, counts[name], MOST_DOSES)}
            if others + images_of(more, repeated) <= budget:
                doses = more
    least = others + images_of(doses, repeated)
    if least <= budget:
        varied = max(VARIED, min(able, VARIED + (budget - least) // each))
        return Plan(tuple(counts), doses, varied=varied, images=least + (varied - VARIED) * each, seed=seed)
    raise InputError(
        "budget", expected=f"at least {least} images for {len(counts)} factors with {SHAMS} shams each", got=budget,
        hint="Name fewer factors, or give fewer references.",
    )  # fmt: skip


def images_of(doses: Mapping[str, int], repeated: int = REPEATED) -> int:
    """Return how many images the edits, their shams and their repeats for the ranking are."""
    return sum(doses.values()) * (1 + SHAMS + repeated) + repeated


def declared(factors: Sequence[str] | None) -> tuple[str, ...]:
    """Return the factors that are declared: those named, or all.

    Raises
    ------
    InputError
        If a name is no factor, or none is named.
    """
    if factors is None:
        return FACTORS
    for name in factors:
        if name not in FACTORS:
            raise InputError("factor", expected=f"one of {', '.join(FACTORS)}", got=repr(name))
    if not factors:
        raise InputError("factors", expected="at least one", got="none")
    return tuple(name for name in FACTORS if name in factors)
