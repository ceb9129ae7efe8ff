"""What is known of a method on a model, on disk."""

import pytest

from axolens.records.verdict import Check
from axolens.scrutiny import known as store

FOUND = Check("randomisation", "passed", "Little is left.", value=0.03, floor=0.2, interval=(-0.1, 0.1))


def test_a_check_comes_back_as_it_was_for_its_key_alone():
    store.keep(("weights", "saliency"), FOUND)
    assert store.known(("weights", "saliency")) == FOUND
    assert store.known(("weights", "lime")) is None


@pytest.mark.parametrize("text", ["", "[", "[]", "{}", '{"schema": 2, "content": 3}', '{"schema": 99, "content": 3}'])
def test_a_spoilt_file_counts_as_none(text):
    store.keep("key", FOUND)
    (path,) = store.folder().iterdir()
    path.write_text(text)
    assert store.known("key") is None


def test_a_folder_that_cannot_be_written_stops_nothing(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("no folder")
    monkeypatch.setenv(store.FOLDER, str(tmp_path / "file"))
    store.keep("key", FOUND)
    assert store.known("key") is None


def test_another_version_of_axolens_asks_again(monkeypatch):
    store.keep("key", FOUND)
    monkeypatch.setattr(store, "version", lambda name: "another")
    assert store.known("key") is None
