"""Pictures as files with their truth: what is written, what an interruption leaves, and what is never taken away."""

import hashlib
import json
import signal
import time

import numpy as np
import pytest
from PIL import Image

import axolens as ax
from axolens.errors import InputError
from axolens.photos.folder import list_photos
from axolens.pond import album, parts, photo
from axolens.pond.album import read_truth, write_album
from axolens.pond.pool import spread
from axolens.pond.recipes import NETWORKS, scene_for
from axolens.pond.sampling import sample
from axolens.pond.scene import scene_from
from axolens.pond.shots import shots

SETTINGS = {"seed": 0}


def files(folder):
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def named(truth):
    return {row[part] for row in truth["rows"] for part in ("file", "mask")}


@pytest.fixture
def drawn(tmp_path):
    write_album(tmp_path / "album", shots(range(8)), 48, SETTINGS)
    return tmp_path / "album"


def test_the_folder_holds_what_the_truth_says_and_nothing_else(drawn):
    truth = read_truth(drawn)
    assert (truth["schema"], truth["settings"], truth["finished"], len(truth["rows"])) == (1, SETTINGS, True, 8)
    assert files(drawn) == named(truth) | {"truth.json"}
    assert [row["seed"] for row in truth["rows"]] == list(range(8))


def test_every_row_draws_its_own_picture_again(drawn):
    for row in read_truth(drawn)["rows"]:
        scene = scene_from(row["factors"])
        assert scene == sample(row["seed"])
        again = photo(scene, 48)
        assert row["sha256"] == again.digest
        np.testing.assert_array_equal(ax.read(drawn / row["file"]).pixels, again.pixels)
        assert row["species"] == scene.species


def test_a_mask_numbers_the_parts_in_the_order_of_its_row(drawn):
    for row in read_truth(drawn)["rows"]:
        labels = np.asarray(Image.open(drawn / row["mask"]))
        truth = parts(scene_from(row["factors"]), 48)
        for number, name in enumerate(row["parts"], start=1):
            np.testing.assert_array_equal(labels == number, truth[name])
        assert labels.max() <= len(row["parts"]) < len(album.COLOURS)
        shot = ax.read(drawn / row["file"], mask=drawn / row["mask"])
        np.testing.assert_array_equal(shot.mask, photo(scene_from(row["factors"]), 48).mask)


def test_it_is_a_folder_of_classes(drawn):
    assert {truth for _, truth in list_photos(drawn / "photos")} == {sample(seed).species for seed in range(8)}


def test_several_processes_write_the_same(drawn, tmp_path, monkeypatch):
    monkeypatch.setattr(album, "MANY", 0)
    write_album(tmp_path / "other", shots(range(20)), 48, SETTINGS, workers=2)
    assert read_truth(tmp_path / "other")["rows"][:8] == read_truth(drawn)["rows"]
    assert files(tmp_path / "other") == named(read_truth(tmp_path / "other")) | {"truth.json"}


def test_several_processes_keep_the_order():
    assert list(spread(abs, range(-40, 0), workers=2)) == list(range(40, 0, -1))


def test_other_processes_do_not_hear_ctrl_c_and_this_one_still_does():
    before = signal.getsignal(signal.SIGINT)
    assert set(spread(signal.getsignal, [signal.SIGINT] * 20, workers=2)) == {signal.SIG_IGN}
    assert signal.getsignal(signal.SIGINT) is before


def test_what_is_not_begun_is_dropped_when_nobody_waits_for_it():
    results = spread(time.sleep, [0.05] * 600, workers=2)  # 15 seconds in all
    next(results)
    started = time.monotonic()
    results.close()
    assert time.monotonic() - started < 7


def interrupt_after(count):
    rows = []

    def seen(row):
        rows.append(row)
        if len(rows) == count:
            raise KeyboardInterrupt

    return seen


def test_an_interruption_leaves_what_was_drawn_and_the_same_call_goes_on(drawn, tmp_path):
    other = tmp_path / "other"
    with pytest.raises(KeyboardInterrupt):
        write_album(other, shots(range(8)), 48, SETTINGS, drawn=interrupt_after(3))
    truth = read_truth(other)
    assert (truth["finished"], len(truth["rows"])) == (False, 3)
    assert files(other) == named(truth) | {"truth.json"}
    before = {place: (other / place).stat().st_mtime_ns for place in named(truth)}
    left = []
    write_album(other, shots(range(8)), 48, SETTINGS, planned=left.append)
    assert left == [5]
    assert read_truth(other) == read_truth(drawn)
    assert {place: (other / place).stat().st_mtime_ns for place in before} == before


def test_an_interruption_of_the_second_call_loses_nothing(tmp_path):
    for _ in range(2):
        with pytest.raises(KeyboardInterrupt):
            write_album(tmp_path, shots(range(8)), 48, SETTINGS, drawn=interrupt_after(4))
        assert len(read_truth(tmp_path)["rows"]) == 4
        assert files(tmp_path) == named(read_truth(tmp_path)) | {"truth.json"}


def test_a_picture_that_was_changed_is_drawn_again(drawn):
    rows = read_truth(drawn)["rows"]
    Image.new("RGB", (48, 48)).save(drawn / rows[0]["file"])
    (drawn / rows[1]["file"]).write_bytes(b"\x89PNG\r\n\x1a\nbroken")
    (drawn / rows[2]["mask"]).unlink()
    left = []
    write_album(drawn, shots(range(8)), 48, SETTINGS, planned=left.append)
    assert left == [3]
    pixels = np.asarray(Image.open(drawn / rows[0]["file"]))
    assert hashlib.sha256(pixels.tobytes()).hexdigest() == rows[0]["sha256"]


@pytest.mark.parametrize(
    ("pictures", "settings", "redrawn"),
    [
        (shots(range(3)), SETTINGS | {"count": 3}, 0),
        (shots(range(8), fixed={"species": "newt"}), SETTINGS, None),
        (shots(range(8), fixed={"background": "moss"}), SETTINGS, None),
        (shots(range(8)), SETTINGS | {"network": "pond"}, 8),
    ],
)
def test_pictures_of_other_settings_are_taken_away(drawn, pictures, settings, redrawn):
    left = []
    write_album(drawn, pictures, 48, settings, planned=left.append)
    truth = read_truth(drawn)
    assert files(drawn) == named(truth) | {"truth.json"}
    assert [row["factors"] for row in truth["rows"]] == [one.scene.facts() for one in pictures]
    assert redrawn is None or left == [redrawn]
    assert all(any(folder.iterdir()) for folder in (drawn / "photos").iterdir())


@pytest.mark.parametrize("place", ["photos/newt/mine.png", "notes.txt", "masks/a.png"])
def test_a_folder_with_other_files_is_refused_and_left(tmp_path, place):
    (tmp_path / place).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / place).write_text("mine")
    with pytest.raises(InputError, match=f"out: expected a folder that is new, empty, .* which holds {place}"):
        write_album(tmp_path, shots(range(2)), 48, SETTINGS)
    assert files(tmp_path) == {place}


def test_files_of_the_user_among_the_pictures_are_refused_and_beside_them_left(drawn):
    (drawn / "index.html").write_text("a page")
    write_album(drawn, shots(range(2)), 48, {"seed": "other"})
    assert (drawn / "index.html").read_text() == "a page"
    before = files(drawn) | {"photos/newt/mine.png"}
    (drawn / "photos" / "newt").mkdir(exist_ok=True)
    (drawn / "photos" / "newt" / "mine.png").write_text("mine")
    with pytest.raises(InputError, match=r"which holds photos/newt/mine\.png"):
        write_album(drawn, shots(range(1)), 48, SETTINGS)
    assert files(drawn) == before


def test_a_truth_that_names_other_places_is_not_believed(drawn, tmp_path):
    (tmp_path / "precious.png").write_text("precious")
    truth = read_truth(drawn)
    truth["rows"][0]["file"] = "../precious.png"
    (drawn / "truth.json").write_text(json.dumps(truth))
    with pytest.raises(InputError, match="which holds"):
        write_album(drawn, shots(range(2)), 48, {"seed": "other"})
    assert (tmp_path / "precious.png").read_text() == "precious"


def test_a_truth_of_another_kind_is_refused(drawn, tmp_path):
    with pytest.raises(InputError, match=r"album: expected a folder with a truth\.json"):
        read_truth(tmp_path)
    (drawn / "truth.json").write_text('{"schema": 99}')
    with pytest.raises(InputError, match=r"of schema 1, got schema 99"):
        read_truth(drawn)


def test_a_failure_of_the_network_leaves_a_truth(tmp_path):
    def fail(place):
        raise InputError("model", expected="an answer", got="none")

    with pytest.raises(InputError, match="an answer"):
        write_album(tmp_path, shots(range(2)), 48, SETTINGS, answer=fail)
    assert read_truth(tmp_path)["rows"] == []
    assert files(tmp_path) == {"truth.json"}


def test_impossible_sizes_and_places_are_refused(tmp_path):
    with pytest.raises(InputError, match="size: expected a whole number of pixels from 16 to 1024, got 8"):
        write_album(tmp_path / "new", shots(range(2)), 8, SETTINGS)
    assert not (tmp_path / "new").exists()
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(InputError, match="out: expected a folder that can be written"):
        write_album(tmp_path / "file", shots(range(2)), 48, SETTINGS)


def test_pictures_of_a_network_are_those_it_was_trained_on():
    assert [one.scene for one in shots(range(4), "pond-tag")] == [scene_for("pond-tag", seed) for seed in range(4)]
    assert [one.scene for one in shots(range(4), "pond-random")] == [sample(seed) for seed in range(4)]
    moss = shots(range(4), "pond-tag", {"background": "moss", "tag": None})
    assert {(one.scene.background, one.scene.tag) for one in moss} == {("moss", None)}
    assert [one.scene.bend for one in moss] == [scene_for("pond-tag", seed).bend for seed in range(4)]


def test_impossible_pictures_are_refused():
    with pytest.raises(InputError, match=f"network: expected one of {', '.join(NETWORKS)}, got 'pond-x'"):
        shots(range(1), "pond-x")
    with pytest.raises(InputError, match=r"colour: expected one of golden, .* got 'tartan'"):
        shots(range(1), fixed={"colour": "tartan"})
    with pytest.raises(InputError, match="Fix species and colour together"):
        shots(range(30), "pond", {"species": "axolotl"})
    with pytest.raises(InputError, match=r"size: expected a number from 0\.2 to 1, got 7"):
        shots(range(1), "pond", {"size": 7.0})
