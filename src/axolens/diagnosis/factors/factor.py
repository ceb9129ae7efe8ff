"""What a factor is: edits that move it, shams of the same strength that do not, and a measurement."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import wraps
from typing import NamedTuple, Protocol, TypeVar, runtime_checkable
from weakref import WeakKeyDictionary

import numpy as np
from jaxtyping import Bool, Float, Float32
from scipy.ndimage import gaussian_filter

from axolens.records.diagnosis import Measured

Pixels = Float32[np.ndarray, "h w 3"]
Values = Float[np.ndarray, "h w 3"]
Found = TypeVar("Found")
Shown = TypeVar("Shown", "Picture", "Edit", "Picture | Edit")


@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
class Picture:
    """What is edited: the photo, reduced to at most twice the network's size.

    Parameters
    ----------
    pixels
        (h, w, 3) sRGB in [0, 1].
    unit
        How many of its pixels the network sees as one, so that doses mean the same for every photo.
    mask
        (h, w), True on the object, or None.
    references
        Rightly answered photos of the true class, with their masks where they have one: what the edits move towards.
    others
        Rightly answered photos of the class that this one is taken for.
    unrelated
        Rightly answered photos of any other classes: what the placebos of a background and of a tag are taken from,
        beside ``others``.
    """

    pixels: Pixels
    unit: float = 1.0
    mask: Bool[np.ndarray, "h w"] | None = None
    references: tuple["Picture", ...] = ()
    others: tuple["Picture", ...] = ()
    unrelated: tuple["Picture", ...] = ()

    @property
    def step(self) -> float:
        """Pixels of it that are one of a picture whose shorter side is 224: harmless shifts are counted in them."""
        return min(self.pixels.shape[:2]) / 224

    @property
    def guides(self) -> tuple["Picture", ...]:
        """The references that have a mask; none where the picture itself has none."""
        return () if self.mask is None else tuple(one for one in self.references if one.mask is not None)

    @property
    def strangers(self) -> tuple["Picture", ...]:
        """Photos of other classes that have a mask."""
        return tuple(one for one in (*self.others, *self.unrelated) if one.mask is not None)


@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
class Edit:
    """One edited picture; ``words`` complete the sentence "the photo was …".

    ``place`` is its place among all edits of the factor, which stays when others are refused.
    """

    words: str
    dose: float
    pixels: Float32[np.ndarray, "h2 w2 3"]
    place: int = 0


def remembered(ask: Callable[[Shown], Found]) -> Callable[[Shown], Found]:
    """Ask once a picture, or once an edit; the answer goes when it does.

    Examples
    --------
    >>> asked = []
    >>> size = remembered(lambda picture: asked.append(1) or picture.pixels.shape)
    >>> grey = Picture(np.zeros((2, 3, 3), np.float32))
    >>> size(grey), size(grey), len(asked)
    ((2, 3, 3), (2, 3, 3), 1)
    """
    known: WeakKeyDictionary[Shown, Found] = WeakKeyDictionary()

    @wraps(ask)
    def answer(picture: Shown) -> Found:
        if picture not in known:
            known[picture] = ask(picture)
        return known[picture]

    return answer


@runtime_checkable
class Factor(Protocol):
    """Edits, shams and a measurement of one factor."""

    @property
    def name(self) -> str:
        """The factor's name in the records."""
        ...

    def measure(self, picture: Picture) -> Measured:
        """Return what the picture itself shows of the factor."""
        ...

    def edits(self, picture: Picture) -> tuple[Edit, ...]:
        """Return the edited pictures, one a dose; none where the factor cannot be moved in this picture."""
        ...

    def sham(self, picture: Picture, edits: Sequence[Edit], rng: np.random.Generator) -> tuple[Pixels, ...]:
        """Return one placebo an edit, all from one draw: as strong, through the same pipeline, not along the factor."""
        ...


def clipped(values: Values) -> Pixels:
    """Return values as a picture, cut to [0, 1]."""
    return np.clip(values, 0, 1).astype(np.float32)


def misplaced(picture: Picture, edits: Sequence[Edit], rng: np.random.Generator) -> tuple[Pixels, ...]:
    """Return, for each edit, its change put onto other places of the picture: as strong and as rough, but beside it.

    Examples
    --------
    >>> black = Picture(np.zeros((8, 8, 3), np.float32))
    >>> dot = np.zeros((8, 8, 3), np.float32)
    >>> dot[2, 2] = 1
    >>> moved, = misplaced(black, [Edit("dotted", 1.0, dot)], np.random.default_rng(0))
    >>> float(moved.sum()), float(moved[2, 2].sum())
    (3.0, 0.0)
    """
    height, width = picture.pixels.shape[:2]
    down, across = (int(rng.integers(side // 4, side - side // 4)) for side in (height, width))
    flips = tuple(axis for axis in (0, 1) if rng.random() < 0.5)
    moved = []
    for edit in edits:
        change = np.roll(np.flip(edit.pixels - picture.pixels, flips), (down, across), (0, 1))
        moved.append(clipped(picture.pixels + change))
    return tuple(moved)


def smooth_field(rng: np.random.Generator, size: tuple[int, int], share: float = 0.2) -> Float32[np.ndarray, "h w"]:
    """Return smooth noise with mean 0 and standard deviation 1 over a picture; ``share`` of a side is its grain."""
    noise = rng.standard_normal(tuple(side // 4 + 2 for side in size))
    coarse = gaussian_filter(noise, [share * side for side in noise.shape], mode="wrap")
    sides = zip(coarse.shape, size, strict=True)
    rows, columns = (np.linspace(0, grid - 1, side).round().astype(int) for grid, side in sides)
    field = gaussian_filter(coarse[rows][:, columns], 3)
    return ((field - field.mean()) / max(float(field.std()), 1e-12)).astype(np.float32)


def luma(pixels: Pixels) -> Float32[np.ndarray, "h w"]:
    """Return brightness in [0, 1] (Rec. 601)."""
    return pixels @ np.array([0.299, 0.587, 0.114], np.float32)


def coarse(pixels: Pixels, block: int) -> Float32[np.ndarray, "h2 w2 3"]:
    """Return the means of square blocks: what is left of a picture when noise and fine detail are averaged out.

    Examples
    --------
    >>> coarse(np.arange(12, dtype=np.float32).reshape(2, 2, 3) / 12, 2)[0, 0].astype(float).round(3).tolist()
    [0.375, 0.458, 0.542]
    """
    block = max(1, min(block, *pixels.shape[:2]))
    rows, columns = (side // block for side in pixels.shape[:2])
    cut = pixels[: rows * block, : columns * block]
    return cut.reshape(rows, block, columns, block, 3).mean(axis=(1, 3))


class Box(NamedTuple):
    """Where the detail of a picture lies, in shares of its sides."""

    top: float
    left: float
    bottom: float
    right: float

    @property
    def side(self) -> float:
        """The larger of its sides."""
        return max(self.bottom - self.top, self.right - self.left)

    @property
    def middle(self) -> Float[np.ndarray, "2"]:
        """Row and column of its middle."""
        return np.array([(self.top + self.bottom) / 2, (self.left + self.right) / 2])


def detail_box(picture: Picture, share: float = 0.02) -> Box:
    """Return the box that holds the squared steps of brightness, but for ``share`` beyond each of its sides.

    Examples
    --------
    >>> pixels = np.full((64, 64, 3), 0.5, np.float32)
    >>> pixels[16:32, 32:48] = np.indices((16, 16)).sum(axis=0)[..., None] % 8 / 8
    >>> [round(side, 2) for side in detail_box(Picture(pixels))]
    [0.23, 0.48, 0.52, 0.77]
    """
    block = max(1, round(2 * picture.unit))
    small = luma(coarse(picture.pixels, block))
    bounds = []
    for axis in (0, 1):
        steps = (np.diff(small, axis=axis) ** 2).sum(axis=1 - axis)
        if not steps.any():
            bounds.append((0.0, 1.0))
            continue
        total = np.concatenate([[0], np.cumsum(steps)]) / steps.sum()
        places = np.linspace(0, 1, len(total))
        low, high = (float(places[np.searchsorted(total, level)]) for level in (share, 1 - share))
        bounds.append((max(low - float(places[1]), 0.0), high) if high > low else (0.0, 1.0))
    (top, bottom), (left, right) = bounds
    return Box(top, left, bottom, right)
