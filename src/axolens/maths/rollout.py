"""What the tokens that are read took from each token of the photo, through all blocks of attention."""

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


def relevance(
    weights: Sequence[Float[Array, "n _ t t"]], gradients: Sequence[Float[Array, "n m _ t t"]]
) -> Float[Array, "n m t t"]:
    """Return how much of what raises a score each token, a row, has from each other, a column, after the last block.

    Parameters
    ----------
    weights
        For each block in order (n, heads, t, t).
    gradients
        Of m targets' scores with respect to them, (n, m, heads, t, t).

    Returns
    -------
    relevance
        R − I with R = (I + Ā_L) ··· (I + Ā_1) and Ā = mean over heads of the positive part of gradient · A. At least 0;
        what each token is to itself from the start is left out.

    Notes
    -----
    Chefer, Gur and Wolf, "Generic attention-model explainability", equations 5 and 6 (arXiv:2103.15679).

    Examples
    --------
    Two heads; the first of two tokens takes ½ of the second in each, which raises the score by 4 a unit in one head and
    lowers it in the other:

    >>> import numpy as np
    >>> block = np.array([[[[0.5, 0.5], [0.0, 1.0]]] * 2], np.float32)
    >>> gradient = np.array([[[[[0.0, 4.0], [0.0, 0.0]], [[0.0, -9.0], [0.0, 0.0]]]]], np.float32)
    >>> relevance([block], [gradient])[0, 0]
    array([[0., 1.],
           [0., 0.]], dtype=float32)
    """
    xp = array_namespace(*weights, *gradients)
    identity = xp.eye(weights[0].shape[-1], dtype=weights[0].dtype, device=device(weights[0]))
    found = xp.zeros_like(gradients[0][:, :, 0, ...])
    for block, slopes in zip(weights, gradients, strict=True):
        raised = slopes * block[:, None, ...]
        mean = xp.mean(xp.where(raised > 0, raised, xp.zeros_like(raised)), axis=2)
        found = found + xp.matmul(mean, identity + found)
    return found
