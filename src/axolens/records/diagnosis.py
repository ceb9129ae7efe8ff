"""What interventions on a photo showed: readings, effects, findings, look-alikes, and the diagnosis that holds them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from jaxtyping import Float32

from axolens.records.arrays import freeze
from axolens.records.attribution import Cost
from axolens.records.photo import Fact, Photo

Grade = Literal["shown", "suggested", "not shown", "not testable"]
Outcome = Literal["passed", "failed", "unknown"]
FACTORS = ("colour", "background", "scale", "orientation", "light", "blur", "noise", "compression", "tag")
"""The declared factors, by the names of the JSON contract."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What the model says about the true class of one picture.

    Parameters
    ----------
    log_odds
        log p/(1 − p) of the true class.
    margin
        log p(true)/p(answered), in log-odds, of the true class against the class that was first answered.
    right
        Whether the true class is the model's first.
    """

    log_odds: float
    margin: float
    right: bool


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Effect:
    """One edit of the photo and what it changed.

    Parameters
    ----------
    factor, edit, dose
        Which factor, the edit in a few words ("turned by 90°"), and how far it went, in the unit of the words.
    before, after
        Readings of the unedited and of the edited picture.
    sham
        Whether it is a placebo: of the same strength through the same pipeline, but not along the factor.
    pixels
        (h, w, 3) the edited picture as the network sees it, or None where it is not kept.
    low, high
        Range of the change in log-odds over harmless variations; None where they were not asked.
    repaired
        Share of the harmless variations in which the true class is first; None where they were not asked.
    refused
        Why the edit is out of range and counts for nothing; empty where it is valid.
    """

    factor: str
    edit: str
    dose: float
    before: Reading
    after: Reading
    sham: bool = False
    pixels: Float32[np.ndarray, "h w 3"] | None = None
    low: float | None = None
    high: float | None = None
    repaired: float | None = None
    refused: str = ""

    def __post_init__(self) -> None:
        """Freeze the picture."""
        freeze(self, pixels=self.pixels)

    def __repr__(self) -> str:
        """Say the edit and the change."""
        return f"Effect({self.factor}: {self.edit}, {self.change:+.2f} log-odds)"

    @property
    def change(self) -> float:
        """By how much the edit raised the log-odds of the true class."""
        return self.after.log_odds - self.before.log_odds


@dataclass(frozen=True, slots=True)
class Measured:
    """A measurement of the photo itself.

    Parameters
    ----------
    value, unit
        The number and what it counts.
    quantile
        Share of ordinary photos with less of it, 0 to 1; None where that was not counted.
    words
        "very dark", "no colour", …; empty where the photo is like others.
    """

    value: float
    unit: str
    quantile: float | None = None
    words: str = ""


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Finding:
    """What may be said about one factor.

    Parameters
    ----------
    factor, grade, rank
        ``rank`` 1 is the factor that fits best; every declared factor has one.
    sentence
        The only sentence that its evidence permits.
    effect
        Change of the true class's log-odds by the strongest edit; None where the factor was not tested.
    range
        Of that change over harmless variations; None where they were not asked.
    placebo_rank, shams
        Place of the strongest edit among its shams, 1 above all of them, and how many shams there were.
    p
        Adjusted for all declared factors and all doses; None where there is none.
    measured
        What the photo itself shows of the factor, or None.
    effects
        Every edit, the shams that are kept for the reader among them.
    """

    factor: str
    grade: Grade
    rank: int
    sentence: str
    effect: float | None = None
    range: tuple[float, float] | None = None
    placebo_rank: int | None = None
    shams: int = 0
    p: float | None = None
    measured: Measured | None = None
    effects: tuple[Effect, ...] = ()

    def __repr__(self) -> str:
        """Say factor and grade."""
        return f"Finding({self.rank}. {self.factor}: {self.grade})"


@dataclass(frozen=True, slots=True)
class Match:
    """A look-alike: a region of this photo whose features are like those of a region of a reference photo.

    Parameters
    ----------
    box, reference_box
        x0, y0, x1, y1 in pixels of the photo and of the reference.
    reference, label
        Name and true class of the reference photo.
    similarity
        Cosine of the two regions' features, −1 to 1.
    floor
        The best similarity that the same region has in a photo of another class, on average over these photos.
    """

    box: tuple[float, float, float, float]
    reference: str
    label: str
    reference_box: tuple[float, float, float, float]
    similarity: float
    floor: float


@dataclass(frozen=True, slots=True)
class Preflight:
    """One check before any heatmap: its name, its outcome and what it means in one sentence."""

    name: str
    outcome: Outcome
    sentence: str


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Diagnosis:
    """What a wrong answer responds to, by interventions on the photo itself.

    Parameters
    ----------
    truth, predicted
        The true class and the class that the model named.
    margin
        log p(true)/p(predicted), in log-odds, of the unedited photo.
    preflight
        Checks before any edit.
    findings
        One a declared factor, ordered by rank.
    matches
        Look-alikes, the two classes taking turns, what speaks most for each first.
    plan
        What was decided before the first pass: factors, doses, shams, bounds, seed.
    round_trips
        Change of the log-odds by each pipeline's empty edit; these should be 0.
    limits
        What was not, or could not be, tested.
    cost
        Images asked.
    references
        How many references of the true class were asked about ("asked") and rightly answered ("right"); empty without.
    matched
        The reference photos of the look-alikes by name, reduced.
    """

    truth: str
    predicted: str
    margin: float
    preflight: tuple[Preflight, ...]
    findings: tuple[Finding, ...]
    matches: tuple[Match, ...]
    plan: Mapping[str, Fact]
    round_trips: Mapping[str, float]
    cost: Cost
    limits: tuple[str, ...] = ()
    references: Mapping[str, Fact] = field(default_factory=dict)
    matched: Mapping[str, Photo] = field(default_factory=dict)

    def __repr__(self) -> str:
        """Say what was taken for what, and the best finding."""
        first = self.findings[0] if self.findings else "no findings"
        return f"Diagnosis({self.truth!r} taken for {self.predicted!r}, {first!r})"
