"""Whether a photo that is prepared in another way is recognised: then the preparation is at fault, not the photo."""

from collections.abc import Mapping

import numpy as np
from jaxtyping import Float, Float32

from axolens.classifiers.protocols import Classifier
from axolens.diagnosis.preparations import as_if, exchanged, other_ranges
from axolens.diagnosis.varied import answers_to
from axolens.errors import ModelError
from axolens.maths.scores import score
from axolens.records.diagnosis import Preflight
from axolens.records.prediction import ScoreKind
from axolens.records.preprocess import Preprocess
from axolens.records.target import Target

Scores = Float[np.ndarray, "n k"]
Images = Float32[np.ndarray, "n h w 3"]

SURER = 2.0  # log-odds
SUREST = 20.0
"""Log-odds beyond which an answer is taken for that of a network fed values far outside its range."""
TILES = 8  # a side; a network that knows textures still recognises a photo from 4 × 4


class Otherwise:
    """What a model says about the same few pictures, prepared in other ways.

    A preparation is suspected where the truth is first under every variation with a mean log-odds 2 above that of the
    preparation given, though not beyond what photos get, where that names it in fewer than half of them (a photo that a
    small shift puts right is prepared as it should be), and the model does *not* name it of pictures in which hardly
    anything is left to be recognised: one of the mean colour, and the same with shuffled pixels and shuffled tiles. A
    network of few classes that is fed nonsense names the truth often enough without having recognised anything.

    Parameters
    ----------
    model
        From ``axolens.load``.
    batch
        (n, h', w', 3) harmless variations of the photo on the network grid.
    scores
        (n, k) of them, prepared as given.
    truth
        Place of the true class.
    rng
        For the shuffles.
    """

    def __init__(self, model: Classifier, batch: Images, scores: Scores, truth: int, rng: np.random.Generator) -> None:
        self.model, self.batch, self.truth = model, batch, truth
        self.spoilt = spoilt(batch, rng)
        self.label = model.labels.name(truth)
        self.log_odds = _log_odds(scores, truth, model.kind)
        self.mended = bool(2 * self._named(scores).sum() >= len(scores))
        self.asked = 0

    def order_check(self, given: Preprocess) -> Preflight:
        """Say whether red and blue may be exchanged."""
        better = self._better(given, {"red and blue exchanged": exchanged(given)})
        if better:
            return Preflight("channel order", "failed", f"{better}: the channels may be in the wrong order.")
        words = f"With red and blue exchanged the model does not recognise {self.label} any better."
        return Preflight("channel order", "passed", self._unneeded() or words)

    def range_check(self, given: Preprocess) -> Preflight:
        """Say whether the values may have another range than the network takes."""
        others = other_ranges(given)
        better = self._better(given, others)
        if better:
            return Preflight("value range", "failed", f"{better}: the preprocess may be wrong.")
        words = f"In none of {len(others)} other usual preparations does the model recognise {self.label} any better."
        return Preflight("value range", "passed", self._unneeded() or words)

    def _unneeded(self) -> str:
        """Say that no other preparation needs to be tried; nothing where it does."""
        named = f"Prepared as given the model names {self.label} in at least half of the harmless variations"
        return f"{named}: no other way was tried." if self.mended else ""

    def _better(self, given: Preprocess, others: Mapping[str, Preprocess]) -> str:
        """Say which preparation mends the answer, the surest if several do; nothing where none does, or need do so."""
        found = []
        if self.mended:
            return ""
        for name, other in others.items():
            scores = self._asked(as_if(self.batch, given, other))
            log_odds = -np.inf if scores is None else _log_odds(scores, self.truth, self.model.kind)
            if scores is None or not (self._named(scores).all() and self.log_odds + SURER < log_odds < SUREST):
                continue
            blind = self._asked(as_if(self.spoilt, given, other))
            if blind is not None and not self._named(blind).any():
                found.append((log_odds, name))
        if not found:
            return ""
        log_odds, name = max(found)
        change = f"log-odds {log_odds:+.1f} instead of {self.log_odds:+.1f}"
        return f"With {name} the model names {self.label} ({change})"

    def _named(self, scores: Scores) -> np.ndarray:
        return np.asarray(scores.argmax(axis=1) == self.truth)

    def _asked(self, batch: Images) -> Scores | None:
        """Return scores, None where the model checks its values and refuses these."""
        try:
            scores = answers_to(self.model, batch)
        except ModelError:
            return None
        self.asked += len(scores)
        return scores


def spoilt(batch: Images, rng: np.random.Generator) -> Float32[np.ndarray, "m h w 3"]:
    """Return pictures in which hardly anything is left to be recognised: 2 n + 1 of n.

    Parameters
    ----------
    batch
        (n, h', w', 3), sRGB in [0, 1].
    rng
        For the shuffles, which are the same for all pictures.

    Returns
    -------
    pictures
        One of the first one's mean colour, all with their pixels shuffled, and all with 8 × 8 tiles shuffled.
    """
    mean = np.broadcast_to(batch[:1].mean(axis=(1, 2), keepdims=True), batch[:1].shape)
    count, height, width, _ = batch.shape
    order = rng.permutation(height * width)
    pixels = batch.reshape(count, height * width, 3)[:, order].reshape(batch.shape)
    return np.concatenate([mean, pixels, shuffled(batch, TILES, rng)]).astype(np.float32)


def shuffled(batch: Images, side: int, rng: np.random.Generator) -> Images:
    """Return pictures whose ``side`` × ``side`` tiles have changed places; what is left over at the edges stays."""
    count, height, width, _ = batch.shape
    down, across = max(1, height // side), max(1, width // side)
    rows, columns = height // down, width // across
    inside = batch[:, : rows * down, : columns * across]
    tiles = inside.reshape(count, rows, down, columns, across, 3).swapaxes(2, 3).reshape(count, -1, down, across, 3)
    moved = tiles[:, rng.permutation(rows * columns)].reshape(count, rows, columns, down, across, 3).swapaxes(2, 3)
    after = batch.copy()
    after[:, : rows * down, : columns * across] = moved.reshape(inside.shape)
    return after


def _log_odds(scores: Scores, truth: int, kind: ScoreKind) -> float:
    return float(score(scores, Target(truth, indices=(truth,)), kind).mean())
