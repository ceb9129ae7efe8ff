"""Someone else's explainer as a method, so that it can be asked again."""

from collections.abc import Callable, Sequence
from dataclasses import InitVar, dataclass
from typing import Any, ClassVar

import numpy as np

from axolens.classifiers.counted import Counted
from axolens.classifiers.protocols import Targets
from axolens.errors import InputError
from axolens.maths.array import Array, to_numpy
from axolens.methods.method import Card, Raw
from axolens.records.target import Target

Explainer = Callable[[Any, np.ndarray, Target], Any]
"""Takes the model, a picture (h, w, 3) on the network grid in [0, 1], and the question; gives a map (h', w')."""


@dataclass(frozen=True, kw_only=True)
class Given:
    """A function that makes maps, from another library or of one's own.

    Parameters
    ----------
    explainer
        Called as ``explainer(model, image, target)``.
    function
        Its name, for the record.
    """

    explainer: InitVar[Explainer]
    function: str = ""
    card: ClassVar[Card] = Card(
        name="given",
        title="A map from elsewhere",
        family="given",
        needs="predictions",
        unit="relative",
        contrast="exact",
        source="the caller",
    )

    def __post_init__(self, explainer: Explainer) -> None:
        """Keep the function beside the settings, among which its name stands."""
        object.__setattr__(self, "_explain", explainer)
        object.__setattr__(self, "function", getattr(explainer, "__qualname__", type(explainer).__name__))

    @property
    def images(self) -> int:
        """About one image a map; what it asks past ``Counted`` is not counted."""
        return 1

    def attribute(self, model: Counted, batch: Array, targets: Targets, rngs: Sequence[np.random.Generator]) -> Raw:
        """Return the explainer's maps (n, m, h', w') of every image for its targets.

        Raises
        ------
        InputError
            If what the explainer gives is no map of two axes.
        """
        del rngs
        images, explain = to_numpy(batch), getattr(self, "_explain")  # noqa: B009 not a field
        maps = [
            np.stack([checked_map(explain(model.model, image, one)) for one in row])
            for image, row in zip(images, targets, strict=True)
        ]
        return Raw(maps=model.asarray(np.stack(maps)))


def checked_map(values: Any) -> np.ndarray:
    """Return someone else's map as (h, w) float32.

    Raises
    ------
    InputError
        If it has not two axes, or not two places.

    Examples
    --------
    >>> checked_map([[0, 1], [2, 3]]).dtype, checked_map(np.zeros((1, 4, 4))).shape
    (dtype('float32'), (4, 4))
    """
    try:
        found = np.asarray(values.detach().cpu() if hasattr(values, "detach") else values, np.float32)
    except (TypeError, ValueError) as error:
        raise InputError("values", expected="a map of numbers", got=f"{type(values).__name__} ({error})") from None
    while found.ndim > 2 and found.shape[0] == 1:
        found = found[0]
    if found.ndim != 2 or found.size < 2:
        hint = "Sum the colour channels, with their signs." if found.ndim == 3 else ""
        raise InputError("values", expected="a map (h, w)", got=f"an array of shape {found.shape}", hint=hint)
    return found
