"""Faithfulness: whether hiding what a map marks changes the score more than hiding what uninformed maps mark."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Float32

from axolens.classifiers.counted import Counted
from axolens.maths.curves import area, hidden, order
from axolens.maths.scores import score
from axolens.records.prediction import ScoreKind
from axolens.records.target import Target
from axolens.records.verdict import Check, Outcome
from axolens.scrutiny.account import HIDDEN_SHARE, Account
from axolens.scrutiny.hiding import hidden_answers
from axolens.scrutiny.standing import LEVEL, Standing, standing

Curves = Float32[np.ndarray, "q _ s k"]
"""All classes' scores: for each reading (an order and a fill), map and share."""


@dataclass(frozen=True, slots=True, eq=False)
class Floors:
    """The curves that a map is held against.

    Parameters
    ----------
    swapped
        Curves of maps that do not know this photo.
    source
        What these maps are, in words: "maps of 19 other photos".
    others
        Curves of further floors by name.
    """

    swapped: Curves
    source: str
    others: dict[str, Curves]


def curves(
    model: Counted,
    image: Float32[np.ndarray, "h w 3"],
    maps: Float[np.ndarray, "m r c"],
    account: Account,
    rng: np.random.Generator,
) -> Curves:
    """Return all classes' scores while each map's cells are hidden, in every order under every fill.

    The images are those of no method: whole cells of one grid, ordered by the map.
    """
    cells = maps.shape[1:]
    ordered = [order(one, rng) for one in maps]
    found = []
    for how, fill in account.readings:
        masks = np.concatenate([hidden(one, account.shares, cells, least=how == "least") for one in ordered])
        answers = hidden_answers(model, image, masks, fill, rng)
        found.append(answers.reshape(len(maps), len(account.shares), -1))
    return np.stack(found)


def effects(
    found: Curves,
    clean: Float32[np.ndarray, "k"],
    target: Target,
    kind: ScoreKind,
    account: Account,
    share: float | None = None,
) -> Float[np.ndarray, "q m"]:
    """Return by how much hiding moves the score as the map says: mean fall (most first), or mean hold (least first).

    Parameters
    ----------
    found, clean
        Scores while cells are hidden, and of the photo itself.
    target, kind
        The question, and what the model's scores are.
    account
        Whose shares these are.
    share
        Read at this share alone; by default the mean over the curve.
    """
    before = float(score(clean[None].astype(np.float64), target, kind)[0])
    shape = found.shape[:3]
    after = score(found.reshape(-1, found.shape[-1]).astype(np.float64), target, kind).reshape(shape)
    signs = np.array([1.0 if how == "most" else -1.0 for how, _ in account.readings])
    fallen = signs[:, None, None] * (before - after)
    if share is not None:
        return fallen[..., account.shares.index(share)]
    return area(account.shares, fallen) / (account.shares[-1] - account.shares[0])


def faithfulness(
    own: Curves, floors: Floors, clean: Float32[np.ndarray, "k"], target: Target, kind: ScoreKind, account: Account
) -> Check:
    """Check whether hiding by the map changes the score more than hiding by every floor."""
    found = _stand(own, floors, clean, target, kind, account)
    told = f"Hiding what it marks lowers the score by {found.value:.2f} on average, what {floors.source} mark by "
    told += f"{found.floor:.2f} at best (p {found.p:.2f})"
    return _check("faithfulness", found, told)


def agreement(
    own: Curves, floors: Floors, clean: Float32[np.ndarray, "k"], target: Target, kind: ScoreKind, account: Account
) -> Check:
    """Check whether hiding the fifth that the map marks most changes the score more than that of every floor."""
    most = [place for place, (how, _) in enumerate(account.readings) if how == "most"]
    if not most:
        return Check("agreement", "not possible", "What is marked most was not hidden first.")
    found = _stand(own, floors, clean, target, kind, account, HIDDEN_SHARE, most)
    told = f"Hiding the {HIDDEN_SHARE:.0%} it marks most lowers the score by {found.value:.2f}, equal areas that "
    told += f"{floors.source} mark by {found.floor:.2f} at best (p {found.p:.2f})"
    return _check("agreement", found, told.replace("%", " %"))


def _stand(
    own: Curves,
    floors: Floors,
    clean: Float32[np.ndarray, "k"],
    target: Target,
    kind: ScoreKind,
    account: Account,
    share: float | None = None,
    chosen: Sequence[int] | None = None,
) -> Standing:
    def read(found: Curves) -> np.ndarray:
        moved = effects(found, clean, target, kind, account, share)
        return moved if chosen is None else moved[list(chosen)]

    beaten = {name: read(one) for name, one in floors.others.items()}
    most = [place for place, (how, _) in enumerate(account.readings) if how == "most"] if chosen is None else []
    return standing(read(own)[:, 0], read(floors.swapped), beaten, most or None)


def _check(name: str, found: Standing, told: str) -> Check:
    outcome: Outcome = "passed" if found.passed else "failed" if found.failed else "undecided"
    lost = [floor for floor, beaten in found.beats.items() if not beaten]
    if found.torn:
        told += "; the fills or orders disagree, so nothing follows"
    elif found.p <= LEVEL and lost:
        told += f"; but {' and '.join(lost)} does as well"
    return Check(name, outcome, f"{told}.", value=found.value, floor=found.floor, p=found.p)
