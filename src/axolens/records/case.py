"""One photo's case, and a case beside a photo of the class it was taken for."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from axolens.records.attribution import Attribution
from axolens.records.diagnosis import Diagnosis
from axolens.records.photo import Fact, Photo
from axolens.records.prediction import Prediction
from axolens.records.preprocess import Preprocess
from axolens.records.verdict import Verdict


@dataclass(frozen=True, slots=True, eq=False)
class Provenance:
    """Where a result comes from: enough to make it again.

    Parameters
    ----------
    model, model_digest
        The spec and the sha256 of the weights.
    preprocess
        What happened to the photo on its way to the network; None where the model took the batch as it was.
    seed
        Seed of all random numbers, together with the photo's digest.
    settings
        The methods' settings.
    versions
        Library versions.
    command
        The command or call that made it.
    """

    model: str
    model_digest: str
    preprocess: Preprocess | None
    seed: int
    settings: Mapping[str, Mapping[str, Fact]] = field(default_factory=dict)
    versions: Mapping[str, str] = field(default_factory=dict)
    command: str = ""


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Case:
    """One photo: what the model says, why, what a wrong answer responds to, and where that comes from.

    ``verdicts`` holds one an attribution in the same order, or none.
    """

    photo: Photo
    prediction: Prediction
    attributions: tuple[Attribution, ...]
    provenance: Provenance
    notes: tuple[str, ...] = ()
    diagnosis: Diagnosis | None = None
    verdicts: tuple[Verdict, ...] = ()

    def __repr__(self) -> str:
        """Say photo, answer and how many maps there are."""
        return f"Case({self.photo.name!r}, answered {self.answered!r}, {len(self.attributions)} maps)"

    @property
    def answered(self) -> str:
        """The class the model names."""
        return self.prediction.labels.name(self.prediction.top(1)[0].index)

    @property
    def correct(self) -> bool | None:
        """Whether the model names the true class; None where the truth is not known."""
        if self.photo.truth is None:
            return None
        return self.prediction.labels.find(self.photo.truth) == self.prediction.top(1)[0].index


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Pair:
    """A wrongly answered photo beside a photo of the class it was taken for, asked the same questions.

    Parameters
    ----------
    case, reference
        Both explained for the same two classes by the same methods.
    answered, truth
        The class the photo was taken for, and its true class.
    margin, reference_margin
        log p(answered)/p(truth) on the photo and on the reference, in log-odds.
    notes
        What the reader must know about the reference, such as that it is itself wrongly answered.
    """

    case: Case
    reference: Case
    answered: str
    truth: str
    margin: float
    reference_margin: float
    notes: tuple[str, ...] = ()

    def __repr__(self) -> str:
        """Say what lies beside what."""
        return f"Pair({self.case!r} beside {self.reference!r})"
