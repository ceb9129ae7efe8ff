"""Gradient-weighted attention."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from array_api_compat import array_namespace

from axolens.classifiers.counted import Counted
from axolens.classifiers.protocols import Targets
from axolens.maths.array import Array, to_numpy
from axolens.maths.rollout import relevance
from axolens.methods.attention.rollout import read_shares
from axolens.methods.emptiness import why_empty
from axolens.methods.method import Card, Raw


@dataclass(frozen=True, slots=True, kw_only=True)
class GradientAttention:
    """What the token that is read took from each place and what raises the score there (arXiv:2103.15679).

    Attention rollout, in which each weight counts by how much the target's score would rise with it; what would lower
    the score counts nothing. So the map knows of the class, and nothing on it speaks against the class.

    Notes
    -----
    The paper's rule for self-attention, equations 5 and 6. The rows are those that rollout reads. A token's share of
    itself from the start is left out, which changes the rows of patches only.

    Examples
    --------
    >>> GradientAttention().card.about
    'class'
    """

    card: ClassVar[Card] = Card(
        name="gradientattention",
        title="Gradient-weighted attention",
        family="attention",
        needs="attention gradients",
        unit="relative",
        contrast="not offered",
        source="arXiv:2103.15679",
        reading="Looks into a transformer: from which places the token that is read took what raises the score of the "
        "class, through all blocks of attention. Nothing on the map speaks against the class.",
    )

    @property
    def images(self) -> int:
        """One image forward for one photo, whatever the number of targets."""
        return 1

    def attribute(self, model: Counted, batch: Array, targets: Targets, rngs: Sequence[np.random.Generator]) -> Raw:
        """Return maps (n, m, h, w) of at least 0 on the grid of tokens, in one forward pass for all m targets.

        Raises
        ------
        CapabilityError
            If the network has no attention among all its tokens.
        """
        del rngs
        found, gradients = model.attention_gradients(batch, targets)
        each = relevance(found.weights, gradients)
        maps = array_namespace(each).stack([read_shares(each[:, j, ...], found) for j in range(each.shape[1])], axis=1)
        notes = tuple(tuple(_why_empty(values) for values in row) for row in to_numpy(maps))
        return Raw(maps=maps, notes=notes)


def _why_empty(values: np.ndarray) -> tuple[str, ...]:
    if not np.isfinite(values).all() or values.any():
        return why_empty(values, dead=False)
    return ("No positive evidence: no attention to any place raises the score of this class.",)
