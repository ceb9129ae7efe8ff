"""Attention rollout."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from array_api_compat import array_namespace

from axolens.classifiers.counted import Counted
from axolens.classifiers.protocols import Attention, Targets
from axolens.errors import InputError
from axolens.maths.array import Array
from axolens.maths.rollout import rollout
from axolens.methods.method import Card, Raw

SAME = "The same map for every class: attention says which places are looked at, not what they speak for."


@dataclass(frozen=True, slots=True, kw_only=True)
class Rollout:
    """What the token that is read took from each place, through all blocks of attention (arXiv:2005.00928).

    It has no target: the map is the same for every class, and says nothing for or against one. It also leaves out what
    the rest of each block does with what it takes.

    Parameters
    ----------
    skipped
        The share of a token that a block hands on past its attention, at least 0 and below 1.

    Raises
    ------
    InputError
        If ``skipped`` is not.

    Notes
    -----
    The rows are those of the class and distillation tokens that the scores are read at; where none is, the mean over
    the patches that are. Which these are is found from the gradient, not assumed.

    Examples
    --------
    >>> Rollout().card.about  # and not the class
    'model'
    """

    skipped: float = 0.5
    card: ClassVar[Card] = Card(
        name="rollout",
        title="Attention rollout",
        family="attention",
        needs="attention",
        unit="relative",
        contrast="not offered",
        source="arXiv:2005.00928",
        reading="Looks into a transformer: from which places the token that is read took what it holds, through all "
        "blocks. It is the same for every class, so it cannot say what speaks for one: colour is where the network "
        "looks.",
        about="model",
    )

    def __post_init__(self) -> None:
        """Refuse a share that leaves nothing to the attention."""
        if not 0 <= self.skipped < 1:
            raise InputError("rollout.skipped", expected="a share of at least 0 and below 1", got=self.skipped)

    @property
    def images(self) -> int:
        """Two images forward for one photo: the pass itself, and one that shows which tokens are read."""
        return 2

    def attribute(self, model: Counted, batch: Array, targets: Targets, rngs: Sequence[np.random.Generator]) -> Raw:
        """Return maps (n, m, h, w) of shares in [0, 1] on the grid of tokens, the same for all m targets.

        Raises
        ------
        CapabilityError
            If the network has no attention among all its tokens.
        """
        del rngs
        found = model.attentions(batch)
        maps = read_shares(rollout(found.weights, self.skipped), found)
        count = len(targets[0])
        notes = tuple(((SAME,),) * count for _ in targets)
        return Raw(maps=array_namespace(maps).stack([maps] * count, axis=1), notes=notes)


def read_shares(shares: Array, found: Attention) -> Array:
    """Return (n, h, w): what the tokens that are read took from each place of the grid.

    Parameters
    ----------
    shares
        (n, t, t), how much of each token, a column, is in each token, a row.
    found
        Which tokens are the grid, and which are read.

    Examples
    --------
    A class token and two places, read at the class token:

    >>> shares = np.array([[[0.5, 0.125, 0.375], [0, 1, 0], [0, 0, 1]]], np.float32)
    >>> read_shares(shares, Attention((), (1, 2), 1, read=(0,)))[0]
    array([[0.125, 0.375]], dtype=float32)
    """
    leading = [token for token in found.read if token < found.prefix]
    rows = [shares[:, token, found.prefix :] for token in leading or found.read]
    xp = array_namespace(shares)
    return xp.reshape(sum(rows[1:], rows[0]) / len(rows), (shares.shape[0], *found.grid))
