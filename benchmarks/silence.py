"""Whether a diagnosis keeps silent where nothing was done: shams declared as if they were their factor's edits.

    python benchmarks/silence.py [--photos 6] [--trials 1000] [--folders 200] [--first 900000] [--only NETWORK ...]
                                 [--json FILE]

On wrong answers of the pond's networks, with the animal's mask and ten rightly answered references a class, 40 sham
families a factor are read. A trial declares one of them as the factor's edits and the other 39 as its shams, beside the
real edits of all other factors, and grades it as a diagnosis does, harmless variations included; a second count
declares one family of every factor at once. A folder is 8 photos, each with a family of every factor declared; "shown"
there is a finding about the class, and every p of at most 0.05 is taken for a repair. Bounds are one-sided, at 95 %.
"""

import argparse
import json
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from bounds import bounds
from pond_diagnosis import PLANTED, Asked, misled, references

import axolens as ax
from axolens import pond
from axolens.cases.beginning import begun
from axolens.cases.explain import generator
from axolens.classifiers.counted import Counted
from axolens.diagnosis.experiment import LEAST_SPREAD, verdict_of
from axolens.diagnosis.folder import Told, class_findings, standing
from axolens.diagnosis.grading import LEVEL, Varied, Verdict, grade_of
from axolens.diagnosis.plan import BUDGET, KNOWN, SHAMS
from axolens.diagnosis.trial import Trial
from axolens.diagnosis.variations import drawn
from axolens.diagnosis.working import Question, read_pictures
from axolens.maths.placebo import compare_factors
from axolens.records.diagnosis import FACTORS, Finding, Reading
from axolens.records.photo import Photo

FAMILIES = SHAMS + 1
VARIATIONS = 12
PHOTOS = 8


@dataclass(frozen=True, eq=False)
class Stored:
    """What the model said of one photo: for each factor the real edits' readings and those of 40 sham families."""

    name: str
    digest: str
    model: Counted
    question: Question
    trials: tuple[Trial, ...]
    real: tuple[tuple[Reading, ...], ...]
    families: tuple[tuple[tuple[Reading, ...], ...], ...]

    def pictures(self, place: int, family: int) -> tuple[np.ndarray, ...]:
        """Draw one sham family again."""
        trial = self.trials[place]
        rng = generator(1000 * FACTORS.index(trial.name) + family, self.digest)
        return KNOWN[trial.name].sham(self.question.picture, trial.edits, rng)

    def shams(self, place: int, without: int) -> np.ndarray:
        """Return the changes under all families of a factor but one."""
        before = self.question.before.log_odds
        kept = [family for number, family in enumerate(self.families[place]) if number != without]
        return np.array([[one.log_odds - before for one in family] for family in kept])


def wrong_photos(name: str, asked: Asked, count: int, first: int) -> Iterator[Photo]:
    seed, made = first + 20_000, 0
    while made < count:
        photo = pond.photo(misled(name, seed))
        seed += 1
        if asked.logits([photo.pixels])[0].argmax() != pond.scene.SPECIES.index(photo.truth) and photo.mask.any():
            made += 1
            yield photo


def stored(name: str, photo: Photo, beside: Sequence[Photo]) -> Stored:
    """Read every edit and 40 families of shams of one photo."""
    model = Counted(ax.load(name))
    start = begun(model, photo, beside, FACTORS, BUDGET, 0)
    question, doses = start.question, start.plan.doses
    trials = tuple(replace(one, edits=one.edits[: doses[one.name]]) for one in start.prepared if one.edits)
    found = Stored(name, photo.digest, model, question, trials, (), ())
    kept, real, families = [], [], []
    for place, trial in enumerate(trials):
        shams = [found.pictures(place, family) for family in range(FAMILIES)]
        if not shams[0]:
            continue
        pictures = [*(edit.pixels for edit in trial.edits), *(one for family in shams for one in family)]
        said = read_pictures(model, pictures, question.truth, question.margin)
        count = len(trial.edits)
        kept.append(trial)
        real.append(said[:count])
        families.append(tuple(said[start : start + count] for start in range(count, len(said), count)))
    return replace(found, trials=tuple(kept), real=tuple(real), families=tuple(families))


def verdicts(held: Stored, declared: Sequence[int | None]) -> list[Verdict]:
    """Return what a diagnosis decides with a sham family in place of the real edits of each factor that names one."""
    before, effects, shams = held.question.before.log_odds, [], []
    for place, family in enumerate(declared):
        said = held.real[place] if family is None else held.families[place][family]
        effects.append(np.array([one.log_odds - before for one in said]))
        shams.append(held.shams(place, FAMILIES - 1 if family is None else family))
    found = compare_factors(effects, shams, LEAST_SPREAD)
    return [verdict_of(*one) for one in zip(effects, found.ranks, found.ps, strict=True)]


def grade(held: Stored, place: int, family: int, verdict: Verdict, rng: np.random.Generator) -> str:
    """Grade a declared sham as a diagnosis would; harmless variations are read where p allows the claim."""
    question, picture = held.question, held.question.picture
    trial = replace(held.trials[place], readings=held.families[place][family])
    if verdict.p <= LEVEL:
        chosen = drawn(VARIATIONS, rng, mirror=question.mirror)
        both = (picture.pixels, held.pictures(place, family)[verdict.dose])
        asked = [one.apply(shown, picture.step) for shown in both for one in chosen]
        said = read_pictures(held.model, asked, question.truth, question.margin)
        before, after = said[:VARIATIONS], said[VARIATIONS:]
        changes = [one.log_odds - other.log_odds for one, other in zip(after, before, strict=True)]
        share, unedited = (float(np.mean([one.right for one in each])) for each in (after, before))
        verdict = replace(verdict, varied=Varied(share, unedited, min(changes), max(changes), VARIATIONS))
    return grade_of(trial, question.before, verdict)


def single(held: Stored, rng: np.random.Generator) -> dict[str, object]:
    """Declare one family of one factor, and then one family of every factor, as the real edits."""
    place, family = int(rng.integers(len(held.trials))), int(rng.integers(FAMILIES))
    alone = verdicts(held, [family if one == place else None for one in range(len(held.trials))])[place]
    every = [int(rng.integers(FAMILIES)) for _ in held.trials]
    found = verdicts(held, every)
    grades = [grade(held, number, every[number], one, rng) for number, one in enumerate(found) if one.p <= LEVEL]
    return {
        "network": held.name,
        "factor": held.trials[place].name,
        "p": alone.p,
        "grade": grade(held, place, family, alone, rng),
        "any p": min(one.p for one in found),
        "any shown": "shown" in grades,
    }


def folder(held: Sequence[Stored], rng: np.random.Generator) -> dict[str, bool]:
    """Declare one family of every factor on 8 photos, as if they were of one class, and say what is shown."""
    photos, lucky = [], False
    for place in rng.choice(len(held), PHOTOS, replace=False):
        one = held[place]
        declared = [int(rng.integers(FAMILIES)) for _ in one.trials]
        findings = []
        for number, verdict in enumerate(verdicts(one, declared)):
            said = one.families[number][declared[number]][verdict.dose]
            effect = said.log_odds - one.question.before.log_odds
            graded = "shown" if verdict.p <= LEVEL and effect > 0 else "not shown"
            lucky = lucky or graded == "shown"
            findings.append(
                Finding(
                    one.trials[number].name,
                    graded,
                    1,
                    "",
                    effect=effect,
                    placebo_rank=verdict.placebo_rank,
                    shams=SHAMS,
                    p=verdict.p,
                )
            )
        photos.append(Told(one.digest, "one class", tuple(findings)))
    found = class_findings(photos)
    return {
        "class": any(one.grade == "shown" for one in found),
        "sign-flip": any((one.p or 1) <= LEVEL and (one.place or 0) > 0 for one in found),
        "photo": lucky,
        "standing": bool(standing(photos)),
    }


def folder_lines(folders: Sequence[dict[str, bool]]) -> list[str]:
    words = {
        "class": "any factor shown for the class",
        "sign-flip": "any sign-flip p at most 0.05, not adjusted",
        "photo": "any factor of any photo above its shams",
        "standing": "any of these standing among all photos and factors",
    }
    return [
        f"folders of {PHOTOS}, {word}: {rate(sum(one[key] for one in folders), len(folders))}"
        for key, word in words.items()
    ]


def rate(hits: int, total: int) -> str:
    """Say a share with its one-sided upper 95 % bound."""
    return f"{hits} of {total} ({100 * hits / total:.1f} %, at most {100 * bounds(hits, total)[1]:.1f} %)"


def said(trials: Sequence[dict]) -> list[str]:
    lines = [
        f"one sham declared, p at most {LEVEL}: {rate(sum(one['p'] <= LEVEL for one in trials), len(trials))}",
        f"one sham declared, shown: {rate(sum(one['grade'] == 'shown' for one in trials), len(trials))}",
        f"a sham of every factor, any p: {rate(sum(one['any p'] <= LEVEL for one in trials), len(trials))}",
        f"a sham of every factor, any shown: {rate(sum(one['any shown'] for one in trials), len(trials))}",
    ]
    for factor in FACTORS:
        own = [one for one in trials if one["factor"] == factor]
        if own:
            lines.append(f"  {factor:12} p {rate(sum(one['p'] <= LEVEL for one in own), len(own))}")
    return lines


def gathered(only: Sequence[str], photos: int, first: int) -> list[Stored]:
    found = []
    for name in only:
        began, asked = time.perf_counter(), Asked(name)
        beside = [photo for own in references(asked, name, first).values() for photo in own]
        found += [stored(name, photo, beside) for photo in wrong_photos(name, asked, photos, first)]
        print(f"{name}: {photos} photos in {time.perf_counter() - began:.0f} s", flush=True)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--photos", type=int, default=6, help="wrong answers a network")
    parser.add_argument("--trials", type=int, default=1000)
    parser.add_argument("--folders", type=int, default=200)
    parser.add_argument("--first", type=int, default=900_000)
    parser.add_argument("--only", nargs="+", choices=PLANTED, default=list(PLANTED))
    parser.add_argument("--json", type=Path)
    answers = parser.parse_args()
    torch.set_num_threads(1)
    held = gathered(answers.only, answers.photos, answers.first)
    rng = np.random.default_rng(answers.first)
    trials = [single(held[number % len(held)], rng) for number in range(answers.trials)]
    print("\n".join(said(trials)), flush=True)
    folders = [folder(held, rng) for _ in range(answers.folders)]
    print("\n".join(folder_lines(folders)))
    if answers.json:
        answers.json.write_text(json.dumps({"trials": trials, "folders": folders}), encoding="utf-8")


if __name__ == "__main__":
    main()
