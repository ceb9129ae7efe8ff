"""What a model says about one photo."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from jaxtyping import Float32

from axolens.records.arrays import freeze
from axolens.records.labels import Labels

ScoreKind = Literal["logits", "log-probabilities", "independent-logits"]


@dataclass(frozen=True, slots=True)
class Answer:
    """One line of a prediction: a class and what the model gives it."""

    index: int
    label: str
    probability: float
    score: float


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Prediction:
    """Scores and probabilities of all classes for one photo.

    Parameters
    ----------
    scores
        (k,) logits where the model has them, otherwise log p; margins are exact either way.
    kind
        "logits" (softmax), "log-probabilities", or "independent-logits" (one sigmoid a class).
    probabilities
        (k,) in [0, 1].
    labels
        The model's classes.

    Examples
    --------
    >>> import numpy as np
    >>> scores = np.array([1.0, 3.0], np.float32)
    >>> said = Prediction(scores, "logits", np.array([0.12, 0.88], np.float32), Labels(("newt", "axolotl")))
    >>> said.top(1)[0].label, said.margin(1, 0)
    ('axolotl', 2.0)
    """

    scores: Float32[np.ndarray, "k"]
    kind: ScoreKind
    probabilities: Float32[np.ndarray, "k"]
    labels: Labels

    def __post_init__(self) -> None:
        """Freeze the arrays."""
        freeze(self, scores=self.scores, probabilities=self.probabilities)

    def __repr__(self) -> str:
        """Say the three likeliest classes."""
        return f"Prediction({', '.join(f'{one.label} {one.probability:.3f}' for one in self.top(3))}, …)"

    def top(self, count: int = 5) -> tuple[Answer, ...]:
        """Return the ``count`` likeliest classes, likeliest first."""
        order = np.argsort(-self.scores, kind="stable")[:count]
        return tuple(self.answer(int(index)) for index in order)

    def answer(self, label: str | int) -> Answer:
        """Return what the model gives one class."""
        index = self.labels.find(label)
        return Answer(index, self.labels.names[index], float(self.probabilities[index]), float(self.scores[index]))

    def rank(self, label: str | int) -> int:
        """Return the place of a class in the order of its scores, from 1."""
        return 1 + int((self.scores > self.scores[self.labels.find(label)]).sum())

    def margin(self, label: str | int, against: str | int) -> float:
        """Return the log-odds of one class against another, log p_A/p_B."""
        return float(self.scores[self.labels.find(label)] - self.scores[self.labels.find(against)])
