"""Every way read refuses a file, and that damaged bytes do nothing worse."""

import contextlib
import io
import os
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from axolens.errors import PhotoError
from axolens.photos.read import read

ASYMMETRIC = np.arange(2 * 3 * 3, dtype=np.uint8).reshape(2, 3, 3) * 10
NOISE = np.random.default_rng(0).integers(0, 256, (24, 20, 3), dtype=np.uint8)


def encoded(picture, kind, **options):
    if isinstance(picture, np.ndarray):
        picture = Image.fromarray(picture)
    stream = io.BytesIO()
    picture.save(stream, kind, **options)
    return stream.getvalue()


def png(width, height, rows=b"", depth=8, colour=2):
    def chunk(kind, content):
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    parts = chunk(b"IHDR", header), chunk(b"IDAT", zlib.compress(rows)), chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "got zero bytes"),
        (b"\n<!DOCTYPE html><html><body>404</body></html>", "a web page"),
        (b'<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg"/>', "an SVG drawing"),
        (b"%PDF-1.7\n", "a PDF document"),
        (b"\x00\x00\x00\x18ftypheic", "a HEIC, AVIF or video file"),
        (b"%!PS-Adobe-3.0 EPSF-3.0", "a PostScript document"),
        (b"hello", "bytes of another kind"),
        (b"\xff\xd8\xff\xe0", "a JPEG file with a damaged header"),
        (png(0, 5), "a PNG file with a damaged header"),
        (encoded(ASYMMETRIC, "PPM"), "bytes of another kind"),
        (png(60000, 60000), "at most .* pixels, got 3600000000 pixels"),
        (png(10500, 10000), "at most 100000000 pixels, got 10500 x 10000 pixels"),
    ],
)
def test_files_that_are_refused(tmp_path, content, sentence):
    path = tmp_path / "cat.jpg"
    path.write_bytes(content)
    with pytest.raises(PhotoError, match=sentence) as error:
        read(path)
    assert str(error.value).startswith(f"{path}: expected ")
    assert "\n" not in str(error.value)
    if "pixels" not in sentence and content:
        assert "JPEG, PNG, WebP, BMP, TIFF or GIF" in str(error.value)


def test_pixel_limit_is_inclusive():
    content = encoded(np.zeros((10, 11, 3), np.uint8), "PNG")
    assert read(content, pixel_limit=110).size == (10, 11)
    for source in (content, np.zeros((10, 11)), Image.new("L", (11, 10))):
        with pytest.raises(PhotoError, match="at most 100 pixels, got 11 x 10 pixels"):
            read(source, pixel_limit=100)


def test_no_global_of_pillow_is_changed():
    before = Image.MAX_IMAGE_PIXELS
    with pytest.raises(PhotoError):
        read(png(60000, 60000))
    assert before == Image.MAX_IMAGE_PIXELS


def test_missing_folder_and_pipe(tmp_path):
    with pytest.raises(PhotoError, match=r"nothing\.png: .*nothing at this path"):
        read(tmp_path / "nothing.png")
    with pytest.raises(PhotoError, match=r"a folder.*read_folder"):
        read(tmp_path)
    with pytest.raises(PhotoError, match="expected a"):
        read(tmp_path / ("x" * 5000))
    with pytest.raises(PhotoError, match="expected a"):
        read("nul\0byte.png")
    os.mkfifo(tmp_path / "pipe.png")
    with pytest.raises(PhotoError, match="no regular file"):
        read(tmp_path / "pipe.png")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_file_without_permission(tmp_path):
    path = tmp_path / "secret.png"
    path.write_bytes(encoded(ASYMMETRIC, "PNG"))
    path.chmod(0)
    with pytest.raises(PhotoError, match=r"secret\.png: .*Permission denied"):
        read(path)


def test_permission_error_has_its_sentence(monkeypatch, tmp_path):
    path = tmp_path / "secret.png"
    path.touch()

    def refuse(*_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(PhotoError, match=r"secret\.png: .*got the answer: Permission denied\."):
        read(path)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF", "TIFF", "BMP", "WEBP"])
def test_a_cut_file_is_refused_or_lost_nothing(tmp_path, kind):
    whole = encoded(NOISE, kind)
    truth = read(whole).pixels
    path = tmp_path / "cut"
    refused = 0
    for cut in range(1, len(whole), max(1, len(whole) // 60)):
        path.write_bytes(whole[:cut])
        try:
            np.testing.assert_array_equal(read(path).pixels, truth)
        except PhotoError as error:
            assert str(error).startswith(f"{path}: expected ")  # noqa: PT017
            refused += 1
    assert refused >= 50


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
@pytest.mark.parametrize("share", [0.3, 0.5, 0.7, 0.9])
def test_a_truncated_file_says_so(kind, share):
    whole = encoded(NOISE, kind)
    with pytest.raises(PhotoError, match=r"^cut: expected a (whole )?picture.*(cut off|damaged)"):
        read(whole[: int(share * len(whole))], name="cut")


@settings(deadline=None, max_examples=200, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(["JPEG", "PNG", "GIF", "TIFF", "BMP", "WEBP", ""]), st.data())
def test_damaged_bytes_raise_nothing_but_photo_error(kind, draw):
    content = bytearray(encoded(NOISE, kind) if kind else b"")
    for _ in range(draw.draw(st.integers(0, 4))):
        at = draw.draw(st.integers(0, min(300, len(content))))
        content[at : at + draw.draw(st.integers(0, 8))] = draw.draw(st.binary(max_size=16))
    with contextlib.suppress(PhotoError):
        read(bytes(content), pixel_limit=10_000)


@settings(deadline=None)
@given(st.binary(max_size=200))
def test_random_bytes_raise_nothing_but_photo_error(content):
    with pytest.raises(PhotoError):
        read(content)
