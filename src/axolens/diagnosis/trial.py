"""One factor's trial: every edit and its shams, read alike."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float64

from axolens.classifiers.counted import Counted
from axolens.diagnosis.factors.factor import Edit, Factor, Picture, Pixels
from axolens.diagnosis.gate import out_of_range
from axolens.diagnosis.working import read_pictures
from axolens.records.diagnosis import Measured, Reading
from axolens.records.target import Target


@dataclass(frozen=True, slots=True, eq=False)
class Question:
    """What is asked of every picture of a diagnosis."""

    picture: Picture
    before: Reading
    truth: Target
    margin: Target


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
        The sham pictures of the family that changed least, one a dose, for the reader, and their readings.
    refused
        Edits out of range, with the reason; they count for nothing.
    """

    name: str
    measured: Measured
    edits: tuple[Edit, ...] = ()
    readings: tuple[Reading, ...] = ()
    shams: Float64[np.ndarray, "n d"] | None = None
    sham: tuple[tuple[Pixels, Reading], ...] = ()
    refused: tuple[tuple[Edit, str], ...] = ()

    def changes(self, before: Reading) -> Float64[np.ndarray, "d"]:
        """Return by how much each edit raised the log-odds of the true class."""
        return np.array([one.log_odds - before.log_odds for one in self.readings])


def prepare(factor: Factor, picture: Picture, doses: int) -> Trial:
    """Return a factor's trial before the first pass: its measurement, its valid edits and those out of range."""
    valid, refused = [], []
    for edit in factor.edits(picture)[:doses]:
        reason = out_of_range(picture, edit.pixels)
        refused.append((edit, reason)) if reason else valid.append(edit)
    return Trial(factor.name, factor.measure(picture), tuple(valid), refused=tuple(refused))


def run(
    model: Counted, question: Question, factor: Factor, trial: Trial, families: int, rng: np.random.Generator
) -> Trial:
    """Read a prepared trial's edits and its sham families; (families + 1) × doses images forward."""
    if not trial.edits:
        return trial
    count, before = len(trial.edits), question.before
    readings = read_pictures(model, [edit.pixels for edit in trial.edits], question.truth, question.margin)
    found: list[Sequence[Reading]] = []
    kept: tuple[tuple[Pixels, Reading], ...] = ()
    for _ in range(families):
        pictures = factor.sham(question.picture, trial.edits, rng)
        said = read_pictures(model, pictures, question.truth, question.margin)
        least = sum(abs(one.log_odds - before.log_odds) for one in said)
        if not kept or least < sum(abs(one.log_odds - before.log_odds) for _, one in kept):
            kept = tuple(zip(pictures, said, strict=True))
        found.append(said)
    shams = np.array([[one.log_odds - before.log_odds for one in said] for said in found]).reshape(families, count)
    return Trial(trial.name, trial.measured, trial.edits, readings, shams, kept, trial.refused)
