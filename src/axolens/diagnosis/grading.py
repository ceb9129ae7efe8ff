"""From a trial to a finding: the grade, and the only sentence that its evidence permits."""

from dataclasses import dataclass

from axolens.diagnosis.trial import Trial
from axolens.records.diagnosis import Effect, Finding, Grade, Reading

LEVEL = 0.05
REPAIRED = 0.8
"""Share of the harmless variations in which the true class must be first."""
LARGEST_BOUND = 0.5
"""Log-odds within which a factor may be called without effect, at most."""
FEWEST = 6
"""Independent references from which a factor that breaks none of them is no more than suggested."""

ROUNDED = 80.0
"""Log-odds beyond which probabilities in single precision are 0 or 1, so that no edit seems to move them."""


@dataclass(frozen=True, slots=True)
class Varied:
    """What the best edit does under harmless variations: the share repaired, and the range of the change.

    ``unedited`` is the share in which the unedited photo is answered rightly already.
    """

    repaired: float
    unedited: float
    low: float
    high: float
    count: int


@dataclass(frozen=True, slots=True)
class Broken:
    """What the factor alone does to rightly answered references of the true class, of different individuals.

    ``count`` of those ``tried`` are then answered wrongly, and ``moved`` lose more than counts as no effect.
    """

    count: int
    moved: int
    tried: int

    @property
    def failed(self) -> bool:
        """Whether it plainly leaves them as they are: none of at least six is broken, at most half are moved."""
        return self.tried >= FEWEST and self.count == 0 and 2 * self.moved <= self.tried


@dataclass(frozen=True, slots=True)
class Verdict:
    """A factor's strongest edit beside its placebos, with p adjusted for all declared factors.

    ``masked`` is the range of its change with the mask grown and shrunk; None where no mask was used. ``broken`` is
    None where the factor could not be tried on references, ``cut`` whether the images did not reach for variations.
    """

    dose: int
    placebo_rank: int
    p: float
    varied: Varied | None = None
    masked: tuple[float, float] | None = None
    broken: Broken | None = None
    cut: bool = False


def equivalence_bound(margin: float) -> float:
    """Return the log-odds within which an effect counts as none: min(0.5, |margin|/2).

    Examples
    --------
    >>> equivalence_bound(-0.4), equivalence_bound(-9.0)
    (0.2, 0.5)
    """
    return min(LARGEST_BOUND, abs(margin) / 2)


def without_effect(trial: Trial, before: Reading) -> bool:
    """Tell whether every dose stays within the bound and leaves the answer wrong; False where readings are rounded."""
    bound = equivalence_bound(before.margin)
    changes = trial.changes(before)
    return (
        bool(len(changes))
        and abs(before.log_odds) < ROUNDED
        and bool((abs(changes) <= bound).all())
        and not any(one.right for one in trial.readings)
    )


def mended(trial: Trial, before: Reading) -> bool:
    """Tell whether any edit alone makes the true class first where it was not."""
    return not before.right and any(one.right for one in trial.readings)


def stands_above(trial: Trial, before: Reading, verdict: Verdict) -> bool:
    """Tell whether the best edit raises the true class more than its shams, and by more than counts as none."""
    raised = trial.readings[verdict.dose].log_odds > before.log_odds
    return verdict.p <= LEVEL and raised and not without_effect(trial, before)


def grade_of(trial: Trial, before: Reading, verdict: Verdict | None) -> Grade:
    """Return the grade of a claim about this photo.

    "shown" wants the best edit above its shams for all factors at once, and the true class first in at least 80 % of
    the harmless variations. One of the two is "suggested", and so is a measurement that stands out where no edit of
    the photo can undo it; without placebos, an edit that repairs the photo as it is; and a repair whose factor alone
    plainly leaves right answers as they are. Where the unedited photo is itself answered rightly in as many variations,
    there is no wrong answer to repair, and nothing is shown. An effect within the bound of none is not suggested,
    however quiet its shams.
    """
    if not trial.edits:
        return "suggested" if trial.measured.words else "not testable"
    if verdict is None:
        return "suggested" if mended(trial, before) else "not shown"
    above = stands_above(trial, before, verdict)
    varied = verdict.varied
    repaired = varied is not None and varied.repaired >= REPAIRED > varied.unedited and varied.low > 0
    if above and repaired and not (verdict.broken is not None and verdict.broken.failed):
        return "shown"
    return "suggested" if above or repaired else "not shown"


def effects_of(trial: Trial, before: Reading, verdict: Verdict | None) -> tuple[Effect, ...]:
    """Return every edit, refused ones with their reason, and the quietest sham of each."""
    found = []
    for dose, (edit, after, pixels) in enumerate(zip(trial.edits, trial.readings, trial.seen, strict=False)):
        varied = verdict.varied if verdict is not None and verdict.dose == dose else None
        low, high, share = (None, None, None) if varied is None else (varied.low, varied.high, varied.repaired)
        found.append(
            Effect(trial.name, edit.words, edit.dose, before, after, pixels=pixels, low=low, high=high, repaired=share)
        )
    for edit, (pixels, after) in zip(trial.edits, trial.sham, strict=False):
        found.append(Effect(trial.name, edit.words, edit.dose, before, after, sham=True, pixels=pixels))
    for edit, reason in trial.refused:
        found.append(Effect(trial.name, edit.words, edit.dose, before, before, refused=reason))
    return tuple(found)


def _effect_of(trial: Trial, before: Reading, verdict: Verdict | None) -> float | None:
    if not trial.readings:
        return None
    changes = trial.changes(before)
    return float(changes.max() if verdict is None else changes[verdict.dose])


def finding_of(trial: Trial, before: Reading, verdict: Verdict | None, rank: int, sentence: str) -> Finding:
    """Return one factor's finding."""
    varied = None if verdict is None else verdict.varied
    return Finding(
        factor=trial.name,
        grade=grade_of(trial, before, verdict),
        rank=rank,
        sentence=sentence,
        effect=_effect_of(trial, before, verdict),
        range=None if varied is None else (varied.low, varied.high),
        placebo_rank=None if verdict is None else verdict.placebo_rank,
        shams=0 if trial.shams is None else len(trial.shams),
        p=None if verdict is None else verdict.p,
        measured=trial.measured if trial.measured.unit else None,
        effects=effects_of(trial, before, verdict),
    )
