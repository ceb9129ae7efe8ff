"""What read promises about modes, transparency, depth and orientation."""

import io

import numpy as np
import pytest
from PIL import Image

from axolens.errors import PhotoError
from axolens.photos.read import read

ASYMMETRIC = np.arange(2 * 3 * 3, dtype=np.uint8).reshape(2, 3, 3) * 10

# EXIF 2.32: where the stored row 0 and column 0 belong. Upright picture from the stored one:
UPRIGHT = {
    1: lambda stored: stored,
    2: np.fliplr,
    3: lambda stored: np.rot90(stored, 2),
    4: np.flipud,
    5: lambda stored: np.swapaxes(stored, 0, 1),
    6: lambda stored: np.rot90(stored, -1),
    7: lambda stored: np.rot90(np.swapaxes(stored, 0, 1), 2),
    8: lambda stored: np.rot90(stored, 1),
}


def encoded(picture, kind, **options):
    stream = io.BytesIO()
    picture.save(stream, kind, **options)
    return stream.getvalue()


def levels(photo):
    return np.round(photo.pixels * 255).astype(int)


def first(photo):
    return levels(photo)[0, 0].tolist()


def exif(**tags):
    block = Image.Exif()
    for tag, value in tags.items():
        block[int(tag.removeprefix("t"))] = value
    return block


# --- orientation and other facts ---------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["PNG", "TIFF", "WEBP"])
@pytest.mark.parametrize("orientation", UPRIGHT)
def test_orientation_is_applied(kind, orientation):
    options = {"lossless": True} if kind == "WEBP" else {}
    photo = read(encoded(Image.fromarray(ASYMMETRIC), kind, exif=exif(t274=orientation), **options))
    np.testing.assert_array_equal(levels(photo), UPRIGHT[orientation](ASYMMETRIC))
    assert photo.facts["exif_orientation"] == orientation


@pytest.mark.parametrize("orientation", UPRIGHT)
def test_orientation_of_a_jpeg(orientation):
    stored = np.zeros((16, 24, 3), np.uint8)
    stored[:8, :8] = 255  # one white 8 x 8 block at the stored top left survives JPEG
    photo = read(encoded(Image.fromarray(stored), "JPEG", exif=exif(t274=orientation), quality=100, subsampling=0))
    np.testing.assert_allclose(levels(photo), UPRIGHT[orientation](stored), atol=2)  # JPEG rounding
    assert (photo.facts["width"], photo.facts["height"]) == (24, 16)


@pytest.mark.parametrize("value", [0, 9, 255])
def test_an_orientation_that_does_not_exist_is_upright(value):
    photo = read(encoded(Image.fromarray(ASYMMETRIC), "PNG", exif=exif(t274=value)))
    np.testing.assert_array_equal(levels(photo), ASYMMETRIC)


def test_camera_and_date_are_short_clean_strings():
    block = exif(t271="Can\x1b[0mon\n", t272="M" * 300, t306="2024:01:02 03:04:05")
    facts = read(encoded(Image.fromarray(ASYMMETRIC), "JPEG", exif=block)).facts
    assert facts["camera_make"] == "Can[0mon"
    assert facts["camera_model"] == "M" * 100
    assert facts["changed"] == "2024:01:02 03:04:05"


def test_broken_exif_is_survived():
    for block in (
        b"Exif\x00\x00garbage",
        b"Exif\x00\x00II*\x00\xff\xff\xff\xff",
        b"Exif\x00\x00MM\x00*\x00\x00\x00\x08\xff\xff",
    ):
        content = encoded(Image.fromarray(ASYMMETRIC), "JPEG", exif=block)
        assert read(content).size == (2, 3)


@pytest.mark.parametrize("kind", ["GIF", "TIFF", "WEBP", "PNG"])
def test_first_frame(kind):
    red, blue, lime = (Image.new("RGB", (3, 2), colour) for colour in ("red", "blue", "lime"))
    options = {"lossless": True} if kind == "WEBP" else {}
    photo = read(encoded(red, kind, save_all=True, append_images=[blue, lime], **options))
    assert levels(photo).tolist() == [[[255, 0, 0]] * 3] * 2
    assert photo.facts["frames"] == 3


# --- modes and transparency --------------------------------------------------------------------------------------


def test_grey_and_one_bit():
    assert first(read(encoded(Image.new("L", (1, 1), 77), "PNG"))) == [77] * 3
    bits = Image.fromarray(np.array([[True, False]]))
    assert levels(read(encoded(bits, "PNG")))[0].tolist() == [[255] * 3, [0] * 3]
    assert levels(read(encoded(bits, "TIFF")))[0].tolist() == [[255] * 3, [0] * 3]


@pytest.mark.parametrize(
    ("mode", "colour", "truth"),
    [
        ("RGBA", (255, 0, 100, 51), [255, 204, 224]),  # 0.2 c + 0.8 * 255
        ("RGBA", (10, 20, 30, 255), [10, 20, 30]),
        ("RGBA", (10, 20, 30, 0), [255, 255, 255]),
        ("LA", (0, 51), [204] * 3),
        ("LA", (100, 128), [177] * 3),  # (100 * 128 + 255 * 127) / 255 = 177.2
    ],
)
def test_alpha_over_white(mode, colour, truth):
    assert first(read(encoded(Image.new(mode, (1, 1), colour), "PNG"))) == truth
    assert first(read(Image.new(mode, (1, 1), colour))) == truth


def test_palette_with_transparency():
    picture = Image.fromarray(np.array([[0, 1, 2]], np.uint8))
    picture.putpalette([10, 20, 30, 200, 100, 0, 0, 0, 0])
    assert levels(read(encoded(picture, "PNG")))[0].tolist() == [[10, 20, 30], [200, 100, 0], [0, 0, 0]]
    see_through = encoded(picture, "PNG", transparency=bytes([255, 0, 51]))
    assert levels(read(see_through))[0].tolist() == [[10, 20, 30], [255] * 3, [204] * 3]
    assert levels(read(encoded(picture, "GIF", transparency=1)))[0].tolist() == [[10, 20, 30], [255] * 3, [0] * 3]
    with_alpha = Image.new("PA", (1, 1))
    with_alpha.putpalette([10, 20, 30])
    assert first(read(with_alpha)) == [255, 255, 255]


def test_one_transparent_colour():
    colours = Image.fromarray(np.array([[[1, 2, 3], [1, 2, 4]]], np.uint8))
    assert levels(read(encoded(colours, "PNG", transparency=(1, 2, 3))))[0].tolist() == [[255] * 3, [1, 2, 4]]
    grey = Image.fromarray(np.array([[7, 8]], np.uint8))
    assert levels(read(encoded(grey, "PNG", transparency=7)))[0].tolist() == [[255] * 3, [8] * 3]
    deep = Image.fromarray(np.array([[256, 0]], np.uint16))
    assert levels(read(encoded(deep, "PNG", transparency=256)))[0].tolist() == [[255] * 3, [0] * 3]


@pytest.mark.parametrize(
    ("ink", "truth"),
    [
        ((0, 255, 255, 0), [255, 0, 0]),
        ((0, 0, 0, 255), [0, 0, 0]),
        ((0, 0, 0, 0), [255] * 3),
        ((51, 0, 0, 0), [204, 255, 255]),
    ],
)
def test_cmyk_without_profile(ink, truth):
    picture = Image.new("CMYK", (8, 8), ink)
    assert first(read(encoded(picture, "TIFF"))) == truth
    jpeg = encoded(picture, "JPEG", quality=100)
    assert b"Adobe" in jpeg  # Pillow writes inverted ink like Photoshop
    np.testing.assert_allclose(first(read(jpeg)), truth, atol=2)  # JPEG rounding


def test_ycbcr_tiff():
    # Full red in JPEG's YCbCr: Y = 0.299 * 255 = 76, Cb = 85, Cr = 255.
    np.testing.assert_allclose(
        first(read(encoded(Image.new("YCbCr", (1, 1), (76, 85, 255)), "TIFF"))), [254, 0, 0], atol=1
    )


# --- more than 8 bits --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["PNG", "TIFF"])
@pytest.mark.parametrize("order", ["<u2", ">u2"])
def test_sixteen_bit_grey(kind, order):
    picture = Image.fromarray(np.array([[0, 32768, 65535]], order))
    photo = read(encoded(picture, kind))
    np.testing.assert_allclose(photo.pixels[0, :, 1], [0, 32768 / 65535, 1], rtol=0, atol=1e-7)


def test_white_is_zero():
    deep = Image.fromarray(np.array([[0, 65535]], np.uint16))
    photo = read(encoded(deep, "TIFF", tiffinfo={262: 0}))
    assert photo.pixels[0, :, 0].tolist() == [1, 0]


def test_whole_numbers_of_32_bits():
    photo = read(Image.fromarray(np.array([[0, 13107]], np.int32)))
    np.testing.assert_allclose(photo.pixels[0, :, 0], [0, 0.2], rtol=0, atol=1e-7)
    with pytest.raises(PhotoError, match=r"values in \[0, 65535\] in a picture of mode I, got values from -1 to 0"):
        read(Image.fromarray(np.array([[-1, 0]], np.int32)))


@pytest.mark.parametrize(("values", "truth"), [([0.25, 1.0], [0.25, 1]), ([51.0, 255.0], [0.2, 1])])
def test_float_tiff(values, truth):
    picture = Image.fromarray(np.array([values], np.float32))
    np.testing.assert_allclose(read(encoded(picture, "TIFF")).pixels[0, :, 2], truth, rtol=0, atol=1e-7)


@pytest.mark.parametrize("values", [[0.0, 300.0], [-0.5, 0.5], [np.nan, 0.5], [0.0, np.inf]])
def test_float_tiff_of_unknown_scale(values):
    content = encoded(Image.fromarray(np.array([values], np.float32)), "TIFF")
    with pytest.raises(PhotoError, match=r"^deep\.tif: expected values in \[0, 1\] or \[0, 255\]"):
        read(content, name="deep.tif")
