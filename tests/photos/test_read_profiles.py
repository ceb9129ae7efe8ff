"""What read promises about embedded colour profiles."""

import io
import struct

import numpy as np
import pytest
from PIL import Image, ImageCms

from axolens.photos.read import read

SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
ASYMMETRIC = np.arange(2 * 3 * 3, dtype=np.uint8).reshape(2, 3, 3) * 10


def encoded(picture, kind, **options):
    stream = io.BytesIO()
    picture.save(stream, kind, **options)
    return stream.getvalue()


def levels(photo):
    return np.round(photo.pixels * 255).astype(int)


def first(photo):
    return levels(photo)[0, 0].tolist()


def swapped():
    # sRGB with the primaries of red and green exchanged: its pure red is our pure green.
    return SRGB.replace(b"rXYZ", b"????", 1).replace(b"gXYZ", b"rXYZ", 1).replace(b"????", b"gXYZ", 1)


def linear_grey():
    # ICC.1:2001: header, then tags; kTRC of no points is the identity, so levels are linear light.
    tags = {
        b"desc": b"desc\0\0\0\0" + struct.pack(">I", 7) + b"linear\0" + bytes(4 + 4 + 2 + 1 + 67),
        b"wtpt": b"XYZ \0\0\0\0" + struct.pack(">3i", 63190, 65536, 54061),
        b"kTRC": b"curv\0\0\0\0" + struct.pack(">I", 0),
        b"cprt": b"text\0\0\0\0none\0",
    }
    table, body = struct.pack(">I", len(tags)), b""
    for name, content in tags.items():
        table += name + struct.pack(">II", 128 + 4 + 12 * len(tags) + len(body), len(content))
        body += content + bytes(-len(content) % 4)
    size = struct.pack(">I", 128 + len(table) + len(body))
    head = size + bytes(4) + b"\x02\x10\0\0" + b"mntr" + b"GRAY" + b"XYZ " + bytes(12) + b"acsp" + bytes(28)
    head += struct.pack(">3i", 63190, 65536, 54061)
    return head.ljust(128, b"\0") + table + body


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "TIFF", "WEBP"])
def test_profile_is_applied(kind):
    options = {"WEBP": {"lossless": True}, "JPEG": {"quality": 100, "subsampling": 0}}.get(kind, {})
    content = encoded(Image.new("RGB", (8, 8), (255, 0, 0)), kind, icc_profile=swapped(), **options)
    photo = read(content)
    np.testing.assert_allclose(first(photo), [0, 255, 0], atol=2)  # JPEG and profile rounding
    assert photo.facts["icc"] == "sRGB built-in"
    assert photo.facts["icc_converted"] is True


def test_profile_is_applied_before_blending():
    content = encoded(Image.new("RGBA", (1, 1), (255, 0, 0, 51)), "PNG", icc_profile=swapped())
    np.testing.assert_allclose(first(read(content)), [204, 255, 204], atol=1)


def test_profile_of_a_palette():
    picture = Image.new("P", (1, 1))
    picture.putpalette([255, 0, 0])
    np.testing.assert_allclose(first(read(encoded(picture, "PNG", icc_profile=swapped()))), [0, 255, 0], atol=1)


@pytest.mark.parametrize("mode", ["L", "LA"])
def test_grey_profile(mode):
    # 128 / 255 of linear light is 1.055 * 0.50196 ** (1 / 2.4) - 0.055 = 0.7366 in sRGB: level 188.
    content = encoded(Image.new(mode, (1, 1), 128 if mode == "L" else (128, 255)), "PNG", icc_profile=linear_grey())
    photo = read(content)
    np.testing.assert_allclose(first(photo), [188] * 3, atol=1)
    assert photo.facts["icc"] == "linear"
    assert photo.facts["icc_converted"] is True


def test_srgb_profile_leaves_every_byte():
    values = np.random.default_rng(0).integers(0, 256, (40, 40, 3), dtype=np.uint8)
    photo = read(encoded(Image.fromarray(values), "PNG", icc_profile=SRGB))
    np.testing.assert_array_equal(levels(photo), values)
    assert photo.facts["icc_converted"] is False


@pytest.mark.parametrize("profile", [b"broken", SRGB[:200], linear_grey()[:140], bytes(500)])
def test_broken_profile_is_survived(profile):
    photo = read(encoded(Image.fromarray(ASYMMETRIC), "PNG", icc_profile=profile))
    np.testing.assert_array_equal(levels(photo), ASYMMETRIC)
    assert photo.facts["icc_converted"] is False


def test_profile_of_another_colour_space_is_ignored():
    photo = read(encoded(Image.fromarray(ASYMMETRIC), "PNG", icc_profile=linear_grey()))
    np.testing.assert_array_equal(levels(photo), ASYMMETRIC)
    assert photo.facts["icc_converted"] is False
