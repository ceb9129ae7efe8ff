"""Look-alikes as a picture: the photo, the reference photos beside it, and lines between what is read alike."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from axolens.photos.paint import thumbnail
from axolens.records.diagnosis import Match
from axolens.records.photo import Photo
from axolens.report import words
from axolens.report.plates import SIDE, Pixels, Plate, encode

# Of Okabe and Ito, by how well they stand out from each other with every colour blindness; the numbers say the same.
COLOURS = ((0, 114, 178), (230, 159, 0), (0, 158, 115), (204, 121, 167), (213, 94, 0))
GAP, SPACE = 64, 8  # between photo and references, and between references, in pixels
SMALLEST = 130  # side of a reference
LARGEST_BYTES = 45_000  # of up to six pictures in one; numbers must stay legible
FINER = 2  # drawn larger and reduced, so that lines are smooth
PAPER = (255, 255, 255)
CAPTION = (
    "Numbered regions are read alike by the network; the number after each is their likeness (at most 1), and in "
    "brackets what the same region finds in photos of other classes on average."
)

Box = tuple[float, float, float, float]


class _Laid(NamedTuple):
    """A picture on the sheet: where its corner is, and sheet pixels per photo pixel across and down."""

    pixels: Pixels
    left: int
    top: int
    across: float
    down: float

    def box(self, box: Box) -> Box:
        x0, y0, x1, y1 = box
        return (
            self.left + x0 * self.across, self.top + y0 * self.down,
            self.left + x1 * self.across, self.top + y1 * self.down,
        )  # fmt: skip


def match_plate(photo: Photo, matches: Sequence[Match], references: Mapping[str, Photo]) -> Plate | None:
    """Return the plate of a photo's look-alikes.

    Parameters
    ----------
    photo
        The photo.
    matches
        At most five are drawn, in their order.
    references
        The reference photos by name; a match whose reference is not among them is left out.

    Returns
    -------
    plate
        The photo on the left, each reference once on the right, equal numbers and a line for what is read alike; None
        where there is nothing to draw.
    """
    shown = [match for match in matches if match.reference in references][: len(COLOURS)]
    if not shown:
        return None
    # References from the top in the order of their regions on the photo, so that few lines cross.
    names = list(dict.fromkeys(match.reference for match in sorted(shown, key=lambda match: match.box[1])))
    own, beside, size = _layout(photo, [references[name] for name in names])
    sheet = _sheet([own, *beside], size)
    pairs = [(own.box(match.box), beside[names.index(match.reference)].box(match.reference_box)) for match in shown]
    painted = _painted(sheet, pairs)
    said = "; ".join(f"{number}: {_words(match, photo)}" for number, match in enumerate(shown, start=1))
    count = "1 reference photo" if len(names) == 1 else f"{len(names)} reference photos"
    alt = f"The photo {photo.name} beside {count}, lines between regions that are read alike. {said}."
    captions = (CAPTION, *(f"{number}: {_numbers(match)}" for number, match in enumerate(shown, start=1)))
    return Plate(encode(painted, LARGEST_BYTES), painted.shape[1], painted.shape[0], alt, "Look-alikes", captions)


def _layout(photo: Photo, references: Sequence[Photo]) -> tuple[_Laid, list[_Laid], tuple[int, int]]:
    """Return the photo, the references in a column at its right, and the sheet's height and width."""
    small = _fitted(photo.pixels, SIDE)
    side = max(SMALLEST, (max(small.shape[0], SIDE) - SPACE * (len(references) - 1)) // len(references))
    beside, top, left = [], 0, small.shape[1] + GAP
    for one in references:
        pixels = _fitted(one.pixels, min(side, SIDE))
        beside.append(_laid(pixels, one, left, top))
        top += pixels.shape[0] + SPACE
    height = max(small.shape[0], top - SPACE)
    width = left + max(one.pixels.shape[1] for one in beside)
    return _laid(small, photo, 0, (height - small.shape[0]) // 2), beside, (height, width)


def _fitted(pixels: Pixels, side: int) -> Pixels:
    """Return a picture whose longer side is as given, enlarged by whole pixels first where it is smaller."""
    factor = -(-side // max(pixels.shape[:2]))
    return thumbnail(pixels.repeat(factor, axis=0).repeat(factor, axis=1), side)


def _laid(pixels: Pixels, photo: Photo, left: int, top: int) -> _Laid:
    return _Laid(pixels, left, top, pixels.shape[1] / photo.size[1], pixels.shape[0] / photo.size[0])


def _sheet(laid: Sequence[_Laid], size: tuple[int, int]) -> Image.Image:
    sheet = Image.new("RGB", size[::-1], PAPER)
    for one in laid:
        sheet.paste(Image.fromarray(np.round(np.clip(one.pixels, 0, 1) * 255).astype(np.uint8)), (one.left, one.top))
    return sheet


def _painted(sheet: Image.Image, pairs: Sequence[tuple[Box, Box]]) -> Pixels:
    """Draw boxes and lines, then numbers; the first match on top."""
    large = sheet.resize((sheet.width * FINER, sheet.height * FINER), Image.Resampling.BICUBIC)
    pen = ImageDraw.Draw(large)
    font = ImageFont.load_default(size=15 * FINER)
    for number in reversed(range(len(pairs))):
        first, second = (_scaled(box) for box in pairs[number])
        ends = [(first[2], (first[1] + first[3]) / 2), (second[0], (second[1] + second[3]) / 2)]
        for colour, width in ((PAPER, 5 * FINER), (COLOURS[number], 2 * FINER)):
            pen.line(ends, fill=colour, width=width)
            for box in (first, second):
                grown = (box[0] - width / 2, box[1] - width / 2, box[2] + width / 2, box[3] + width / 2)
                pen.rectangle(grown, outline=colour, width=width)
    for number in reversed(range(len(pairs))):
        for box in pairs[number]:
            _number(pen, font, _scaled(box), number)
    small = large.resize(sheet.size, Image.Resampling.LANCZOS)
    return (np.asarray(small, np.float32) / np.float32(255)).astype(np.float32)


def _number(
    pen: ImageDraw.ImageDraw, font: ImageFont.ImageFont | ImageFont.FreeTypeFont, box: Box, number: int
) -> None:
    half = 9 * FINER
    # Touching the corner from outside: a region can be smaller than its number.
    x, y = max(box[0] - half / 2**0.5, half), max(box[1] - half / 2**0.5, half)
    pen.ellipse((x - half, y - half, x + half, y + half), fill=COLOURS[number], outline=PAPER, width=FINER)
    pen.text(
        (x, y), str(number + 1), fill=PAPER, font=font, anchor="mm", stroke_width=FINER // 2, stroke_fill=(0, 0, 0)
    )


def _scaled(box: Box) -> Box:
    x0, y0, x1, y1 = (edge * FINER for edge in box)
    return x0, y0, x1, y1


def _words(match: Match, photo: Photo) -> str:
    x0, y0, x1, y1 = match.box
    where = words.place((x0 + x1) / 2 / photo.size[1], (y0 + y1) / 2 / photo.size[0])
    return f"the {where} of the photo is like {match.reference}, {words.label(match.label)}"


def _numbers(match: Match) -> str:
    numbers = f"{words.number(match.similarity)} ({words.number(match.floor)})"
    return f"like {match.reference}, {words.label(match.label)}: {numbers}"
