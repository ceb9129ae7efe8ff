"""What the page says about a diagnosis: from how often the model is right to the exact command."""

from collections.abc import Sequence
from dataclasses import dataclass

from axolens.maths.proportions import wilson
from axolens.photos.resize import frame_of
from axolens.records.case import Case
from axolens.records.diagnosis import Diagnosis, Finding, Match
from axolens.report import ratios, words
from axolens.report.evidence import Strip, reduced, seen_pixels, strips
from axolens.report.matches import match_plate
from axolens.report.plates import Plate, encode, small_photo
from axolens.report.sheets import lead
from axolens.report.summary import CAUTION
from axolens.report.tables import Table

NEAR = 5
ROUND_TRIP = 0.1  # log-odds by which an empty edit may move the answer without being marked
LEARNED = "Edits of a photo show what the model responds to in this photo. Why it learned that, no edit can show."
UNKNOWN = "How often the model is right on photos like this one is not known: none were counted."


@dataclass(frozen=True, slots=True)
class Said:
    """One finding in words."""

    factor: str
    grade: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Diagnosed:
    """A diagnosis on the page, in the order in which it is read."""

    likely: tuple[str, ...]
    asked: tuple[str, ...]
    photo: Plate
    seen: Plate
    preflight: Table | None
    strips: tuple[Strip, ...]
    findings: tuple[Said, ...]
    numbers: Table | None
    matches: Table | None
    alike: Plate | None
    limits: tuple[str, ...]
    tables: tuple[Table, ...]
    command: str


def diagnosed(case: Case) -> Diagnosed | None:
    """Return what the page says about a case's diagnosis; None where there is none."""
    found = case.diagnosis
    if found is None:
        return None
    names = set(case.prediction.labels.names)
    ordered = sorted(found.findings, key=lambda one: one.rank)
    checks = tuple((one.name, one.outcome, words.sentence(one.sentence, names)) for one in found.preflight)
    photo, seen = _plates(case)
    return Diagnosed(
        likely=like_this(found),
        asked=asked(case, found, ordered),
        photo=photo,
        seen=seen,
        preflight=Table("What was checked, and how it came out", ("Check", "Outcome", "What it means"), checks)
        if checks
        else None,
        strips=strips(case, ordered),
        findings=tuple(_said(one, names) for one in ordered),
        numbers=finding_table(ordered),
        matches=match_table(found.matches),
        alike=match_plate(case.photo, found.matches, found.matched),
        limits=(LEARNED, *(words.sentence(one, names) for one in (*found.limits, *case.notes))),
        tables=(_plan_table(found), *_round_trip_table(found)),
        command=case.provenance.command or "not recorded",
    )


def like_this(found: Diagnosis) -> tuple[str, ...]:
    """Say how often the model is right on the references, with Wilson's 95 % interval, or that it is not known."""
    right, asked = found.references.get("right"), found.references.get("asked")
    if not (isinstance(right, int) and isinstance(asked, int) and 0 <= right <= asked and asked > 0):
        return (UNKNOWN,)
    low, high = (words.percent(end) for end in wilson(right, asked))
    photos = "reference photo" if asked == 1 else "reference photos"
    share = f"{words.percent(right / asked)}, 95 % interval {low.removesuffix(' %')} to {high}"
    return f"The model answered {right} of {asked} {photos} rightly ({share}).", CAUTION


def asked(case: Case, found: Diagnosis, ordered: Sequence[Finding]) -> tuple[str, ...]:
    """Say the question, the answer, whether it is a near miss, which checks failed, and which factor fits best."""
    truth, rank, classes = words.label(found.truth), case.prediction.rank(found.truth), len(case.prediction.labels)
    place = f"{truth} is {words.ordinal(rank)} of {classes:,} classes"
    near = f"A near miss: {place}." if rank <= NEAR else f"No near miss: {place}, not among the first five."
    margin = ratios.margin(found.predicted, found.truth, -found.margin, "this photo", case.prediction.kind)
    images = found.cost.forward + found.cost.backward
    tried = f"{len(ordered)} factors were declared beforehand, and the model was asked {images:,} images."
    best = [one for one in ordered if one.grade in ("shown", "suggested")]
    fits = (
        f"{best[0].factor.capitalize()} fits best: {best[0].grade}. The findings below say how far that goes."
        if best
        else "Nothing that was tried is shown or suggested."
    )
    names = set(case.prediction.labels.names)
    failed = (words.sentence(one.sentence, names) for one in found.preflight if one.outcome == "failed")
    doubts = tuple(f"To be looked at first: {sentence}" for sentence in failed)
    return lead(case), f"{near} {margin}", *doubts, f"{tried} {fits}"


def finding_table(findings: Sequence[Finding]) -> Table | None:
    """Return the numbers behind the findings; None where there are none."""
    rows = tuple(
        (
            f"{one.rank}. {one.factor}",
            one.grade,
            "not tested" if one.effect is None else words.signed(one.effect),
            "not asked" if one.range is None else words.span(*one.range),
            _place_words(one),
            "none" if one.p is None else words.number(one.p),
        )
        for one in findings
    )
    head = ("Factor", "Grade", "Change of log-odds", "Over harmless variations", "Place among shams", "p")
    return Table("Findings in numbers", head, rows) if rows else None


def match_table(matches: Sequence[Match]) -> Table | None:
    """Return the look-alikes, most alike first as they come; None where there are none."""
    rows = tuple(
        (
            one.reference,
            one.label,
            _box_words(one.box),
            _box_words(one.reference_box),
            words.number(one.similarity),
            words.number(one.floor),
        )
        for one in matches
    )
    head = ("Reference", "Its class", "Region of this photo", "Region there", "Alike", "Best in random photos")
    return Table("Regions read alike (1: the same, 0: unrelated)", head, rows, classes=(1,)) if rows else None


def _said(finding: Finding, names: set[str]) -> Said:
    sentence = words.sentence(finding.sentence, names)
    return Said(finding.factor.capitalize(), finding.grade, sentence)


def _plates(case: Case) -> tuple[Plate, Plate]:
    """Return the whole photo, and the part of it that the network sees."""
    small, preprocess = small_photo(case.photo), case.provenance.preprocess
    share = 1.0 if preprocess is None else frame_of(case.photo.size, preprocess).share
    height, width = case.photo.size
    alt = f"The photo {case.photo.name}, {width} by {height} pixels."
    photo = Plate(encode(small), small.shape[1], small.shape[0], alt, "The photo")
    crop = reduced(seen_pixels(case))
    seen = "The whole photo." if share >= 0.9995 else f"{words.percent(share)} of the photo; the rest is cut off."
    alt = f"What the network sees of {case.photo.name}: {seen[0].lower()}{seen[1:]}"
    return photo, Plate(encode(crop), crop.shape[1], crop.shape[0], alt, "What the network sees", (seen,))


def _place_words(finding: Finding) -> str:
    if finding.placebo_rank is None:
        return "no shams"
    if finding.placebo_rank == 1:
        return f"above all {finding.shams}"
    return f"{words.ordinal(finding.placebo_rank)} of {finding.shams + 1}"


def _box_words(box: tuple[float, float, float, float]) -> str:
    x0, y0, x1, y1 = (f"{edge:.0f}" for edge in box)
    return f"x {x0} to {x1}, y {y0} to {y1}"


def _plan_table(found: Diagnosis) -> Table:
    counted = tuple((f"references: {name}", f"{value}") for name, value in found.references.items())
    cost = f"{found.cost.forward:,} images forward, {found.cost.backward:,} backward, {found.cost.seconds:.0f} seconds"
    rows = (*((name, f"{value}") for name, value in found.plan.items()), *counted, ("cost", cost))
    return Table("The plan, written before the first pass, and what it cost", ("What", "Value"), rows)


def _round_trip_table(found: Diagnosis) -> tuple[Table, ...]:
    """Return what empty edits change, where they were tried."""
    if not found.round_trips:
        return ()
    rows = tuple(
        (name, words.signed(change), "as it should be" if abs(change) < ROUND_TRIP else "more than it should")
        for name, change in found.round_trips.items()
    )
    caption = f"Each pipeline with nothing to change: it should move the log-odds by less than {ROUND_TRIP:g}"
    return (Table(caption, ("Pipeline", "Change of log-odds", "Is that small?"), rows),)
