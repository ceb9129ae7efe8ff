import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from axolens.errors import PhotoError
from axolens.photos.folder import list_photos, read_folder


def plant(root, *names):
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(np.full((1, 2), len(name), np.uint8)).save(path, "PNG")


def listed(root):
    return [(path.relative_to(root).as_posix(), truth) for path, truth in list_photos(root)]


def test_subfolders_name_the_classes_in_natural_order(tmp_path):
    plant(tmp_path, "cat10/b.png", "cat2/img10.png", "cat2/IMG9.PNG", "cat2/img1.jpeg", "Bird/deep/er/x.gif", "a.webp")
    assert listed(tmp_path) == [
        ("a.webp", None),
        ("Bird/deep/er/x.gif", "Bird"),
        ("cat2/img1.jpeg", "cat2"),
        ("cat2/IMG9.PNG", "cat2"),
        ("cat2/img10.png", "cat2"),
        ("cat10/b.png", "cat10"),
    ]


def test_hidden_and_other_files_are_passed_over(tmp_path):
    plant(tmp_path, "cat/.hidden.png", ".git/x.png", "cat/.thumbs/x.png", "cat/notes.txt", "cat/noend", "cat/1.TIFF")
    (tmp_path / "cat" / "folder.png").mkdir()
    assert listed(tmp_path) == [("cat/1.TIFF", "cat")]


@pytest.mark.parametrize("suffix", ["jpg", "jpeg", "jfif", "png", "webp", "bmp", "tif", "tiff", "gif", "JPG"])
def test_suffixes(tmp_path, suffix):
    plant(tmp_path, f"x.{suffix}")
    assert listed(tmp_path) == [(f"x.{suffix}", None)]


def test_refused_folders(tmp_path):
    with pytest.raises(PhotoError, match="nowhere: expected a folder of pictures, got nothing at this path"):
        list_photos(tmp_path / "nowhere")
    (tmp_path / "empty" / "cat").mkdir(parents=True)
    with pytest.raises(PhotoError, match=r"empty: expected a folder with pictures, got none\. Pictures end in \.jpg"):
        list_photos(str(tmp_path / "empty"))
    plant(tmp_path, "cat.png")
    with pytest.raises(PhotoError, match=r"cat\.png: expected a folder of pictures, got a file"):
        read_folder(tmp_path / "cat.png")


def test_a_folder_that_cannot_be_opened_is_named(tmp_path, monkeypatch):
    plant(tmp_path, "cat/1.png")
    scan = os.scandir

    def refuse(folder):
        if Path(folder).name == "cat":
            raise PermissionError(13, "Permission denied")
        return scan(folder)

    monkeypatch.setattr(os, "scandir", refuse)
    with pytest.raises(PhotoError, match="cat: expected a folder that can be opened, got the answer: Permission"):
        list_photos(tmp_path)


def test_loops_of_links_end(tmp_path):
    plant(tmp_path, "cat/1.png", "dog/2.png")
    for place, target in (("cat/up", tmp_path), ("cat/self", tmp_path / "cat"), ("dog/root", Path("/"))):
        (tmp_path / place).symlink_to(target, target_is_directory=True)
    (tmp_path / "cat" / "loop.d").symlink_to(tmp_path / "cat" / "loop.d")
    assert listed(tmp_path) == [("cat/1.png", "cat"), ("dog/2.png", "dog")]


def test_linked_classes_and_pictures_are_followed(tmp_path):
    plant(tmp_path, "store/1.png", "study/b/2.png")
    (tmp_path / "study" / "a").symlink_to(tmp_path / "store", target_is_directory=True)
    (tmp_path / "study" / "b" / "3.png").symlink_to(tmp_path / "store" / "1.png")
    assert listed(tmp_path / "study") == [("a/1.png", "a"), ("b/2.png", "b"), ("b/3.png", "b")]


def test_one_bad_file_does_not_stop_the_rest(tmp_path):
    plant(tmp_path, "cat/1.png", "cat/3.png", "dog/ümlaut.png")
    (tmp_path / "cat" / "2.png").write_bytes(b"")
    (tmp_path / "dog" / "gone.png").symlink_to(tmp_path / "nothing")
    folder = read_folder(tmp_path)
    assert len(folder) == 3
    assert [(photo.name, photo.truth) for photo in folder] == [
        ("1.png", "cat"),
        ("3.png", "cat"),
        ("ümlaut.png", "dog"),
    ]
    np.testing.assert_array_equal(folder.photos[0].pixels, np.full((1, 2, 3), np.float32(9 / 255)))
    assert [failure.photo for failure in folder.failures] == ["cat/2.png", "dog/gone.png"]
    assert "zero bytes" in folder.failures[0].error
    assert "nothing at this path" in folder.failures[1].error


def test_pixel_limit_reaches_every_file(tmp_path):
    plant(tmp_path, "1.png")
    folder = read_folder(str(tmp_path), pixel_limit=1)
    assert (len(folder), folder.failures[0].photo) == (0, "1.png")
    assert "at most 1 pixels, got 2 x 1 pixels" in folder.failures[0].error
