"""How often the label warning is right: wrong labels planted, right ones left alone, and right ones on wrong answers.

    python benchmarks/label_warning.py [--assets DIR] [--known DIR] [--network resnet18] [--count 60] [--seed 0]

``--known`` is a folder of rightly labelled, wrongly answered photos with a ``truth.json`` of {file: {"truth": label}}.
The photos are ``imagenet-samples``, whose axolotl is a newt. About 3 minutes on two cores.
"""

import argparse
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import numpy as np
from networks import ASSETS, real_network
from PIL import Image, ImageEnhance, ImageFilter

import axolens as ax
from axolens.classifiers.asking import needed_preprocess
from axolens.classifiers.protocols import Classifier
from axolens.diagnosis.labels import ASKED, doubt
from axolens.diagnosis.varied import answers_to, varied
from axolens.maths.proportions import wilson
from axolens.records.photo import Photo

NEWT = "n01632777_axolotl.JPEG"
Edit = Callable[[Image.Image, float, np.random.Generator], Image.Image]
Asked = tuple[np.ndarray, int]  # scores of the variations, place of the true class


def noisy(picture: Image.Image, dose: float, rng: np.random.Generator) -> Image.Image:
    levels = np.asarray(picture) + rng.normal(0, dose, (*picture.size[::-1], 3))
    return Image.fromarray(levels.clip(0, 255).astype(np.uint8))


def smaller(picture: Image.Image, dose: float, _: np.random.Generator) -> Image.Image:
    """Show the picture small in the middle of its mean colour."""
    ground = Image.new("RGB", picture.size, tuple(np.asarray(picture).mean((0, 1)).astype(int).tolist()))
    width, height = (max(1, round(side * dose)) for side in picture.size)
    ground.paste(picture.resize((width, height)), ((picture.width - width) // 2, (picture.height - height) // 2))
    return ground


def saved(picture: Image.Image, dose: float, _: np.random.Generator) -> Image.Image:
    stream = BytesIO()
    picture.save(stream, "JPEG", quality=int(dose))
    return Image.open(stream).convert("RGB")


# Doses from mild to strong.
CAUSES: dict[str, tuple[Edit, tuple[float, ...]]] = {
    "blur": (lambda p, d, _: p.filter(ImageFilter.GaussianBlur(d * min(p.size) / 256)), (1, 2, 3, 4, 6, 9)),
    "noise": (noisy, (15, 30, 45, 60, 90)),
    "compression": (saved, (15, 10, 7, 5, 3, 1)),
    "dark": (lambda p, d, _: ImageEnhance.Brightness(p).enhance(d), (0.5, 0.3, 0.2, 0.1, 0.05)),
    "light": (lambda p, d, _: ImageEnhance.Brightness(p).enhance(d), (1.5, 2, 3, 4, 6)),
    "colour": (lambda p, d, _: ImageEnhance.Color(p).enhance(d), (0.5, 0.2, 0.0, -0.5, -1.0)),
    "orientation": (lambda p, d, _: p.rotate(d, Image.Resampling.BICUBIC), (30, 60, 90, 135, 180)),
    "scale": (smaller, (0.7, 0.55, 0.45, 0.35, 0.25)),
}


def asked(model: Classifier, photo: Photo, seed: int) -> Asked:
    """Return the scores that the warning looks at."""
    rng = np.random.default_rng([seed, int(photo.digest[:8], 16)])
    scores = answers_to(model, varied(photo, needed_preprocess(model), ASKED, rng))
    return scores, model.labels.find(photo.truth or "")


def broken(model: Classifier, photo: Photo, rng: np.random.Generator) -> Photo | None:
    """Return the photo with the mildest dose of a drawn cause that makes its answer wrong; None where none does."""
    picture = Image.fromarray(np.round(photo.pixels * 255).astype(np.uint8))
    edit, doses = CAUSES[str(rng.choice(list(CAUSES)))]
    for dose in doses:
        changed = replace(photo, pixels=(np.asarray(edit(picture, dose, rng)) / np.float32(255)).astype(np.float32))
        if ax.predict(model, changed).rank(photo.truth or "") > 1:
            return changed
    return None


def swaps(found: list[Asked], rng: np.random.Generator) -> Iterator[tuple[str, np.ndarray, int]]:
    """Give each photo the label of another, of the nearest class that is not its own, and of the model's runner-up."""
    places = [truth for _, truth in found]
    order = rng.permutation(len(found))
    for before, after in zip(order, np.roll(order, 1), strict=True):
        yield "labels of another photo", found[before][0], places[after]
    for scores, truth in found:
        near = min((place for place in places if place != truth), key=lambda place: abs(place - truth))
        yield "labels of the nearest class among the photos (ImageNet's order)", scores, near
        ranked = np.argsort(-scores.mean(axis=0))
        yield "labels that the model itself ranks highest beside the true one", scores, int(ranked[ranked != truth][0])


def measured(
    assets: Path,
    *,
    count: int = 60,
    known: Path | None = None,
    network: str = "resnet18",
    seed: int = 0,
    change: bool = True,
) -> dict[str, tuple[int, int]]:
    """Return for each kind of label how often it was doubted, and how many there were."""
    model, rng = real_network(network, assets), np.random.default_rng(seed)
    files = sorted((assets / "photos" / "imagenet-samples").iterdir())
    photos = {file.name: ax.read(file, truth=file.stem.split("_")[0]) for file in files}
    newt = asked(model, photos.pop(NEWT), seed)
    chosen = [list(photos.values())[i] for i in rng.permutation(len(photos))[:count]]
    found = [asked(model, photo, seed) for photo in chosen]
    kinds = [("the newt labelled axolotl", *newt), *(("right labels", *one) for one in found)]
    for scores, truth in found:
        if scores.mean(axis=0).argmax() != truth:
            kinds.append(("right labels of photos that are answered wrongly as they are", scores, truth))
    kinds += list(swaps(found, rng))
    for photo in (broken(model, photo, rng) for photo in chosen if change):
        if photo is not None:
            kinds.append(("right labels of photos changed until the answer was wrong", *asked(model, photo, seed)))
    for name, row in [] if known is None else json.loads((known / "truth.json").read_text()).items():
        photo = ax.read(known / name, truth=row["truth"])
        kinds.append((f"right labels of {known.name}'s known causes", *asked(model, photo, seed)))
    return counted([(kind, bool(doubt(scores, label, model.kind))) for kind, scores, label in kinds])


def counted(doubts: list[tuple[str, bool]]) -> dict[str, tuple[int, int]]:
    return {kind: (sum(hit for k, hit in doubts if k == kind), sum(k == kind for k, _ in doubts)) for kind, _ in doubts}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--assets", type=Path, default=ASSETS)
    parser.add_argument("--known", type=Path)
    parser.add_argument("--network", default="resnet18")
    parser.add_argument("--count", type=int, default=60)
    parser.add_argument("--seed", type=int, default=0)
    chosen = parser.parse_args()
    rows = measured(chosen.assets, count=chosen.count, known=chosen.known, network=chosen.network, seed=chosen.seed)
    for kind, (hits, total) in rows.items():
        low, high = wilson(hits, total, level=0.90)  # each end is a one-sided bound at 95 %
        print(f"{kind}: doubted {hits} of {total} (at least {low:.1%}, at most {high:.1%})")


if __name__ == "__main__":
    main()
