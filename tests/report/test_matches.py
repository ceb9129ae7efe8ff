import base64
import io

import numpy as np
from PIL import Image

from axolens.records.diagnosis import Match
from axolens.records.photo import Photo
from axolens.report.matches import COLOURS, match_plate

WHOLE = Photo(np.full((100, 200, 3), 0.5, np.float32), name="own.png")
TALL = Photo(np.full((90, 45, 3), 0.5, np.float32), name="tall.png")
WIDE = Photo(np.full((30, 60, 3), 0.5, np.float32), name="wide.png")
BESIDE = {photo.name: photo for photo in (TALL, WIDE)}


def match(box, reference, there, label="common_iguana"):
    return Match(box, reference, label, there, similarity=0.9, floor=0.6)


def pixels(plate):
    content = base64.b64decode(str(plate.source).split(",")[1])
    return np.asarray(Image.open(io.BytesIO(content)).convert("RGB"), float)


def drawn(picture, colder=True):
    """Return rows and columns that are blue (the first match), or else orange (the second): all else here is grey."""
    blueness = picture[..., 2] - picture[..., 0]
    return np.nonzero(blueness > 50 if colder else blueness < -50)


def test_boxes_are_drawn_where_they_are():
    # The photo is drawn 360 wide: a box at 150..190, 20..60 of 200 × 100 is at 270..342, 36..108.
    plate = match_plate(WHOLE, [match((150.0, 20.0, 190.0, 60.0), "wide.png", (30.0, 0.0, 60.0, 30.0))], BESIDE)
    picture = pixels(plate)
    assert picture.shape[:2] == (plate.height, plate.width)
    top = (plate.height - 180) // 2
    rows, columns = drawn(picture[:, :360])
    assert abs(columns.min() - (270 - 9 - 9 / 2**0.5)) <= 4  # the number's disc touches the corner
    assert abs(rows.max() - (top + 108)) <= 5
    rows, columns = drawn(picture[:, 424:])
    assert abs(columns.max() - picture[:, 424:].shape[1]) <= 4  # the box ends where the reference does


def test_a_number_does_not_cover_a_region_that_is_smaller_than_it():
    # The reference is drawn 360 wide: 30..33, 10..13 of 60 × 30 is at 180..198, 60..78, and its frame is 3 inwards.
    plate = match_plate(WHOLE, [match((150.0, 20.0, 190.0, 60.0), "wide.png", (30.0, 10.0, 33.0, 13.0))], BESIDE)
    inside = pixels(plate)[64:74, 424 + 184 : 424 + 194]
    assert np.abs(inside - 127.5).max() < 15  # grey as the reference, but for the losses of the encoding


def test_no_line_runs_over_a_number():
    # The line of the first runs along row 90, and the middle of the second's number is at 180, 90.
    two = [match((0.0, 40.0, 40.0, 60.0), "wide.png", (0.0, 10.0, 20.0, 20.0)),
           match((103.5, 53.5, 140.0, 90.0), "wide.png", (30.0, 5.0, 50.0, 25.0))]  # fmt: skip
    disc = pixels(match_plate(WHOLE, two, BESIDE))[85:95, 175:185]
    assert not (disc[..., 2] - disc[..., 0] > 50).any()


def test_a_line_joins_them():
    plate = match_plate(WHOLE, [match((0.0, 0.0, 40.0, 40.0), "wide.png", (0.0, 0.0, 20.0, 20.0))], BESIDE)
    between = pixels(plate)[:, 362:422]
    assert len(set(drawn(between)[1])) > 50


def test_each_reference_is_drawn_once_and_each_match_in_its_own_colour():
    two = [match((0.0, 0.0, 40.0, 40.0), "wide.png", (0.0, 0.0, 20.0, 20.0)),
           match((60.0, 50.0, 100.0, 90.0), "wide.png", (30.0, 5.0, 50.0, 25.0))]  # fmt: skip
    plate = match_plate(WHOLE, two, BESIDE)
    assert "beside 1 reference photo" in plate.alt
    assert len(drawn(pixels(plate))[0]) > 50
    assert len(drawn(pixels(plate), colder=False)[0]) > 50


def test_in_words():
    two = [match((0.0, 0.0, 40.0, 40.0), "tall.png", (0.0, 0.0, 20.0, 20.0)),
           match((150.0, 50.0, 190.0, 90.0), "wide.png", (30.0, 5.0, 50.0, 25.0), "axolotl")]  # fmt: skip
    plate = match_plate(WHOLE, two, BESIDE)
    assert "1: the upper left of the photo is like tall.png, common iguana" in plate.alt
    assert "2: the lower right of the photo is like wide.png, axolotl" in plate.alt
    assert plate.captions[1] == "1: like tall.png, common iguana: 0.9 (0.6)"


def test_no_plate_without_a_match_or_its_reference():
    assert match_plate(WHOLE, [], BESIDE) is None
    assert match_plate(WHOLE, [match((0.0, 0.0, 9.0, 9.0), "gone.png", (0.0, 0.0, 9.0, 9.0))], BESIDE) is None


def test_six_are_five():
    many = [match((20.0 * k, 0.0, 20.0 * k + 20, 40.0), "wide.png", (0.0, 0.0, 20.0, 20.0)) for k in range(6)]
    plate = match_plate(WHOLE, many, BESIDE)
    assert len(plate.captions) == 1 + len(COLOURS)


def test_a_sheet_of_busy_photos_keeps_its_size(rng):
    coarse = rng.random((40, 60, 3), np.float32).repeat(8, axis=0).repeat(8, axis=1)
    busy = Photo(np.clip(coarse + rng.normal(0, 0.03, coarse.shape).astype(np.float32), 0, 1), name="busy.png")
    plate = match_plate(busy, [match((0.0, 0.0, 40.0, 40.0), "busy.png", (9.0, 9.0, 60.0, 60.0))], {"busy.png": busy})
    assert pixels(plate).shape[:2] == (plate.height, plate.width)
    assert len(str(plate.source)) < 65_000
