"""Masks of the object: refused where they say nothing, grown and shrunk where a result is repeated."""

import numpy as np
from jaxtyping import Bool
from scipy.ndimage import distance_transform_edt

from axolens.errors import InputError

Mask = Bool[np.ndarray, "h w"]

SHARES = (0.02, 0.05)


def checked_mask(mask: Bool[np.ndarray, "..."], size: tuple[int, int], name: str = "mask") -> Mask:
    """Return a mask that covers something and not everything of its photo.

    Parameters
    ----------
    mask
        True on the object.
    size
        Height and width of the photo, in pixels.
    name
        What the errors call it.

    Raises
    ------
    InputError
        If it has another size, or covers nothing or everything: there is then no object to move, or no background.

    Examples
    --------
    >>> checked_mask(np.zeros((2, 2), bool), (2, 2))
    Traceback (most recent call last):
    axolens.errors.InputError: mask: expected an object and something around it, got a mask that covers nothing. Is \
every value but 0 object in it, as it should be?
    """
    if mask.shape != size:
        raise InputError(name, expected=f"the photo's size, {size}", got=mask.shape)
    if mask.any() and not mask.all():
        return mask
    hint = "Is every value but 0 object in it, as it should be?"
    got = "a mask that covers everything" if mask.any() else "a mask that covers nothing"
    raise InputError(name, expected="an object and something around it", got=got, hint=hint)


def size_of(mask: Mask) -> float:
    """Return the diameter in pixels of the disc with as many pixels: 2·√(area/π)."""
    return float(2 * np.sqrt(mask.sum() / np.pi))


def grown(mask: Mask, share: float) -> Mask:
    """Return a mask grown on all sides by a share of the object's size.

    Parameters
    ----------
    mask
        (h, w), True on the object.
    share
        Of ``size_of(mask)``, 0 to 1; at least one pixel is added.

    Examples
    --------
    >>> dot = np.zeros((3, 3), bool)
    >>> dot[1, 1] = True
    >>> grown(dot, 0.02).astype(int).tolist()
    [[0, 1, 0], [1, 1, 1], [0, 1, 0]]
    """
    reach = max(1.0, _checked_share(share) * size_of(mask))
    return np.asarray(distance_transform_edt(~mask) <= reach) if mask.any() else mask.copy()


def shrunk(mask: Mask, share: float) -> Mask:
    """Return a mask shrunk on all sides by a share of the object's size, but not from the edge of the photo.

    Parameters
    ----------
    mask
        (h, w), True on the object.
    share
        Of ``size_of(mask)``, 0 to 1; at least one pixel is taken off. It may leave nothing.

    Examples
    --------
    >>> square = np.zeros((5, 5), bool)
    >>> square[1:4, 1:4] = True
    >>> shrunk(square, 0.02).sum()
    np.int64(1)
    """
    reach = max(1.0, _checked_share(share) * size_of(mask))
    return np.asarray(distance_transform_edt(mask) > reach) if not mask.all() else mask.copy()


def repeats(mask: Mask) -> tuple[tuple[str, Mask], ...]:
    """Return the masks with which a result is repeated, each with its name: grown and shrunk by 2 % and 5 %.

    One that would cover nothing or everything is left out.

    Examples
    --------
    >>> square = np.zeros((60, 60), bool)
    >>> square[20:40, 20:40] = True
    >>> [(name, int(one.sum())) for name, one in repeats(square)]
    [('grown by 2 %', 480), ('shrunk by 2 %', 324), ('grown by 5 %', 480), ('shrunk by 5 %', 324)]
    """
    made = [
        (f"{word} by {share:.0%}".replace("%", " %"), change(mask, share))
        for share in SHARES
        for word, change in (("grown", grown), ("shrunk", shrunk))
    ]
    return tuple((name, one) for name, one in made if one.any() and not one.all())


def _checked_share(share: float) -> float:
    if not 0 <= share <= 1:
        raise InputError("share", expected="a number from 0 to 1", got=share)
    return share
