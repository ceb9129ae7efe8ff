"""Plates: one picture of the page each, with the words that belong to it."""

import base64
import io
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Float32
from markupsafe import Markup
from PIL import Image

from axolens.photos.paint import frame_on, greyed, heatmap, lay_on, regions, thumbnail
from axolens.records.attribution import Attribution, Regions
from axolens.records.frame import Frame
from axolens.records.photo import Photo
from axolens.records.target import Target
from axolens.report import words
from axolens.report.verdicts import Told

SIDE = 360
QUALITIES = (78, 65, 50, 35)
COARSER = 0.6  # of the side, for the rare picture of pure noise that no quality brings under the limit
LARGEST_BYTES = 20_000  # ten pictures a photo, a third more in base64, stay under 300 KB
SHOWN = 5  # regions drawn, as in the notebook that axolens started from

Pixels = Float32[np.ndarray, "_ _ 3"]


@dataclass(frozen=True, slots=True)
class Plate:
    """A picture with its size, what it says without eyes, and what stands under it."""

    source: str
    width: int
    height: int
    alt: str
    title: str
    captions: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    sides: tuple[str, str] | None = None
    told: Told | None = None


def photo_plate(photo: Photo, small: Pixels, frame: Frame | None) -> Plate:
    """Return the plate of the photo itself; ``small`` is its thumbnail, ``frame`` what the network saw, if known."""
    alt = f"The photo {photo.name}, {photo.size[1]} by {photo.size[0]} pixels."
    captions = () if frame is None else (_seen_words(frame),)
    return Plate(encode(small), small.shape[1], small.shape[0], alt, "The photo", captions)


def map_plate(
    name: str, small: Pixels, attribution: Attribution, limit: float | None = None, told: Told | None = None
) -> Plate:
    """Return the plate of one attribution over its photo.

    Parameters
    ----------
    name, small
        The photo's name and thumbnail.
    attribution
        The map.
    limit
        Absolute value at full colour where two photos share a scale; otherwise the map's own largest.
    told
        What may be concluded from it, where that was judged; a map with a warning is greyed.
    """
    warning = "" if told is None else told.warning
    painted = paint(small, attribution, limit, grey=bool(warning))
    question = words.question(attribution.target)
    asked = f"{attribution.title} of {name} for {question}"
    shown = f", drawn in grey. {warning}" if warning else f": {_strongest_words(attribution)}"
    alt = f"{asked}{shown} {_seen_words(attribution.frame)}"
    names = _class_names(attribution.target)
    return Plate(
        encode(painted),
        painted.shape[1],
        painted.shape[0],
        alt,
        f"{attribution.title}: {question}",
        _captions(attribution, limit, grey=bool(warning)),
        tuple(words.sentence(note, names) for note in attribution.notes),
        None if warning else words.sides(attribution.target),
        told,
    )


def common_lines(plates: Sequence[Plate]) -> tuple[str, ...]:
    """Return what is said alike of all maps of one method, where there are several: to be said once above them."""
    if len(plates) < 2:
        return ()
    said = [{*plate.captions, *plate.notes} for plate in plates]
    shareable = [line for line in plates[0].captions if line == words.OWN_SCALE] + list(plates[0].notes)
    return tuple(line for line in dict.fromkeys(shareable) if all(line in lines for lines in said))


def without(plate: Plate, lines: Sequence[str]) -> Plate:
    """Return the plate with only what is its own under it."""
    captions = tuple(line for line in plate.captions if line not in lines)
    return replace(plate, captions=captions, notes=tuple(line for line in plate.notes if line not in lines))


def paint(small: Pixels, attribution: Attribution, limit: float | None = None, *, grey: bool = False) -> Pixels:
    """Return the thumbnail with the map on it: regions where the method has them, otherwise a heatmap.

    Parameters
    ----------
    small, attribution
        The photo's thumbnail, and the map.
    limit
        Absolute value at full colour; by default the map's own largest.
    grey
        Whether the map must not be read as evidence.
    """
    painted = _painted(small, attribution, limit)
    return greyed(painted) if grey else painted


def _painted(small: Pixels, attribution: Attribution, limit: float | None) -> Pixels:
    frame = frame_on(attribution.frame, small.shape[:2])
    if attribution.regions is None:
        return heatmap(small, *lay_on(attribution.values, frame), limit if limit is not None else largest(attribution))
    shown = shown_regions(attribution.regions)
    coefficients = attribution.regions.coefficients
    supporting = [region for region in shown if coefficients[region] > 0]
    opposing = [region for region in shown if coefficients[region] < 0]
    return regions(small, attribution.regions.segments, frame, supporting, opposing)


def shown_regions(linear: Regions) -> tuple[int, ...]:
    """Return the regions that are drawn: the strongest of either sign, strongest first."""
    both = linear.strongest(SHOWN) + linear.strongest(SHOWN, sign=-1)
    return tuple(sorted(both, key=lambda region: -abs(float(linear.coefficients[region])))[:SHOWN])


def largest(attribution: Attribution) -> float:
    """Return the largest absolute value of a map that is a number, in the map's unit; 0 for an empty one."""
    finite = attribution.values[np.isfinite(attribution.values)]
    return float(np.abs(finite).max(initial=0.0))


def region_place(linear: Regions, region: int, frame: Frame) -> str:
    """Say where on the photo the middle of a region lies."""
    rows, columns = np.nonzero(linear.segments.labels == region)
    return _words_at(float(rows.mean()) + 0.5, float(columns.mean()) + 0.5, linear.segments.labels.shape, frame)


def small_photo(photo: Photo) -> Pixels:
    """Return the thumbnail that all plates of a photo are drawn on; a tiny photo is enlarged by whole pixels."""
    small = thumbnail(photo.pixels, SIDE)
    factor = max(1, SIDE // max(small.shape[:2]))
    return small.repeat(factor, axis=0).repeat(factor, axis=1)


def encode(pixels: Pixels, largest: int = LARGEST_BYTES) -> str:
    """Return pixels as a WebP data URI of at most about so many bytes before base64, by default 20 KB."""
    image = Image.fromarray(np.round(np.clip(pixels, 0, 1) * 255).astype(np.uint8))
    for quality in QUALITIES:
        content = _webp(image, quality)
        if len(content) <= largest:
            return _uri(content)
    return _uri(_webp(image.resize(_coarser(image.size)), QUALITIES[-1]))


def _uri(content: bytes) -> str:
    return Markup("data:image/webp;base64," + base64.b64encode(content).decode())


def _coarser(size: tuple[int, int]) -> tuple[int, int]:
    return max(1, round(size[0] * COARSER)), max(1, round(size[1] * COARSER))


def _webp(image: Image.Image, quality: int) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, "WEBP", quality=quality)
    return buffer.getvalue()


def _captions(attribution: Attribution, limit: float | None, grey: bool) -> tuple[str, ...]:
    own = largest(attribution)
    captions = []
    if not np.isfinite(attribution.values).all():
        captions.append("Hatched places hold no number.")
    if own == 0:
        captions.append("The map is empty: nothing on this photo speaks for or against by this method.")
    linear = attribution.regions
    if linear is not None:
        captions.append(_drawn_words(linear, "Outlined" if grey else "In colour"))
    elif own > 0 and not grey:
        captions.append(words.scale(attribution, own if limit is None else limit, shared=limit is not None))
    return tuple(captions)


def _drawn_words(linear: Regions, how: str) -> str:
    drawn, count = len(shown_regions(linear)), linear.segments.count
    which = f"the {drawn} strongest of {count} regions" if drawn else f"none of {count} regions"
    return f"{how}: {which} (R² of all {count}: {words.number(linear.fit)})."


def _class_names(target: Target) -> set[str]:
    asked = (target.label, target.against)
    return {str(part) for label in asked for part in (label if isinstance(label, tuple) else (label,))}


def _seen_words(frame: Frame) -> str:
    if frame.share >= 0.9995:
        return "The network saw the whole photo."
    return f"The network saw {words.percent(frame.share)} of the photo; what is dark on the maps was cut off."


def _strongest_words(attribution: Attribution) -> str:
    values = np.where(np.isfinite(attribution.values), attribution.values, np.float32(0))
    if not np.isfinite(attribution.values).any():
        return "the map holds no numbers."
    if not values.any():
        return "the map is empty."
    negative, positive = words.sides(attribution.target)
    row, column = np.unravel_index(int(np.abs(values).argmax()), values.shape)
    side = positive if values[row, column] > 0 else negative
    if np.ptp(values) == 0:
        return f"every place {side} alike."
    if attribution.regions is not None and (shown := shown_regions(attribution.regions)):
        where = region_place(attribution.regions, shown[0], attribution.frame)
        side = positive if attribution.regions.coefficients[shown[0]] > 0 else negative
        return f"the strongest region, at the {where} of the photo, {side}."
    where = _words_at(float(row) + 0.5, float(column) + 0.5, values.shape, attribution.frame)
    return f"the strongest place, at the {where} of the photo, {side}."


def _words_at(row: float, column: float, shape: tuple[int, ...], frame: Frame) -> str:
    """Say where on the photo a point of a grid over the frame lies; row and column count from the grid's edge."""
    x, y = frame.to_photo(column * frame.size[1] / shape[1], row * frame.size[0] / shape[0])
    return words.place(x / frame.photo[1], y / frame.photo[0])
