"""Attention rollout: what the tokens that are read took from each token of the photo, through all blocks."""

from collections.abc import Sequence

from array_api_compat import array_namespace, device
from jaxtyping import Float

from axolens.maths.array import Array


def rollout(weights: Sequence[Float[Array, "n _ t t"]], skipped: float = 0.5) -> Float[Array, "n t t"]:
    """Return how much of each token, a column, is in each token, a row, after the last block.

    Parameters
    ----------
    weights
        For each block in order (n, heads, t, t); blocks may differ in heads, and a row sums to 1.
    skipped
        The share of a token that a block hands on past its attention, in [0, 1]; ½ in the paper, as the attention and
        the skip connection are added.

    Returns
    -------
    shares
        Ã_L ··· Ã_1 with Ã = skipped · I + (1 − skipped) · mean over heads of A. A row sums to 1.

    Notes
    -----
    Abnar and Zuidema, "Quantifying attention flow in transformers", equation 1 (arXiv:2005.00928).

    Examples
    --------
    Two blocks in which the first of two tokens takes everything from the second: after one block it is half itself,
    after two a quarter.

    >>> import numpy as np
    >>> block = np.array([[[[0.0, 1.0], [0.0, 1.0]]]], np.float32)
    >>> rollout([block, block])[0]
    array([[0.25, 0.75],
           [0.  , 1.  ]], dtype=float32)
    """
    xp = array_namespace(*weights)
    identity = xp.eye(weights[0].shape[-1], dtype=weights[0].dtype, device=device(weights[0]))
    shares = identity
    for block in weights:
        shares = xp.matmul(skipped * identity + (1 - skipped) * xp.mean(block, axis=1), shares)
    return shares
