"""A rightly answered reference that is given what the photo has of one factor."""

import io
from collections.abc import Callable, Mapping

import numpy as np
from PIL import Image
from scipy.ndimage import gaussian_filter

from axolens.diagnosis.factors.colour import tinted
from axolens.diagnosis.factors.factor import Edit, Factor, Picture, Pixels, clipped, luma
from axolens.diagnosis.factors.light import COLOURED, power_to
from axolens.diagnosis.factors.marks import marks
from axolens.diagnosis.factors.noise import grained, smoothed
from axolens.diagnosis.factors.orientation import turned
from axolens.diagnosis.factors.placing import turns
from axolens.diagnosis.factors.scale import MIDDLE, zoomed
from axolens.diagnosis.factors.tag import CLEARED, GIVEN, marked_as

Damage = Callable[[Picture, float], Pixels]


def spoiled(factor: Factor, one: Picture, lender: Picture, edit: Edit | None = None) -> Pixels | None:
    """Return a reference with the photo's value of a factor; None where no edit can, or it has it already.

    Parameters
    ----------
    factor
        Whose edits move a picture towards what its references show. Light is moved to the photo's mean; blur, noise
        and compression are put on until they measure as the photo does, and left as they are where they measure more.
        Where the photo was repaired by noise, the reference loses its own.
    one, lender
        The reference, and the photo.
    edit
        The photo's best edit where it moved the whole photo. Then the whole reference gets the photo's colours, marks,
        brightness or colour of light, or the opposite of the edit: it is turned back, or shrunk by as much as the photo
        was enlarged. None where the object alone was moved, which needs both masks.
    """
    if factor.name == "light":
        return _lit(factor, one, lender, edit)
    if factor.name == "noise" and edit is not None and edit.dose < 0:
        return smoothed(one.pixels, factor.measure(one).value)
    if factor.name in DAMAGES:
        return _damaged(factor, one, lender)
    if edit is not None:
        return _whole(factor, one, lender, edit)
    if one.mask is None or lender.mask is None:
        return None
    target = Picture(one.pixels, one.unit, one.mask, (lender,))
    edits = factor.edits(target)
    if factor.name == "orientation":
        aim = turns(target, 1)
        edits = tuple(made for made in edits if [made.dose] == aim)
    if factor.name == "tag":
        wanted = GIVEN if marks(lender) else CLEARED if marks(one) else 0.0
        edits = tuple(made for made in edits if made.dose == wanted)
    return edits[0].pixels if edits else None


def _lit(factor: Factor, one: Picture, lender: Picture, edit: Edit | None) -> Pixels:
    """Return the reference in light of the photo's colour where that was the edit, else as bright as the photo."""
    target = Picture(one.pixels, one.unit, one.mask, (lender,))
    if edit is not None and edit.place == COLOURED and target.guides:
        return factor.edits(target)[COLOURED].pixels
    return clipped(one.pixels ** power_to(luma(one.pixels), float(luma(lender.pixels).mean())))


def _whole(factor: Factor, one: Picture, lender: Picture, edit: Edit) -> Pixels | None:
    """Return the whole reference as the photo is; None for the background, which cannot be told from the object."""
    match factor.name:
        case "colour":
            return tinted(one, lender)
        case "scale":
            return zoomed(one.pixels, 1 / edit.dose, MIDDLE)
        case "orientation":
            return turned(one.pixels, -edit.dose)
        case "tag":
            return marked_as(one, lender)
    return None


def _damaged(factor: Factor, one: Picture, lender: Picture) -> Pixels:
    """Return a picture under the dose, of rising ones, at which it measures as the photo; itself where it has more."""
    damage, doses = DAMAGES[factor.name]
    wanted, values, found = factor.measure(lender).value, [factor.measure(one).value], [one.pixels]
    for dose in doses:
        if values[-1] >= wanted:
            break
        found.append(damage(one, dose))
        values.append(factor.measure(Picture(found[-1], one.unit)).value)
    near = min(range(max(len(found) - 2, 0), len(found)), key=lambda place: abs(values[place] - wanted))
    return found[near]


def _blurred(one: Picture, width: float) -> Pixels:
    return clipped(gaussian_filter(one.pixels, (width * one.unit, width * one.unit, 0), mode="nearest"))


def _noisy(one: Picture, sigma: float) -> Pixels:
    return grained(one.pixels, sigma)


def _compressed(one: Picture, quality: float) -> Pixels:
    held = io.BytesIO()
    Image.fromarray(np.round(one.pixels * 255).astype(np.uint8)).save(held, "JPEG", quality=int(quality))
    return (np.asarray(Image.open(held)) / 255).astype(np.float32)


DAMAGES: Mapping[str, tuple[Damage, tuple[float, ...]]] = {
    "blur": (_blurred, (0.4, 0.6, 0.8, 1.1, 1.5, 2.0, 3.0, 4.0)),
    "noise": (_noisy, (0.01, 0.02, 0.03, 0.05, 0.08, 0.12, 0.2, 0.3)),
    "compression": (_compressed, (90.0, 75.0, 60.0, 45.0, 30.0, 20.0, 15.0, 10.0, 7.0, 5.0)),
}
"""What is put on, and at which doses: widths in network pixels, shares of full brightness, qualities of a JPEG."""
