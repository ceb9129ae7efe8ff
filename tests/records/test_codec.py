import dataclasses
import json

import diagnoses
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from nets import small

from axolens.cases.compare import compare
from axolens.errors import InputError
from axolens.methods.perturbation.lime import Lime
from axolens.photos.read import read
from axolens.records import codec
from axolens.records.photo import Photo


def same(first, second, place="record"):
    """Compare two records field by field: every array bit for bit."""
    assert type(first) is type(second), place
    if isinstance(first, np.ndarray):
        assert first.dtype == second.dtype, place
        np.testing.assert_array_equal(first, second, err_msg=place)
    elif dataclasses.is_dataclass(first):
        for field in dataclasses.fields(first):
            same(getattr(first, field.name), getattr(second, field.name), f"{place}.{field.name}")
    elif isinstance(first, tuple):
        assert len(first) == len(second), place
        for i, (a, b) in enumerate(zip(first, second, strict=True)):
            same(a, b, f"{place}[{i}]")
    else:
        assert first == second or (first != first and second != second), place


@pytest.fixture
def pair(rng):
    photos = [read(rng.integers(0, 256, (30, 40, 3), dtype=np.uint8), truth=f"class {i}") for i in (1, 2)]
    return compare(small(), *photos, methods=["gradcam", Lime(samples=60, segmenter="slic")])


def test_a_pair_comes_back_from_disk_as_it_was(pair, tmp_path):
    codec.write_record(pair, tmp_path / "pair.v1")
    same(codec.read_record(tmp_path / "pair.v1"), pair)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["pair.v1.json", "pair.v1.npz"]


def test_the_comparison_bites(pair):
    moved = dataclasses.replace(pair, margin=pair.margin + 1e-9)
    with pytest.raises(AssertionError, match="margin"):
        same(moved, pair)


def test_numbers_that_json_does_not_know_survive(pair, tmp_path):
    odd = dataclasses.replace(pair, margin=float("nan"), reference_margin=float("-inf"))
    codec.write_record(odd, tmp_path / "odd")
    json.loads((tmp_path / "odd.json").read_text(), parse_constant=lambda name: pytest.fail(f"{name} is no JSON"))
    same(codec.read_record(tmp_path / "odd"), odd)


@given(st.integers(0, 2**32 - 1), st.booleans())
def test_pixels_come_back_exactly_whether_they_fit_in_8_bits_or_not(seed, eight):
    rng = np.random.default_rng(seed)
    levels = (rng.integers(0, 256, (3, 4, 3)) / 255).astype(np.float32)
    photo = Photo(levels if eight else rng.random((3, 4, 3), np.float32))
    tree, arrays = codec.encode(photo)
    assert any(name.endswith("@255") for name in arrays) is eight
    same(codec.decode(tree, arrays), photo)


def test_records_cannot_be_changed(pair):
    with pytest.raises(dataclasses.FrozenInstanceError):
        pair.case.photo.name = "other"
    with pytest.raises(ValueError, match="read-only"):
        pair.case.attributions[0].values[0, 0] = 1


def test_a_record_of_a_newer_axolens_is_refused():
    with pytest.raises(InputError, match="newer"):
        codec.decode({"schema": codec.SCHEMA + 1, "content": {}}, {})


def test_a_record_from_before_there_were_titles_is_read_with_them(pair):
    tree, arrays = codec.encode(pair.case)
    assert {one.title for one in pair.case.attributions} == {"Grad-CAM", "LIME"}
    old = {"schema": 1, "content": json.loads(json.dumps(tree["content"]))}
    for one in old["content"]["attributions"]:
        del one["title"], one["reading"]
    found = codec.decode(old, arrays)
    assert [one.title for one in found.attributions] == [one.title for one in pair.case.attributions]
    same(dataclasses.replace(found, attributions=()), dataclasses.replace(pair.case, attributions=()))


def test_an_interrupted_write_leaves_the_old_file(tmp_path):
    target = tmp_path / "page"
    codec.write_file(target, lambda out: out.write(b"old"))

    def broken(out):
        out.write(b"half")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        codec.write_file(target, broken)
    assert target.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [target]


def test_a_diagnosis_comes_back_from_disk_as_it_was(pair, tmp_path):
    effects = diagnoses.colour().effects
    odd = dataclasses.replace(effects[0], low=float("-inf"), high=float("nan"))
    finding = dataclasses.replace(diagnoses.colour(), effects=(odd, *effects[1:]), effect=float("nan"))
    made = diagnoses.diagnosis(findings=(finding, *diagnoses.findings()[:2]))
    case = dataclasses.replace(pair.case, diagnosis=made)
    codec.write_record(case, tmp_path / "case")
    found = codec.read_record(tmp_path / "case")
    same(found, case)
    with pytest.raises(ValueError, match="read-only"):
        found.diagnosis.findings[0].effects[1].pixels[0, 0] = 0
    moved = dataclasses.replace(effects[1], pixels=np.nextafter(effects[1].pixels, np.float32(2)))
    other = dataclasses.replace(finding, effects=(odd, moved, *effects[2:]))
    with pytest.raises(AssertionError, match="effects"):
        same(dataclasses.replace(case, diagnosis=diagnoses.diagnosis(findings=(other, *made.findings[1:]))), found)


def test_a_record_from_before_there_were_diagnoses_is_read_without_one(pair):
    tree, arrays = codec.encode(pair.case)
    old = json.loads(json.dumps(tree))
    del old["content"]["diagnosis"]
    same(codec.decode(old, arrays), pair.case)
