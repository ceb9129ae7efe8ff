"""The demo's eight pictures: who they are, and what the shipped network answers."""

import numpy as np
import pytest

import axolens as ax
from axolens.pond import photo
from axolens.pond.album import read_truth
from axolens.pond.scene import scene_from
from axolens.pond.story import SIZE, STORY, write_story

ANSWERS = {
    "photos/axolotl/golden.png": "axolotl",
    "photos/axolotl/white.png": "axolotl",
    "photos/axolotl/wild.png": "chameleon",
    "photos/axolotl/black.png": "iguana",
    "photos/chameleon/brown.png": "chameleon",
    "photos/iguana/black.png": "iguana",
    "photos/iguana/green.png": "iguana",
}
NEAR = "photos/axolotl/copper.png"


def test_the_story_has_the_notebook_s_animals():
    told = [(one.scene.species, one.scene.colour) for one in STORY]
    assert told[:5] == [("axolotl", colour) for colour in ("golden", "white", "copper", "wild", "black")]
    assert [species for species, _ in told[5:]] == ["chameleon", "iguana", "iguana"]
    assert len({one.photo for one in STORY}) == 8
    assert {one.photo for one in STORY} == {*ANSWERS, NEAR}


def test_every_animal_is_in_the_frame_and_untagged():
    for one in STORY:
        mask = photo(one.scene, 128).mask
        border = np.concatenate([mask[0], mask[-1], mask[:, 0], mask[:, -1]])
        assert one.scene.tag is None
        assert border.mean() < 0.05, one.photo


def test_the_story_is_written_with_its_truth(tmp_path):
    rows = []
    assert write_story(tmp_path, rows.append) == tmp_path / "truth.json"
    assert rows == read_truth(tmp_path)["rows"]
    assert [scene_from(row["factors"]) for row in rows] == [one.scene for one in STORY]
    assert ax.read(tmp_path / rows[0]["file"]).size == (SIZE, SIZE)


@pytest.fixture(scope="module")
def said():
    model = ax.load("pond")
    return {one.photo: ax.predict(model, photo(one.scene, SIZE)) for one in STORY}


def test_the_shipped_network_answers_as_the_story_tells(said):
    assert {place: said[place].top(1)[0].label for place in ANSWERS} == ANSWERS


def test_the_shipped_network_is_sure_of_the_pale_ones_and_not_of_the_copper_one(said):
    pale = [said[f"photos/axolotl/{colour}.png"] for colour in ("golden", "white")]
    assert min(prediction.answer("axolotl").probability for prediction in pale) > 0.9
    assert 0.2 < said[NEAR].answer("axolotl").probability < 0.8


def test_the_surest_iguana_is_the_black_one(said):
    # So the study lays it beside the black axolotl.
    black, green = (said[f"photos/iguana/{colour}.png"].answer("iguana").probability for colour in ("black", "green"))
    assert black > green
