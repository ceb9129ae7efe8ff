"""Before anything is explained: what the model says about every photo, and which photos are laid beside which."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from axolens.cases.predict import predict
from axolens.classifiers.protocols import Classifier
from axolens.errors import AxolensError, LabelError
from axolens.photos.folder import list_photos
from axolens.photos.read import PIXEL_LIMIT, read
from axolens.records.labels import Labels
from axolens.records.photo import Photo
from axolens.records.prediction import Prediction
from axolens.records.study import Confusion, Failure


@dataclass(frozen=True, slots=True)
class Sighting:
    """A photo's place, its true class and what the model says; the photo itself is read again when it is needed."""

    path: Path
    name: str
    digest: str
    truth: int | None
    prediction: Prediction
    listed: bool

    @property
    def answered(self) -> int:
        """The class the model names."""
        return self.prediction.top(1)[0].index

    @property
    def wrong(self) -> bool:
        """Whether the true class is known and another one was named."""
        return self.truth is not None and self.truth != self.answered

    def photo(self, pixel_limit: int = PIXEL_LIMIT) -> Photo:
        """Read the photo."""
        truth = None if self.truth is None else self.prediction.labels.name(self.truth)
        return replace(read(self.path, name=self.name, pixel_limit=pixel_limit), truth=truth)


def sight(
    model: Classifier,
    folder: Path,
    *,
    listed: bool = True,
    failures: list[Failure],
    pixel_limit: int = PIXEL_LIMIT,
    looked: Callable[[int], None] = lambda _: None,
) -> tuple[Sighting, ...]:
    """Ask the model about every photo of a folder; photos that cannot be used are added to ``failures``.

    Parameters
    ----------
    model
        The classifier.
    folder
        One subfolder a true class.
    failures
        Photos that cannot be used are added here.
    listed
        Whether the photos are part of the study, or only there to be laid beside others.
    pixel_limit
        Most pixels that are accepted in one photo.
    looked
        Called after each photo.

    Raises
    ------
    LabelError
        If a subfolder's name is no class of the model, before anything is asked.
    """
    entries = list_photos(folder)
    truths = known_truths(model.labels, {truth for _, truth in entries if truth is not None}, folder)
    found = []
    for path, truth in entries:
        name = path.relative_to(folder).as_posix()
        try:
            photo = read(path, name=name, pixel_limit=pixel_limit)
            known = None if truth is None else truths[truth]
            found.append(Sighting(path, name, photo.digest, known, predict(model, photo), listed))
        except AxolensError as error:
            failures.append(Failure(name, str(error)))
        looked(1)
    return tuple(found)


def known_truths(labels: Labels, names: Iterable[str], folder: Path) -> dict[str, int]:
    """Return the class of each subfolder's name.

    Raises
    ------
    LabelError
        If a name is no class of the model, or fits several.
    """
    found = {}
    for name in sorted(names):
        try:
            found[name] = labels.find(name)
        except LabelError as error:
            raise LabelError(
                f"folder {folder / name}", expected=error.expected, got=error.got, hint=error.hint
            ) from None
    return found


def reference_for(wrong: Sighting, others: Iterable[Sighting]) -> Sighting | None:
    """Return the photo of the class ``wrong`` was taken for: rightly answered ones first, then the surest."""
    candidates = [other for other in others if other.truth == wrong.answered]
    surest = {id(other): float(other.prediction.probabilities[wrong.answered]) for other in candidates}
    return max(candidates, key=lambda other: (not other.wrong, surest[id(other)]), default=None)


def count_confusions(sightings: Iterable[Sighting]) -> tuple[Confusion, ...]:
    """Count true classes and answers, most frequent first."""
    counts = Counter(
        (s.prediction.labels.name(s.truth), s.prediction.labels.name(s.answered))
        for s in sightings
        if s.truth is not None
    )
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return tuple(Confusion(truth, answered, count) for (truth, answered), count in ordered)
