"""A photo's experiment: all declared factors against their shams, ranked, and the first of them varied."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Float64, Int

from axolens.classifiers.counted import Counted
from axolens.diagnosis.company import MOST, breaks
from axolens.diagnosis.grading import LEVEL, Varied, Verdict, grade_of, stands_above
from axolens.diagnosis.masks import repeats
from axolens.diagnosis.plan import KNOWN, VARIED, Plan
from axolens.diagnosis.ranking import gather, rank_by_strength, rank_factors
from axolens.diagnosis.trial import Trial, prepare, run
from axolens.diagnosis.variations import drawn
from axolens.diagnosis.working import Question, read_pictures
from axolens.maths.placebo import compare_factors
from axolens.records.diagnosis import Measured, Reading

MASKED = ("colour", "background", "scale", "orientation")
"""Factors whose edits follow the mask where references have masks too."""
LEAST_SPREAD = 0.5
"""Log-odds: shams count as spread at least so far where effects are ranked."""


@dataclass(frozen=True, slots=True, eq=False)
class Experiment:
    """What was found: the trials by rank, and the verdict of each that was read."""

    trials: tuple[Trial, ...]
    verdicts: Mapping[str, Verdict]


def prepared_trials(question: Question, factors: Sequence[str], doses: int) -> tuple[Trial, ...]:
    """Return each declared factor's trial before the first pass; one that has no edits for this photo is empty."""
    return tuple(
        prepare(KNOWN[name], question.picture, doses) if name in KNOWN else Trial(name, Measured(0.0, ""))
        for name in factors
    )


def experiment(
    model: Counted, question: Question, prepared: Sequence[Trial], plan: Plan, rng: np.random.Generator, last: int
) -> Experiment:
    """Read every edit and every sham, compare, rank, and vary what came first, up to the ``last`` image forward."""
    cut = (_first_doses(trial, plan.doses[trial.name]) for trial in prepared)
    trials = [run(model, question, KNOWN[one.name], one, plan.shams, rng) if one.edits else one for one in cut]
    read = [trial for trial in trials if trial.shams is not None]
    if not read:
        return Experiment(tuple(trials), {})
    compared = compare_factors(
        [trial.changes(question.before) for trial in read],
        [trial.shams for trial in read if trial.shams is not None],
        LEAST_SPREAD,
    )
    verdicts = {
        trial.name: verdict_of(trial.changes(question.before), ranks, ps)
        for trial, ranks, ps in zip(read, compared.ranks, compared.ps, strict=True)
    }
    if question.picture.guides:
        strengths = {trial.name: float(one) for trial, one in zip(read, compared.strength, strict=True)}
        ordered = rank_by_strength(trials, strengths | shamless_strengths(trials, question.before))
    else:
        ordered = rank_factors(trials, gather(model, question, trials))
    verdicts |= under_variations(
        model, question, claimable(ordered, question.before, verdicts), verdicts, plan, rng, last
    )
    return Experiment(_shown_first(ordered, verdicts, question), verdicts)


def shamless_strengths(trials: Sequence[Trial], before: Reading) -> dict[str, float]:
    """Return the largest effect of each factor without shams, in standard deviations of the widest shams of others."""
    spreads = [np.std(trial.shams, axis=0, ddof=1) for trial in trials if trial.shams is not None]
    widest = float(np.max([np.hypot(one.max(), LEAST_SPREAD) for one in spreads], initial=LEAST_SPREAD))
    bare = [trial for trial in trials if trial.shams is None and trial.readings]
    return {trial.name: float(trial.changes(before).max()) / widest for trial in bare}


def verdict_of(changes: Float64[np.ndarray, "d"], ranks: Int[np.ndarray, "d"], ps: Float64[np.ndarray, "d"]) -> Verdict:
    """Return the edit that raises the log-odds most, of those above their shams where there are any, with its own p.

    An edit that lowers them less than its shams do is no repair.

    Examples
    --------
    >>> verdict_of(np.array([0.3, 3.0]), np.array([1, 9]), np.array([0.025, 0.3]))
    Verdict(dose=0, placebo_rank=1, p=0.025, varied=None, masked=None, broken=None, cut=False)
    >>> verdict_of(np.array([-0.3, 0.1]), np.array([1, 9]), np.array([0.025, 0.3])).dose
    1
    """
    above = (ps <= LEVEL) & (changes > 0)
    dose = int(np.argmax(np.where(above, changes, -np.inf) if above.any() else changes))
    return Verdict(dose, int(ranks[dose]), float(ps[dose]))


def claimable(ordered: Sequence[Trial], before: Reading, verdicts: Mapping[str, Verdict]) -> list[Trial]:
    """Return what is read under every variation: all that raise above their shams, and at least two by rank."""
    read = [trial for trial in ordered if trial.name in verdicts]
    above = [trial for trial in read if stands_above(trial, before, verdicts[trial.name])]
    return [*above, *(trial for trial in read if trial not in above)][: max(VARIED, len(above))]


def _shown_first(ordered: Sequence[Trial], verdicts: Mapping[str, Verdict], question: Question) -> tuple[Trial, ...]:
    """Put what is shown before what only fits."""
    return tuple(
        sorted(ordered, key=lambda trial: grade_of(trial, question.before, verdicts.get(trial.name)) != "shown")
    )


def _first_doses(trial: Trial, doses: int) -> Trial:
    return Trial(trial.name, trial.measured, trial.edits[:doses], refused=trial.refused)


def under_variations(
    model: Counted, question: Question, trials: Sequence[Trial], verdicts: Mapping[str, Verdict], plan: Plan,
    rng: np.random.Generator, last: int,
) -> dict[str, Verdict]:  # fmt: skip
    """Read the best edits and the unedited picture under the same harmless variations, and try what stands out."""
    picture, found = question.picture, {}
    chosen = drawn(plan.variations, rng, mirror=question.mirror)
    pictures = [one.apply(picture.pixels, picture.step) for one in chosen]
    before = read_pictures(model, pictures, question.truth, question.margin) if trials else ()
    for trial in trials:
        verdict = verdicts[trial.name]
        if model.forward + plan.variations + beside(question) > last:
            found[trial.name] = replace(verdict, cut=True)
            continue
        best = trial.edits[verdict.dose]
        pictures = [one.apply(best.pixels, picture.step) for one in chosen]
        after = read_pictures(model, pictures, question.truth, question.margin)
        masked = masked_range(model, question, trial, verdict.dose)
        verdict = replace(verdict, varied=varied_of(before, after), masked=masked)
        claimed = grade_of(trial, question.before, verdict) in ("shown", "suggested")
        broken = breaks(model, KNOWN[trial.name], question, best) if claimed else None
        found[trial.name] = replace(verdict, broken=broken)
    return found


def varied_of(before: Sequence[Reading], after: Sequence[Reading]) -> Varied:
    """Return what an edit does under variations, from readings of the picture and of the edit under each."""
    changes = [one.log_odds - other.log_odds for one, other in zip(after, before, strict=True)]
    share, unedited = (float(np.mean([one.right for one in readings])) for readings in (after, before))
    return Varied(share, unedited, min(changes), max(changes), len(changes))


def beside(question: Question) -> int:
    """Return how many images a factor takes beside its variations, at most: other masks, and references to break."""
    picture = question.picture
    masks = len(repeats(picture.mask)) if picture.mask is not None and picture.guides else 0
    return masks + 2 * min(MOST, len(question.independent))


def masked_range(model: Counted, question: Question, trial: Trial, dose: int) -> tuple[float, float] | None:
    """Return the range of the best edit's change with the mask grown and shrunk, where it uses one."""
    picture = question.picture
    if picture.mask is None or not picture.guides or trial.name not in MASKED:
        return None
    again = [replace(picture, mask=mask) for _, mask in repeats(picture.mask)]
    place = trial.edits[dose].place
    edits = [found for one in again if len(found := KNOWN[trial.name].edits(one)) > place]
    said = read_pictures(model, [found[place].pixels for found in edits], question.truth, question.margin)
    changes = [one.log_odds - question.before.log_odds for one in said]
    return (min(changes), max(changes)) if changes else None
