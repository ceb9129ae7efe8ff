"""Pictures of a dark bar, functions of brightness as classifiers, and the question that a photo and references ask."""

import numpy as np

import axolens as ax
from axolens.classifiers.counted import Counted
from axolens.diagnosis.factors.factor import Picture
from axolens.diagnosis.working import Question
from axolens.records.diagnosis import Reading
from axolens.records.target import Target

SIZE = 64


def model_of(score):
    def logits(batch):
        found = score(np.asarray(batch, np.float32)).astype(np.float32)
        return np.stack([found, -found], axis=1)

    model = ax.load(logits, labels=["cat", "dog"], preprocess={"size": SIZE}, output="logits")
    return Counted(model), model.labels.resolve(Target(0))


def bar(angle, level=0.5, corner=None):
    """A dark bar on rough ground, with a flat corner where a colour is given."""
    rng = np.random.default_rng(3)
    down, across = np.mgrid[:SIZE, :SIZE] - (SIZE - 1) / 2
    turn = np.deg2rad(angle)
    ahead, left = across * np.cos(turn) - down * np.sin(turn), -across * np.sin(turn) - down * np.cos(turn)
    mask = (np.abs(ahead) <= 20) & (np.abs(left) <= 2 + (ahead + 20) / 8)
    pixels = np.clip(level + rng.uniform(-0.1, 0.1, (SIZE, SIZE, 3)), 0, 1)
    pixels[mask] = 0.1
    if corner is not None:
        pixels[:10, :10] = corner
    return Picture(pixels.astype(np.float32), 1.0, mask)


def among(one, references, truth):
    picture = Picture(one.pixels, one.unit, one.mask, tuple(references))
    return Question(picture, Reading(-1.0, -1.0, False), truth, truth, independent=tuple(references))
