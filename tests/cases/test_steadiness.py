"""A model that changes its answer between calls is noticed, and one in training mode is asked in evaluation mode."""

import itertools

import numpy as np
import pytest
import torch
from nets import Small, small

import axolens as ax


@pytest.fixture
def photo(rng):
    return ax.read(rng.integers(0, 256, (50, 40, 3), dtype=np.uint8), name="a.png")


def asked(answer):
    """Two logits from the mean brightness of each image and whatever ``answer`` adds."""

    def logits(batch):
        light = np.asarray(batch).mean((1, 2, 3))
        return np.stack([light + answer(batch), 1 - light], 1)

    return ax.load(logits, labels=["light", "dark"], preprocess={"size": [20, 12]}, output="logits")


def changes(case):
    return [note for note in case.notes if "changes its answer" in note]


calls = itertools.count()
chance = np.random.default_rng(0)
UNSTEADY = {
    "by chance": lambda batch: chance.random(len(batch)),
    "call by call": lambda batch: next(calls) * 0.01,
    "by its neighbour": lambda batch: 10 * np.ptp(np.asarray(batch)[:, :, :3].mean((1, 2, 3))),
    "no number the second time": lambda batch: np.where(len(batch) > 1, np.nan, 0.0),
}


@pytest.mark.parametrize("how", UNSTEADY)
def test_a_model_that_changes_its_answer_is_noticed(photo, how):
    quick = ax.Lime(samples=8)
    assert len(changes(ax.explain(asked(UNSTEADY[how]), photo, methods=[quick]))) == 1


def test_the_note_says_both_answers(photo):
    given = itertools.cycle([2.0, 2.5])
    model = ax.load(
        lambda batch: np.tile([next(given), 0.0], (len(batch), 1)), labels=["a", "b"], preprocess={"size": [8, 8]},
        output="logits",
    )  # fmt: skip
    (note,) = changes(ax.explain(model, photo, methods=[ax.Lime(samples=4)]))
    assert "a log-odds +2, then +2.5." in note or "a log-odds +2.5, then +2." in note


def test_rounding_is_no_change(photo):
    assert not changes(ax.explain(asked(lambda batch: 1e-5 * len(batch)), photo, methods=[ax.Lime(samples=8)]))


def test_a_module_in_training_mode_is_asked_in_evaluation_mode_and_left_so(photo):
    torch.manual_seed(0)
    module = torch.nn.Sequential(Small(seed=3), torch.nn.Dropout(0.5))
    model = ax.load(module, labels=[f"class {i}" for i in range(5)], preprocess={"size": [20, 12]})
    module.train()
    case = ax.explain(model, photo, methods=["gradcam"])
    assert [note for note in case.notes if "left in training mode; it was asked in evaluation mode" in note]
    assert not changes(case)
    assert all(part.training for part in module.modules())
    module.eval()
    again = ax.explain(model, photo, methods=["gradcam"])
    assert not [note for note in again.notes if "training" in note]
    np.testing.assert_array_equal(again.attributions[0].values, case.attributions[0].values)


def test_photos_of_mixed_sizes_are_explained_as_each_alone(rng):
    shapes = {"tall.png": (50, 20), "wide.png": (15, 70), "tiny.png": (3, 2)}
    photos = [ax.read(rng.integers(0, 256, (*shape, 3), dtype=np.uint8), name=name) for name, shape in shapes.items()]
    model = small(seed=2)
    alone = {photo.name: ax.explain(small(seed=2), photo, methods=["gradcam"]) for photo in photos}
    for photo in reversed(photos):
        map_, single = (
            case.attributions[0] for case in (ax.explain(model, photo, methods=["gradcam"]), alone[photo.name])
        )
        np.testing.assert_array_equal(map_.values, single.values)
        assert map_.frame.box == (0, 0, photo.size[1], photo.size[0])
