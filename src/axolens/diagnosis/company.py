"""The photo's company: references by what the model says of them, and the first factor tried on them."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import zip_longest

import numpy as np

from axolens.classifiers.counted import Counted
from axolens.diagnosis.factors.factor import Edit, Factor, Picture
from axolens.diagnosis.factors.spoiled import spoiled
from axolens.diagnosis.grading import LARGEST_BOUND, REPAIRED, Broken
from axolens.diagnosis.references import References, drawn_by_class
from axolens.diagnosis.working import Question, read_pictures
from axolens.errors import LabelError
from axolens.records.photo import Photo
from axolens.records.target import Target

MOST = 10
"""References on which a factor is tried, of the true class and of others."""
OWN_WAY = ("light", "noise")
"""Factors that move the whole photo, up or down as its references ask: the edit is another one in another photo."""


@dataclass(frozen=True, slots=True, eq=False)
class Company:
    """References that the model answers rightly, and how many it was asked about.

    All are reduced to at most twice the network's size. ``own`` are photos of the true class, ``taken`` of the class
    that the photo is taken for, ``rest`` of other classes, which take turns; ``right`` of ``asked`` photos of the true
    class were answered rightly. ``left_out`` says which were not used, ``images`` how many of ``offered`` the model was
    asked about, ``known`` of them for another photo before.
    """

    own: tuple[Photo, ...] = ()
    taken: tuple[Photo, ...] = ()
    rest: tuple[Photo, ...] = ()
    right: int = 0
    asked: int = 0
    left_out: tuple[str, ...] = ()
    images: int = 0
    offered: int = 0
    known: int = 0

    @property
    def independent(self) -> tuple[int, ...]:
        """Places in ``own`` of photos of which each shows another individual."""
        first: dict[str | int, int] = {}
        for place, one in enumerate(self.own):
            first.setdefault(one.group or one.digest or place, place)
        return tuple(first.values())


def company_of(
    model: Counted, photo: Photo, references: Sequence[Photo], truth: int, answered: int, most: int, seed: int = 0
) -> Company:
    """Keep the references, of ``most`` at most, that the model answers rightly; one image forward for each new one.

    A reference that is the photo itself, or whose truth is no class of the model, is left out and named.
    """
    held: dict[int, list[Photo]] = {}
    fit: list[tuple[Photo, int]] = []
    left_out: list[str] = []
    for one in references:
        reason, index = _unfit(model, photo, one)
        if reason:
            left_out.append(f"{one.name} {reason}")
        else:
            fit.append((one, index))
    chosen = drawn_by_class(fit, truth, answered, most, seed)
    asked = references if isinstance(references, References) else References(references)
    known = sum(asked.knows(one) for one, _ in chosen)
    for (one, index), (small, right) in zip(chosen, asked.answers(model, chosen), strict=True):
        if right:
            held.setdefault(index, []).append(small)
        else:
            left_out.append(f"{one.name} is itself wrongly answered")
    others = [photos for index, photos in held.items() if index not in (truth, answered)]
    rest = tuple(one for turn in zip_longest(*others) for one in turn if one is not None)
    own, taken = (tuple(held.get(index, ())) for index in (truth, answered))
    tried = sum(index == truth for _, index in chosen)
    return Company(own, taken, rest, len(own), tried, tuple(left_out), len(chosen), len(fit), known)


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
class Specific:
    """Photos of other classes on which the same repair raises the true class as much, of those tried."""

    count: int
    tried: int


def breaks(model: Counted, factor: Factor, question: Question, best: Edit) -> Broken | None:
    """Move the factor of rightly answered references to this photo's value; None where no edit of them can.

    ``best`` is the photo's best edit, which is undone in the references where none has a mask beside the photo's. Two
    images forward a reference, ten references at most.
    """
    picture, pictures = question.picture, []
    lender = Picture(picture.pixels, picture.unit, picture.mask)
    whole = best if not picture.guides or factor.name in OWN_WAY else None
    for one in question.independent[:MOST]:
        after = spoiled(factor, one, lender, whole)
        pictures += [] if after is None else [one.pixels, after]
    said = read_pictures(model, pictures, question.truth, question.margin)
    if not said:
        return None
    lost = [before.log_odds - after.log_odds for before, after in zip(said[::2], said[1::2], strict=True)]
    broken = sum(not after.right for after in said[1::2])
    return Broken(broken, sum(one > LARGEST_BOUND for one in lost), len(lost))


def specificity(
    model: Counted, factor: Factor, picture: Picture, truth: Target, change: float, place: int
) -> Specific | None:
    """Repeat the repair on photos of other classes and count where it raises the true class at least half as much.

    ``place`` is the repair's among the factor's edits.
    """
    found: list[float] = []
    alike = picture.guides and factor.name not in OWN_WAY
    others = (*picture.others[:1], *picture.unrelated, *picture.others[1:])  # as many classes as there are
    for one in others[:MOST] if alike else ():
        if one.mask is None:
            continue
        edits = factor.edits(Picture(one.pixels, one.unit, one.mask, picture.references, (), picture.unrelated))
        if len(edits) > place:
            before, after = read_pictures(model, [one.pixels, edits[place].pixels], truth, truth)
            found.append(after.log_odds - before.log_odds)
    return Specific(int((np.array(found) >= change / 2).sum()), len(found)) if found else None
