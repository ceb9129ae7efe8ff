"""Localisation: whether the map points at a given mask more than maps of other photos, and more than by its area."""

import numpy as np
from jaxtyping import Bool, Float

from axolens.maths.blob import centre_blob
from axolens.maths.pointing import mass_inside, points_inside
from axolens.records.verdict import Check, Outcome
from axolens.scrutiny.cells import to_cells
from axolens.scrutiny.standing import HALF, LEVEL

SHIFTS = 99


def localisation(
    values: Float[np.ndarray, "r c"],
    mask: Bool[np.ndarray, "h w"],
    swapped: Float[np.ndarray, "m r c"],
    source: str,
    rng: np.random.Generator,
) -> Check:
    """Check the share of a map's positive mass inside a mask against maps of other photos and the mask moved.

    Parameters
    ----------
    values
        The map on the grid of cells.
    mask
        Where the object is on the network grid.
    swapped, source
        Maps that do not know this photo, and what they are in words.
    rng
        Draws by how much the mask is moved, round the edges.

    Notes
    -----
    Passed where the map puts more inside than every swapped map (p at most 0.05), than a centre blob, and than 95 % of
    the moved masks would get. A map may be true and lie outside the object: the model may well look there.
    """
    inside = to_cells(mask.astype(np.float64), values.shape) >= 0.5
    if not inside.any() or inside.all():
        return Check("localisation", "not possible", "The mask covers nothing of what the network sees, or all of it.")
    share, own = float(inside.mean()), mass_inside(values, inside)
    if not np.isfinite(own):
        return Check("localisation", "undecided", "The map has no positive place, so it points nowhere.", floor=share)
    others = np.nan_to_num(np.array([mass_inside(one, inside) for one in swapped]))
    p = (1 + int((others >= own - 1e-12).sum())) / (1 + len(others))
    steps = rng.integers(0, values.shape, size=(SHIFTS, 2))
    moved = np.array([mass_inside(values, np.roll(inside, tuple(one), axis=(0, 1))) for one in steps])
    beyond = (1 + int((moved >= own).sum())) / (1 + SHIFTS)
    passed = p <= LEVEL and beyond <= LEVEL and own > max(share, mass_inside(centre_blob(inside.shape), inside))
    outcome: Outcome = "passed" if passed else "failed" if p > HALF or own <= share else "undecided"
    hit = points_inside(values, inside) > HALF
    told = f"{own:.0%} of its mass lies inside the mask, which is {share:.0%} of the picture; of {source} at most "
    told += f"{others.max():.0%} (p {p:.2f}); its peak lies {'inside' if hit else 'outside'}."
    return Check("localisation", outcome, told.replace("%", " %"), value=own, floor=float(others.max()), p=p)
