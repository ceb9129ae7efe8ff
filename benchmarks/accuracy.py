"""How many images LIME's accuracy costs, and whether its intervals and its stop keep their word; on real networks.

    python benchmarks/accuracy.py [--assets DIR] [--device cuda] [--photos 60 40] [--seeds 10] [--json FILE]

The estimand is the least-squares limit under fair coin flips; its reference comes from flips and their complements.
Some two million images: minutes on a GPU, hours on two cores, where fewer photos and flips say nearly the same.
"""

import argparse
import json
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path

import numpy as np
from networks import ASSETS, photos_of, real_network
from skimage.segmentation import slic
from table import accuracy_lines

from axolens.classifiers.counted import Counted
from axolens.classifiers.torch_module import TorchClassifier
from axolens.maths.array import to_numpy
from axolens.maths.designs import balanced_block, coin_flips
from axolens.maths.scores import score
from axolens.maths.surrogate import fit_linear
from axolens.methods.perturbation.hiding import hidden_scores
from axolens.methods.perturbation.lime import Lime
from axolens.photos.fill import fill_image
from axolens.records.segments import Segments
from axolens.records.target import Target
from axolens.segmenters import segment

FLIPS, BLOCKS, RIVAL = 16_384, 4, 1_000
FINER = {"n_segments": 70, "compactness": 10.0, "sigma": 1.0}


class Question:
    """One photo, its regions and the class that the model names; answers to any masks."""

    def __init__(self, model: TorchClassifier, image, kind: str, segments: Segments) -> None:
        self.model, self.image, self.segments = Counted(model), image[0], segments
        self.filled = fill_image(to_numpy(image)[0], segments, "mean", model.preprocess)
        top = int(to_numpy(model.scores(image))[0].argmax())
        self.target = model.labels.resolve(Target(top, score=kind))

    def ask(self, keep: np.ndarray) -> np.ndarray:
        scores = hidden_scores(self.model, self.image, self.filled, self.segments, keep)
        return score(scores, self.target, self.model.kind)[:, None]

    def reference(self, pairs: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return the coefficients from flips with their complements, the flips, and the answers to them."""
        keep = coin_flips(rng, pairs, self.segments.count)
        answers = self.ask(np.concatenate([keep, ~keep]))
        return fitted(np.concatenate([keep, ~keep]), answers), keep, answers[:pairs]


def finer(image: np.ndarray) -> Segments:
    """Return 40 to 70 regions, more than the default."""
    labels = slic(image, start_label=0, channel_axis=-1, **FINER)
    return Segments(np.unique(labels, return_inverse=True)[1].reshape(labels.shape).astype(np.int32), "slic", FINER)


def fitted(keep: np.ndarray, answers: np.ndarray) -> np.ndarray:
    return fit_linear(keep, answers, np.ones(len(keep))).coefficients[0]


def rival_error(truth: np.ndarray, keep: np.ndarray, answers: np.ndarray) -> float:
    """Return the mean squared error of the coefficients from 1,000 coin flips."""
    parts = [slice(start, start + RIVAL) for start in range(0, len(keep) - RIVAL + 1, RIVAL)]
    return float(np.mean([((fitted(keep[part], answers[part]) - truth) ** 2).mean() for part in parts]))


def images_needed(question: Question, flips: int, seeds: int) -> dict[str, float]:
    """Return how many images of balanced blocks have the error of 1,000 flips, and the slope on the reference."""
    truth, keep, answers = question.reference(flips, np.random.default_rng(0))
    rival = rival_error(truth, keep, answers)
    own, slopes = [], []
    for seed in range(seeds):
        rng = np.random.default_rng([1, seed])
        design = np.concatenate([balanced_block(rng, question.segments.count) for _ in range(BLOCKS)])
        found = fitted(design, question.ask(design))
        own.append(((found - truth) ** 2).mean())
        slopes.append(found @ truth / (truth @ truth))
    return {
        "regions": question.segments.count,
        "images": len(design) * np.mean(own) / rival,
        "asked": len(design),
        "slope": float(np.mean(slopes)),
    }


def run_to_run(question: Question, flips: int, seeds: int) -> dict[str, object]:
    """Run the default LIME with several seeds: which are settled, which agree, how often intervals cover, how wide."""
    truth, keep, answers = question.reference(flips // 2, np.random.default_rng(0))
    rival = rival_error(truth, keep, answers)
    method, settled, named, asked, covers, halves, misses = Lime(), [], [], [], [], [], []
    for seed in range(seeds):
        before = question.model.forward
        raw = method.attribute(
            question.model, question.image[None], [[question.target]], [np.random.default_rng([2, seed])]
        )
        regions = raw.regions[0][0]
        asked.append(question.model.forward - before)
        settled.append(any(note.startswith("Settled") for note in raw.notes[0][0]))
        named.append(set(np.argsort(-np.abs(regions.coefficients))[:5].tolist()))
        covers.append(np.mean((regions.low <= truth) & (truth <= regions.high)))
        halves.append(np.median(regions.high - regions.low) / 2)
        misses.append(((regions.coefficients - truth) ** 2).mean())
    pairs = [(i, j) for i, j in combinations(range(seeds), 2)]
    agree = {pair: len(named[pair[0]] & named[pair[1]]) >= min(4, question.segments.count) for pair in pairs}
    both = [agree[i, j] for i, j in pairs if settled[i] and settled[j]]
    return {
        "regions": question.segments.count,
        "images": float(np.mean(asked)),
        "needed": float(np.mean([n * miss for n, miss in zip(asked, misses, strict=True)]) / rival),
        "settled": float(np.mean(settled)),
        "agree": float(np.mean(both)) if both else None,
        "agree_all": float(np.mean(list(agree.values()))),
        "cover": float(np.mean(covers)),
        "width": float(np.median(halves) / (1.96 * np.sqrt(np.mean(misses)))),
    }


def measured(
    assets: Path, device: str, needed: tuple[int, int], photos: tuple[int, int], flips: int, seeds: int
) -> Iterator[dict[str, object]]:
    """Yield a row a photo: how many images are needed with finer regions, and the default's runs."""
    for name, finely, plainly in zip(("squeezenet1_1", "resnet18"), needed, photos, strict=True):
        model = real_network(name, assets, device)
        for photo, image in photos_of(model, assets, finely):
            question = Question(model, image, "logit", finer(to_numpy(image)[0]))
            yield {"of": "needed", "network": name, "photo": photo} | images_needed(question, flips, 2 * seeds)
        for photo, image in photos_of(model, assets, plainly):
            question = Question(model, image, "log-odds", segment(to_numpy(image)[0], "slic", 0))
            yield {"of": "stable", "network": name, "photo": photo} | run_to_run(question, flips, seeds)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--assets", type=Path, default=ASSETS)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--needed", type=int, nargs=2, default=(6, 2), help="photos, for SqueezeNet 1.1 and ResNet-18")
    parser.add_argument("--photos", type=int, nargs=2, default=(60, 40), help="likewise, for the default's runs")
    parser.add_argument("--flips", type=int, default=FLIPS)
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--json", type=Path)
    answers = parser.parse_args()
    asked = {key: value for key, value in vars(answers).items() if key != "json"}
    rows = []
    for row in measured(**asked):
        rows.append(row)
        print(json.dumps(row), flush=True)
        if answers.json:
            answers.json.write_text(json.dumps({"flips": answers.flips, "rows": rows}, indent=1), encoding="utf-8")
    print("\n".join(accuracy_lines(rows)))


if __name__ == "__main__":
    main()
