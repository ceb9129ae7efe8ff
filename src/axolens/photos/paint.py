"""Maps and regions drawn over photos: values in, pixels out."""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Bool, Float32, Int32, Int64
from PIL import Image
from skimage.segmentation import find_boundaries

from axolens.records.frame import Frame
from axolens.records.segments import Segments

# Okabe and Ito's vermilion and blue: told apart with every common colour blindness, and in greyscale print by weight.
POSITIVE = (213 / 255, 94 / 255, 0.0)
NEGATIVE = (0.0, 114 / 255, 178 / 255)
FULL = 0.8
DIMMED = 0.4
TINT = 0.35
FADED = (0.45, 0.95)  # what black and white become on a greyed map


def lay_on(
    values: Float32[np.ndarray, "a b"], frame: Frame
) -> tuple[Float32[np.ndarray, "h w"], Bool[np.ndarray, "h w"]]:
    """Enlarge a native map bilinearly to the frame's box on the photo.

    Parameters
    ----------
    values
        (h', w') any unit; a value that is no finite number stays NaN at its own place and colours no neighbour.
    frame
        Where the map lies; its box is rounded to whole photo pixels.

    Returns
    -------
    values, seen
        (h, w) on the photo grid, in the unit given; 0 and False where the network saw nothing.

    Examples
    --------
    >>> frame = Frame(box=(1.0, 0.0, 3.0, 1.0), size=(7, 7), photo=(1, 4))
    >>> laid, seen = lay_on(np.array([[2.0]], np.float32), frame)
    >>> laid.tolist(), seen.tolist()
    ([[0.0, 2.0, 2.0, 0.0]], [[False, True, True, False]])
    """
    on_photo, in_box, (height, width) = _places(frame)
    finite = np.isfinite(values)
    enlarged = _resize(np.where(finite, values, np.float32(0)), (height, width))
    if not finite.all():
        enlarged = enlarged / np.maximum(_resize(finite.astype(np.float32), (height, width)), 1e-6, dtype=np.float32)
        enlarged[~finite[_cells(finite.shape, (height, width))]] = np.nan
    laid = np.zeros(frame.photo, np.float32)
    laid[on_photo] = enlarged[in_box]
    return laid, _seen(frame)


def heatmap(
    photo_pixels: Float32[np.ndarray, "h w 3"],
    values: Float32[np.ndarray, "h w"],
    seen: Bool[np.ndarray, "h w"],
    limit: float | None = None,
) -> Float32[np.ndarray, "h w 3"]:
    """Paint a signed map over the greyed photo: vermilion above zero, blue below, nothing at zero.

    Parameters
    ----------
    photo_pixels
        sRGB in [0, 1].
    values
        On the photo grid, as ``lay_on`` returns them; NaN is drawn as grey hatching.
    seen
        False where the network saw nothing: drawn dark, with a thin line round the crop.
    limit
        The absolute value at full colour, in the map's unit; by default the largest one.

    Examples
    --------
    >>> grey, everywhere = np.full((1, 1, 3), 0.5, np.float32), np.ones((1, 1), bool)
    >>> red, green, blue = heatmap(grey, np.array([[1.0]], np.float32), everywhere)[0, 0]
    >>> bool(red > green > blue)
    True
    """
    grey = _grey(photo_pixels)
    missing = np.isnan(values)
    known = np.where(missing, np.float32(0), values)
    limit = float(np.abs(known).max(initial=0.0)) if limit is None else limit
    strength = np.clip(np.abs(known) / limit, 0, 1) * FULL if limit > 0 else np.zeros_like(known)
    colour = np.where((known > 0)[..., None], np.array(POSITIVE, np.float32), np.array(NEGATIVE, np.float32))
    painted = _blend(grey, colour, strength)
    painted[missing] = _hatching(values.shape)[missing]
    return _crop_shown(painted, grey, seen)


def regions(
    photo_pixels: Float32[np.ndarray, "h w 3"],
    segments: Segments,
    frame: Frame,
    shown_positive: Sequence[int],
    shown_negative: Sequence[int],
) -> Float32[np.ndarray, "h w 3"]:
    """Paint LIME's picture: shown regions tinted and outlined, the rest grey and dim, all boundaries as fine lines.

    Parameters
    ----------
    photo_pixels
        sRGB in [0, 1], of size ``frame.photo``.
    segments
        The regions on the network grid.
    frame
        Where the network grid lies on the photo.
    shown_positive, shown_negative
        Regions that support (vermilion) and oppose (blue).
    """
    labels = _labels_on(segments.labels, frame)
    positive, negative = np.isin(labels, list(shown_positive)), np.isin(labels, list(shown_negative))
    seen = labels >= 0
    shown = (positive | negative)[..., None]
    grey = _grey(photo_pixels)
    # half grey, so that the tint has the legend's colour on skin of any colour
    painted = np.where(shown, (photo_pixels + grey) / 2, grey * np.float32(DIMMED + 0.1))
    painted = _blend(painted, np.ones(3, np.float32), np.where(_edges(labels) & seen, np.float32(0.3), np.float32(0)))
    for chosen, colour in ((positive, POSITIVE), (negative, NEGATIVE)):
        outline = _edges(np.where(chosen, labels, np.int32(-1))) & chosen
        strength = np.where(outline, np.float32(1), np.where(chosen, np.float32(TINT), np.float32(0)))
        painted = _blend(painted, np.array(colour, np.float32), strength)
    return _crop_shown(painted, grey, seen)


def greyed(painted: Float32[np.ndarray, "h w 3"]) -> Float32[np.ndarray, "h w 3"]:
    """Take the colour out of a painted map and fade it, for one that must not be read as evidence.

    Examples
    --------
    >>> (255 * greyed(np.array([[POSITIVE, NEGATIVE]], np.float32))).round().astype(int).tolist()
    [[[171, 171, 171], [162, 162, 162]]]
    """
    return _grey(painted) * np.float32(FADED[1] - FADED[0]) + np.float32(FADED[0])


def thumbnail(pixels: Float32[np.ndarray, "h w 3"], longer_side: int) -> Float32[np.ndarray, "a b 3"]:
    """Reduce a photo so that its longer side has at most ``longer_side`` pixels; a smaller one stays as it is.

    Examples
    --------
    >>> thumbnail(np.full((40, 20, 3), 0.5, np.float32), 10).shape
    (10, 5, 3)
    """
    height, width = pixels.shape[:2]
    scale = longer_side / max(height, width)
    if scale >= 1:
        return pixels
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    small = Image.fromarray(np.round(pixels * 255).astype(np.uint8)).resize(size, Image.Resampling.LANCZOS)
    return np.asarray(small, np.float32) / np.float32(255)


def frame_on(frame: Frame, photo: tuple[int, int]) -> Frame:
    """Return the same frame on a photo of another size (height and width in pixels).

    Examples
    --------
    >>> frame_on(Frame(box=(50.0, 0.0, 150.0, 100.0), size=(7, 7), photo=(100, 200)), (50, 100)).box
    (25.0, 0.0, 75.0, 50.0)
    """
    down, across = photo[0] / frame.photo[0], photo[1] / frame.photo[1]
    x0, y0, x1, y1 = frame.box
    return Frame(box=(x0 * across, y0 * down, x1 * across, y1 * down), size=frame.size, photo=photo)


def _places(frame: Frame) -> tuple[tuple[slice, slice], tuple[slice, slice], tuple[int, int]]:
    """Return the box's part on the photo, the same part counted from the box's corner, and the box's size."""
    x0, y0 = round(frame.box[0]), round(frame.box[1])
    x1, y1 = max(x0 + 1, round(frame.box[2])), max(y0 + 1, round(frame.box[3]))
    left, top = min(max(x0, 0), frame.photo[1]), min(max(y0, 0), frame.photo[0])
    right, bottom = max(left, min(x1, frame.photo[1])), max(top, min(y1, frame.photo[0]))
    on_photo = (slice(top, bottom), slice(left, right))
    return on_photo, (slice(top - y0, bottom - y0), slice(left - x0, right - x0)), (y1 - y0, x1 - x0)


def _seen(frame: Frame) -> Bool[np.ndarray, "h w"]:
    seen = np.zeros(frame.photo, bool)
    seen[_places(frame)[0]] = True
    return seen


def _resize(values: Float32[np.ndarray, "a b"], size: tuple[int, int]) -> Float32[np.ndarray, "h w"]:
    enlarged = Image.fromarray(np.ascontiguousarray(values)).resize(size[::-1], Image.Resampling.BILINEAR)
    return np.array(enlarged, np.float32)


def _cells(shape: tuple[int, ...], size: tuple[int, int]) -> tuple[Int64[np.ndarray, "h 1"], Int64[np.ndarray, "1 w"]]:
    """Return the row and column of the native cell that each place of an enlarged map lies in."""
    rows = np.arange(size[0]) * shape[0] // size[0]
    columns = np.arange(size[1]) * shape[1] // size[1]
    return rows[:, None], columns[None, :]


def _labels_on(labels: Int32[np.ndarray, "a b"], frame: Frame) -> Int32[np.ndarray, "h w"]:
    """Lay region numbers on the photo grid; -1 where the network saw nothing."""
    on_photo, in_box, size = _places(frame)
    laid = np.full(frame.photo, -1, np.int32)
    laid[on_photo] = labels[_cells(labels.shape, size)][in_box]
    return laid


def _edges(labels: Int32[np.ndarray, "h w"] | Bool[np.ndarray, "h w"]) -> Bool[np.ndarray, "h w"]:
    edges: Bool[np.ndarray, "h w"] = find_boundaries(labels, mode="thick")  # type: ignore[no-untyped-call]
    return edges


def _grey(pixels: Float32[np.ndarray, "h w 3"]) -> Float32[np.ndarray, "h w 3"]:
    """Return the luma (ITU-R BT.709) of each pixel on all three channels."""
    luma: Float32[np.ndarray, "h w"] = pixels @ np.array((0.2126, 0.7152, 0.0722), np.float32)
    return np.repeat(luma[..., None], 3, axis=-1)


def _blend(
    under: Float32[np.ndarray, "h w 3"],
    colour: Float32[np.ndarray, "*place 3"],
    strength: Float32[np.ndarray, "h w"],
) -> Float32[np.ndarray, "h w 3"]:
    blended: Float32[np.ndarray, "h w 3"] = under + (colour - under) * strength[..., None].astype(np.float32)
    return blended


def _hatching(shape: tuple[int, ...]) -> Float32[np.ndarray, "h w 3"]:
    stripe = (np.arange(shape[0])[:, None] + np.arange(shape[1])) // 4 % 2
    return np.repeat((0.5 + 0.25 * stripe).astype(np.float32)[..., None], 3, axis=-1)


def _crop_shown(
    painted: Float32[np.ndarray, "h w 3"],
    grey: Float32[np.ndarray, "h w 3"],
    seen: Bool[np.ndarray, "h w"],
) -> Float32[np.ndarray, "h w 3"]:
    """Darken what the network did not see and draw the crop's line on the dark side."""
    painted = np.where(seen[..., None], painted, grey * np.float32(DIMMED))
    line = _edges(seen) & ~seen
    painted[line] = np.float32(0.9)
    clipped: Float32[np.ndarray, "h w 3"] = np.clip(painted, 0, 1)
    return clipped
