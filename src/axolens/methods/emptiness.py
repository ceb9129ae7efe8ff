"""Why a map shows nothing: all evidence negative, dead gradients, silent layer, or not a number."""

import numpy as np
from array_api_compat import array_namespace
from jaxtyping import Float

from axolens.maths.array import Array, to_numpy


def why_empty(
    values: Float[np.ndarray, "h w"], *, dead: bool, silent: str = "the layer is silent wherever its gradient counts"
) -> tuple[str, ...]:
    """Say in a sentence why a map has no positive place; nothing where it has one.

    Parameters
    ----------
    values
        The signed map.
    dead
        Whether all gradients (or all effects) are exactly zero.
    silent
        Why a map may be zero although its gradients are not.

    Examples
    --------
    >>> why_empty(np.array([[-1.0, 0.0]], np.float32), dead=False)
    ('No positive evidence: nowhere does this map speak for the class; every place is neutral or speaks against it.',)
    """
    if not np.isfinite(values).all():
        share = float((~np.isfinite(values)).mean())
        return (
            f"Not a number at {100 * share:.0f} % of the places: the network's values overflow or are undefined here.",
        )
    if values.max() > 0:
        return ()
    if dead:
        return ("Dead gradients: the score does not react to anything here, so the map is zero everywhere.",)
    if values.min() < 0:
        return (
            "No positive evidence: nowhere does this map speak for the class; "
            "every place is neutral or speaks against it.",
        )
    return (f"The map is zero everywhere although the gradients are not: {silent}.",)


def why_each_is_empty(
    maps: Float[Array, "n m h w"], slopes: Float[Array, "n m *image"]
) -> tuple[tuple[tuple[str, ...], ...], ...]:
    """Say of each map that was made of pixels' gradients why it has no positive place.

    Parameters
    ----------
    maps
        (n, m, h, w): signed maps of n images for m targets.
    slopes
        (n, m, …): what they were made of, zero everywhere only where the score does not react.

    Examples
    --------
    >>> slopes = np.array([[[[-1.0, 1.0]], [[0.0, 0.0]]]], np.float32)
    >>> [said[0][:18] for said in why_each_is_empty(0 * slopes, slopes)[0]]
    ['The map is zero ev', 'Dead gradients: th']
    """
    xp = array_namespace(slopes)
    alive = to_numpy(xp.any(slopes != 0, axis=tuple(range(2, slopes.ndim))))
    return tuple(
        tuple(
            why_empty(values, dead=not reacts, silent="they cancel, or meet pixels of value zero")
            for values, reacts in zip(*row, strict=True)
        )
        for row in zip(to_numpy(maps), alive, strict=True)
    )
