"""How often a check is passed by a map that deserves it, and by one that knows nothing, on the pond.

    python benchmarks/calibration.py [--count 400] [--power 100] [--only faithfulness]

Null maps: another photo's map (faithfulness, agreement, localisation), a map that ignores the model (randomisation),
and one that ignores the class but for noise (class sensitivity). About 20 minutes on two cores.
"""

import argparse
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from bounds import bounds

import axolens as ax
from axolens.classifiers.counted import Counted
from axolens.maths.array import to_numpy
from axolens.maths.blob import centre_blob
from axolens.methods.catalogue import method_of
from axolens.methods.method import Card, Raw
from axolens.methods.nulls.blurrednoise import BlurredNoise
from axolens.methods.nulls.edgemap import EdgeMap
from axolens.photos.resize import to_network
from axolens.pond import photo, rerender, sample
from axolens.pond.recipes import scene_for
from axolens.records.photo import Photo
from axolens.records.target import Target
from axolens.scrutiny.account import USUAL
from axolens.scrutiny.cells import grid_of, to_cells
from axolens.scrutiny.faithfulness import Floors, agreement, curves, faithfulness
from axolens.scrutiny.floors import answered, moved_copies, smooth_noise, swapped_maps
from axolens.scrutiny.localisation import localisation
from axolens.scrutiny.randomisation import randomisation, shuffled
from axolens.scrutiny.repeats import class_sensitivity, repeats

SIZE, POOL = 64, 120
APART = 0.1  # of the true part: what another map may cover of it, where maps that point elsewhere are wanted
CELLS = grid_of((SIZE, SIZE))
FIRST = 8_000_000  # seeds that no training and no public test set uses
Rows = Iterator[tuple[str, str]]


def scenes(network: str, count: int, start: int = FIRST) -> list[Photo]:
    return [photo(scene_for(network, start + i), SIZE) for i in range(count)]


def small_animals(count: int) -> list[Photo]:
    """Scenes with an animal of about half the frame's width, anywhere: its place is not known beforehand."""
    rng = np.random.default_rng(0)
    draws = (rng.uniform(low, high) for _ in range(count) for low, high in ((0.35, 0.55), (0.25, 0.75), (0.25, 0.75)))
    values = [float(one) for one in draws]
    factors = [dict(zip(("size", "x", "y"), values[3 * i : 3 * i + 3], strict=True)) for i in range(count)]
    return [photo(sample(FIRST + i, tag=None, **factors[i]), SIZE) for i in range(count)]


def tagged(count: int) -> list[Photo]:
    """Scenes whose tag is a corner or a bar: a frame lies over the places of all others."""
    return [one for one in scenes("pond-tag", count) if "frame" not in str(one.facts["tag"])]


class Stage:
    """A network, photos of the pond that it answers rightly, and their images."""

    def __init__(self, network: str, photos: list[Photo]) -> None:
        self.model = Counted(ax.load(network))
        images = np.stack([to_network(one, self.model.preprocess) for one in photos])
        scores = to_numpy(self.model.scores(self.model.asarray(images)))
        names = [self.model.labels.names[i] for i in scores.argmax(1)]
        right = [i for i, one in enumerate(photos) if names[i] == one.truth]
        self.photos, self.images, self.scores = [photos[i] for i in right], images[right], scores[right]

    def judged(self, place: int, own: np.ndarray, swapped: np.ndarray, rng: np.random.Generator, mask=None) -> Rows:
        """Yield the outcome of each check that holds a map against others, as a verdict does."""
        model, image = self.model, self.images[place]
        maps = [own[None], swapped, centre_blob(CELLS)[None], smooth_noise(own, USUAL.noises, rng)]
        found = curves(model, image, np.concatenate(maps), USUAL, rng)
        cut = 1 + len(swapped)
        floors = Floors(found[:, 1:cut], "others", {"blob": found[:, cut : cut + 1], "noise": found[:, cut + 1 :]})
        target = model.labels.resolve(Target(int(self.scores[place].argmax())))
        asked = (floors, self.scores[place], target, model.kind, USUAL)
        yield "faithfulness", faithfulness(found[:, :1], *asked).outcome
        yield "agreement", agreement(found[:, :1], *asked).outcome
        mask = self.photos[place].mask if mask is None else mask
        yield "localisation", localisation(own, mask, swapped, "others", rng).outcome


def null_maps(count: int, moved: bool) -> Rows:
    """Another photo's Grad-CAM against those of 19 further photos, or against moved copies of itself."""
    stage, rng = Stage("pond", scenes("pond", POOL)), np.random.default_rng(1)
    rngs = [np.random.default_rng(i) for i in range(len(stage.images))]
    maps = swapped_maps(stage.model, method_of("gradcam"), stage.images, CELLS, rngs)
    for turn in range(count):
        place = turn % len(maps)
        others = rng.choice([i for i in range(len(maps)) if i != place], 20, replace=False)
        swapped = moved_copies(maps[others[0]], 19, rng) if moved else maps[others[1:]]
        yield from stage.judged(place, maps[others[0]], swapped, rng)


def true_parts(network: str, photos: list[Photo], count: int) -> Rows:
    """The true part of the scene, the tag or the animal, against those of 19 other scenes that lie elsewhere."""
    stage, rng = Stage(network, photos), np.random.default_rng(2)
    masks = [true_part(network, one) for one in stage.photos]
    parts = np.stack([to_cells(one, CELLS) for one in masks])
    for place in range(min(count, len(parts))):
        free = [i for i, one in enumerate(parts) if (one * parts[place]).sum() < APART * (parts[place] ** 2).sum()]
        if len(free) < 19:
            continue
        swapped = parts[rng.choice(free, 19, replace=False)]
        yield from stage.judged(place, parts[place], swapped, rng, masks[place] > 0)


def true_part(network: str, shot: Photo) -> np.ndarray:
    if network != "pond-tag":
        return shot.mask.astype(np.float64)
    return (np.abs(rerender(shot, tag=None).pixels - shot.pixels).sum(-1) > 0.02).astype(np.float64)


@dataclass(frozen=True, kw_only=True)
class ClassBlind:
    """Grad-CAM for the class that the model names, whatever is asked, with noise drawn anew for each question."""

    noise: float = 0.3
    card: ClassVar[Card] = Card(
        name="classblind", title="Class-blind", family="null", needs="layers", unit="relative", contrast="exact",
        source="benchmarks/calibration.py",
    )  # fmt: skip
    images: ClassVar[int] = 1

    def attribute(self, model, batch, targets, rngs):
        own = method_of("gradcam").attribute(model, batch, [[one] for one in answered(model, batch)], rngs)
        maps = to_numpy(own.maps)
        drawn = [
            [one[0] + self.noise * one.std() * rng.standard_normal(one[0].shape) for _ in row]
            for one, row, rng in zip(maps, targets, rngs, strict=True)
        ]
        return Raw(maps=model.asarray(np.array(drawn, np.float32)))


def class_maps(method: object, count: int) -> Rows:
    stage, rng = Stage("pond", scenes("pond", POOL)), np.random.default_rng(3)
    for turn in range(count):
        place = turn % len(stage.images)
        others = [int(i) for i in np.argsort(-stage.scores[place])]
        chosen = [others[0], others[1], int(rng.choice(others[2:]))]
        own, *rest = (stage.model.labels.resolve(Target(i)) for i in chosen)
        found = repeats(stage.model, method, stage.images[place], own, rest, 19, rng)
        yield "class sensitivity", class_sensitivity(found).outcome


def weight_maps(method: object, count: int) -> Rows:
    stage, rng = Stage("pond", scenes("pond", POOL)), np.random.default_rng(4)
    for _ in range(count):
        images = stage.images[rng.choice(len(stage.images), 10, replace=False)]
        yield "randomisation", randomisation(shuffled(stage.model, method, images, 3, rng)).outcome


def report(name: str, rows: Rows) -> None:
    counts: dict[str, Counter] = {}
    for check, outcome in rows:
        counts.setdefault(check, Counter())[outcome] += 1
    for check, found in counts.items():
        total, passed = sum(found.values()), found["passed"]
        low, high = bounds(passed, total)
        rest = ", ".join(f"{word} {found[word]}" for word in ("failed", "undecided", "not possible") if found[word])
        print(
            f"| {check} | {name} | {passed} of {total} ({100 * passed / total:.1f} %) "
            f"| {100 * low:.1f} to {100 * high:.1f} % | {rest} |",
            flush=True,
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=int, default=400)
    parser.add_argument("--power", type=int, default=100)
    parser.add_argument("--only", default="")
    given = parser.parse_args()
    n, m = given.count, given.power
    sections = {
        "faithfulness null": lambda: report("null: another photo's map", null_maps(n, moved=False)),
        "moved null": lambda: report("null: another photo's map, against moved copies", null_maps(n, moved=True)),
        "faithfulness tag": lambda: report("the tag, pond-tag", true_parts("pond-tag", tagged(2 * m), m)),
        "faithfulness animal": lambda: report("the animal, small, pond", true_parts("pond", small_animals(4 * m), m)),
        "class null": lambda: report("null: blind to the class but for noise", class_maps(ClassBlind(), n)),
        "class edges": lambda: report("null: the edges", class_maps(EdgeMap(), m)),
        "class power": lambda: report("Grad-CAM, pond", class_maps(method_of("gradcam"), m)),
        "weights null": lambda: report("null: the edges", weight_maps(EdgeMap(), n)),
        "weights noise": lambda: report("null: one noise a photo", weight_maps(BlurredNoise(), n)),
        "weights power": lambda: report("integrated gradients", weight_maps(method_of("integratedgradients"), m // 5)),
    }
    print("| Check | Map | Passed | One-sided 95 % bounds | Otherwise |\n|---|---|---|---|---|")
    for name, section in sections.items():
        if given.only in name:
            section()


if __name__ == "__main__":
    main()
