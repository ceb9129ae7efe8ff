"""A folder of diagnoses: what they say together about each true class, photos of one individual counted once."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Float64
from scipy.stats import false_discovery_control

from axolens.diagnosis.grading import LEVEL
from axolens.maths.proportions import wilson
from axolens.maths.signflip import more_needed, sign_flip, unit_means
from axolens.records.diagnosis import FACTORS, Diagnosis, Finding, Grade
from axolens.records.study import ClassFinding

LEAST_UNITS = 6
"""Independent units that a statement about a class wants: with five, p is never below 0.06."""
MOST_NAMED = 200
"""Units above which a number of photos still wanting is no longer named."""


@dataclass(frozen=True, slots=True, eq=False)
class Told:
    """One photo's diagnosis and the independent unit that it belongs to: an individual, or the photo itself."""

    unit: str
    truth: str
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Gathered:
    """One factor on the photos of one class: a place among shams, a mean effect and a repair a unit."""

    truth: str
    factor: str
    photos: int
    places: Float64[np.ndarray, "n"]
    effects: Float64[np.ndarray, "n"]
    repaired: int
    standing: int


def told(photo: str, group: str | None, diagnosis: Diagnosis) -> Told:
    """Return what a folder needs of one diagnosis; ``photo`` tells photos apart, such as by their digest."""
    unit = f"photo {photo}" if group is None else f"group {group}"
    return Told(unit, diagnosis.truth, diagnosis.findings)


def class_findings(photos: Sequence[Told]) -> tuple[ClassFinding, ...]:
    """Return what the diagnoses of a folder say about each class and factor.

    A photo counts by the place of its strongest edit among the shams, 1 above all and −1 below all: if the edit does no
    more than its shams, each place above their middle is no more likely than its mirror image, whatever the effects
    look like. The mean over independent units is held against sign flips, and p adjusted by Benjamini and Hochberg over
    the classes and factors of the folder; what does not raise its class more than the shams do counts there with 1.

    Parameters
    ----------
    photos
        Wrongly answered photos of any classes.

    Returns
    -------
    findings
        One a class and declared factor, by class in the order of the photos, then by adjusted p.

    Notes
    -----
    Benjamini and Hochberg (1995), doi:10.1111/j.2517-6161.1995.tb02031.x; for photos × factors the families of
    Benjamini and Bogomolov (2014), doi:10.1111/rssb.12028.

    Examples
    --------
    >>> first = Finding("colour", "shown", 1, "", effect=3.0, placebo_rank=1, shams=39, p=0.025)
    >>> found = class_findings([Told(f"photo {one}", "axolotl", (first,)) for one in range(8)])
    >>> found[0].grade, found[0].units, found[0].p, found[0].adjusted
    ('shown', 8, 0.0078125, 0.0078125)
    """
    stand = standing(photos)
    classes = dict.fromkeys(one.truth for one in photos)
    named = [name for name in FACTORS if any(one.factor == name for photo in photos for one in photo.findings)]
    gathered = [_gather(photos, stand, truth, factor) for truth in classes for factor in named]
    tested = [one for one in gathered if len(one.places)]
    ps = np.array([sign_flip(one.places) for one in tested])
    # What lowers the class, or does less than its shams, cannot be claimed and must not pay for what can.
    paid = np.where([_raised(one) for one in tested], ps, 1.0)
    adjusted = false_discovery_control(paid) if len(ps) else ps
    number = {id(one): place for place, one in enumerate(tested)}
    found = []
    for one in gathered:
        place = number.get(id(one))
        found.append(_untested(one) if place is None else _finding(one, place, ps, adjusted))
    order = {truth: place for place, truth in enumerate(classes)}
    return tuple(sorted(found, key=lambda one: (order[one.truth], _or(one.adjusted, 2.0), -_or(one.place, -2.0))))


def standing(photos: Sequence[Told]) -> frozenset[tuple[int, str]]:
    """Return which shown factors stand when all photos and factors are allowed for: photo's place and factor.

    A photo's p values allow for its factors; the smallest of each photo are held against each other by Benjamini and
    Hochberg, and where r of m photos pass, a finding of theirs stands at a p of at most 0.05 r/m.

    Examples
    --------
    >>> one = Told("photo a", "axolotl", (Finding("colour", "shown", 1, "", p=0.025),))
    >>> other = Told("photo b", "axolotl", (Finding("colour", "not shown", 1, "", p=0.6),))
    >>> sorted(standing([one, other])), sorted(standing([one, other, other]))
    ([(0, 'colour')], [])
    """
    least = [min((one.p for one in photo.findings if one.p is not None), default=1.0) for photo in photos]
    passed = int((false_discovery_control(least) <= LEVEL).sum()) if least else 0
    level = LEVEL * passed / max(len(least), 1)
    return frozenset(
        (place, one.factor)
        for place, photo in enumerate(photos)
        for one in photo.findings
        if one.grade == "shown" and one.p is not None and one.p <= level
    )


def place_of(finding: Finding) -> float:
    """Return where the strongest edit stands among its shams: 1 above all, 0 in their middle, −1 below all.

    Examples
    --------
    >>> [place_of(Finding("light", "not shown", 1, "", placebo_rank=rank, shams=4)) for rank in (1, 3, 5)]
    [1.0, 0.0, -1.0]
    """
    rank = finding.placebo_rank or 1
    return (finding.shams + 2 - 2 * rank) / max(finding.shams, 1)


def _gather(photos: Sequence[Told], stand: frozenset[tuple[int, str]], truth: str, factor: str) -> Gathered:
    units, places, effects, shown, stands = [], [], [], [], []
    for number, photo in enumerate(photos):
        for one in photo.findings if photo.truth == truth else ():
            if one.factor == factor and one.placebo_rank is not None and one.effect is not None:
                units.append(photo.unit)
                places.append(place_of(one))
                effects.append(one.effect)
                shown.append(float(one.grade == "shown"))
                stands.append(float((number, factor) in stand))
    where, change = (unit_means(np.array(each), units) for each in (places, effects))
    most, stood = (int((unit_means(np.array(each), units) > 0.5).sum()) for each in (shown, stands))
    return Gathered(truth, factor, len(units), where, change, most, stood)


def _finding(
    one: Gathered, place: int, ps: Float64[np.ndarray, "t"], adjusted: Float64[np.ndarray, "t"]
) -> ClassFinding:
    passing = int((np.delete(adjusted, place) <= LEVEL).sum())
    grade = grade_of_class(one, float(ps[place]), float(adjusted[place]))
    more = None if grade == "shown" else _more(one, LEVEL * (passing + 1) / len(ps))
    units = len(one.places)
    found = ClassFinding(
        one.truth, one.factor, grade, "", one.photos, units,
        effect=float(one.effects.mean()), place=float(one.places.mean()), p=float(ps[place]),
        adjusted=float(adjusted[place]), repaired=one.repaired, standing=one.standing,
        share=wilson(one.repaired, units), more=more,
    )  # fmt: skip
    return replace(found, sentence=sentence_of_class(found))


def grade_of_class(one: Gathered, p: float, adjusted: float) -> Grade:
    """Return the grade of a statement about the class.

    "shown" wants six independent units, an adjusted p of at most 0.05 with the edits above their shams and raising the
    true class, and at least one unit repaired. Without one of these it is "suggested": where p alone, not adjusted,
    reaches 0.05, or where fewer than six units are there and at least half of them are repaired.
    """
    units = len(one.places)
    if not _raised(one):
        return "not shown"
    if units >= LEAST_UNITS and adjusted <= LEVEL and one.repaired:
        return "shown"
    few = units < LEAST_UNITS and 2 * one.repaired >= units
    return "suggested" if p <= LEVEL or few else "not shown"


def sentence_of_class(found: ClassFinding) -> str:
    """Return the only sentence about a class that its evidence permits."""
    name, units = found.factor, _units(found)
    if found.grade == "shown":
        return f"In this folder wrong answers to {found.truth} respond to {name}: {_evidence(found)}."
    if found.grade == "suggested":
        return f"{name.capitalize()} is suggested for {found.truth}, not shown: {_evidence(found)}.{_more_words(found)}"
    if found.effect is not None and found.effect <= 0:
        return f"Not shown for {found.truth}: edits of {name} do not raise it on average over {units}."
    if found.place is not None and found.place <= 0:
        return f"Not shown for {found.truth}: edits of {name} do no more than their shams on average over {units}."
    return f"Not shown either way for {found.truth}: {name}, {_evidence(found)}.{_more_words(found)}"


def _evidence(found: ClassFinding) -> str:
    low, high = (round(100 * end) for end in found.share)
    flips = f"p {found.p:.2g} by sign flips, {found.adjusted:.2g} over all classes and factors"
    change = f"{found.effect:+.1f} log-odds on average over {_units(found)}"
    share = f"shown on {found.repaired} of {found.units} (95 % interval {low} to {high} %)"
    return f"{change}; against the shams {flips}; {share}"


def _units(found: ClassFinding) -> str:
    photos = f" ({found.photos} photos)" if found.photos != found.units else ""
    return f"1 independent photo{photos}" if found.units == 1 else f"{found.units} independent photos{photos}"


def _more_words(found: ClassFinding) -> str:
    few = f" A statement about a class wants at least {LEAST_UNITS}." if found.units < LEAST_UNITS else ""
    if found.more is None:
        return few
    if found.more > MOST_NAMED:
        return f"{few} More than {MOST_NAMED} more photos would be needed, if the effect stays this size."
    photos = "1 more independent photo" if found.more == 1 else f"{found.more} more independent photos"
    return f"{few} About {photos} would show it, if the effect stays this size."


def _more(one: Gathered, level: float) -> int | None:
    if one.effects.mean() <= 0 or not one.repaired:
        return None
    return more_needed(one.places, level) or None


def _untested(one: Gathered) -> ClassFinding:
    sentence = f"Not tested for {one.truth}: no edit of {one.factor} could be made and compared on any of its photos."
    return ClassFinding(one.truth, one.factor, "not testable", sentence, 0, 0)


def _raised(one: Gathered) -> bool:
    return bool(one.places.mean() > 0 and one.effects.mean() > 0)


def _or(value: float | None, otherwise: float) -> float:
    return otherwise if value is None else value
