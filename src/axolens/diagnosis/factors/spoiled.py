"""A rightly answered reference that is given what the photo has of one factor."""

import io
from collections.abc import Callable, Mapping

import numpy as np
from PIL import Image
from scipy.ndimage import gaussian_filter

from axolens.diagnosis.factors.factor import Factor, Picture, Pixels, clipped, luma
from axolens.diagnosis.factors.light import power_to
from axolens.diagnosis.factors.marks import marks
from axolens.diagnosis.factors.placing import turns
from axolens.diagnosis.factors.tag import CLEARED, GIVEN

Damage = Callable[[Picture, float], Pixels]


def spoiled(factor: Factor, one: Picture, lender: Picture) -> Pixels | None:
    """Return a reference with the photo's value of a factor; None where no edit can, or it has it already.

    Parameters
    ----------
    factor
        Whose edits move a picture towards what its references show. Light is moved to the photo's mean; blur, noise
        and compression are put on until they measure as the photo does, and left as they are where they measure more.
    one, lender
        The reference, and the photo.
    """
    if factor.name == "light":
        return clipped(one.pixels ** power_to(luma(one.pixels), float(luma(lender.pixels).mean())))
    if factor.name in DAMAGES:
        return _damaged(factor, one, lender)
    if one.mask is None or lender.mask is None:
        return None
    target = Picture(one.pixels, one.unit, one.mask, (lender,))
    edits = factor.edits(target)
    if factor.name == "orientation":
        aim = turns(target, 1)
        edits = tuple(edit for edit in edits if [edit.dose] == aim)
    if factor.name == "tag":
        wanted = GIVEN if marks(lender) else CLEARED if marks(one) else 0.0
        edits = tuple(edit for edit in edits if edit.dose == wanted)
    return edits[0].pixels if edits else None


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
    return clipped(one.pixels + np.random.default_rng(0).normal(0, sigma, one.pixels.shape))


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
