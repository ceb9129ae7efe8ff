import json
import subprocess
import sys

import numpy as np
import pytest

from axolens import __version__
from axolens.records.codec import read_record

QUICK = ("--set", "lime.samples=30", "--set", "lime.segmenter=slic")


def rows(out):
    return [json.loads(line) for line in out.splitlines()]


def test_predict_prints_the_likeliest(run, world, photo):
    code, out, _ = run("predict", photo, "--model", world / "model.toml")
    assert code == 0
    lines = out.splitlines()
    assert lines[0] == "0 photo.png"
    shares = [float(line.split()[-1]) for line in lines[1:]]
    assert shares == sorted(shares, reverse=True)
    assert sum(shares) == pytest.approx(1, abs=2e-4)


def test_the_json_of_predict_is_a_contract(run, world, photo):
    code, out, _ = run("predict", photo, "--json", "--model", world / "model.toml")
    (row,) = rows(out)
    assert code == 0
    assert list(row) == ["photo", "digest", "truth", "model", "top"]
    assert list(row["top"][0]) == ["index", "label", "probability", "score"]
    assert (row["photo"], row["truth"], row["model"]) == ("0 photo.png", None, "torchvision/squeezenet1_1")
    assert len(row["digest"]) == 64


def test_the_json_of_explain_is_a_contract(run, world, photo, tmp_path):
    code, out, err = run(
        "explain", photo, "--json", "--model", world / "model.toml", "--target", "axolotl", "--against", "crane",
        *QUICK, "--out", tmp_path / "why", "--seed", "3",
    )  # fmt: skip
    (row,) = rows(out)
    assert code == 0
    assert set(row) >= {"photo", "digest", "truth", "model", "top", "attributions"}
    assert [(one["method"], one["target"], one["against"]) for one in row["attributions"]] == [
        ("gradcam", "axolotl", "crane"),
        ("lime", "axolotl", "crane"),
    ]
    for one in row["attributions"]:
        assert set(one) >= {"method", "target", "against", "file", "sum", "residual", "cost", "notes"}
        assert set(one["cost"]) == {"forward", "backward", "seconds"}
        values = np.load(one["file"])[one["array"]]
        assert one["sum"] == pytest.approx(values.sum(dtype="float64"), rel=1e-6)
    assert "31 images for 1 photo" in err
    assert (tmp_path / "why" / "index.html").stat().st_size > 5000
    assert len(list((tmp_path / "why" / "figures").glob("*.png"))) == 1


def test_explain_in_words_names_the_margin(run, world, photo):
    arguments = ("explain", photo, "--model", world / "model.toml", "--method", "gradcam")
    _, out, _ = run(*arguments, "--target", "axolotl", "--against", "crane", "--layer", "features.12")
    _, told, _ = run("predict", photo, "--json", "--model", world / "model.toml")
    top = {row["label"]: row["score"] for row in rows(told)[0]["top"]}
    assert "gradcam for axolotl rather than crane" in out
    assert f"Margin of axolotl against crane on this photo: {top['axolotl'] - top['crane']:+.2f} log-odds." in out


def test_a_bad_photo_does_not_stop_the_others(run, world, photo, tmp_path):
    broken = tmp_path / "broken.jpg"
    broken.write_bytes(b"no picture")
    for command in (("predict",), ("explain", "--method", "gradcam")):
        code, out, err = run(command[0], broken, photo, "--json", "--model", world / "model.toml", *command[1:])
        first, second = rows(out)
        assert code == 2
        assert set(first) == {"photo", "error"}
        assert first["photo"] == "broken.jpg"
        assert "broken.jpg" in err
        assert second["photo"] == "0 photo.png"


def test_compare_lays_two_photos_side_by_side(run, world, photo, tmp_path):
    reference = world / "photos" / "common iguana" / "1 photo.png"
    code, out, _ = run(
        "compare", photo, reference, "--truth", "axolotl", "--reference-truth", "common iguana",
        "--model", world / "model.toml", *QUICK, "--out", tmp_path / "pair",
    )  # fmt: skip
    assert code == 0
    assert out.count("log-odds") >= 2
    first, second = (read_record(tmp_path / "pair" / "cases" / stem) for stem in ("photo", "reference"))
    assert [str(one.target) for one in first.attributions] == [str(one.target) for one in second.attributions]
    assert (tmp_path / "pair" / "figures" / "pair.png").is_file()
    page = (tmp_path / "pair" / "index.html").read_text()
    assert "http" not in page.replace("http-equiv", "")
    (tmp_path / "pair" / "index.html").unlink()
    code, out, _ = run("report", tmp_path / "pair", "--json")
    assert code == 0
    assert [row["photo"] for row in rows(out)] == ["0 photo.png"]
    assert (tmp_path / "pair" / "index.html").read_text() == page


def test_study_from_end_to_end(run, world, tmp_path):
    out = tmp_path / "study"
    code, said, err = run("study", world / "photos", "--out", out, "--model", world / "model.toml", *QUICK)
    assert code == 0
    assert "155 images for 5 photos" in err
    summary = json.loads((out / "study.json").read_text())
    assert [row["photo"] for row in summary["photos"]] == [
        "Axolotl/0 photo.png", "Axolotl/1 photo.png", "Axolotl/2 photo.png",
        "common iguana/0 photo.png", "common iguana/1 photo.png",
    ]  # fmt: skip
    assert {row["truth"] for row in summary["photos"]} == {"axolotl", "common_iguana"}
    assert sum(int(line.split()[0]) for line in said.splitlines()) == 5
    assert len(list((out / "cases").glob("*.npz"))) == 5
    assert len(list((out / "figures").glob("*.png"))) == 5
    before = (out / "index.html").read_text()
    (out / "index.html").unlink()
    code, _, _ = run("report", out)
    assert code == 0
    assert (out / "index.html").read_text() == before


def test_study_tells_each_photo_as_json(run, world, tmp_path):
    (tmp_path / "photos" / "axolotl").mkdir(parents=True)
    (tmp_path / "photos" / "axolotl" / "a.png").write_bytes((world / "photos/Axolotl/0 photo.png").read_bytes())
    (tmp_path / "photos" / "axolotl" / "b.png").write_bytes(b"")
    code, out, _ = run(
        "study", tmp_path / "photos", "--out", tmp_path / "out", "--json",
        "--model", world / "model.toml", "--method", "gradcam",
    )  # fmt: skip
    assert code == 2
    told = {row["photo"]: row for row in rows(out)}
    assert set(told) == {"axolotl/a.png", "axolotl/b.png"}
    assert "zero bytes" in told["axolotl/b.png"]["error"]
    assert told["axolotl/a.png"]["truth"] == "axolotl"


def test_listings(run):
    _, out, _ = run("methods", "--json")
    cards = {row["name"]: row for row in rows(out)}
    assert list(cards)[:2] == ["gradcam", "lime"]
    assert (cards["hirescam"]["contrast"], cards["layercam"]["contrast"]) == ("exact", "not offered")
    assert (cards["integratedgradients"]["contrast"], cards["guidedbackprop"]["contrast"]) == ("exact", "not offered")
    assert [name for name, card in cards.items() if card["about"] == "model"] == ["eigencam", "rollout"]
    _, out, _ = run("methods", "--family", "attention")
    assert "\n  the same map for every class: it knows of the model and the photo\n" in out
    _, out, _ = run("methods", "--family", "null")
    assert out.count("the same map for every class: it knows of nothing") == 3
    assert "none: drawn by chance; settings none\n" in out
    _, out, _ = run("models")
    assert "keras/NAME" in out
    assert "onnx:FILE" in out
    assert run("--version")[1] == f"axolens {__version__}\n"


@pytest.mark.parametrize("code", ["import axolens", "import axolens.cli", "from axolens.cli.app import app"])
def test_no_framework_is_loaded_before_it_is_needed(code):
    heavy = "{'torch', 'keras', 'numpy', 'matplotlib', 'onnxruntime', 'timm', 'transformers', 'PIL', 'skimage'}"
    program = f"{code}; import sys; print(sorted({heavy} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_program_is_a_module_too():
    done = subprocess.run([sys.executable, "-m", "axolens", "--version"], capture_output=True, text=True, check=True)
    assert done.stdout == f"axolens {__version__}\n"
