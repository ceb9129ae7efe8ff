"""A folder of photos: cases, pairs and confusions."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from axolens.records.case import Case, Pair
from axolens.records.photo import Photo


@dataclass(frozen=True, slots=True)
class Failure:
    """A photo that could not be read or explained, and why."""

    photo: str
    error: str


@dataclass(frozen=True, slots=True)
class Confusion:
    """How often photos of one class were given one answer."""

    truth: str
    answered: str
    count: int


@dataclass(frozen=True, slots=True, eq=False)
class Study:
    """What a model says about a folder of photos, and why.

    Parameters
    ----------
    cases
        One a photo, in the order of the folder; may read each from disk when it is asked for.
    pairs
        Wrong answers beside a photo of the class they were taken for.
    confusions
        One a pair of true class and answer, right answers included, most frequent first.
    failures
        Photos that could not be used.
    notes
        What is missing, such as photos left out by an interruption.
    """

    cases: Sequence[Case]
    pairs: Sequence[Pair] = ()
    confusions: tuple[Confusion, ...] = ()
    failures: tuple[Failure, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Folder:
    """The photos of a folder, and the files that could not be read.

    Parameters
    ----------
    photos
        In the order of the folder.
    failures
        One a file that could not be read, named relative to the folder.

    Examples
    --------
    >>> len(Folder((), (Failure("empty.png", "empty.png: expected a picture, got zero bytes."),)))
    0
    """

    photos: tuple[Photo, ...]
    failures: tuple[Failure, ...] = ()

    def __iter__(self) -> Iterator[Photo]:
        """Go over the photos, not the failures."""
        return iter(self.photos)

    def __len__(self) -> int:
        """Return how many photos could be read."""
        return len(self.photos)
