"""Wrong answers whose cause is planted: photos that were rightly answered, changed in two visible ways.

The cause is the mildest dose of one kind that makes the answer wrong by itself; the decoy is the strongest dose of
another kind that the answer survives. Both are applied, in the order in which they befall a photo.
"""

import json
import zlib
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from io import BytesIO
from pathlib import Path

import numpy as np
from PIL import Image, ImageFilter

import axolens as ax
from axolens.classifiers.asking import as_batch, asked_scores
from axolens.classifiers.protocols import Classifier
from axolens.maths.array import to_numpy
from axolens.maths.scores import probabilities

NEWT = "n01632777_axolotl.JPEG"  # labelled axolotl, in truth a newt
SURE = 0.6
LONGER = 400  # pixels
PASS = 16
Generator = np.random.Generator
Change = Callable[[Image.Image, float, Generator], Image.Image]


def shrunk(picture: Image.Image, dose: float, _: Generator) -> Image.Image:
    """Show the picture small on its own blurred surround."""
    ground = picture.filter(ImageFilter.GaussianBlur(max(picture.size) / 8))
    small = picture.resize([round(side * dose) for side in picture.size], Image.Resampling.BICUBIC)
    ground.paste(small, ((picture.width - small.width) // 2, (picture.height - small.height) // 2))
    return ground


def turned(picture: Image.Image, dose: float, _: Generator) -> Image.Image:
    return picture.rotate(dose, Image.Resampling.BICUBIC, expand=dose % 90 == 0)


def recoloured(picture: Image.Image, dose: float, _: Generator) -> Image.Image:
    """Multiply what distinguishes each pixel from its grey; below 0 is the opposite hue."""
    levels = as_levels(picture)
    grey = (levels @ np.array([0.299, 0.587, 0.114]))[..., None]
    return as_picture(grey + dose * (levels - grey))


def saved(picture: Image.Image, dose: float, _: Generator) -> Image.Image:
    stream = BytesIO()
    picture.save(stream, "JPEG", quality=int(dose))
    return Image.open(stream).convert("RGB")


def as_levels(picture: Image.Image) -> np.ndarray:
    return np.asarray(picture).astype(np.float64) / 255


def as_picture(levels: np.ndarray) -> Image.Image:
    return Image.fromarray((levels.clip(0, 1) * 255 + 0.5).astype(np.uint8))


KINDS: dict[str, Change] = {
    "scale": shrunk,
    "orientation": turned,
    "colour": recoloured,
    "light": lambda picture, dose, _: as_picture(as_levels(picture) ** dose),
    "blur": lambda picture, dose, _: picture.filter(ImageFilter.GaussianBlur(dose)),
    "noise": lambda picture, dose, rng: as_picture(as_levels(picture) + rng.normal(0, dose, (*picture.size[::-1], 3))),
    "compression": saved,
}
"""In the order in which they befall a photo."""
LADDERS: tuple[tuple[str, tuple[float, ...]], ...] = (
    ("scale", (0.8, 0.6, 0.45, 0.35, 0.25)),
    ("orientation", (10, -20, 90, 180, 270)),
    ("colour", (0.5, 0.0, -0.5, -1.0)),
    ("light", (2.5, 4, 6)),
    ("light", (0.25, 0.15)),
    ("blur", (1.5, 2.5, 4, 6)),
    ("noise", (0.05, 0.1, 0.2, 0.35)),
    ("compression", (25, 12, 8, 5, 3)),
)
"""Doses from mild to strong."""
Step = tuple[str, float]


@dataclass(frozen=True)
class Item:
    """A wrong answer with a planted cause; ``truth`` is a WordNet id."""

    file: str
    truth: str
    cause: str
    dose: float
    decoy: str
    decoy_dose: float
    source: str


def planted(model: Classifier, photos: Path, folder: Path, each: int, seed: int = 0) -> list[Item]:
    """Write up to ``each`` photos a cause into ``folder`` with a ``truth.json``, or return those that are there."""
    listed = folder / "truth.json"
    if not listed.exists():
        folder.mkdir(parents=True, exist_ok=True)
        listed.write_text(json.dumps([asdict(one) for one in _made(model, photos, folder, each, seed)], indent=1))
    return [Item(**row) for row in json.loads(listed.read_text())]


def changed(picture: Image.Image, steps: Sequence[Step], source: str) -> Image.Image:
    """Return a picture with every step done to it, in the order in which they befall a photo."""
    for kind, dose in sorted(steps, key=lambda step: list(KINDS).index(step[0])):
        picture = KINDS[kind](picture, dose, np.random.default_rng(zlib.crc32(source.encode())))
    return picture


def _made(model: Classifier, photos: Path, folder: Path, each: int, seed: int) -> Iterator[Item]:
    pictures, candidates = {}, []
    for file in sorted(photos.glob("*.JPEG")):
        picture = Image.open(file).convert("RGB")
        picture.thumbnail((LONGER, LONGER))
        truth = file.name.split("_")[0]
        if file.name != NEWT and _surely(model, picture, truth):
            pictures[file.name] = picture
            candidates += [(file.name, truth, *pair) for pair in _pairs(model, picture, file.name, truth)]
    counts: Counter[str] = Counter()
    rng = np.random.default_rng(seed)
    for source, truth, cause, decoys in (candidates[place] for place in rng.permutation(len(candidates))):
        decoy = decoys[int(rng.integers(len(decoys)))]
        picture = changed(pictures[source], [cause, decoy], source)
        if counts[cause[0]] < each and not _right(model, [picture], truth)[0]:
            counts[cause[0]] += 1
            name = f"{counts.total():03}.png"
            picture.save(folder / name)
            yield Item(name, truth, *cause, *decoy, source)


def _pairs(model: Classifier, picture: Image.Image, source: str, truth: str) -> Iterator[tuple[Step, list[Step]]]:
    """Give each dose that makes the answer wrong by itself, with the doses of other kinds that it survives."""
    causes, survived = [], []
    for kind, doses in LADDERS:
        right = _right(model, [changed(picture, [(kind, dose)], source) for dose in doses], truth)
        causes += [(kind, dose) for dose, held in zip(doses, right, strict=True) if not held][:1]
        survived += [(kind, dose) for dose, held in zip(doses, right, strict=True) if held][-1:]
    for cause in causes:
        decoys = [step for step in survived if step[0] != cause[0]]
        if decoys:
            yield cause, decoys


def _surely(model: Classifier, picture: Image.Image, truth: str) -> bool:
    scores = _scores(model, [picture])
    place = model.labels.find(truth)
    return scores[0].argmax() == place and probabilities(scores, model.kind)[0, place] > SURE


def _right(model: Classifier, pictures: Sequence[Image.Image], truth: str) -> list[bool]:
    return (_scores(model, pictures).argmax(axis=1) == model.labels.find(truth)).tolist()


def _scores(model: Classifier, pictures: Sequence[Image.Image]) -> np.ndarray:
    batch = np.concatenate([to_numpy(as_batch(model, ax.read(np.asarray(one)))) for one in pictures])
    return to_numpy(asked_scores(model, model.asarray(batch)))
