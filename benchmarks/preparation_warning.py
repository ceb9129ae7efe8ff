"""How often a wrong preparation is noticed on one photo that it spoils, and a right one blamed.

    python benchmarks/preparation_warning.py [--assets DIR] [--known DIR] [--count 30]

ResNet-18 is told wrongly how its photos are prepared; what it then answers wrongly is looked at. With the right
preparation, so are the photos that it answers wrongly, and wrong answers of four pond networks. ``--known`` is as in
``label_warning.py``. About 10 minutes on two cores.
"""

import argparse
import json
from collections.abc import Iterable
from dataclasses import replace
from itertools import islice
from pathlib import Path

import numpy as np
from networks import ASSETS, WEIGHTS

import axolens as ax
from axolens import pond
from axolens.classifiers.protocols import Classifier
from axolens.classifiers.recipe import IMAGENET
from axolens.diagnosis.otherwise import Otherwise
from axolens.diagnosis.preflight import REPEATED
from axolens.diagnosis.preparations import RANGES, exchanged
from axolens.diagnosis.varied import answers_to, varied
from axolens.maths.proportions import wilson
from axolens.records.photo import Photo

WRONG = {"red and blue exchanged": exchanged(IMAGENET)} | {
    name: replace(IMAGENET, **values) for name, values in RANGES.items() if name != "ImageNet's mean and spread"
}
PONDS = ("pond", "pond-fair", "pond-colour", "pond-background")


def warned(model: Classifier, photos: Iterable[Photo]) -> str:
    """Return how many wrong answers raise each warning, in words."""
    order = values = either = total = 0
    for photo in photos:
        if ax.predict(model, photo).rank(photo.truth or "") == 1:
            continue
        rng, preprocess = np.random.default_rng(int(photo.digest[:8], 16)), model.preprocess or IMAGENET
        batch = varied(photo, preprocess, REPEATED, rng)
        asked = Otherwise(model, batch, answers_to(model, batch), model.labels.find(photo.truth or ""), rng)
        found = [check(preprocess).outcome == "failed" for check in (asked.order_check, asked.range_check)]
        order, values, either, total = order + found[0], values + found[1], either + any(found), total + 1
    low, high = wilson(either, total, level=0.90)
    return (
        f"of {total} wrong answers {order} warn of the channel order, {values} of the value range, {either} of either "
        f"(at least {low:.1%}, at most {high:.1%})"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--assets", type=Path, default=ASSETS)
    parser.add_argument("--known", type=Path)
    parser.add_argument("--count", type=int, default=30)
    chosen = parser.parse_args()
    files = sorted((chosen.assets / "photos" / "imagenet-samples").iterdir())
    photos = [ax.read(file, truth=file.stem.split("_")[0]) for file in files if "axolotl" not in file.name]

    def told(preprocess) -> Classifier:
        weights = chosen.assets / "weights" / WEIGHTS["resnet18"]
        return ax.load("torchvision/resnet18", weights=weights, preprocess=preprocess)

    print("rightly prepared, photos as they are:", warned(told(IMAGENET), photos), flush=True)
    if chosen.known is not None:
        truths = json.loads((chosen.known / "truth.json").read_text())
        known = [ax.read(chosen.known / name, truth=row["truth"]) for name, row in truths.items()]
        print(f"rightly prepared, {chosen.known.name}'s known causes:", warned(told(IMAGENET), known), flush=True)
    for name in PONDS:
        model = ax.load(name)
        scenes = (pond.photo(pond.sample(seed)) for seed in range(5000, 8000))
        wrong = (photo for photo in scenes if ax.predict(model, photo).rank(photo.truth or "") > 1)
        print(f"rightly prepared, {name}:", warned(model, islice(wrong, chosen.count)), flush=True)
    for name, preprocess in WRONG.items():
        spread = photos[:: max(1, len(photos) // chosen.count)][: chosen.count]
        print(f"told {name}:", warned(told(preprocess), spread), flush=True)


if __name__ == "__main__":
    main()
