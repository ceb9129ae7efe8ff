"""One factor's trial: every edit and its shams, read alike."""

from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Float64

from axolens.classifiers.asking import needed_preprocess
from axolens.classifiers.counted import Counted
from axolens.diagnosis.factors.factor import Edit, Factor, Picture, Pixels
from axolens.diagnosis.gate import out_of_range
from axolens.diagnosis.working import Question, read_seen, seen
from axolens.records.diagnosis import Measured, Reading


@dataclass(frozen=True, slots=True, eq=False)
class Trial:
    """A factor's edits and what they changed.

    Parameters
    ----------
    name, measured
        The factor, and what the photo itself shows of it.
    edits, readings
        The valid edits and what the model said, one a dose.
    shams
        (n, d) changes of the log-odds under n sham families.
    sham
        The sham pictures of the family of middling effect, one a dose, for the reader, and their readings.
    refused
        Edits out of range, with the reason; they count for nothing.
    seen
        The edited pictures as the network sees them, one a dose.
    """

    name: str
    measured: Measured
    edits: tuple[Edit, ...] = ()
    readings: tuple[Reading, ...] = ()
    shams: Float64[np.ndarray, "n d"] | None = None
    sham: tuple[tuple[Pixels, Reading], ...] = ()
    refused: tuple[tuple[Edit, str], ...] = ()
    seen: tuple[Pixels, ...] = ()

    def changes(self, before: Reading) -> Float64[np.ndarray, "d"]:
        """Return by how much each edit raised the log-odds of the true class."""
        return np.array([one.log_odds - before.log_odds for one in self.readings])


def prepare(factor: Factor, picture: Picture, doses: int) -> Trial:
    """Return a factor's trial before the first pass: its measurement, its valid edits and those out of range."""
    valid, refused = [], []
    for place, made in enumerate(factor.edits(picture)[:doses]):
        edit = replace(made, place=place)
        reason = out_of_range(picture, edit.pixels)
        refused.append((edit, reason)) if reason else valid.append(edit)
    return Trial(factor.name, factor.measure(picture), tuple(valid), refused=tuple(refused))


def run(
    model: Counted, question: Question, factor: Factor, trial: Trial, families: int, rng: np.random.Generator
) -> Trial:
    """Read a prepared trial's edits and its sham families; (families + 1) × doses images forward."""
    if not trial.edits:
        return trial
    preprocess, before = needed_preprocess(model), question.before
    families_seen = [
        [seen(pixels, preprocess) for pixels in factor.sham(question.picture, trial.edits, rng)]
        for _ in range(families)
    ]
    edited = [seen(edit.pixels, preprocess) for edit in trial.edits]
    said = read_seen(model, [*edited, *(one for family in families_seen for one in family)], question)
    count = len(edited)
    if not families_seen[0]:
        return replace(trial, readings=tuple(said[:count]), seen=tuple(edited))
    rows = [said[start : start + count] for start in range(count, len(said), count)]
    shams = np.array([[one.log_odds - before.log_odds for one in row] for row in rows]).reshape(families, count)
    usual = int(np.argsort(shams.max(axis=1), kind="stable")[families // 2])
    kept = tuple(zip(families_seen[usual], rows[usual], strict=True))
    return replace(trial, readings=tuple(said[:count]), shams=shams, sham=kept, seen=tuple(edited))
