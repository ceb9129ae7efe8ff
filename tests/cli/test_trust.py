"""axolens trust, and verdicts where maps are explained."""

import json

import numpy as np
import pytest
from PIL import Image

from axolens.records.verdict import CHECKS, OPENING


def rows(out):
    return [json.loads(line) for line in out.splitlines()]


@pytest.fixture
def model(world):
    return ("--model", world / "model.toml")


def test_the_json_of_trust_is_a_contract_and_what_is_announced_is_asked(run, model, photo, world):
    code, out, err = run(
        "trust", photo, "--json", *model, "--method", "gradcam", "--usual", "--others", world / "photos"
    )
    (row,) = rows(out)
    assert code == 0
    assert (row["photo"], row["method"], row["target"]) == ("0 photo.png", "gradcam", row["target"])
    assert [one["name"] for one in row["checks"]] == list(CHECKS)
    assert all(one["outcome"] in ("passed", "failed", "undecided", "not possible") for one in row["checks"])
    assert all(one.startswith(OPENING) for one in row["sentences"])
    assert "maps of 4 other photos and 15 drawings" in row["checks"][1]["reason"]
    assert set(row["cost"]) == {"forward", "backward", "seconds"}
    assert "images for 1 photo" in err


def test_a_finished_map_is_judged_in_words(run, model, photo, tmp_path):
    np.save(tmp_path / "map.npy", np.random.default_rng(0).random((7, 7)))
    code, out, _ = run("trust", photo, *model, "--values", tmp_path / "map.npy")
    assert code == 0
    assert out.startswith("given for ")
    assert OPENING in out
    assert "randomisation:     not possible. Only a finished map was given" in out


def test_a_box_lets_the_map_be_located(run, model, photo):
    code, out, _ = run("trust", photo, *model, "--method", "gradcam", "--usual", "--box", "10,10,60,50")
    assert code == 0
    assert "There is no mask or box" not in out


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("text.npy", b"no array", "an array saved by numpy.save"),
        ("missing.npy", None, "an array saved by numpy.save"),
        ("flat.npy", np.zeros(5), "a map (h, w)"),
    ],
)
def test_a_file_that_holds_no_map_is_refused_in_one_sentence(run, model, photo, tmp_path, name, content, said):
    path = tmp_path / name
    if isinstance(content, bytes):
        path.write_bytes(content)
    elif content is not None:
        np.save(path, content)
    code, out, err = run("trust", photo, *model, "--values", path)
    assert code == 2
    assert said in out + err


def test_what_cannot_be_meant_together_is_refused(run, model, photo, world, tmp_path):
    np.save(tmp_path / "map.npy", np.eye(7))
    for more in (("--method", "lime", "--values", tmp_path / "map.npy"), ("--against", "crane")):
        code, _, err = run("trust", photo, *model, *more)
        assert code == 2
        assert "expected" in err
    for more in (("--values", tmp_path / "map.npy"), ("--target", "crane"), ("--box", "1,1,9,9")):
        code, _, err = run("trust", world / "photos", *model, *more)
        assert code == 2
        assert f"{more[0]}: expected one photo" in err


def test_a_constant_map_fails_and_says_why(run, model, photo, tmp_path):
    np.save(tmp_path / "map.npy", np.ones((7, 7)))
    _, out, _ = run("trust", photo, *model, "--json", "--values", tmp_path / "map.npy")
    (row,) = rows(out)
    assert row["failed"] is True
    assert row["sentences"] == [f"{OPENING}: it shows nothing; do not read it."]


def blocks(folder, count=6):
    rng = np.random.default_rng(0)
    folder.mkdir(exist_ok=True)
    for place in range(count):
        pixels = np.kron(rng.integers(0, 255, (8, 8, 3)), np.ones((8, 8, 1))).astype(np.uint8)
        Image.fromarray(pixels).save(folder / f"{place}.png")


@pytest.mark.parametrize("keep", [True, False])
def test_an_interruption_says_what_is_kept_and_how_to_go_on(run, model, tmp_path, monkeypatch, keep):
    from axolens.study import comparing

    blocks(tmp_path / "photos")
    found, hide = [], comparing._effects

    def stop(*arguments):
        if len(found) == 2:
            raise KeyboardInterrupt
        found.append(1)
        return hide(*arguments)

    monkeypatch.setattr(comparing, "_effects", stop)
    more = ("--out", tmp_path / "out") if keep else ()
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "index.html").write_text("of an earlier comparison")
    code, out, err = run("trust", tmp_path / "photos", *model, "--json", "--method", "gradcam", *more)
    assert (code, out) == (130, "")
    if not keep:
        assert "Interrupted; nothing is kept. With --out DIR what is found for each photo is kept." in err
        return
    assert f"maps of 6 and effects of 2 photos are kept in {tmp_path / 'out'}. The same command goes on" in err
    assert not (tmp_path / "out" / "index.html").exists()
    monkeypatch.setattr(comparing, "_effects", hide)
    code, out, err = run("trust", tmp_path / "photos", *model, "--json", "--method", "gradcam", *more)
    assert code == 0
    assert "240 images for 4 photos" in err  # 3 maps, 4 readings, 5 shares
    assert rows(out)[0]["photos"] == 6
    page = (tmp_path / "out" / "index.html").read_text()
    command = f"axolens trust {tmp_path / 'photos'} --model {model[1]} --json --method gradcam --out {tmp_path / 'out'}"
    assert command in page
    (tmp_path / "out" / "index.html").unlink()
    assert run("report", tmp_path / "out", "--json")[:2] == (0, out)
    assert (tmp_path / "out" / "index.html").read_text() == page


def test_one_photo_has_no_folder_to_keep(run, model, photo, tmp_path):
    code, _, err = run("trust", photo, *model, "--method", "gradcam", "--out", tmp_path)
    assert code == 2
    assert "--out: expected a folder of photos" in err


def test_methods_are_compared_on_a_folder_and_a_broken_photo_is_left_out(run, model, tmp_path):
    blocks(tmp_path)
    (tmp_path / "broken.png").write_bytes(b"")
    code, out, err = run("trust", tmp_path, *model, "--json", "--method", "gradcam", "--method", "saliency")
    (row,) = rows(out)
    assert code == 2
    assert "zero bytes" in err
    assert list(row) == ["model", "photos", "groups", "readings", "scores", "pairs", "failures"]
    assert (row["photos"], row["groups"]) == (6, 6)
    assert {one["method"] for one in row["scores"]} == {"gradcam", "saliency", "centre blob"}
    assert len(row["pairs"]) == 3
    assert set(row["pairs"][0]) == {"first", "second", "difference", "p", "agree", "ranked"}


def test_explain_says_what_may_be_concluded_from_each_map(run, model, photo):
    code, out, _ = run("explain", photo, *model, "--json", "--method", "gradcam", "--trust", "--truth", "crane")
    (row,) = rows(out)
    assert code == 0
    assert all(one["verdict"]["sentences"][0].startswith(OPENING) for one in row["attributions"])
    _, told, _ = run("explain", photo, *model, "--method", "gradcam", "--trust")
    assert OPENING in told


def test_a_study_judges_maps_beside_those_of_its_other_photos_and_goes_on_from_there(run, world, model, tmp_path):
    code, out, _ = run("study", world / "photos", "--out", tmp_path, *model, "--json", "--method", "gradcam")
    assert not any("verdict" in one for row in rows(out) for one in row["attributions"])
    code, out, _ = run("study", world / "photos", "--out", tmp_path, *model, "--json", "--method", "gradcam", "--trust")
    assert code == 0
    verdicts = [one["verdict"] for row in rows(out) for one in row["attributions"]]
    assert len(verdicts) >= 5
    assert "maps of 4 other photos and 15 drawings" in str(verdicts[0])
    code, _, err = run("study", world / "photos", "--out", tmp_path, *model, "--json", "--method", "gradcam", "--trust")
    assert "0 images for 0 photos" in err


def test_explain_holds_maps_against_the_photos_of_a_folder_and_tells_what_it_could_not_read(
    run, model, photo, world, tmp_path
):
    (tmp_path / "more" / "axolotl").mkdir(parents=True)
    for place, path in enumerate(sorted((world / "photos").rglob("*.png"))):
        (tmp_path / "more" / "axolotl" / f"{place}.png").write_bytes(path.read_bytes())
    (tmp_path / "more" / "axolotl" / "broken.png").write_bytes(b"no picture")
    code, out, err = run(
        "explain", photo, *model, "--method", "gradcam", "--trust", "--json", "--others", tmp_path / "more"
    )
    assert code == 0
    (row,) = rows(out)
    assert "maps of 4 other photos and 15 drawings" in json.dumps(row)
    assert "Left out of the others" in err
    assert "broken.png" in err


def test_other_photos_without_verdicts_are_refused(run, model, photo, world):
    code, _, err = run("explain", photo, *model, "--no-trust", "--others", world / "photos")
    assert code == 2
    assert "--others" in err
