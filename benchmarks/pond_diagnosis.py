"""Edits of the diagnosis against the truth of re-rendering, on planted networks of the pond.

    python benchmarks/pond_diagnosis.py [--errors 30] [--shams 39] [--first 600000] [--only NETWORK ...] [--json FILE]

Each error is a scene that a network answers wrongly; the references are ten rightly answered photos a class of its own
pictures. A factor is truly a cause where the same scene, drawn again with that factor alone as in a reference of the
true class, is answered rightly. Shown stands here for a repair at a p of at most 0.05, without harmless variations.
"""

import argparse
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch

from axolens import pond
from axolens.diagnosis.factors.background import Background
from axolens.diagnosis.factors.blur import Blur
from axolens.diagnosis.factors.colour import Colour
from axolens.diagnosis.factors.compression import Compression
from axolens.diagnosis.factors.factor import Factor, Picture, Pixels
from axolens.diagnosis.factors.light import Light
from axolens.diagnosis.factors.noise import Noise
from axolens.diagnosis.factors.orientation import Orientation
from axolens.diagnosis.factors.scale import Scale
from axolens.diagnosis.factors.tag import Tag
from axolens.maths.placebo import compare_factors
from axolens.photos.resize import to_network
from axolens.pond.measure import own_scenes
from axolens.pond.network import normalised
from axolens.pond.pictures import PREPROCESS
from axolens.pond.planted import mislead
from axolens.pond.scene import SPECIES, Scene
from axolens.pond.weights import load_network
from axolens.records.photo import Photo

PLANTED = {
    "pond-colour": ("colour",),
    "pond-background": ("background",),
    "pond-tag": ("tag",),
    "pond-size": ("size",),
    "pond-rotation": ("rotation",),
    "pond-colour-background": ("colour", "background"),
    "pond-fair": (),
}
NEEDING = (Colour(), Background(), Scale(), Orientation(), Tag())
OTHERS = (Light(), Blur(), Noise(), Compression())
MOVED = {
    "colour": ("colour",),
    "background": ("background", "background_seed"),
    "scale": ("size",),
    "orientation": ("rotation",),
    "light": ("light_direction", "light_strength", "light_colour"),
    "blur": ("blur",),
    "noise": ("noise",),
    "compression": (),
    "tag": ("tag",),
}
"""Which factors of a scene each factor of the diagnosis moves."""
REFERENCES = 10
LEVEL = 0.05
FLOOR = 0.5  # log-odds: least spread of shams that an effect is counted in


@dataclass(frozen=True)
class Error:
    """A wrongly answered photo, its network's references, and which factors are truly its cause."""

    photo: Photo
    answered: str
    references: dict[str, list[Photo]]
    truly: dict[str, list[float]]
    causes: tuple[str, ...]

    @property
    def picture(self) -> Picture:
        held = {name: tuple(map(as_picture, photos)) for name, photos in self.references.items()}
        truth, other = self.photo.truth, self.answered
        rest = tuple(one for name, photos in held.items() if name not in (truth, other) for one in photos)
        return Picture(self.photo.pixels, 2.0, self.photo.mask, held[truth], held[other], rest)


def as_picture(photo: Photo, _held: dict[str, Picture] = {}) -> Picture:  # noqa: B006
    """Return one picture a photo, so that what is found in it is found once."""
    return _held.setdefault(photo.digest, Picture(photo.pixels, 2.0, photo.mask))


class Asked:
    """A network of the pond, asked about pixels."""

    def __init__(self, name: str) -> None:
        self.network = load_network(name)

    def logits(self, pictures: Sequence[Pixels]) -> np.ndarray:
        seen = [to_network(Photo(np.ascontiguousarray(pixels)), PREPROCESS) for pixels in pictures]
        batch = torch.from_numpy(np.rint(np.stack(seen) * 255).astype(np.uint8))
        with torch.inference_mode():
            return self.network(normalised(batch)).double().numpy()

    def log_odds(self, pictures: Sequence[Pixels], truth: str) -> tuple[np.ndarray, np.ndarray]:
        """Return log p/(1 - p) of the true class, and whether it is first."""
        if not len(pictures):
            return np.zeros(0), np.zeros(0, bool)
        logits, index = self.logits(pictures), SPECIES.index(truth)
        rest = np.delete(logits, index, axis=1)
        return logits[:, index] - np.logaddexp.reduce(rest, axis=1), logits.argmax(1) == index


def references(asked: Asked, name: str, first: int) -> dict[str, list[Photo]]:
    """Return ten rightly answered photos a class, of the network's own pictures."""
    found: dict[str, list[Photo]] = {species: [] for species in SPECIES}
    scene_at, seed = own_scenes(name), first
    while any(len(photos) < REFERENCES for photos in found.values()):
        scene, seed = scene_at(seed), seed + 1
        if len(found[scene.species]) < REFERENCES:
            photo = pond.photo(scene)
            if asked.log_odds([photo.pixels], scene.species)[1][0]:
                found[scene.species].append(photo)
    return found


def misled(name: str, seed: int) -> Scene:
    """Return a scene whose planted factor points to another class; with two planted factors one of them, or both."""
    scene, planted = own_scenes(name)(seed), PLANTED[name]
    chosen = planted if len(planted) < 2 or seed % 3 == 2 else (planted[seed % 3],)
    for factor in chosen:
        scene = mislead(scene, factor, seed)
    return scene


def rerendered(asked: Asked, photo: Photo, guides: Sequence[Photo]) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Return, for each factor, the change of the log-odds with it alone as in each reference, and whether right."""
    before = asked.log_odds([photo.pixels], photo.truth)[0][0]
    found = {}
    for factor, names in MOVED.items():
        values = {tuple(guide.facts[name] for name in names) for guide in guides} if names else set()
        if factor == "tag":
            values |= {("none",)}
        moved = [dict(zip(names, value, strict=True)) for value in sorted(values)]
        moved = [{key: None if value == "none" else value for key, value in one.items()} for one in moved]
        odds, right = asked.log_odds([pond.rerender(photo, **one).pixels for one in moved], photo.truth)
        found[factor] = odds - before, right
    return found


def errors(name: str, count: int, first: int) -> Iterator[Error]:
    """Yield wrong answers of a network with their truth."""
    asked = Asked(name)
    held = references(asked, name, first)
    seed, made = first + 20_000, 0
    while made < count:
        scene, seed = misled(name, seed), seed + 1
        photo = pond.photo(scene)
        answer = SPECIES[int(asked.logits([photo.pixels])[0].argmax())]
        if answer == photo.truth or not photo.mask.any():
            continue
        truly = rerendered(asked, photo, held[photo.truth])
        causes = tuple(factor for factor, (_, right) in truly.items() if right.any())
        made += 1
        yield Error(photo, answer, held, {factor: list(change) for factor, (change, _) in truly.items()}, causes)


def tried(asked: Asked, error: Error, factors: Sequence[Factor], shams: int, seed: int) -> dict[str, dict[str, object]]:
    """Return, for each factor, the changes of edits and shams in log-odds, and whether an edit repaired."""
    picture, truth, found = error.picture, error.photo.truth, {}
    before = asked.log_odds([picture.pixels], truth)[0][0]
    for number, factor in enumerate(factors):
        rng = np.random.default_rng([seed, number])
        edits = factor.edits(picture)
        drawn = [factor.sham(picture, edits, rng) for _ in range(shams if edits else 0)]
        odds, right = asked.log_odds([edit.pixels for edit in edits], truth)
        null = asked.log_odds([one for draw in drawn for one in draw], truth)[0]
        found[factor.name] = {
            "edits": (odds - before).tolist(),
            "repaired": right.tolist(),
            "shams": (null.reshape(len(drawn), -1) - before).tolist(),
        }
    return found


class Standing(NamedTuple):
    """A factor beside all others: strength in spreads of its shams, adjusted p, and whether that edit repaired."""

    strength: float
    p: float
    repaired: bool

    @property
    def shown(self) -> bool:
        return self.repaired and self.p <= LEVEL


def standings(found: dict[str, dict]) -> dict[str, Standing]:
    """Return how each factor that has edits and shams stands."""
    read = [name for name, one in found.items() if one["edits"] and one["shams"] and one["shams"][0]]
    effects, shams = ([np.array(found[name][kind]) for name in read] for kind in ("edits", "shams"))
    compared = compare_factors(effects, shams, FLOOR)
    rows = zip(read, compared.strength, compared.p, compared.dose, strict=True)
    return {name: Standing(float(z), float(p), found[name]["repaired"][dose]) for name, z, p, dose in rows}


def row_of(error: Error, found: dict[str, dict[str, object]]) -> dict[str, object]:
    return {
        "truth": error.photo.truth,
        "answered": error.answered,
        "causes": list(error.causes),
        "rerendered": error.truly,
        "found": found,
    }


def said(name: str, rows: Sequence[dict]) -> list[str]:
    """Say the figures of one network, a line a factor."""
    stood = [standings(row["found"]) for row in rows]
    shown = [(factor, row) for row, one in zip(rows, stood, strict=True) for factor in one if one[factor].shown]
    single = [(row["causes"][0], one) for row, one in zip(rows, stood, strict=True) if len(row["causes"]) == 1]
    first = sum(max(one, key=lambda factor: one[factor].strength) == cause for cause, one in single)
    named = sum(cause in one and one[cause].shown for cause, one in single)
    true = sum(factor in row["causes"] for factor, row in shown)
    lines = [
        f"{name}: {len(rows)} errors; of {len(single)} with one true cause it is first in {first}, shown in {named}; "
        f"of {len(shown)} shown {true} are true"
    ]
    return lines + [f"  {factor:12} {_of_factor(factor, rows, stood)}" for factor in rows[0]["found"]]


def _of_factor(factor: str, rows: Sequence[dict], stood: Sequence[dict[str, Standing]]) -> str:
    words = []
    for word, wanted in (("true", True), ("false", False)):
        chosen = [index for index, row in enumerate(rows) if (factor in row["causes"]) == wanted]
        repaired = sum(any(rows[index]["found"][factor]["repaired"]) for index in chosen)
        read = [stood[index][factor] for index in chosen if factor in stood[index]]
        above = np.median([one.strength for one in read]) if read else 0.0
        words.append(
            f"{word} {len(chosen)}: repaired {repaired}, shown {sum(one.shown for one in read)}, strength {above:.1f}"
        )
    held = [(row["found"][factor]["edits"], row["rerendered"][factor], factor in row["causes"]) for row in rows]
    clear = [(max(one), max(truly), cause) for one, truly, cause in held if one and truly and max(truly) >= FLOOR]
    for word, chosen in (("signs", [one for one in clear if one[2]]), ("all signs", clear)):
        words.append(f"{word} {sum(edit > 0 for edit, _, _ in chosen)} of {len(chosen)}")
    return " | ".join(words)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--errors", type=int, default=30)
    parser.add_argument("--shams", type=int, default=39)
    parser.add_argument("--first", type=int, default=600_000)
    parser.add_argument("--only", nargs="+", choices=PLANTED, default=list(PLANTED))
    parser.add_argument("--factors", nargs="+", choices=MOVED, default=list(MOVED))
    parser.add_argument("--json", type=Path)
    answers = parser.parse_args()
    torch.set_num_threads(1)
    factors = [factor for factor in (*NEEDING, *OTHERS) if factor.name in answers.factors]
    kept = {}
    for name in answers.only:
        asked = Asked(name)
        found = enumerate(errors(name, answers.errors, answers.first))
        kept[name] = [row_of(error, tried(asked, error, factors, answers.shams, seed)) for seed, error in found]
        print("\n".join(said(name, kept[name])), flush=True)
        if answers.json:
            answers.json.write_text(json.dumps(kept), encoding="utf-8")


if __name__ == "__main__":
    main()
