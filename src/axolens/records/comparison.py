"""Methods held against each other on the same photos of one model."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Float32

from axolens.records.case import Provenance
from axolens.records.study import Failure
from axolens.records.target import Target


@dataclass(frozen=True, slots=True, eq=False)
class PhotoEffects:
    """What hiding by the methods' maps does to one photo; its maps first, which other photos are held against too.

    Parameters
    ----------
    digest
        sha256 of the photo's bytes.
    target
        The class that the model names.
    clean
        (k,) the model's scores of the whole photo.
    maps
        (m, r, c) one a method, on the grid of cells.
    provenance
        What the maps depend on; its settings name the methods in their order.
    lender
        The digest of the photo whose maps ``effects`` holds beside its own; empty where there are no effects yet.
    effects
        (q, 2m + 1) a row for each order and fill: by the own maps, the centre blob, and the lender's maps.
    """

    digest: str
    target: Target
    clean: Float32[np.ndarray, "k"]
    maps: Float[np.ndarray, "m r c"]
    provenance: Provenance
    lender: str = ""
    effects: Float[np.ndarray, "q s"] | None = None


@dataclass(frozen=True, slots=True)
class MethodScore:
    """What hiding by one method's maps did over all groups of photos, each group's photos averaged first.

    Parameters
    ----------
    method
        Its name.
    effect
        Mean over groups and readings by how much hiding moves the score as the map says, in the score's unit.
    each
        The same for each reading.
    over_swapped
        The photo's own map less one of another group by the same method: its mean; what the method knows of the photo.
    p
        Of ``over_swapped``, by sign flips over groups, adjusted for the number of methods.
    ahead
        In how many groups the own map does better than the other's.
    share
        95 % interval of that share.
    """

    method: str
    effect: float
    each: tuple[float, ...]
    over_swapped: float
    p: float
    ahead: int
    share: tuple[float, float]


@dataclass(frozen=True, slots=True)
class MethodPair:
    """Two methods, group by group.

    Parameters
    ----------
    first, second
        The one with the larger mean effect, and the other.
    difference
        Of their effects, the mean over groups and readings.
    p
        By sign flips over groups, adjusted for the number of pairs.
    agree
        Whether every order under every fill has the same sign.
    """

    first: str
    second: str
    difference: float
    p: float
    agree: bool

    @property
    def ranked(self) -> bool:
        """Whether the first may be called better: surely, and by every reading."""
        return self.agree and self.p <= 0.05


@dataclass(frozen=True, slots=True)
class Comparison:
    """Methods compared on the photos of a folder.

    Parameters
    ----------
    model
        Which model.
    photos, groups
        On how many photos, in how many groups: photos of one individual and copies of one file are one.
    readings
        Orders and fills, as "most, blur".
    scores
        One a method, by falling effect; the centre blob is among them.
    pairs
        Every two of them.
    failures
        Photos that could not be used.
    provenance
        Where it comes from.
    """

    model: str
    photos: int
    groups: int
    readings: tuple[str, ...]
    scores: tuple[MethodScore, ...]
    pairs: tuple[MethodPair, ...]
    failures: tuple[Failure, ...] = ()
    provenance: Provenance | None = None
