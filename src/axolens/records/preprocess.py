"""How a photo becomes what a network takes, as data."""

from dataclasses import dataclass
from typing import Literal

from axolens.errors import InputError

Filter = Literal["nearest", "box", "bilinear", "hamming", "bicubic", "lanczos"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Preprocess:
    """Resize, crop, scaling and normalisation of one network.

    The network takes ``(pixels * scale - mean) / std`` with channels in ``order`` and axes in ``layout``.

    Parameters
    ----------
    size
        Height and width that the network takes, in pixels.
    filter
        Resampling filter of the resize, by Pillow's names.
    short_side
        The photo's shorter side is brought to this many pixels, then the centre of ``size`` is cut out;
        None resizes the whole photo to ``size`` and lets its proportions go.
    scale
        Factor on sRGB values in [0, 1]: 1 or 255 for most networks.
    mean, std
        Per channel, in the network's channel order, in units of the scaled pixels.
    order
        Channel order that the network takes.
    layout
        Axis order that the network takes.

    Raises
    ------
    InputError
        If a size is below 1, a scale or std is 0, or ``short_side`` is smaller than ``size``.

    Examples
    --------
    >>> Preprocess(size=(224, 224), short_side=256).filter
    'bilinear'
    """

    size: tuple[int, int]
    filter: Filter = "bilinear"
    short_side: int | None = None
    scale: float = 1.0
    mean: tuple[float, ...] = (0.0, 0.0, 0.0)
    std: tuple[float, ...] = (1.0, 1.0, 1.0)
    order: Literal["rgb", "bgr"] = "rgb"
    layout: Literal["nchw", "nhwc"] = "nchw"

    def __post_init__(self) -> None:
        """Refuse what no network can mean."""
        if min(self.size) < 1:
            raise InputError("preprocess.size", expected="a height and a width of at least 1", got=self.size)
        if self.short_side is not None and self.short_side < max(self.size):
            raise InputError(
                "preprocess.short_side",
                expected=f"at least the crop's longer side, {max(self.size)}",
                got=self.short_side,
                hint="Leave short_side out to resize the whole photo to size.",
            )
        if self.scale == 0 or 0 in self.std:
            raise InputError("preprocess", expected="a scale and std other than 0", got=(self.scale, self.std))
        if len(self.mean) != 3 or len(self.std) != 3:
            raise InputError("preprocess", expected="three means and three stds", got=(self.mean, self.std))
