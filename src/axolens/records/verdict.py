"""Whether a map can be believed: its checks, and the sentences that they allow."""

from dataclasses import dataclass
from typing import Literal

from axolens.records.attribution import Cost

Outcome = Literal["passed", "failed", "undecided", "not possible"]
CHECKS = (
    "values",
    "faithfulness",
    "agreement",
    "completeness",
    "randomisation",
    "class sensitivity",
    "stability",
    "localisation",
)
"""The checks by name, in the order in which they are told."""
OPENING = "About this map, not the answer"
NOT_ASKED = "Not asked in the usual account; the full account asks it."
"""The reason of a check that was left out to spare images."""


@dataclass(frozen=True, slots=True)
class Check:
    """One check of a map: what was found, what ignorance gets, and what follows.

    Parameters
    ----------
    name
        One of ``CHECKS``.
    outcome
        "passed", "failed", "undecided", or "not possible".
    reason
        What was found, in one sentence.
    value, floor
        The map's own figure, and what it is held against: the best that maps without this knowledge got.
    interval
        Of the value, where there is one.
    p
        How often a map without this knowledge would do as well; None where the check counts no such maps.
    described
        Whether the check only describes: it can neither be passed nor failed.
    """

    name: str
    outcome: Outcome
    reason: str
    value: float | None = None
    floor: float | None = None
    interval: tuple[float, float] | None = None
    p: float | None = None
    described: bool = False


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Verdict:
    """What may be concluded from one attribution.

    Parameters
    ----------
    method, target
        Whose map it is and of what, in words.
    checks
        In the order of ``CHECKS``; never counted.
    sentences
        The only sentences that the checks allow; each begins with ``OPENING``.
    cost
        Images asked for this verdict; what several maps share is counted with the first.
    """

    method: str
    target: str
    checks: tuple[Check, ...]
    sentences: tuple[str, ...]
    cost: Cost

    def __repr__(self) -> str:
        """Say whose map it is and what each check found."""
        told = ", ".join(f"{one.name} {one.outcome}" for one in self.checks)
        return f"Verdict({self.method} for {self.target}: {told})"

    def check(self, name: str) -> Check | None:
        """Return the check of this name, or None where it was not made."""
        return next((one for one in self.checks if one.name == name), None)

    @property
    def failed(self) -> bool:
        """Whether the map must not be read as evidence."""
        return any(one.outcome == "failed" for one in self.checks)
