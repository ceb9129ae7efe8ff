"""A folder of photos: cases, pairs, confusions, and what its diagnoses say about each class."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from axolens.records.case import Case, Pair
from axolens.records.diagnosis import Grade
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


@dataclass(frozen=True, slots=True)
class ClassFinding:
    """What may be said about one factor of the wrong answers to one class, from several photos of a folder.

    Parameters
    ----------
    truth, factor
        The true class of the photos, and the factor.
    grade, sentence
        "shown" wants at least six independent units; the sentence is the only one that the evidence permits.
    photos, units
        Diagnosed photos on which the factor was tested, and independent units among them: photos of one group count
        once.
    effect
        Mean over the units of the change of the true class's log-odds by the strongest edit; None without units.
    place
        Mean over the units of the edit's place among its shams: 1 above all, 0 in their middle, −1 below all; None
        without units.
    p, adjusted
        Two-sided sign-flip p of ``place``, and the same by Benjamini and Hochberg over all classes and factors of the
        folder, 1 where the edits do not raise the class more than their shams; None without units.
    repaired, standing
        Units on whose photos the factor is shown, and those of them that stand when all photos and factors of the
        folder are allowed for.
    share
        Wilson's 95 % interval of the share repaired, from 0 to 1.
    more
        About how many more independent units would show it, if the effect stays this size; None where it is shown, or
        no number of them would.
    """

    truth: str
    factor: str
    grade: Grade
    sentence: str
    photos: int
    units: int
    effect: float | None = None
    place: float | None = None
    p: float | None = None
    adjusted: float | None = None
    repaired: int = 0
    standing: int = 0
    share: tuple[float, float] = (0.0, 1.0)
    more: int | None = None


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
    findings
        What the diagnoses of its wrong answers say about each class; empty where none were made.
    """

    cases: Sequence[Case]
    pairs: Sequence[Pair] = ()
    confusions: tuple[Confusion, ...] = ()
    failures: tuple[Failure, ...] = ()
    notes: tuple[str, ...] = ()
    findings: tuple[ClassFinding, ...] = ()


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
