"""Verdicts on the maps of one photo: what they are held against, and what is known of the method on this model."""

import time
from collections.abc import Sequence
from dataclasses import replace
from functools import cache

import numpy as np
from jaxtyping import Float, Float32

from axolens.classifiers.asking import needed_preprocess
from axolens.classifiers.counted import Counted
from axolens.classifiers.protocols import Randomisable
from axolens.errors import CapabilityError
from axolens.methods.method import Method
from axolens.photos.resize import mask_on_network, to_network
from axolens.records.attribution import Attribution, Cost
from axolens.records.photo import Photo
from axolens.records.prediction import Prediction
from axolens.records.preprocess import Preprocess
from axolens.records.verdict import NOT_ASKED, Check, Verdict
from axolens.scrutiny.account import FULL, USUAL, Account
from axolens.scrutiny.again import as_made
from axolens.scrutiny.floors import drawn_photos
from axolens.scrutiny.given import Given
from axolens.scrutiny.judging import FINISHED, Exhibit, judge
from axolens.scrutiny.known import keep, known
from axolens.scrutiny.randomisation import randomisation, shuffled

MAPS = 3
"""Of a method and photo at most: for the answer, the truth, and the one rather than the other."""
BLIND = "By its own card the method never looks at the model: its maps are the same whatever the weights."
Images = Float32[np.ndarray, "n h w 3"]


def verdicts(
    model: Counted,
    photo: Photo,
    prediction: Prediction,
    method: Method | None,
    maps: Sequence[Attribution],
    account: Account,
    seed: int,
    others: Sequence[Photo] = (),
    swapped: Float[np.ndarray, "m r c"] | None = None,
) -> tuple[Verdict, ...]:
    """Return a verdict for each map that one method made of one photo.

    Parameters
    ----------
    model
        Counts what is asked.
    photo, prediction
        The photo with its mask, and what the model says of it.
    method, maps
        What made the maps, or None; and the maps, one a question.
    account, seed
        How much is asked, and the seed of the random numbers.
    others
        Other photos, whose maps these are held against; drawings of the built-in world fill up what is missing.
    swapped
        Maps of other photos by the same method, where the caller has them.
    """
    if not maps:
        return ()
    preprocess = needed_preprocess(model.model)
    method = None if method is None else as_made(method, maps[0].settings)
    again = swapped is None and method is not None and method.images <= account.lend
    images, lent = lenders(photo, others, account, seed, preprocess) if again else (None, "")
    exhibit = Exhibit(
        model=model,
        image=to_network(photo, preprocess),
        clean=prediction.scores,
        method=method,
        others=images,
        lent=lent if swapped is None else f"maps of {len(swapped)} other photos",
        account=account,
        seed=seed,
        digest=photo.digest,
        swapped=swapped,
        mask=None if photo.mask is None else mask_on_network(photo.mask, preprocess),
    )
    forward, backward, started = model.forward, model.backward, time.perf_counter()
    randomised = _randomised(model, method, images, account, seed)
    spent = model.forward - forward, model.backward - backward, time.perf_counter() - started
    first, *rest = judge(exhibit, maps, randomised)
    own = first.cost
    cost = Cost(own.forward + spent[0], own.backward + spent[1], own.seconds + spent[2])
    return replace(first, cost=cost), *rest


def lenders(
    photo: Photo, others: Sequence[Photo], account: Account, seed: int, preprocess: Preprocess
) -> tuple[Images, str]:
    """Return other photos on the network grid, as many as the account wants, and what they are in words.

    Those of the caller come first, drawn by the seed; a copy of the photo itself is none.
    """
    own = [one for one in others if not _same(one, photo)]
    rng = np.random.default_rng([seed, 5])
    chosen = [own[place] for place in rng.permutation(len(own))[: account.swaps]]
    left = account.swaps - len(chosen)
    drawn = _drawn(left, preprocess)
    images = np.concatenate([*(to_network(one, preprocess)[None] for one in chosen), drawn])
    words = [f"{len(chosen)} other photo{'s' * (len(chosen) > 1)}"] if chosen else []
    words += [f"{left} drawings of the built-in world"] if left else []
    return images, f"maps of {' and '.join(words)}"


def _same(one: Photo, other: Photo) -> bool:
    """Whether two photos come from one file, perhaps reduced, or hold the same pixels."""
    return (bool(one.digest) and one.digest == other.digest) or np.array_equal(one.pixels, other.pixels)


@cache
def _drawn(count: int, preprocess: Preprocess) -> Images:
    if not count:
        return np.empty((0, *preprocess.size, 3), np.float32)
    return np.stack([to_network(one, preprocess) for one in drawn_photos(count)])


def _randomised(model: Counted, method: Method | None, images: Images | None, account: Account, seed: int) -> Check:
    """Return what shuffling the weights does to the method's maps: kept from earlier, or asked in the full account."""
    if method is None:
        return Check("randomisation", "not possible", FINISHED)
    if method.card.about in ("photo", "nothing"):
        return Check("randomisation", "failed", BLIND)
    if not isinstance(model.model, Randomisable):
        told = f"{model.name} shows no weights that could be shuffled: it is asked as a function."
        return Check("randomisation", "not possible", told if account.seeds else NOT_ASKED)
    depth = account if account.seeds else FULL
    nameless = not model.digest or isinstance(method, Given)
    key = None if nameless else (model.digest, model.preprocess, method, seed, depth.photos, depth.seeds)
    found = None if key is None else known(key)
    if found is not None or not account.seeds:
        return found or Check("randomisation", "not possible", NOT_ASKED)
    if images is None:
        told = f"It would take {account.random_images(method.images):,} images."
        return Check("randomisation", "not possible", told)
    try:
        asked = shuffled(model, method, images[: account.photos], account.seeds, np.random.default_rng([seed, 6]))
    except CapabilityError as error:
        return Check("randomisation", "not possible", str(error))
    found = randomisation(asked)
    if key is not None:
        keep(key, found)
    return found


def judged_images(method: Method | None, account: Account, maps: int) -> int:
    """Return how many images the verdicts on ``maps`` maps of one method take, the randomisation among them, about."""
    each = 0 if method is None else method.images
    if method is None or each > account.lend:
        return account.each * (1 + maps * (1 + account.noises + account.swaps))
    random = account.random_images(each) if account.seeds else 0
    return account.curve_images(maps) + account.remade_images(each, maps) + random


def verdict_images(methods: Sequence[Method]) -> int:
    """Return how many images the usual verdicts on several methods' maps of one photo take, about."""
    return sum(judged_images(method, USUAL, MAPS) for method in methods)
