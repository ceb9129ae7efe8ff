"""axolens pond: pictures as files, a contact sheet, and what is refused."""

import json
import os
import signal
import subprocess
import sys
import time

import numpy as np
import pytest
from PIL import Image
from ponds import ship

import axolens as ax
from axolens.classifiers.torchvision_ops import import_torchvision
from axolens.pond.album import read_truth
from axolens.pond.recipes import NETWORKS, scene_for
from axolens.pond.sampling import sample
from axolens.pond.scene import BACKGROUNDS, COLOURS, FACTORS, SPECIES

QUICK = ("--size", "32")


def rows(out):
    return [json.loads(line) for line in out.splitlines()]


@pytest.fixture
def pond(monkeypatch, tmp_path):
    """An untrained network where the shipped pond is looked for."""
    ship(monkeypatch, tmp_path / "weights", pond=1)
    return ax.load("pond")


def test_render_writes_pictures_and_their_truth(run, tmp_path):
    out = tmp_path / "pictures"
    code, said, err = run("pond", "render", "--out", out, "--count", "12", "--seed", "5", *QUICK)
    truth = read_truth(out)
    assert code == 0
    assert truth["finished"]
    assert truth["settings"] == {"network": None, "seed": 5, "count": 12, "size": 32, "fixed": {}}
    assert [row["factors"] for row in truth["rows"]] == [sample(seed).facts() for seed in range(5, 17)]
    assert "12 pictures to draw" in err
    assert sum(int(line.split()[1]) for line in said.splitlines()) == 12
    assert "answered" not in said


def test_torchvision_takes_the_pictures(run, tmp_path):
    run("pond", "render", "--out", tmp_path / "p", "--count", "9", *QUICK)
    found = import_torchvision().datasets.ImageFolder(tmp_path / "p" / "photos")
    assert len(found) == 9
    assert found.classes == sorted({sample(seed).species for seed in range(9)})
    assert found[0][0].size == (32, 32)


def test_the_json_of_render_is_the_truth(run, tmp_path, pond):
    code, said, _ = run(
        "pond", "render", "--out", tmp_path / "p", "--count", "6", "--network", "pond", "--json", *QUICK
    )
    found = rows(said)
    assert code == 0
    assert found == read_truth(tmp_path / "p")["rows"]
    names = ["file", "mask", "species", "seed", "sha256", "parts", "factors", "answer", "probabilities"]
    assert list(found[0]) == names
    assert list(found[0]["factors"]) == list(FACTORS)


def test_a_network_is_asked_about_pictures_like_its_own(run, tmp_path, pond):
    code, said, _ = run("pond", "render", "--out", tmp_path / "p", "--count", "6", "--network", "pond", *QUICK)
    truth = read_truth(tmp_path / "p")
    assert code == 0
    assert truth["settings"]["digest"] == pond.digest
    for seed, row in enumerate(truth["rows"]):
        assert row["factors"] == scene_for("pond", seed).facts()
        prediction = ax.predict(pond, tmp_path / "p" / row["file"])
        assert row["answer"] == prediction.top(1)[0].label
        assert list(row["probabilities"]) == list(SPECIES)
        np.testing.assert_allclose(list(row["probabilities"].values()), prediction.probabilities, atol=1e-6)
    assert "answered rightly" in said


def test_the_untrained_network_gets_balanced_pictures(run, tmp_path):
    run("pond", "render", "--out", tmp_path / "p", "--count", "3", "--network", "pond-random", *QUICK)
    truth = read_truth(tmp_path / "p")["rows"]
    assert [row["factors"] for row in truth] == [sample(seed).facts() for seed in range(3)]
    assert all("answer" in row for row in truth)


def test_a_factor_that_is_fixed_is_the_same_in_all_pictures(run, tmp_path):
    fix = ("--fix", "species=newt", "--fix", "tag=none", "--fix", "size=0.5", "--fix", "noise_seed=3")
    code, _, _ = run("pond", "render", "--out", tmp_path / "p", "--count", "5", *fix, *QUICK)
    factors = [row["factors"] for row in read_truth(tmp_path / "p")["rows"]]
    assert code == 0
    kept = {(one["species"], one["tag"], one["size"], one["noise_seed"]) for one in factors}
    assert kept == {("newt", "none", 0.5, 3)}
    assert len({one["bend"] for one in factors}) == 5


def test_the_same_command_goes_on_and_draws_nothing_twice(run, tmp_path):
    arguments = ("pond", "render", "--out", tmp_path / "p", *QUICK)
    run(*arguments, "--count", "4")
    _, said, err = run(*arguments, "--count", "6", "--json")
    assert "2 pictures to draw, 4 are there already." in err
    assert len(rows(said)) == 6


@pytest.mark.parametrize("count", [100, 900])  # one process, several processes
def test_ctrl_c_leaves_pictures_with_their_truth(tmp_path, count):
    out = tmp_path / "p"
    program = [sys.executable, "-m", "axolens", "pond", "render", "--out", out, "--count", count, "--size", "100"]
    command = [str(part) for part in program]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, start_new_session=True)
    deadline = time.monotonic() + 120
    while len(list(out.glob("photos/*/*.png"))) < 50 and time.monotonic() < deadline and process.poll() is None:
        time.sleep(0.02)
    os.killpg(process.pid, signal.SIGINT)
    _, err = process.communicate(timeout=120)
    assert process.returncode == 130, err
    assert "Traceback" not in err
    assert "Interrupted" in err
    truth = read_truth(out)
    assert not truth["finished"]
    assert 1 <= len(truth["rows"]) < count
    assert {path.relative_to(out).as_posix() for path in out.glob("*/*/*.png")} == {
        row[part] for row in truth["rows"] for part in ("file", "mask")
    }


@pytest.mark.parametrize("name", ["sheet.png", "sheet.webp"])
def test_sheet_shows_the_animals_asked_for(run, tmp_path, name):
    arguments = ("--species", "newt", "--species", "axolotl", "--size", "16")
    code, _, err = run("pond", "sheet", "--out", tmp_path / name, *arguments)
    assert code == 0
    assert f"Written: {tmp_path / name}" in err
    half = (len(COLOURS["newt"]) + len(COLOURS["axolotl"]) + 1) // 2
    with Image.open(tmp_path / name) as image:
        assert (image.format, image.size) == (name.partition(".")[2].upper(), (2 * 6 * 16, half * 30))


def test_the_group_alone_shows_its_commands(run):
    _, out, err = run("pond")
    assert all(word in out + err for word in ("render", "sheet", "--help"))


def refused(run, *arguments):
    code, out, err = run("pond", *arguments)
    assert code == 2, (out, err)
    assert err.count("axolens: ") == 1, err
    return err


@pytest.mark.parametrize(
    ("fix", "said"),
    [
        ("hat=red", f"one of {', '.join(FACTORS)}"),
        ("size=9", "size: expected a number from 0.2 to 1, got 9"),
        ("size=big", "size: expected a number from 0.2 to 1, got 'big'"),
        ("noise=nan", "noise: expected a number from 0 to 0.2, got nan"),
        ("noise_seed=1.5", "noise_seed: expected a whole number from 0 to 2147483647, got '1.5'"),
        ("noise_seed=-1", "noise_seed: expected a whole number from 0 to 2147483647, got -1"),
        ("background=desert", f"background: expected one of {', '.join(BACKGROUNDS)}, got 'desert'"),
        ("species=dragon", f"species: expected one of {', '.join(SPECIES)}, got 'dragon'"),
        ("colour=tartan", "colour: expected one of golden, white"),
        ("tag=stamp", "tag: expected one of red-corner"),
        ("size", "FACTOR=VALUE"),
        ("=9", "FACTOR=VALUE"),
    ],
)
def test_a_bad_factor_names_what_is_allowed(run, tmp_path, fix, said):
    assert said in refused(run, "render", "--out", tmp_path / "p", "--fix", fix)
    assert not (tmp_path / "p").exists()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--count", "0"), "--count: expected a whole number of at least 1, got 0"),
        (("--seed", "-1"), "seed: expected a whole number of at least 0, got -1"),
        (("--size", "9"), "size: expected a whole number of pixels from 16 to 1024, got 9"),
        (("--network", "pond-x"), f"network: expected one of {', '.join(NETWORKS)}, got 'pond-x'"),
        (("--network", "pond-tag", "--fix", "species=axolotl"), "Fix species and colour together"),
        (("--fix", "size=0.5", "--fix", "size=0.6"), "--fix: expected each factor once, got size twice"),
    ],
)
def test_bad_requests_make_no_folder(run, tmp_path, arguments, said):
    assert said in refused(run, "render", "--out", tmp_path / "p", *arguments)
    assert not (tmp_path / "p").exists()


def test_a_folder_with_other_files_is_left_as_it_is(run, tmp_path):
    (tmp_path / "thesis.txt").write_text("chapter one")
    said = refused(run, "render", "--out", tmp_path, "--count", "2")
    assert "thesis.txt" in said
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--out", "sheet.jpg"), "ends in .png or .webp"),
        (("--out", "no/such/folder/sheet.png", "--species", "newt", "--size", "16"), "can be written"),
        (("--out", "sheet.png", "--species", "dragon"), f"one of {', '.join(SPECIES)}, got 'dragon'"),
        (("--out", "sheet.png", "--size", "9"), "from 16 to 1024, got 9"),
    ],
)
def test_a_sheet_that_cannot_be(run, tmp_path, monkeypatch, arguments, said):
    monkeypatch.chdir(tmp_path)
    assert said in refused(run, "sheet", *arguments)
    assert list(tmp_path.iterdir()) == []
