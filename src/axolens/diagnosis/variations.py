"""Harmless variations of a picture: what a photographer would call the same photo."""

import io
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float32
from PIL import Image

from axolens.errors import InputError

Pixels = Float32[np.ndarray, "h w 3"]
Named = tuple[str, Pixels]

FARTHEST = 4  # pixels of the network
LARGEST = 0.03
QUALITIES = (90, 95)


@dataclass(frozen=True, slots=True, kw_only=True)
class Variation:
    """A small shift, a small change of scale, perhaps the mirror image, and a JPEG of high quality, all at once.

    Parameters
    ----------
    right, down
        By how far the picture moves, in pixels of the network, −4 to 4 among the declared ones.
    scale
        By how much it grows about its centre, 0.97 to 1.03 among the declared ones.
    mirrored
        Whether left and right are exchanged.
    quality
        Of the JPEG, 90 to 95 among the declared ones; None saves none.

    Examples
    --------
    >>> Variation(right=4, down=-1, scale=1.02, mirrored=True, quality=93).name
    'moved by +4, -1, scale 1.020, mirrored, JPEG 93'
    """

    right: int = 0
    down: int = 0
    scale: float = 1.0
    mirrored: bool = False
    quality: int | None = None

    @property
    def name(self) -> str:
        """The variation in words."""
        words = [f"moved by {self.right:+d}, {self.down:+d}", f"scale {self.scale:.3f}"]
        words += ["mirrored"] if self.mirrored else []
        return ", ".join([*words, *([] if self.quality is None else [f"JPEG {self.quality}"])])

    def apply(self, pixels: Pixels, unit: float = 1.0) -> Pixels:
        """Return the picture so varied.

        Parameters
        ----------
        pixels
            (h, w, 3) sRGB in [0, 1]; it is rounded to 8 bits, as in a file.
        unit
            How many pixels of the picture a pixel of the network spans, above 0.

        Returns
        -------
        pixels
            Of the same size; what comes in from beyond an edge is the reflection of what lies before it.

        Raises
        ------
        InputError
            If ``unit`` is not above 0.

        Notes
        -----
        One resampling for shift and scale together, with Pillow's bicubic filter; whole pixels at scale 1 stay as they
        are. The JPEG halves the resolution of its colours, as cameras do.

        Examples
        --------
        >>> row = np.array([[[0.0] * 3, [0.2] * 3, [1.0] * 3]], np.float32)
        >>> Variation(right=1).apply(row)[0, :, 0]
        array([0. , 0. , 0.2], dtype=float32)
        """
        if not unit > 0:
            raise InputError("unit", expected="a number above 0", got=unit)
        levels = np.round(pixels * 255).astype(np.uint8)
        moved = self._moved(levels, unit)
        picture = Image.fromarray(np.ascontiguousarray(moved[:, ::-1] if self.mirrored else moved))
        if self.quality is not None:
            picture = _jpeg(picture, self.quality)
        return (np.asarray(picture).astype(np.float32) / 255).astype(np.float32)

    def _moved(self, levels: np.ndarray, unit: float) -> np.ndarray:
        height, width = levels.shape[:2]
        spans = [_span(side, step * unit, self.scale) for side, step in ((width, self.right), (height, self.down))]
        (x0, x1), (y0, y1) = spans
        if (x0, y0, x1, y1) == (0, 0, width, height):
            return levels
        beyond = int(np.ceil(max(-x0, -y0, x1 - width, y1 - height, 0))) + 3  # as far as the filter reaches
        padded = np.pad(levels, ((beyond, beyond), (beyond, beyond), (0, 0)), mode="symmetric")
        box = (x0 + beyond, y0 + beyond, x1 + beyond, y1 + beyond)
        return np.asarray(Image.fromarray(padded).resize((width, height), Image.Resampling.BICUBIC, box=box))


FIXED = Variation(right=2, down=-1, scale=1.0, quality=93)
"""The one variation under which sham and real edits are read alike: not mirrored, so that it fits every plan."""


def drawn(count: int, rng: np.random.Generator, *, mirror: bool = True) -> tuple[Variation, ...]:
    """Draw harmless variations: shifts of up to 4 pixels of the network, scale within 3 %, mirror image, JPEG 90–95.

    Parameters
    ----------
    count
        How many, at least 0.
    rng
        The photo's generator.
    mirror
        Whether half of them (with an odd count, one fewer) are mirrored, in a drawn order; without it none is, for
        pictures in which left and right mean something, such as text.

    Raises
    ------
    InputError
        If the count is negative.

    Examples
    --------
    >>> some = drawn(4, np.random.default_rng(0))
    >>> sum(one.mirrored for one in some), all(0.97 <= one.scale <= 1.03 for one in some)
    (2, True)
    """
    if count < 0:
        raise InputError("count", expected="at least 0", got=count)
    sides = rng.permutation(np.arange(count) % 2 == 1)
    return tuple(
        Variation(
            right=int(rng.integers(-FARTHEST, FARTHEST, endpoint=True)),
            down=int(rng.integers(-FARTHEST, FARTHEST, endpoint=True)),
            scale=float(rng.uniform(1 - LARGEST, 1 + LARGEST)),
            mirrored=bool(mirrored) and mirror,
            quality=int(rng.integers(*QUALITIES, endpoint=True)),
        )
        for mirrored in sides
    )


def variations(
    pixels: Pixels, count: int, rng: np.random.Generator, unit: float = 1.0, *, mirror: bool = True
) -> list[Named]:
    """Return drawn harmless variations of a picture, each with its name.

    Parameters
    ----------
    pixels
        (h, w, 3) sRGB in [0, 1].
    count
        How many, at least 0.
    rng
        The photo's generator: the same one gives the same variations, whatever the picture.
    unit
        How many pixels of the picture a pixel of the network spans.
    mirror
        Whether half of them are mirrored.

    Examples
    --------
    >>> grey = np.full((8, 8, 3), 128 / 255, np.float32)
    >>> [(name, bool((varied == grey).all())) for name, varied in variations(grey, 1, np.random.default_rng(0))]
    [('moved by +3, +1, scale 0.986, JPEG 91', True)]
    """
    return [(one.name, one.apply(pixels, unit)) for one in drawn(count, rng, mirror=mirror)]


def _span(side: int, step: float, scale: float) -> tuple[float, float]:
    """Return from where to where of a side the picture now shows: x lands at c + scale·(x − c) + step, c its centre."""
    centre = side / 2
    return centre - (centre + step) / scale, centre + (centre - step) / scale


def _jpeg(picture: Image.Image, quality: int) -> Image.Image:
    stream = io.BytesIO()
    picture.save(stream, "JPEG", quality=quality)
    return Image.open(stream).convert("RGB")
