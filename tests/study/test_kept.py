"""A comparison of methods that is interrupted, goes on, and never mixes in what belongs to something else."""

import dataclasses

import numpy as np
import pytest
from comparisons import METHODS, draw, net

import axolens as ax
from axolens.errors import InputError
from axolens.records.case import Provenance
from axolens.records.codec import decode, encode
from axolens.records.comparison import PhotoEffects
from axolens.records.target import Target
from axolens.study.comparing import compare_methods
from axolens.study.kept import EFFECTS, Kept, read_comparison
from axolens.study.store import COMPARISON, writable_folder


@pytest.fixture
def photos(tmp_path):
    for place in range(7):
        draw(tmp_path / "photos" / f"{place}.png", place)
    return tmp_path / "photos"


@pytest.fixture
def out(tmp_path):
    return tmp_path / "out"


def stop_after(count):
    done = []

    def call(photos):
        done.append(photos)
        if len(done) == count:
            raise KeyboardInterrupt

    return call


def left(photos, out, **more):
    """Return how many photos are left to ask, and the comparison."""
    planned = []
    model, methods = more.pop("model", None) or net(), more.pop("methods", METHODS)
    found = compare_methods(model, photos, methods, out=out, planned=lambda n, _: planned.append(n), **more)
    return planned[0], found


def plain(found):
    return encode(dataclasses.replace(found, provenance=None))[0]


@pytest.mark.parametrize("stage", ["looked", "finished"])
def test_an_interrupted_comparison_goes_on_and_finds_what_it_would_have_found(photos, out, stage):
    with pytest.raises(KeyboardInterrupt):
        compare_methods(net(), photos, METHODS, out=out, **{stage: stop_after(3)})
    assert not (out / COMPARISON).exists()
    asked = []
    model = net(asked=asked)
    asked.clear()
    count, found = left(photos, out, model=model)
    assert count == (7 if stage == "looked" else 4)
    # A photo: itself, 20 copies by LIME; 3 maps in 4 readings of 5 shares each.
    assert sum(asked) == (4 * 21 + 7 * 60 if stage == "looked" else 4 * 60)
    assert plain(found) == plain(compare_methods(net(), photos, METHODS))
    assert plain(read_comparison(out)) == plain(found)
    assert read_comparison(out).provenance.settings.keys() == {"lime"}


@pytest.mark.parametrize("change", ["nothing", "model", "seed", "settings", "order"])
def test_what_depends_on_something_else_is_made_again(photos, out, change):
    methods = (*METHODS, ax.Occlusion())
    left(photos, out, methods=methods)
    settings = (dataclasses.replace(METHODS[0], samples=24), methods[1])
    chosen = {"settings": settings, "order": methods[::-1]}.get(change, methods)
    model = net("e") if change == "model" else net()
    count, found = left(photos, out, model=model, methods=chosen, seed=int(change == "seed"))
    assert count == (0 if change == "nothing" else 7)
    assert plain(found) == plain(compare_methods(model, photos, chosen, seed=int(change == "seed")))


@pytest.mark.parametrize("change", ["added", "removed", "replaced", "renamed", "broken"])
def test_a_changed_folder_gives_no_stale_numbers(photos, out, change):
    left(photos, out)
    asked, place = {"added": 2, "removed": 1, "replaced": 2, "renamed": 3, "broken": 1}[change], photos / "3.png"
    if change == "added":
        draw(photos / "3b.png", 20)  # it, and the photo before it, which is held against its map
    elif change == "removed":
        place.unlink()
    elif change == "replaced":
        draw(place, 20)
    elif change == "renamed":
        place.rename(photos / "8.png")  # it, and the photos that now come before it and before its old neighbour
    else:
        place.write_bytes(b"")  # announced beside the photo before it, since nobody has looked yet
        asked = 2
    count, found = left(photos, out)
    assert count == asked
    fresh = compare_methods(net(), photos, METHODS)
    assert plain(found) == plain(fresh)
    records = {path.stem for path in (out / EFFECTS).iterdir()}
    assert len(records) == found.photos  # nothing is left of photos that are gone


def test_a_model_without_a_digest_is_asked_again(photos, out):
    left(photos, out, model=net(""))
    assert left(photos, out, model=net(""))[0] == 7


def test_a_photo_that_changes_between_its_two_readings_is_left_out(photos, out):
    seen = []

    def again(_):
        seen.append(1)
        if len(seen) == 7:
            draw(photos / "6.png", 99)

    found = compare_methods(net(), photos, METHODS, out=out, looked=again)
    assert [one.photo for one in found.failures] == ["6.png"]
    assert "changed meanwhile" in found.failures[0].error


def record(digest="0" * 64):
    origin = Provenance("net", "d", None, 0, {"lime": {"samples": 20}}, {"numpy": "2"})
    return PhotoEffects(digest, Target("left"), np.ones(2, np.float32), np.zeros((1, 2, 2)), origin)


def test_a_stop_between_two_files_leaves_no_record(out, monkeypatch):
    kept = Kept(out, record().provenance)
    kept.add(record())
    assert kept.find("0" * 64) is not None

    def stop(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr("axolens.records.codec.json.dumps", stop)
    with pytest.raises(KeyboardInterrupt):
        kept.add(record())  # its arrays are written, its text is not
    assert kept.find("0" * 64) is None


def test_no_study_and_no_photos_are_written_over(photos, out):
    out.mkdir()
    (out / "study.json").write_text("{}")
    with pytest.raises(InputError, match=r"a folder for a comparison.*study\.json"):
        compare_methods(net(), photos, METHODS, out=out)
    with pytest.raises(InputError, match="outside the photos"):
        compare_methods(net(), photos, METHODS, out=photos / "found")
    assert not (photos / "found").exists()
    with pytest.raises(InputError, match=r"finished comparison\.json"):
        read_comparison(out)


def test_no_comparison_is_written_over_by_a_study(photos, out):
    compare_methods(net(), photos, METHODS, out=out)
    with pytest.raises(InputError, match=r"a folder for a study.*comparison\.json"):
        writable_folder(out)
    assert not (out / "cases").exists()


def test_other_files_stay(photos, out):
    (out / EFFECTS).mkdir(parents=True)
    (out / EFFECTS / "notes.json").write_text("{}")
    left(photos, out)
    assert (out / EFFECTS / "notes.json").exists()


def test_a_comparison_and_its_effects_come_back_as_they_were(photos, out):
    _, found = left(photos, out)
    assert encode(read_comparison(out))[0] == encode(found)[0]
    tree, arrays = encode(dataclasses.replace(record(), lender="1" * 64, effects=np.arange(12.0).reshape(4, 3)))
    back = decode(tree, arrays)
    assert (back.lender, back.target, back.digest) == ("1" * 64, Target("left"), "0" * 64)
    np.testing.assert_array_equal(back.effects, np.arange(12.0).reshape(4, 3))
    assert encode(back)[0] == tree
