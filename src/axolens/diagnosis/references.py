"""The photos beside the one that is diagnosed: drawn by class where there are many, and asked about once each."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import zip_longest
from typing import overload

import numpy as np

from axolens.classifiers.asking import needed_preprocess
from axolens.classifiers.counted import Counted
from axolens.diagnosis.working import read_pictures
from axolens.photos.resize import reduced
from axolens.records.photo import Photo
from axolens.records.preprocess import Preprocess
from axolens.records.target import Target

OWN, TAKEN = 0.3, 0.2
"""Shares of the true class, and of the class that the photo is taken for, where there are too many references."""


class References(Sequence[Photo]):
    """References for several photos of one model: each is asked about once.

    Parameters
    ----------
    photos
        With their truths.
    """

    def __init__(self, photos: Iterable[Photo] = ()) -> None:
        self._photos = tuple(photos)
        self._said: dict[int, tuple[Photo, bool]] = {}

    @overload
    def __getitem__(self, place: int) -> Photo: ...
    @overload
    def __getitem__(self, place: slice) -> tuple[Photo, ...]: ...
    def __getitem__(self, place: int | slice) -> Photo | tuple[Photo, ...]:
        """Return one photo, or several."""
        return self._photos[place]

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self._photos)

    def knows(self, photo: Photo) -> bool:
        """Tell whether the model was asked about one of the photos before."""
        return id(photo) in self._said

    def answers(self, model: Counted, chosen: Sequence[tuple[Photo, int]]) -> list[tuple[Photo, bool]]:
        """Return each chosen photo at the size that is edited, and whether its class, the second of the pair, is first.

        One image forward for each that was not asked before.
        """
        preprocess, fresh = needed_preprocess(model), [(one, index) for one, index in chosen if not self.knows(one)]
        for index in dict.fromkeys(index for _, index in fresh):
            photos = [one for one, its in fresh if its == index]
            small, target = [_reduced(one, preprocess) for one in photos], model.labels.resolve(Target(index))
            said = read_pictures(model, [one.pixels for one in small], target, target)
            self._said |= {id(one): (less, its.right) for one, less, its in zip(photos, small, said, strict=True)}
        return [self._said[id(one)] for one, _ in chosen]


def _reduced(photo: Photo, preprocess: Preprocess) -> Photo:
    """Return a photo at the size that is edited; a mask that then says nothing is dropped."""
    small, _ = reduced(photo, preprocess)
    empty = small.mask is not None and (small.mask.all() or not small.mask.any())
    return replace(small, mask=None) if empty else small


def drawn_by_class(
    fit: Sequence[tuple[Photo, int]], truth: int, answered: int, most: int, seed: int
) -> list[tuple[Photo, int]]:
    """Return at most so many photos in their order: the two classes of the question first, the others in turns.

    Parameters
    ----------
    fit
        Photos with the place of their class.
    truth, answered
        Places of the true class, of which three tenths are drawn, and of the answered, of which a fifth is.
    most
        How many.
    seed
        For the draw within each class.
    """
    if len(fit) <= most:
        return list(fit)
    order: dict[int, list[int]] = {}
    rng = np.random.default_rng(seed)
    for place in rng.permutation(len(fit)).tolist():
        order.setdefault(fit[place][1], []).append(place)
    first = [*order.get(truth, [])[: round(OWN * most)], *order.get(answered, [])[: round(TAKEN * most)]]
    turns = zip_longest(*(order[index] for index in order if index not in (truth, answered)))
    others = [place for turn in turns for place in turn if place is not None]
    spare = [*order.get(truth, []), *order.get(answered, [])]
    chosen = list(dict.fromkeys([*first, *others, *spare]))[:most]
    return [fit[place] for place in sorted(chosen)]
