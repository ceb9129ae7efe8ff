"""How often the cause of a wrong answer ranks first without mask and references, and where its weights come from.

    python benchmarks/known_causes.py [--assets DIR] [--known DIR] [--make DIR] [--each 20] [--json FILE]

Photos of ``imagenet-samples`` are changed in two ways until two networks answer wrongly; weights are learned there, and
scored by leaving source photos out. The photos of ``--known``, a folder with a ``truth.json`` of {file: {"source",
"cause"}}, are scored once, with the weights that stand in ``axolens.diagnosis.ranking``; nothing is learned from them,
and the other rules beside them learn from other source photos only. About 15 minutes on two cores.
"""

import argparse
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
from choosing import learned, left_out
from networks import ASSETS, real_network
from planted import planted

import axolens as ax
from axolens.classifiers.asking import needed_preprocess
from axolens.classifiers.counted import Counted
from axolens.classifiers.protocols import Classifier
from axolens.diagnosis.experiment import prepared_trials
from axolens.diagnosis.plan import MOST_DOSES
from axolens.diagnosis.ranking import MOST, SURPRISE, Evidence, gather, weigh
from axolens.diagnosis.working import Question, read_pictures, working_picture
from axolens.maths.proportions import paired_difference, wilson
from axolens.records.diagnosis import FACTORS
from axolens.records.photo import Photo
from axolens.records.target import Target

NETWORKS = ("resnet18", "squeezenet1_1")
PLANTED = ("colour", "scale", "orientation", "light", "blur", "noise", "compression")
"""What can be planted in a photo without a mask; the diagnosis ranks its other factors too."""
SHOWN = ("beyond", "upright", *(f"surprise of {name}" for name in SURPRISE))
"""What a photo shows without a network."""
PARTS = ("effect", "repaired", *SHOWN)
ONE_SIDED = 0.90  # each end of such an interval is a one-sided bound at 95 %


@dataclass(frozen=True)
class Case:
    """A wrong answer, its cause, and what speaks for each factor."""

    source: str
    cause: str
    evidence: Mapping[str, Evidence]


def case_of(model: Classifier, photo: Photo, source: str, cause: str) -> Case:
    """Gather what ``axolens diagnose`` ranks by, without its placebos."""
    counted = Counted(model)
    picture = working_picture(photo, needed_preprocess(model))
    answered = ax.predict(model, photo).top(1)[0].index
    true = model.labels.find(photo.truth or "")
    truth, margin = (model.labels.resolve(one) for one in (Target(true), Target(true, against=answered)))
    before = read_pictures(counted, [picture.pixels], truth, margin)[0]
    question = Question(picture, before, truth, margin)
    return Case(source, cause, gather(counted, question, prepared_trials(question, FACTORS, MOST_DOSES)))


def made(assets: Path, folder: Path, each: int) -> list[Case]:
    """Return planted wrong answers of both networks."""
    cases = []
    for network in NETWORKS:
        model, place = real_network(network, assets), folder / network
        for item in planted(model, assets / "photos" / "imagenet-samples", place, each):
            photo = ax.read(place / item.file, truth=item.truth)
            cases.append(case_of(model, photo, item.source, item.cause))
    return cases


def known(assets: Path, folder: Path) -> list[Case]:
    """Return the wrong answers of a folder, of the network that it is named after."""
    model = real_network(folder.name, assets)
    rows = json.loads((folder / "truth.json").read_text())
    return [
        case_of(model, ax.read(folder / name, truth=row["source"].split("_")[0]), row["source"], row["cause"])
        for name, row in rows.items()
    ]


def parts(case: Case, names: Sequence[str]) -> np.ndarray:
    """Return what the weights multiply, a row a factor."""
    rows = []
    for factor in PLANTED:
        found = case.evidence[factor]
        held = {
            "effect": float(np.clip(found.effect, 0.0, MOST)),
            "repaired": found.repaired,
            "beyond": found.beyond,
            "upright": float(factor == "orientation"),
            "surprise": found.surprise,
            f"surprise of {factor}": found.surprise,
        }
        rows.append([held.get(name, 0.0) for name in names])
    return np.array(rows)


def rows_of(cases: Sequence[Case], names: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
    return np.stack([parts(case, names) for case in cases]), np.array([PLANTED.index(case.cause) for case in cases])


JUDGE = "the judge, who sees no network"
RULES: dict[str, tuple[str, ...]] = {
    "ours": PARTS,
    "without what the photo shows": ("effect", "repaired", "upright"),
    JUDGE: SHOWN,
    "a judge with one weight for every surprise": ("surprise", "upright"),
}


def naive(case: Case) -> str:
    """Name the factor whose best edit raises the true class's log-odds most."""
    return max(FACTORS, key=lambda name: case.evidence[name].effect)


def first(case: Case) -> str:
    """Name the factor that the diagnosis ranks first, of all that it declares."""
    return max(FACTORS, key=lambda name: weigh(name, case.evidence[name]))


def said(name: str, named: Sequence[str], cases: Sequence[Case]) -> str:
    """Say how often the cause was named, with its one-sided bound, and for each cause."""
    hits = [one == case.cause for one, case in zip(named, cases, strict=True)]
    low = wilson(sum(hits), len(hits), ONE_SIDED)[0]
    each = []
    for cause in PLANTED:
        own = [hit for hit, case in zip(hits, cases, strict=True) if case.cause == cause]
        each.append(f"{cause} {sum(own)}/{len(own)}")
    return f"{name}: {sum(hits)} of {len(hits)} ({np.mean(hits):.1%}, at least {low:.1%}): {', '.join(each)}"


def held_out(cases: Sequence[Case], names: Sequence[str]) -> list[str]:
    """Name the factor that fits best, each by weights that its source photo had no part in."""
    found, chosen = rows_of(cases, names)
    return [PLANTED[place] for place in left_out(found, chosen, [case.source for case in cases])]


def best(cases: Sequence[Case], learnt_from: Sequence[Case], names: Sequence[str]) -> list[str]:
    """Name the factor that fits best, by weights of cases that share no source photo with these."""
    own = {case.source for case in cases}
    weights = learned(*rows_of([case for case in learnt_from if case.source not in own], names))
    return [PLANTED[(parts(case, names) @ weights).argmax()] for case in cases]


def learnt(cases: Sequence[Case]) -> None:
    """Print weights and how often each rule names the cause of photos that it did not learn from."""
    for rule, names in RULES.items():
        weights = learned(*rows_of(cases, names))
        print(f"{rule}: " + ", ".join(f"{name} {one:.2f}" for name, one in zip(names, weights, strict=True)))
        print(said("  planted, source photos left out", held_out(cases, names), cases))
    print(said("the largest effect\n  planted", [naive(case) for case in cases], cases))


def scored(cases: Sequence[Case], learnt_from: Sequence[Case]) -> None:
    """Print how often each rule names the cause of photos that nothing was learned from."""
    named = {"as it stands": [first(case) for case in cases]}
    named |= {rule: best(cases, learnt_from, names) for rule, names in RULES.items()}
    named["the largest effect"] = [naive(case) for case in cases]
    for rule, names in named.items():
        print(said(f"known causes, {rule}", names, cases))
    causes = np.array([case.cause for case in cases])
    ours, theirs = (np.array(named[rule]) == causes for rule in ("as it stands", JUDGE))
    better, worse = int((ours & ~theirs).sum()), int((theirs & ~ours).sum())
    low = paired_difference(better, worse, len(cases), ONE_SIDED)[0]
    print(f"as it stands, above the judge: {(better - worse) / len(cases):+.1%}, at least {low:+.1%}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--assets", type=Path, default=ASSETS)
    parser.add_argument("--known", type=Path, default=ASSETS.parent / "known_causes" / "resnet18")
    parser.add_argument("--make", type=Path, default=Path("out/planted"), help="where the planted photos are, or go")
    parser.add_argument("--each", type=int, default=20, help="planted photos a cause and a network, at most")
    parser.add_argument("--json", type=Path)
    chosen = parser.parse_args()
    torch.set_num_threads(2)
    cases = made(chosen.assets, chosen.make, chosen.each)
    learnt(cases)
    apart = known(chosen.assets, chosen.known)
    scored(apart, cases)
    if chosen.json:
        kept = {"planted": [asdict(case) for case in cases], "known": [asdict(case) for case in apart]}
        chosen.json.write_text(json.dumps(kept, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
