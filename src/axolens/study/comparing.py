"""Which method suits a model and its photos: the same photos, the same cells, every order and fill."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from jaxtyping import Float, Float32

from axolens.cases.explain import Progress, attributions
from axolens.cases.questions import offered
from axolens.classifiers.asking import needed_preprocess, prediction_of
from axolens.classifiers.counted import Counted
from axolens.classifiers.protocols import Classifier
from axolens.errors import AxolensError, InputError
from axolens.maths.blob import centre_blob
from axolens.methods.method import Method
from axolens.photos.folder import list_photos
from axolens.photos.read import PIXEL_LIMIT, read
from axolens.photos.resize import frame_of, to_network
from axolens.records.comparison import Comparison
from axolens.records.study import Failure
from axolens.records.target import Target
from axolens.scrutiny.account import USUAL, Account
from axolens.scrutiny.cells import grid_of, to_cells
from axolens.scrutiny.faithfulness import curves, effects
from axolens.study.groups import group_means, groups_of, lenders_in
from axolens.study.scoring import paired, scored

BOTH = replace(USUAL, orders=("most", "least"))
BLOB = "centre blob"
FEWEST = 6
"""Groups of photos below which no p by sign flips reaches 0.05."""


@dataclass(frozen=True, slots=True)
class Listed:
    """One file of the folder, not read yet; copies of one file are named together, since they count once."""

    path: Path
    names: tuple[str, ...]
    digest: str
    group: int


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """One photo and each method's map of it for the class that the model names, on the grid of cells."""

    image: Float32[np.ndarray, "h w 3"]
    clean: Float32[np.ndarray, "k"]
    target: Target
    maps: Float[np.ndarray, "m r c"]


def compare_methods(
    model: Classifier,
    folder: str | Path,
    methods: Sequence[Method],
    *,
    seed: int = 0,
    pixel_limit: int = PIXEL_LIMIT,
    progress: Progress | None = None,
    planned: Callable[[int, int], None] = lambda photos, images: None,
) -> Comparison:
    """Compare methods on the photos below a folder, paired by group of photos.

    Parameters
    ----------
    model
        From ``axolens.load``.
    folder
        Photos, in subfolders or not; truths are not asked for. Photos in one subfolder of a class are taken for photos
        of one individual, and count once together; so do copies of one file.
    methods
        One or more; the centre blob is compared too.
    seed, pixel_limit, progress
        As for ``run_study``.
    planned
        Called with the numbers of photos and images beforehand.

    Raises
    ------
    InputError
        If the photos that can be used are fewer than six groups.
    """
    files, failures = listed(Path(folder))
    check_groups(files, failures, folder)
    planned(len(files), len(files) * images_each(methods))
    counted, seen, used = Counted(model, progress), [], []
    for file in files:
        try:
            seen.append(_look(counted, file, methods, seed, pixel_limit))
            used.append(file)
        except AxolensError as error:
            failures += [Failure(name, str(error)) for name in file.names]
    check_groups(used, failures, folder)
    lenders = lenders_in([file.group for file in used])
    rows = [_effects(counted, seen[at], seen[lenders[at]], file, seed) for at, file in enumerate(used)]
    return _comparison(model, methods, used, np.stack(rows), failures)


def listed(folder: Path) -> tuple[list[Listed], list[Failure]]:
    """Return the files below a folder, copies as one, and those that cannot be opened."""
    found, failures = [], []
    for path, _ in list_photos(folder):
        name = path.relative_to(folder).as_posix()
        try:
            with path.open("rb") as stream:
                found.append((path, name, hashlib.file_digest(stream, "sha256").hexdigest()))
        except OSError as error:
            failures.append(Failure(name, f"{path}: {error.strerror or 'it cannot be opened'}."))
    groups = groups_of([(name, digest) for _, name, digest in found])
    files: dict[str, Listed] = {}
    for (path, name, digest), group in zip(found, groups, strict=True):
        earlier = files.get(digest)
        files[digest] = (
            Listed(path, (name,), digest, group) if earlier is None else replace(earlier, names=(*earlier.names, name))
        )
    return list(files.values()), failures


def check_groups(files: Sequence[Listed], failures: Sequence[Failure], folder: str | Path) -> None:
    """Refuse files of too few groups.

    Raises
    ------
    InputError
        If there are fewer than six.
    """
    count = len({file.group for file in files})
    if count < FEWEST:
        expected = f"photos of at least {FEWEST} groups that can be used"
        told = "Photos of one individual, a subfolder of a class, are one group; so are copies."
        hint = f"{failures[0].error} {told}" if failures else told
        raise InputError(f"folder {folder}", expected=expected, got=f"{count}", hint=hint)


def images_each(methods: Sequence[Method], account: Account = BOTH) -> int:
    """Return how many images a photo takes, about: its maps, their curves, and another photo's."""
    return 1 + sum(method.images for method in methods) + account.each * (2 * len(methods) + 1)


def _comparison(
    model: Classifier,
    methods: Sequence[Method],
    files: Sequence[Listed],
    found: Float[np.ndarray, "n q m"],
    failures: Sequence[Failure],
) -> Comparison:
    grouped = group_means(found, [file.group for file in files])
    names = [*(method.card.name for method in methods), BLOB]
    own, swapped = grouped[:, :, : len(names)], grouped[:, :, len(names) :]
    return Comparison(
        model=model.name,
        photos=sum(len(file.names) for file in files),
        groups=len(grouped),
        readings=tuple(f"{order}, {fill}" for order, fill in BOTH.readings),
        scores=scored(names, own, swapped),
        pairs=paired(names, own),
        failures=tuple(failures),
    )


def _look(model: Counted, file: Listed, methods: Sequence[Method], seed: int, pixel_limit: int) -> Seen:
    photo, preprocess = read(file.path, pixel_limit=pixel_limit), needed_preprocess(model.model)
    image = to_network(photo, preprocess)
    batch = model.asarray(image[None])
    prediction = prediction_of(model, batch)
    target = prediction.labels.resolve(Target(prediction.top(1)[0].index))
    frame, cells = frame_of(photo.size, preprocess), grid_of(image.shape[:2])
    maps = []
    for method in methods:
        asked = offered(method, [target])
        (made,) = attributions(model.model, method, batch, asked, frame, seed, photo.digest, model.progress)
        maps.append(to_cells(np.nan_to_num(made.values.astype(np.float64)), cells))
    return Seen(image, prediction.scores, target, np.stack(maps))


def _effects(model: Counted, one: Seen, other: Seen, file: Listed, seed: int) -> Float[np.ndarray, "q m"]:
    """Return the effects of a photo's own maps, the blob, and the maps of a photo of another group."""
    blob = centre_blob((one.maps.shape[1], one.maps.shape[2]))[None]
    maps = np.concatenate([one.maps, blob, other.maps])
    rng = np.random.default_rng([seed, int(file.digest[:16], 16), 7])  # not the numbers that made the maps
    found = curves(model, one.image, maps, BOTH, rng)
    return effects(found, one.clean, one.target, model.kind, BOTH)
