"""Why a map shows nothing: all evidence negative, dead gradients, silent layer, or not a number."""

import numpy as np
from jaxtyping import Float


def why_empty(values: Float[np.ndarray, "h w"], *, dead: bool) -> tuple[str, ...]:
    """Say in a sentence why a map has no positive place; nothing where it has one.

    Parameters
    ----------
    values
        The signed map.
    dead
        Whether all gradients (or all effects) are exactly zero.

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
    return ("The map is zero everywhere although the gradients are not: the layer is silent on this photo.",)
