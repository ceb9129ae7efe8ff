"""One method's maps of one photo, judged together: what they are held against is asked once."""

import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float, Float32

from axolens.classifiers.counted import Counted
from axolens.maths.blob import centre_blob
from axolens.methods.method import Method
from axolens.records.attribution import Attribution, Cost
from axolens.records.target import Target
from axolens.records.verdict import CHECKS, NOT_ASKED, Check, Verdict
from axolens.scrutiny.account import Account
from axolens.scrutiny.cells import grid_of, to_cells
from axolens.scrutiny.completeness import completeness
from axolens.scrutiny.faithfulness import Curves, Floors, agreement, curves, faithfulness
from axolens.scrutiny.floors import moved_copies, smooth_noise, swapped_maps
from axolens.scrutiny.localisation import localisation
from axolens.scrutiny.repeats import class_sensitivity, repeats, stability
from axolens.scrutiny.sentences import sentences, values_check

MOVED = "copies of the map itself, moved, turned and mirrored"
FINISHED = "Only a finished map was given; hand in the explainer that makes it."


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Exhibit:
    """A photo before a model, and what its maps may be held against.

    Parameters
    ----------
    model
        Counts what is asked.
    image, clean
        The photo on the network grid, and what the model says of it.
    method
        What made the maps, so that it can be asked again; None for finished maps.
    others, lent
        Other photos on the network grid, and what they are in words: "maps of 19 other photos".
    swapped
        Maps of other photos by the same method where the caller has them, on the grid of cells; they are used first.
    mask
        Where the object is on the network grid, or None.
    account
        How much is asked.
    seed, digest
        Of the random numbers, which do not depend on what else is judged.
    """

    model: Counted
    image: Float32[np.ndarray, "h w 3"]
    clean: Float32[np.ndarray, "k"]
    method: Method | None
    others: Float32[np.ndarray, "n h w 3"] | None
    lent: str
    account: Account
    seed: int
    digest: str
    swapped: Float[np.ndarray, "m r c"] | None = None
    mask: Bool[np.ndarray, "h w"] | None = None

    @property
    def cells(self) -> tuple[int, int]:
        """The grid on which maps are compared."""
        return grid_of(self.image.shape[:2])

    def rng(self, use: int) -> np.random.Generator:
        """Return a generator of its own for each use."""
        return np.random.default_rng([self.seed, int(self.digest[:16] or "0", 16), use])


def judge(exhibit: Exhibit, maps: Sequence[Attribution], randomised: Check) -> tuple[Verdict, ...]:
    """Return a verdict for each map that one method made of one photo.

    Parameters
    ----------
    exhibit
        The photo, the model, and what the maps are held against.
    maps
        One a question, all of one method.
    randomised
        What is known of the method on this model.
    """
    model, found, lent = exhibit.model, [], None
    for place, one in enumerate(maps):
        forward, backward, started = model.forward, model.backward, time.perf_counter()
        checks: tuple[Check, ...] = (values_check(*_extent(one.values)),)
        source = ""
        if checks[0].outcome != "failed":
            lent = lent or _lent(exhibit)
            held = _held(exhibit, to_cells(one.values.astype(np.float64), exhibit.cells), lent, place)
            checks, source = (*checks, *_checks(exhibit, one, held, place), randomised), held.floors.source
        checks = tuple(sorted(checks, key=lambda check: CHECKS.index(check.name)))
        said = sentences(checks, one.target.name, one.target.against_name, source)
        cost = Cost(model.forward - forward, model.backward - backward, time.perf_counter() - started)
        found.append(Verdict(one.method, str(one.target), checks, said, cost))
    return tuple(found)


@dataclass(frozen=True, slots=True, eq=False)
class Lent:
    """What all maps of a method share: maps of other photos and their curves where they can be had, and the blob's."""

    swapped: Float[np.ndarray, "m r c"] | None
    curves: Curves | None
    blob: Curves


@dataclass(frozen=True, slots=True, eq=False)
class Held:
    """A map on the grid of cells, its curves, and what it is held against."""

    own: Float[np.ndarray, "r c"]
    curves: Curves
    swapped: Float[np.ndarray, "m r c"]
    floors: Floors


def _lent(exhibit: Exhibit) -> Lent:
    method, others, swapped, account = exhibit.method, exhibit.others, exhibit.swapped, exhibit.account
    if swapped is None and others is not None and method is not None and method.images <= account.lend:
        rngs = [np.random.default_rng([exhibit.seed, 2, place]) for place in range(len(others))]
        swapped = swapped_maps(exhibit.model, method, others, exhibit.cells, rngs)
    blob = centre_blob(exhibit.cells)[None]
    shared = blob if swapped is None else np.concatenate([blob, swapped])
    found = curves(exhibit.model, exhibit.image, shared, account, exhibit.rng(1))
    return Lent(swapped, None if swapped is None else found[:, 1:], found[:, :1])


def _held(exhibit: Exhibit, own: Float[np.ndarray, "r c"], lent: Lent, place: int) -> Held:
    account, rng = exhibit.account, exhibit.rng(3 + place)
    noise = smooth_noise(own, account.noises, rng)
    swapped = moved_copies(own, account.swaps, rng) if lent.swapped is None else lent.swapped
    maps = [own[None], noise] if lent.swapped is not None else [own[None], noise, swapped]
    found = curves(exhibit.model, exhibit.image, np.concatenate(maps), account, rng)
    own_curves, of_noise = found[:, :1], found[:, 1 : 1 + account.noises]
    of_others = found[:, 1 + account.noises :] if lent.curves is None else lent.curves
    source = f"{len(swapped)} {MOVED}" if lent.swapped is None else exhibit.lent
    floors = Floors(of_others, source, {"a centre blob": lent.blob, "smooth noise": of_noise})
    return Held(own, own_curves, swapped, floors)


def _checks(exhibit: Exhibit, one: Attribution, held: Held, place: int) -> tuple[Check, ...]:
    asked = (exhibit.clean, one.target, exhibit.model.kind, exhibit.account)
    checks = [
        faithfulness(held.curves, held.floors, *asked),
        agreement(held.curves, held.floors, *asked),
        completeness(one),
        *_again(exhibit, one, place),
    ]
    if exhibit.mask is None:
        return (*checks, Check("localisation", "not possible", "There is no mask or box of the object."))
    rng = exhibit.rng(1003 + place)
    return (*checks, localisation(held.own, exhibit.mask, held.swapped, held.floors.source, rng))


def _again(exhibit: Exhibit, one: Attribution, place: int) -> tuple[Check, Check]:
    """Make the map again where that was asked for and is possible, for class sensitivity and stability."""
    method, account = exhibit.method, exhibit.account
    names = ("class sensitivity", "stability")
    reason = FINISHED if method is None else NOT_ASKED if not account.repeats else ""
    if method is not None and account.repeats and method.images > account.lend:
        reason = f"Making the map again {account.repeats} times would take {method.images * account.repeats} images."
    if reason or method is None:
        return tuple(Check(name, "not possible", reason) for name in names)  # type: ignore[return-value]
    rng = exhibit.rng(2003 + place)
    others = other_classes(exhibit, one.target, rng)
    found = repeats(exhibit.model, method, exhibit.image, one.target, others, account.repeats, rng)
    if not others:
        return Check(names[0], "not possible", "A contrast, or a model of one class, has no other class."), stability(
            found
        )
    return class_sensitivity(found), stability(found)


def other_classes(exhibit: Exhibit, target: Target, rng: np.random.Generator) -> list[Target]:
    """Return the likeliest other class and one at random; none for a contrast."""
    if target.against_indices:
        return []
    others = [int(one) for one in np.argsort(-exhibit.clean, kind="stable") if int(one) not in target.indices]
    chosen = others[:1] + ([others[1:][int(rng.integers(len(others) - 1))]] if len(others) > 1 else [])
    labels = exhibit.model.labels
    return [labels.resolve(Target(one, score=target.score)) for one in chosen]


def _extent(values: Float[np.ndarray, "h w"]) -> tuple[float, float, float]:
    known = values[np.isfinite(values)]
    return (float(known.min()), float(known.max()), known.size / values.size) if known.size else (0.0, 0.0, 0.0)
