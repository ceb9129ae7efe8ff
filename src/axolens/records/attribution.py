"""A map of what speaks for a class, and what it cost."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from jaxtyping import Float32

from axolens.records.arrays import freeze
from axolens.records.frame import Frame
from axolens.records.photo import Fact
from axolens.records.segments import Segments
from axolens.records.target import Target

Unit = Literal["score", "relative"]


@dataclass(frozen=True, slots=True)
class Cost:
    """What a result cost: images through the model forward and backward, and seconds."""

    forward: int
    backward: int
    seconds: float


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Regions:
    """A linear model of the score on which regions are visible.

    Parameters
    ----------
    segments
        The regions.
    coefficients
        (s,) change of the target's score when a region is shown, in the target's unit.
    low, high
        (s,) 95 % interval of each coefficient over the choice of masks, or None where it cannot be had.
    intercept
        Score with every region hidden, by the linear model.
    fit
        R², the share of the score's variance over the masks that the linear model explains, at most 1.
    """

    segments: Segments
    coefficients: Float32[np.ndarray, "s"]
    low: Float32[np.ndarray, "s"] | None
    high: Float32[np.ndarray, "s"] | None
    intercept: float
    fit: float

    def __post_init__(self) -> None:
        """Freeze the arrays."""
        freeze(self, coefficients=self.coefficients, low=self.low, high=self.high)

    def __repr__(self) -> str:
        """Say how many regions there are and how well the linear model fits."""
        return f"Regions({self.segments.count} regions, R² {self.fit:.3f})"

    def strongest(self, count: int, *, sign: int = 1) -> tuple[int, ...]:
        """Return up to ``count`` regions whose coefficient has this sign, strongest first."""
        signed = sign * self.coefficients
        return tuple(int(i) for i in np.argsort(-signed, kind="stable")[:count] if signed[i] > 0)


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Attribution:
    """A signed map of what speaks for (positive) and against (negative) a target.

    Parameters
    ----------
    values
        (h', w') float32 at the method's native resolution, over ``frame``.
    unit
        "score" sums to the target's difference from its baseline; "relative" compares places of one map only.
    frame
        Where on the photo the map lies.
    target
        The question, with its classes resolved.
    method, settings, seed
        How it was made.
    cost
        Images forward and backward, shared with the other targets of the same pass.
    regions
        Coefficient and interval a segment, for methods on superpixels.
    residual
        By how much the sum of a "score" map misses the difference it should sum to; None for "relative".
    notes
        Sentences the reader needs: empty maps, chosen layer, fit quality.
    title, reading
        What a page calls the method, by default its name made readable; and how its maps are read, in words for
        someone who does not know it.
    """

    values: Float32[np.ndarray, "h w"]
    unit: Unit
    frame: Frame
    target: Target
    method: str
    settings: Mapping[str, Fact]
    seed: int
    cost: Cost
    regions: Regions | None = None
    residual: float | None = None
    notes: tuple[str, ...] = field(default=())
    title: str = ""
    reading: str = ""

    def __post_init__(self) -> None:
        """Freeze the map; give a method without a title its name as one."""
        freeze(self, values=self.values)
        object.__setattr__(self, "title", self.title or readable(self.method))
        object.__setattr__(self, "settings", dict(self.settings))

    def __repr__(self) -> str:
        """Say what was asked and how; not the map."""
        height, width = self.values.shape
        return f"Attribution({self.method} for {self.target}, {height} × {width}, unit {self.unit!r})"


def readable(method: str) -> str:
    """Return a method's name made readable, for methods that say no title.

    Examples
    --------
    >>> readable("extremal_perturbation"), readable("My own (2026)")
    ('Extremal perturbation', 'My own (2026)')
    """
    if not re.fullmatch(r"[a-z][a-z0-9_-]*", method):
        return method
    return re.sub("[_-]+", " ", method).strip().capitalize()
