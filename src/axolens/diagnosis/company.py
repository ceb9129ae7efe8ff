"""The photo's company: references by what the model says of them, and the first factor tried on them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest

import numpy as np

from axolens.classifiers.asking import needed_preprocess
from axolens.classifiers.counted import Counted
from axolens.diagnosis.factors.factor import Edit, Factor, Picture
from axolens.diagnosis.factors.marks import marks
from axolens.diagnosis.factors.placing import turns
from axolens.diagnosis.factors.tag import CLEARED, GIVEN
from axolens.diagnosis.grading import REPAIRED
from axolens.diagnosis.working import read_pictures
from axolens.errors import LabelError
from axolens.photos.resize import reduced
from axolens.records.photo import Photo
from axolens.records.target import Target

MOST = 10
"""References on which a factor is tried, of the true class and of others."""
BORROWED = ("colour", "background", "scale", "orientation", "tag")
"""Factors whose edits move a photo to what another photo shows."""


@dataclass(frozen=True, slots=True, eq=False)
class Company:
    """References that the model answers rightly, and how many it was asked about.

    All are reduced to at most twice the network's size. ``own`` are photos of the true class, ``taken`` of the class
    that the photo is taken for, ``rest`` of other classes, which take turns; ``right`` of ``asked`` photos of the true
    class were answered rightly. ``left_out`` says which were not used, ``images`` how many the model was asked about.
    """

    own: tuple[Photo, ...] = ()
    taken: tuple[Photo, ...] = ()
    rest: tuple[Photo, ...] = ()
    right: int = 0
    asked: int = 0
    left_out: tuple[str, ...] = ()
    images: int = 0


def company_of(model: Counted, photo: Photo, references: Sequence[Photo], truth: int, answered: int) -> Company:
    """Ask the model about every reference and keep those that it answers rightly; one image forward each.

    A reference that is the photo itself, or whose truth is no class of the model, is left out and named.
    """
    preprocess = needed_preprocess(model)
    held: dict[int, list[Photo]] = {}
    right = asked = images = 0
    left_out: list[str] = []
    for one in references:
        reason, index = _unfit(model, photo, one)
        if reason:
            left_out.append(f"{one.name} {reason}")
            continue
        target, (small, _) = model.labels.resolve(Target(index)), reduced(one, preprocess)
        if small.mask is not None and (small.mask.all() or not small.mask.any()):
            small = replace(small, mask=None)
        said = read_pictures(model, [small.pixels], target, target)[0]
        images += 1
        asked, right = asked + (index == truth), right + (index == truth and said.right)
        if said.right:
            held.setdefault(index, []).append(small)
        else:
            left_out.append(f"{one.name} is itself wrongly answered")
    others = [photos for index, photos in held.items() if index not in (truth, answered)]
    rest = tuple(one for turn in zip_longest(*others) for one in turn if one is not None)
    return Company(
        tuple(held.get(truth, ())), tuple(held.get(answered, ())), rest, right, asked, tuple(left_out), images
    )


def _unfit(model: Counted, photo: Photo, reference: Photo) -> tuple[str, int]:
    """Return why a reference cannot serve, or its class."""
    if reference.truth is None:
        return "has no class", -1
    if reference.digest and reference.digest == photo.digest:
        return "is the photo itself", -1
    if photo.group is not None and reference.group == photo.group:
        return f"shows the same individual ({photo.group})", -1
    try:
        return "", model.labels.find(reference.truth)
    except LabelError:
        return f"is of a class that the model does not know ({reference.truth})", -1


def mirror_is_harmless(model: Counted, references: Sequence[Picture], truth: Target) -> bool:
    """Tell whether at least 80 % of rightly answered references stay so in the mirror; at most ten images forward.

    True without references, as most models are trained on mirror images too.
    """
    mirrored = [np.ascontiguousarray(one.pixels[:, ::-1]) for one in references[:MOST]]
    said = read_pictures(model, mirrored, truth, truth)
    return not said or float(np.mean([one.right for one in said])) >= REPAIRED


@dataclass(frozen=True, slots=True)
class Broken:
    """Rightly answered references of the true class that the factor alone makes wrong, of those tried."""

    count: int
    tried: int


@dataclass(frozen=True, slots=True)
class Specific:
    """Photos of other classes on which the same repair raises the true class as much, of those tried."""

    count: int
    tried: int


def breaks(model: Counted, factor: Factor, picture: Picture, truth: Target) -> Broken | None:
    """Move the factor of rightly answered references to this photo's value; None where no edit of them can.

    Light, blur, noise and compression follow no reference: their edits would mend the references, not spoil them. A
    reference counts as broken where any dose makes its answer wrong.
    """
    lender = Picture(picture.pixels, picture.unit, picture.mask)
    broken = tried = 0
    for one in picture.references[:MOST] if factor.name in BORROWED and picture.mask is not None else ():
        if edits := _spoiling(factor, one, lender):
            said = read_pictures(model, [edit.pixels for edit in edits], truth, truth)
            tried, broken = tried + 1, broken + (not all(reading.right for reading in said))
    return Broken(broken, tried) if tried else None


def _spoiling(factor: Factor, one: Picture, lender: Picture) -> tuple[Edit, ...]:
    """Return the edits that bring a reference to this photo's value, and no others of the factor."""
    if one.mask is None:
        return ()
    target = Picture(one.pixels, one.unit, one.mask, (lender,))
    edits = factor.edits(target)
    if factor.name == "orientation":
        aim = turns(target, 1)
        return tuple(edit for edit in edits if [edit.dose] == aim)
    if factor.name == "tag":
        wanted = GIVEN if marks(lender) else CLEARED if marks(one) else 0.0
        return tuple(edit for edit in edits if edit.dose == wanted)
    return edits


def specificity(
    model: Counted, factor: Factor, picture: Picture, truth: Target, change: float, place: int
) -> Specific | None:
    """Repeat the repair on photos of other classes and count where it raises the true class at least half as much.

    ``place`` is the repair's among the factor's edits.
    """
    found: list[float] = []
    alike = picture.guides and factor.name != "light"  # whose edit is another one in a photo of other light
    others = (*picture.others[:1], *picture.unrelated, *picture.others[1:])  # as many classes as there are
    for one in others[:MOST] if alike else ():
        if one.mask is None:
            continue
        edits = factor.edits(Picture(one.pixels, one.unit, one.mask, picture.references, (), picture.unrelated))
        if len(edits) > place:
            before, after = read_pictures(model, [one.pixels, edits[place].pixels], truth, truth)
            found.append(after.log_odds - before.log_odds)
    return Specific(int((np.array(found) >= change / 2).sum()), len(found)) if found else None
