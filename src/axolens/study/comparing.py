"""Which method suits a model and its photos: the same photos, the same cells, every order and fill."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

import numpy as np
from jaxtyping import Float, Float32

from axolens.cases.explain import Progress, attributions
from axolens.cases.provenance import provenance_of
from axolens.cases.questions import offered
from axolens.classifiers.asking import needed_preprocess, prediction_of
from axolens.classifiers.counted import Counted
from axolens.classifiers.protocols import Classifier
from axolens.errors import AxolensError, InputError, PhotoError
from axolens.maths.blob import centre_blob
from axolens.methods.method import Method
from axolens.photos.read import PIXEL_LIMIT, read
from axolens.photos.resize import frame_of, to_network
from axolens.records.case import Provenance
from axolens.records.comparison import Comparison, PhotoEffects
from axolens.records.photo import Photo
from axolens.records.study import Failure
from axolens.records.target import Target
from axolens.scrutiny.account import USUAL, Account
from axolens.scrutiny.cells import grid_of, to_cells
from axolens.scrutiny.faithfulness import curves, effects
from axolens.study.groups import group_means, lenders_in
from axolens.study.kept import Kept
from axolens.study.listing import Listed, check_groups, listed
from axolens.study.scoring import paired, scored

T = TypeVar("T")
BOTH = replace(USUAL, orders=("most", "least"))
BLOB = "centre blob"


def compare_methods(
    model: Classifier,
    folder: str | Path,
    methods: Sequence[Method],
    *,
    seed: int = 0,
    pixel_limit: int = PIXEL_LIMIT,
    progress: Progress | None = None,
    out: str | Path | None = None,
    planned: Callable[[int, int], None] = lambda photos, images: None,
    looked: Progress = lambda photos: None,
    finished: Progress = lambda photos: None,
    command: str = "axolens.study.comparing.compare_methods",
) -> Comparison:
    """Compare methods on the photos below a folder, paired by group of photos.

    The photos are read one at a time, once for their maps and once for what hiding by them does.

    Parameters
    ----------
    model
        From ``axolens.load``.
    folder
        Photos, in subfolders or not; truths are not asked for. Photos in one subfolder of a class are taken for photos
        of one individual, and count once together; so do copies of one file.
    methods
        One or more; the centre blob is compared too.
    seed, pixel_limit, progress, command
        As for ``run_study``.
    out
        Where each photo's maps and effects are kept as they are found, made if need be: the same call goes on from
        there. What belongs to another model, other settings or other photos is not used. None keeps nothing.
    planned
        Called with the numbers of photos and images that are left, beforehand.
    looked, finished
        Called with 1 for each photo whose maps, and whose effects, are there; kept ones count.

    Raises
    ------
    InputError
        If the photos that can be used are fewer than six groups, or ``out`` cannot be written, holds a study or lies
        inside ``folder``.
    """
    files, failures = listed(Path(folder))
    check_groups(files, failures, folder)
    home = None if out is None else Path(out)
    if home is not None and home.resolve().is_relative_to(Path(folder).resolve()):
        raise InputError("out", expected="a folder outside the photos", got=home, hint="It would be read as a class.")
    origin = provenance_of(model, methods, seed, command)
    kept = Kept(home, origin)
    planned(*_left(files, kept, methods))
    kept.begin([file.digest for file in files])
    asking = Asking(Counted(model, progress), tuple(methods), seed, pixel_limit, origin)
    seen = asking.each(files, lambda file: _look(asking, kept, file), looked, failures)
    check_groups([file for file, _ in seen], failures, folder)
    lenders = lenders_in([file.group for file, _ in seen])
    lent = {file.digest: (one, seen[lender][1]) for (file, one), lender in zip(seen, lenders, strict=True)}
    hid = asking.each([file for file, _ in seen], lambda file: _hide(asking, kept, file, *lent[file.digest]), finished,
                      failures)  # fmt: skip
    used = [file for file, _ in hid]
    check_groups(used, failures, folder)
    found = _comparison(asking, used, np.stack([row for _, row in hid]), failures)
    kept.close(found)
    return found


@dataclass(frozen=True, slots=True)
class Asking:
    """What every photo is asked with."""

    model: Counted
    methods: tuple[Method, ...]
    seed: int
    pixel_limit: int
    origin: Provenance

    def each(
        self, files: Sequence[Listed], ask: Callable[[Listed], T], done: Progress, failures: list[Failure]
    ) -> list[tuple[Listed, T]]:
        """Return what each file gives; one that cannot be used is noted and the rest goes on."""
        found = []
        for file in files:
            try:
                found.append((file, ask(file)))
                done(1)
            except AxolensError as error:
                failures += [Failure(name, str(error)) for name in file.names]
        return found

    def image(self, file: Listed) -> tuple[Photo, Float32[np.ndarray, "h w 3"]]:
        """Read a file for the network.

        Raises
        ------
        PhotoError
            If it cannot be read, or is another one than was listed.
        """
        photo = read(file.path, pixel_limit=self.pixel_limit)
        if photo.digest != file.digest:
            raise PhotoError(str(file.path), expected="the same file throughout", got="one that was changed meanwhile")
        return photo, to_network(photo, needed_preprocess(self.model.model))


def images_each(methods: Sequence[Method], account: Account = BOTH) -> tuple[int, int]:
    """Return how many images a photo takes, about: its maps, and the curves of these and of another photo's."""
    return 1 + sum(method.images for method in methods), account.each * (2 * len(methods) + 1)


def _left(files: Sequence[Listed], kept: Kept, methods: Sequence[Method]) -> tuple[int, int]:
    """Return how many photos and images are left to ask, if every photo can be used."""
    maps, hidings = images_each(methods)
    lenders = lenders_in([file.group for file in files])
    photos = images = 0
    for file, lender in zip(files, lenders, strict=True):
        found = kept.find(file.digest)
        lacks = found is None or found.effects is None or found.lender != files[lender].digest
        photos, images = photos + lacks, images + hidings * lacks + maps * (found is None)
    return photos, images


def _comparison(
    asking: Asking, files: Sequence[Listed], found: Float[np.ndarray, "n q s"], failures: Sequence[Failure]
) -> Comparison:
    grouped = group_means(found, [file.group for file in files])
    names = [*(method.card.name for method in asking.methods), BLOB]
    own, swapped = grouped[:, :, : len(names)], grouped[:, :, len(names) :]
    return Comparison(
        model=asking.origin.model,
        photos=sum(len(file.names) for file in files),
        groups=len(grouped),
        readings=tuple(f"{order}, {fill}" for order, fill in BOTH.readings),
        scores=scored(names, own, swapped),
        pairs=paired(names, own),
        failures=tuple(failures),
        provenance=asking.origin,
    )


def _look(asking: Asking, kept: Kept, file: Listed) -> PhotoEffects:
    """Return a photo's maps, on the grid of cells, as they were kept or made now."""
    found = kept.find(file.digest)
    if found is not None:
        return found
    model, (photo, image) = asking.model, asking.image(file)
    batch = model.asarray(image[None])
    prediction = prediction_of(model, batch)
    target = prediction.labels.resolve(Target(prediction.top(1)[0].index))
    frame, cells = frame_of(photo.size, needed_preprocess(model.model)), grid_of(image.shape[:2])
    maps = []
    for method in asking.methods:
        asked = offered(method, [target])
        (made,) = attributions(model.model, method, batch, asked, frame, asking.seed, file.digest, model.progress)
        maps.append(to_cells(np.nan_to_num(made.values.astype(np.float64)), cells))
    found = PhotoEffects(file.digest, target, prediction.scores, np.stack(maps), asking.origin)
    kept.add(found)
    return found


def _hide(asking: Asking, kept: Kept, file: Listed, one: PhotoEffects, other: PhotoEffects) -> Float[np.ndarray, "q s"]:
    """Return the effects of a photo's own maps, the blob, and the maps of a photo of another group."""
    if one.effects is not None and one.lender == other.digest:
        return one.effects
    _, image = asking.image(file)
    found = _effects(asking, image, one, other)
    kept.add(replace(one, lender=other.digest, effects=found))
    return found


def _effects(
    asking: Asking, image: Float32[np.ndarray, "h w 3"], one: PhotoEffects, other: PhotoEffects
) -> Float[np.ndarray, "q s"]:
    blob = centre_blob((one.maps.shape[1], one.maps.shape[2]))[None]
    maps = np.concatenate([one.maps, blob, other.maps])
    rng = np.random.default_rng([asking.seed, int(one.digest[:16], 16), 7])  # not the numbers that made the maps
    found = curves(asking.model, image, maps, BOTH, rng)
    return effects(found, one.clean, one.target, asking.model.kind, BOTH)
