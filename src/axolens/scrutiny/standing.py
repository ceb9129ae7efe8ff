"""Where a map stands among maps that do not know this photo, and the check that follows."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

LEVEL = 0.05
"""Largest p at which a check is passed."""
HALF = 0.5
"""Largest p at which it has not failed: no better than half of the maps without this knowledge."""


@dataclass(frozen=True, slots=True)
class Standing:
    """A map's place among maps without its knowledge.

    Parameters
    ----------
    p
        (1 + how many swapped maps do as well) / (1 + all of them), over all readings together.
    each
        The same for each reading by itself.
    beats
        Whether it does better than each further floor, by name.
    value, floor
        The map's mean effect over the readings, and that of the best swapped map, in the score's unit.
    """

    p: float
    each: tuple[float, ...]
    beats: dict[str, bool]
    value: float
    floor: float

    @property
    def passed(self) -> bool:
        """Better than every swapped map and every further floor, and no reading says the opposite."""
        return self.p <= LEVEL and all(self.beats.values()) and not self.torn

    @property
    def failed(self) -> bool:
        """No better than half of the swapped maps."""
        return self.p > HALF

    @property
    def torn(self) -> bool:
        """Whether one reading puts the map above all others and another below half of them."""
        return min(self.each) <= LEVEL and max(self.each) > HALF


def standing(
    own: Float[np.ndarray, "q"],
    swapped: Float[np.ndarray, "q m"],
    floors: dict[str, Float[np.ndarray, "q f"]],
    told: Sequence[int] | None = None,
) -> Standing:
    """Hold a map's effects against those of others.

    Parameters
    ----------
    own
        (q,) effect of the map in each reading, more is better.
    swapped
        (q, m) of m maps of other photos.
    floors
        (q, f) of further maps by name, each of which it must beat.
    told
        Which readings ``value`` and ``floor`` are means of, as what is shown last and first does not average; all.

    Notes
    -----
    Each reading is centred and scaled over the map and its m fellows, so that none outweighs the others, and summed.
    Map and fellows are treated alike: if the map knew no more than they, its place among them would be uniform.

    Examples
    --------
    >>> found = standing(np.array([3.0]), np.arange(3.0)[None], {"blob": np.array([[2.5]])})
    >>> found.p, found.beats, found.floor
    (0.25, {'blob': True}, 2.0)
    """
    everyone = np.concatenate([own[:, None], swapped], axis=1)
    middle, spread = everyone.mean(axis=1, keepdims=True), everyone.std(axis=1, keepdims=True)
    scale = np.where(spread > 0, spread, 1.0)
    total = ((everyone - middle) / scale).sum(axis=0)
    p = (1 + int((total[1:] >= total[0] - 1e-9).sum())) / len(total)
    each = tuple((1 + int((row[1:] >= row[0]).sum())) / len(row) for row in everyone)
    beats = {name: bool((((one - middle) / scale).sum(axis=0) < total[0]).all()) for name, one in floors.items()}
    best = int(total[1:].argmax())
    rows = slice(None) if told is None else list(told)
    return Standing(p, each, beats, float(own[rows].mean()), float(swapped[rows, best].mean()))
