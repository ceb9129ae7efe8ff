"""What every method is: settings, a card, one function."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal, Protocol, runtime_checkable

import numpy as np

from axolens.classifiers.counted import Counted
from axolens.classifiers.protocols import Targets
from axolens.errors import InputError
from axolens.maths.array import Array
from axolens.records.attribution import Regions, Unit
from axolens.records.photo import Fact

Need = Literal[
    "predictions", "gradients", "guided gradients", "layers", "replaceable layers", "attention", "attention gradients"
]
About = Literal["class", "model", "photo", "nothing"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """What a method is, for the command line, the report and the docs.

    Parameters
    ----------
    name, title
        As it is asked for, and as it is printed.
    family
        "cam", "gradient", "perturbation", …
    needs
        What it asks of a classifier.
    unit
        "score" or "relative", as in ``Attribution``.
    contrast
        Whether a map for A against B is exact, because the method is linear in the target, or not offered.
    source
        Paper or DOI.
    reading
        How a map is read, for someone who does not know the method; a page says it once, under the title.
    about
        What a map knows of: the "class" that is asked, as the model sees it in the photo; the "model" and the photo, so
        that the map is the same for every class; the "photo" alone; "nothing".
    """

    name: str
    title: str
    family: str
    needs: Need
    unit: Unit
    contrast: Literal["exact", "not offered"]
    source: str
    reading: str = ""
    about: About = "class"


@dataclass(frozen=True, slots=True, kw_only=True)
class Raw:
    """What a method computes: maps of n images with m targets each; the caller stamps the rest.

    Parameters
    ----------
    maps
        (n, m, h', w') on the arrays of the model's framework.
    residual
        (n, m) for methods of unit "score", otherwise None.
    regions
        For methods on superpixels, n rows of m.
    notes
        n rows of m tuples of sentences.
    settings
        What the method chose itself, such as the layer.
    """

    maps: Array
    residual: Array | None = None
    regions: tuple[tuple[Regions, ...], ...] = ()
    notes: tuple[tuple[tuple[str, ...], ...], ...] = ()
    settings: Mapping[str, Fact] = field(default_factory=dict)


@runtime_checkable
class Method(Protocol):
    """A frozen dataclass of settings with a card and one function."""

    __dataclass_fields__: ClassVar[dict[str, Any]]
    card: ClassVar[Card]

    @property
    def images(self) -> int:
        """How many images it asks the model forward for one photo, about."""
        ...

    def attribute(self, model: Counted, batch: Array, targets: Targets, rngs: Sequence[np.random.Generator]) -> Raw:
        """Return maps of every image for its targets, each image with its own generator."""
        ...


def check_whole(setting: str, value: object, least: int) -> None:
    """Refuse a setting that is no whole number of at least ``least``.

    Raises
    ------
    InputError
        If it is none.
    """
    if not isinstance(value, int | np.integer) or value < least:
        raise InputError(setting, expected=f"a whole number of at least {least}", got=value)
