"""What is explained: one class, its lead over another, or a group of classes."""

from dataclasses import dataclass
from typing import Literal

from axolens.errors import InputError

Score = Literal["log-odds", "logit", "probability"]
Label = str | int | tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Target:
    """One question to a classifier: how much speaks for a class, or for one class rather than another.

    By default the score is log p/(1 - p): the log-odds of the class against all others, which does not
    change when a constant is added to all logits. With ``against`` it is log p_A/p_B, the margin.

    Parameters
    ----------
    label
        A class by name or index, or a tuple of classes taken together.
    against
        The class (or classes) it is compared with; None means all others.
    score
        "log-odds"; "logit" or "probability" on request. A margin is always in log-odds.
    indices, against_indices
        The classes' places in the model's output, filled in by ``Labels.resolve``.

    Raises
    ------
    InputError
        If ``against`` comes with a score other than "log-odds".

    Examples
    --------
    >>> str(Target("African_chameleon", against="axolotl"))
    'African_chameleon rather than axolotl'
    """

    label: Label
    against: Label | None = None
    score: Score = "log-odds"
    indices: tuple[int, ...] = ()
    against_indices: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        """Refuse a contrast on another scale than log-odds."""
        if self.score not in ("log-odds", "logit", "probability"):
            raise InputError("score", expected='"log-odds", "logit" or "probability"', got=repr(self.score))
        if self.against is not None and self.score != "log-odds":
            raise InputError("score", expected='"log-odds" for a contrast of two classes', got=repr(self.score))

    @property
    def resolved(self) -> bool:
        """Whether the classes' places in the model's output are known."""
        return bool(self.indices) and (self.against is None or bool(self.against_indices))

    @property
    def name(self) -> str:
        """The class in words."""
        return _words(self.label)

    @property
    def against_name(self) -> str | None:
        """The class it is compared with, in words."""
        return None if self.against is None else _words(self.against)

    def __str__(self) -> str:
        """Say the question in words."""
        return self.name if self.against is None else f"{self.name} rather than {self.against_name}"


def _words(label: Label) -> str:
    return " or ".join(str(part) for part in label) if isinstance(label, tuple) else str(label)
