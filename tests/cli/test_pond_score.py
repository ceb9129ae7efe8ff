"""axolens pond score: anyone's maps against the part that decides, and what is refused."""

import json
import shutil

import numpy as np
import pytest

import axolens as ax
from axolens.cli.pond import answers_of
from axolens.pond.album import read_truth, write_album
from axolens.pond.decisive import decide
from axolens.pond.moved import regions
from axolens.pond.scene import scene_from
from axolens.pond.shots import shots

SIZE, COUNT, QUICK = 32, 4, ("--redraws", "2")


def rows_of(out):
    return [json.loads(line) for line in out.splitlines()]


def draw(folder, network, asked=True):
    model = ax.load(network)
    settings = {"network": network if asked else None, "seed": 0, "count": COUNT, "size": SIZE, "fixed": {}}
    settings |= {"digest": model.digest} if asked else {}
    write_album(folder, shots(range(COUNT), network), SIZE, settings, answer=answers_of(model), workers=1)
    return folder


@pytest.fixture(scope="session")
def drawn(tmp_path_factory):
    return draw(tmp_path_factory.mktemp("score") / "pictures", "pond-tag")


DECIDED = {}


@pytest.fixture(autouse=True)
def decided_once(monkeypatch):
    """Redraw each scene once for all tests; networks are drawn different scenes, so that none meets another's."""

    def once(scene, log_odds, size, *, count, seed):
        key = (scene, size, count, seed)
        if key not in DECIDED:
            DECIDED[key] = decide(scene, log_odds, size, count=count, seed=seed)
        return DECIDED[key]

    monkeypatch.setattr("axolens.pond.decisive.decide", once)


@pytest.fixture
def album(drawn, tmp_path):
    shutil.copytree(drawn, tmp_path / "pictures")
    return tmp_path / "pictures"


def stem(row):
    return row["file"].rpartition("/")[2].removesuffix(".png")


def truths(album):
    """The tag of every picture as a map: what a perfect method would show."""
    found = {}
    for row in read_truth(album)["rows"]:
        found[stem(row)] = regions(scene_from(row["factors"]), SIZE)["tag"].astype(float)
    return found


@pytest.fixture
def maps(album, tmp_path):
    (tmp_path / "maps").mkdir()
    for name, values in truths(album).items():
        np.save(tmp_path / "maps" / f"{name}.npy", values)
    return tmp_path / "maps"


def change(album, edit):
    truth = json.loads((album / "truth.json").read_text())
    edit(truth)
    (album / "truth.json").write_text(json.dumps(truth))


def test_the_tag_is_found_to_decide_and_its_map_is_perfect(run, album, maps):
    code, out, err = run("pond", "score", maps, "--pictures", album, "--json", *QUICK)
    *rows, last = rows_of(out)
    assert code == 0, err
    assert [row["photo"] for row in rows] == [row["file"] for row in read_truth(album)["rows"]]
    assert [row["answer"] for row in rows] == [row["answer"] for row in read_truth(album)["rows"]]
    for row in rows:
        assert (row["part"], row["why"], row["auc"]) == ("tag", None, 1.0)
        assert row["weights"]["tag"] > 2 > max(row["weights"]["animal"], row["weights"]["background"])
    summary = last["summary"]
    assert (summary["network"], summary["pictures"], summary["count"], summary["failed"]) == (
        "pond-tag",
        COUNT,
        COUNT,
        0,
    )
    assert summary["parts"] == {"tag": COUNT}
    assert summary["auc"] == [1.0, 1.0, 1.0]
    assert "4 pictures, each with up to 6 redraws" in err


def test_the_text_says_the_figures(run, album, maps):
    code, out, _ = run("pond", "score", maps, "--pictures", album, *QUICK)
    assert code == 0
    assert out.splitlines()[0] == "4 of 4 pictures count; what decides: tag 4."
    assert "(AUC)    1.00 (1.00 to 1.00)" in out
    assert "lead over the maps of other pictures" in out


@pytest.mark.parametrize("name", ["photos/{species}/{stem}.png", "{species}/{stem}", "{stem}.npy"])
def test_one_npz_holds_them_all(run, album, tmp_path, name):
    named = {stem(row): name.format(species=row["species"], stem=stem(row)) for row in read_truth(album)["rows"]}
    np.savez(tmp_path / "maps.npz", **{named[key]: values for key, values in truths(album).items()})
    code, out, err = run("pond", "score", tmp_path / "maps.npz", "--pictures", album, "--json", *QUICK)
    assert code == 0, err
    assert rows_of(out)[-1]["summary"]["auc"] == [1.0, 1.0, 1.0]


BROKEN = {
    "shape": (
        lambda path: np.save(path, np.ones((3, SIZE, SIZE))),
        "like the picture, got (3, 32, 32). Sum the colour",
    ),
    "long": (lambda path: np.save(path, np.ones((4, 8))), "got (4, 8)"),
    "nan": (lambda path: np.save(path, np.full((4, 4), np.nan)), "expected finite numbers, got 16 of 16"),
    "objects": (lambda path: np.save(path, np.array([{}, {}]), allow_pickle=True), "expected an array of NumPy's"),
    "text": (lambda path: path.write_text("heat"), "expected an array of NumPy's"),
    "nothing": (lambda path: path.write_bytes(b""), "expected an array of NumPy's"),
    "missing": (lambda path: path.unlink(), "got none"),
}


@pytest.mark.parametrize("kind", BROKEN)
def test_one_broken_map_leaves_the_others(run, album, maps, kind):
    breaks, said = BROKEN[kind]
    breaks(maps / "0000001.npy")
    code, out, err = run("pond", "score", maps, "--pictures", album, "--json", *QUICK)
    *rows, last = rows_of(out)
    assert code == 2
    assert err.count("axolens: ") == 1
    assert said in err
    assert next(row for row in rows if "error" in row)["photo"].endswith("0000001.png")
    assert sum("auc" in row for row in rows) == COUNT - 1
    assert (last["summary"]["count"], last["summary"]["failed"]) == (COUNT - 1, 1)


def test_constant_maps_count_and_are_said(run, album, maps):
    for path in maps.iterdir():
        np.save(path, np.full((5, 5), 0.3))
    code, out, _ = run("pond", "score", maps, "--pictures", album, *QUICK)
    assert code == 0
    assert "constant maps, which tell nothing apart: 4" in out
    assert "(AUC)    0.50 (0.50 to 0.50)" in out


def test_a_map_of_no_picture_is_said(run, album, maps):
    np.save(maps / "holiday.npy", np.eye(3))
    code, out, err = run("pond", "score", maps, "--pictures", album, *QUICK)
    assert code == 2
    assert "holiday: expected the name of a picture" in err
    assert out.startswith("4 of 4 pictures count")


def test_two_maps_of_one_picture_are_refused(run, album, maps):
    row = read_truth(album)["rows"][0]
    (maps / row["species"]).mkdir()
    np.save(maps / row["species"] / f"{stem(row)}.npy", np.eye(3))
    code, _, err = run("pond", "score", maps, "--pictures", album, *QUICK)
    assert code == 2
    assert f"expected one a picture, got {row['species']}/{stem(row)} and {stem(row)}" in err


def test_one_picture_has_no_interval(run, album, maps):
    change(album, lambda truth: truth.update(rows=truth["rows"][:1]))
    for name in ("0000001", "0000002", "0000003"):
        (maps / f"{name}.npy").unlink()
    code, out, _ = run("pond", "score", maps, "--pictures", album, *QUICK)
    assert code == 0
    assert "1.00 (one picture: no interval)" in out
    assert "other pictures" not in out.replace("better than the maps of other pictures", "")


def test_an_untrained_network_is_decided_by_nothing(run, tmp_path):
    album = draw(tmp_path / "pictures", "pond-random")
    np.savez(tmp_path / "maps.npz", **{stem(row): np.eye(4) for row in read_truth(album)["rows"]})
    code, out, err = run("pond", "score", tmp_path / "maps.npz", "--pictures", album, *QUICK)
    assert code == 2
    assert "0 of 4 pictures count" in out
    assert "left out, no part moves the answer: 4" in out
    assert "no picture counts: expected one that a single part decides" in err


def test_a_network_may_be_named(run, tmp_path):
    album = draw(tmp_path / "pictures", "pond-tag", asked=False)
    np.savez(tmp_path / "maps.npz", **truths(album))
    code, _, err = run("pond", "score", tmp_path / "maps.npz", "--pictures", album, *QUICK)
    assert code == 2
    assert "--model: expected the network that the maps explain, such as pond-tag" in err
    code, out, err = run("pond", "score", tmp_path / "maps.npz", "--pictures", album, "--model", "pond-tag", *QUICK)
    assert code == 0, err
    assert out.startswith("4 of 4 pictures count")


def without_view(truth):
    del truth["rows"][1]["factors"]["view"]


def without_factors(truth):
    del truth["rows"][1]["factors"]


def of_another_scene(truth):
    truth["rows"][1]["factors"]["x"] = 0.1


@pytest.mark.parametrize(
    ("edit", "said"),
    [
        (without_view, "facts without view"),
        (without_factors, "facts without species"),
        (of_another_scene, "expected one that its factors draw, got another. Draw the pictures anew"),
    ],
)
def test_a_picture_without_its_scene_leaves_the_others(run, album, maps, edit, said):
    change(album, edit)
    code, out, err = run("pond", "score", maps, "--pictures", album, *QUICK)
    assert code == 2
    assert said in err
    assert out.startswith("3 of 4 pictures count")


@pytest.mark.parametrize(
    ("edit", "said"),
    [
        (
            lambda truth: truth["settings"].update(digest="0" * 64),
            "answers of pond-tag as it is, got those of other weights",
        ),
        (lambda truth: truth["settings"].update(network="pond-x"), "pond-x"),
        (lambda truth: truth["settings"].pop("size"), "an album of `axolens pond render`"),
        (lambda truth: truth.update(rows=[]), "lists no pictures"),
        (lambda truth: truth.update(rows=[{"factors": {}}]), "lists no pictures"),
        (lambda truth: truth.pop("settings"), "lists no pictures"),
        (lambda truth: truth.update(schema=9), "of schema 1"),
    ],
)
def test_an_album_that_cannot_be_used(run, album, maps, edit, said):
    change(album, edit)
    code, out, err = run("pond", "score", maps, "--pictures", album, *QUICK)
    assert (code, out) == (2, "")
    assert err.count("axolens: ") == 1
    assert said in err


def test_places_without_maps_or_pictures(run, album, maps, tmp_path):
    (tmp_path / "empty").mkdir()
    (tmp_path / "bad.npz").write_text("heat")
    np.savez(tmp_path / "none.npz")
    for place, said in (
        (tmp_path / "empty", "which holds none"),
        (tmp_path / "none.npz", "which holds none"),
        (tmp_path / "nowhere", "expected a folder of .npy files or one .npz file"),
        (tmp_path / "bad.npz", "expected an .npz file of NumPy's"),
        (maps / "0000001.npy", "expected a folder of .npy files or one .npz file"),
    ):
        code, out, err = run("pond", "score", place, "--pictures", album)
        assert (code, out) == (2, ""), place
        assert err.count("axolens: ") == 1
        assert said in err
    code, _, err = run("pond", "score", maps, "--pictures", maps)
    assert code == 2
    assert "expected a folder with a truth.json" in err
