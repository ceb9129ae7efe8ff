"""What read promises about sizes, sources, digests and masks."""

import hashlib
import io
import struct
import zlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from PIL import Image

from axolens.errors import PhotoError
from axolens.photos.read import read

ASYMMETRIC = np.arange(2 * 3 * 3, dtype=np.uint8).reshape(2, 3, 3) * 10


def encoded(picture, kind, **options):
    if isinstance(picture, np.ndarray):
        picture = Image.fromarray(picture)
    stream = io.BytesIO()
    picture.save(stream, kind, **options)
    return stream.getvalue()


def levels(photo):
    return np.round(photo.pixels * 255).astype(int)


def png(width, height, rows=b"", depth=8, colour=2):
    def chunk(kind, content):
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    parts = chunk(b"IHDR", header), chunk(b"IDAT", zlib.compress(rows)), chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


@pytest.mark.parametrize("kind", ["PNG", "BMP", "TIFF", "WEBP", "GIF"])
def test_bytes_of_a_lossless_file_become_k_over_255(kind):
    grey = np.repeat(np.arange(256, dtype=np.uint8).reshape(16, 16, 1), 3, axis=2)
    photo = read(encoded(grey, kind, **({"lossless": True} if kind == "WEBP" else {})))
    np.testing.assert_array_equal(photo.pixels, (grey / 255).astype(np.float32))
    assert photo.facts["format"] == kind
    assert photo.facts["reduced"] is False


def test_path_name_digest_and_labels(tmp_path):
    path = tmp_path / "Kätzchen 猫 😺.png"
    path.write_bytes(encoded(ASYMMETRIC, "PNG"))
    photo = read(path, truth="cat", group="animal 1")
    assert (photo.name, photo.truth, photo.group) == ("Kätzchen 猫 😺.png", "cat", "animal 1")
    assert photo.digest == hashlib.sha256(path.read_bytes()).hexdigest()
    assert photo.facts == {"format": "PNG", "mode": "RGB", "width": 3, "height": 2, "reduced": False}
    assert read(str(path)).digest == photo.digest == read(path.read_bytes()).digest
    assert read(path, name="a cat").name == "a cat"
    assert read(path.read_bytes()).name == "memory"


def test_one_pixel():
    np.testing.assert_array_equal(levels(read(encoded(np.array([[[1, 2, 3]]], np.uint8), "PNG"))), [[[1, 2, 3]]])


def test_sixteen_bit_colour_keeps_the_high_byte():
    row = struct.pack(">B3H", 0, 0x3300, 0xFFFF, 0x00FF)
    assert levels(read(png(1, 1, row, depth=16))).tolist() == [[[0x33, 0xFF, 0]]]


# --- reduction ---------------------------------------------------------------------------------------------------


def test_longer_side_is_reduced_to_2048():
    # Left half 0, right half 255: pairs of columns merge, so each half stays flat away from the edge.
    wide = np.zeros((10, 4096), np.uint8)
    wide[:, 2048:] = 255
    photo = read(encoded(wide, "PNG"))
    assert photo.size == (5, 2048)
    assert (photo.facts["width"], photo.facts["height"], photo.facts["reduced"]) == (4096, 10, True)
    np.testing.assert_array_equal(photo.pixels[:, [0, 1000, 1047, 2047], 0], [[0, 0, 1, 1]] * 5)
    assert photo.pixels[0, :1020].max() == 0
    assert photo.pixels[0, 1030:].min() == 1


def test_exactly_2048_is_left_alone():
    assert read(encoded(np.zeros((2048, 1), np.uint8), "PNG")).facts["reduced"] is False


def test_sixteen_bits_are_reduced_without_going_through_bytes():
    level = 12345
    photo = read(np.full((4096, 2), level, np.uint16))
    np.testing.assert_allclose(photo.pixels, level / 65535, rtol=0, atol=1e-6)  # float32 sums of the filter


# --- arrays and PIL images ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "truth"),
    [
        (np.array([[51]], np.uint8), [0.2] * 3),
        (np.array([[[51]]], np.uint8), [0.2] * 3),
        (np.array([[[0, 51, 255]]], np.uint8), [0, 0.2, 1]),
        (np.array([[[0, 0, 255, 51]]], np.uint8), [0.8, 0.8, 1]),  # 0.2 of the colour, 0.8 of white
        (np.array([[32768]], np.uint16), [32768 / 65535] * 3),
        (np.array([[32768]], ">u2"), [32768 / 65535] * 3),
        (np.array([[[65535, 13107, 0]]], np.uint16), [1, 0.2, 0]),
        (np.array([[True]]), [1, 1, 1]),
        (np.array([[[True, False, True]]]), [1, 0, 1]),
        (np.array([[0.25]], np.float16), [0.25] * 3),
        (np.array([[[0.25, 0.5, 1.0]]], np.float32), [0.25, 0.5, 1]),
        (np.array([[[0.5, 0.0, 1.0, 0.25]]], np.float64), [0.875, 0.75, 1]),
    ],
)
def test_arrays(values, truth):
    photo = read(values)
    np.testing.assert_allclose(photo.pixels, [[truth]], rtol=0, atol=1e-7)
    assert photo.facts["mode"] == str(values.dtype)


def test_digest_of_an_array_names_type_and_shape():
    values = np.arange(6, dtype=np.uint8).reshape(2, 3)
    assert read(values).digest == hashlib.sha256(b"|u1 (2, 3)\n" + bytes(range(6))).hexdigest()
    assert read(values).digest == read(Image.fromarray(values)).digest == read(np.asfortranarray(values)).digest
    assert len({read(v).digest for v in (values, values.reshape(3, 2), values.astype(np.uint16))}) == 3


def test_layout_of_an_array_in_memory_does_not_matter():
    np.testing.assert_array_equal(levels(read(ASYMMETRIC[::-1, ::-1])), ASYMMETRIC[::-1, ::-1])
    np.testing.assert_array_equal(levels(read(np.asfortranarray(ASYMMETRIC))), ASYMMETRIC)


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        (np.zeros((3, 4, 5), np.uint8), r"got shape \(3, 4, 5\)\. Channels come last"),
        (np.zeros((2, 4, 5, 3), np.uint8), "one picture of a batch"),
        (np.zeros((5, 6, 2), np.uint8), r"got shape \(5, 6, 2\)\.$"),
        (np.zeros(4, np.uint8), r"got shape \(4,\)"),
        (np.zeros((0, 5, 3), np.uint8), r"got shape \(0, 5, 3\)"),
        (np.full((2, 2), 200.0), "values from 200 to 200. Divide by 255"),
        (np.array([[-1.5, 2.0]]), "from -1.5 to 2. Undo mean and std"),
        (np.array([[0.5, np.nan]]), "not finite"),
        (np.array([[0.5, np.inf]]), "not finite"),
        (np.zeros((2, 2), np.int64), "an array of int64. Use values.astype"),
        (np.zeros((2, 2), np.complex64), "an array of complex64"),
        (np.zeros((2, 2), np.uint32), "an array of uint32"),
        (np.array([["a"]]), "an array of <U1"),
    ],
)
def test_arrays_that_are_refused(values, sentence):
    with pytest.raises(PhotoError, match=sentence) as error:
        read(values, name="the array")
    assert str(error.value).startswith("the array: ")


def test_a_pil_image_is_left_as_found():
    image = Image.fromarray(ASYMMETRIC)
    image.getexif()[0x0112] = 3
    photo = read(image)
    np.testing.assert_array_equal(levels(photo), ASYMMETRIC[::-1, ::-1])
    np.testing.assert_array_equal(np.asarray(image), ASYMMETRIC)
    assert image.getexif()[0x0112] == 3
    assert photo.facts["format"] == "memory"


def test_a_lazy_pil_image_is_decoded(tmp_path):
    Image.fromarray(ASYMMETRIC).save(tmp_path / "a.png")
    with Image.open(tmp_path / "a.png") as image:
        photo = read(image)
    assert photo.name == "a.png"
    np.testing.assert_array_equal(levels(photo), ASYMMETRIC)


def test_an_empty_pil_image_is_refused():
    with pytest.raises(PhotoError, match=r"^memory: .*size of 0 x 5 pixels"):
        read(Image.new("RGB", (0, 5)))


# --- masks -------------------------------------------------------------------------------------------------------


def test_mask_array_and_file(tmp_path):
    mask = np.array([[True, False, False], [False, False, True]])
    np.testing.assert_array_equal(read(ASYMMETRIC, mask=mask).mask, mask)
    picture = Image.fromarray((mask * 7).astype(np.uint8))
    rgba = np.dstack([np.zeros((2, 3, 2)), mask, np.ones((2, 3))]).astype(np.uint8)
    for number, saved in enumerate((picture, picture.convert("1"), Image.fromarray(rgba))):
        path = tmp_path / f"{number}.png"
        saved.point(lambda level: level).save(path)
        expected = mask if saved.mode != "1" else np.asarray(saved)
        np.testing.assert_array_equal(read(ASYMMETRIC, mask=path).mask, expected)


def test_palette_mask_holds_class_numbers(tmp_path):
    picture = Image.fromarray(np.array([[0, 1, 2]], np.uint8))
    picture.putpalette([9, 9, 9, 0, 0, 0, 5, 5, 5])
    picture.save(tmp_path / "mask.png")
    assert read(np.zeros((1, 3)), mask=str(tmp_path / "mask.png")).mask.tolist() == [[False, True, True]]


def test_mask_of_full_or_reduced_size_fits_a_reduced_photo():
    full = np.zeros((10, 4096), bool)
    full[:, :2048] = True
    reduced = np.zeros((5, 2048), bool)
    reduced[:, :1024] = True
    for mask in (full, reduced):
        np.testing.assert_array_equal(read(np.zeros((10, 4096), np.uint8), mask=mask).mask, reduced)


def test_mask_belongs_to_the_upright_photo():
    exif = Image.Exif()
    exif[0x0112] = 6
    turned = encoded(ASYMMETRIC, "JPEG", exif=exif)
    mask = np.array([[True, False], [False, False], [False, True]])
    np.testing.assert_array_equal(read(turned, mask=mask).mask, mask)
    with pytest.raises(PhotoError, match=r"^mask: expected a mask of 2 x 3 pixels .* got 3 x 2 pixels"):
        read(turned, mask=mask.T.copy())


def test_masks_that_are_refused(tmp_path):
    with pytest.raises(PhotoError, match=r"^mask: expected an .* of bool, got uint8"):
        read(ASYMMETRIC, mask=np.zeros((2, 3), np.uint8))
    (tmp_path / "mask.png").write_bytes(b"no")
    with pytest.raises(PhotoError, match=r"mask\.png: expected a picture .*another kind"):
        read(ASYMMETRIC, mask=tmp_path / "mask.png")


@settings(deadline=None)
@given(hnp.arrays(np.uint8, st.tuples(st.integers(1, 9), st.integers(1, 9), st.just(3))))
def test_png_comes_back_exactly(values):
    photo = read(encoded(values, "PNG"))
    assert photo.pixels.dtype == np.float32
    np.testing.assert_array_equal(levels(photo), values)
    np.testing.assert_array_equal(read(values).pixels, photo.pixels)
