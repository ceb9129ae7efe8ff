"""Verdicts on maps from any source, and what is refused."""

from functools import partial

import numpy as np
import pytest
import torch
from torch import nn

import axolens as ax
from axolens.cases import judged
from axolens.errors import InputError
from axolens.records.codec import decode, encode
from axolens.records.verdict import CHECKS, NOT_ASKED, OPENING
from axolens.scrutiny import known
from axolens.scrutiny.account import USUAL

SIZE = (28, 42)
CORNER = np.s_[2:10, 28:40]  # away from the middle, where a blob would point
RNG = np.random.default_rng(0)


def corner(batch):
    """Three classes: the red, green and blue of one corner, and nothing else."""
    return 8 * batch[:, CORNER[0], CORNER[1]].mean((1, 2))


def model_of(function=corner):
    return ax.load(function, labels=["red", "green", "blue"], preprocess={"size": SIZE}, output="logits")


def photo_of(seed=1):
    pixels = np.random.default_rng(seed).random((*SIZE, 3), np.float32) * np.float32(0.3)
    pixels[CORNER] = (1, 0, 0)
    return ax.Photo(pixels, name=f"photo {seed}", digest=f"{seed:064x}")


def truth():
    values = np.zeros(SIZE)
    values[CORNER] = 1
    return values


def elsewhere():
    return [np.roll(truth(), (5 + i, -10 - i), axis=(0, 1)) for i in range(19)]


def reds(model, image, target):
    return image[..., 0]


def edges(model, image, target):
    return np.abs(np.gradient(image[..., 1])[0])


class Net(nn.Module):
    """Three classes that read the picture through weights, which can be shuffled."""

    def __init__(self):
        super().__init__()
        torch.manual_seed(0)
        self.first, self.last = nn.Conv2d(3, 4, 5, stride=3), nn.Linear(4 * 8 * 13, 3)

    def forward(self, x):
        return self.last(torch.relu(self.first(x)).flatten(1))


def network():
    return ax.load(Net(), labels=["a", "b", "c"], preprocess={"size": SIZE}, output="logits")


def outcome(verdict, name):
    return verdict.check(name).outcome


def test_a_map_of_what_the_answer_rests_on_is_faithful_and_one_beside_it_is_not():
    model, photo = model_of(), photo_of()
    right = ax.trust(model, photo, values=truth(), swapped=elsewhere(), full=False)
    assert outcome(right, "faithfulness") == outcome(right, "agreement") == "passed"
    assert any("more than hiding what maps of 19 other photos" in one for one in right.sentences)
    wrong = ax.trust(model, photo, values=elsewhere()[0], swapped=[truth(), *elsewhere()[1:]], full=False)
    assert outcome(wrong, "faithfulness") != "passed"
    assert not any("more than" in one for one in wrong.sentences)


def test_a_finished_map_alone_is_held_against_copies_of_itself_and_the_rest_is_not_possible():
    verdict = ax.trust(model_of(), photo_of(), values=truth())
    assert outcome(verdict, "faithfulness") == "passed"
    assert "copies of the map itself" in verdict.check("faithfulness").reason
    for name in ("randomisation", "class sensitivity", "stability"):
        assert outcome(verdict, name) == "not possible"
        assert "explainer" in verdict.check(name).reason
    assert [one.name for one in verdict.checks] == list(CHECKS)
    assert all(one.startswith(OPENING) for one in verdict.sentences)


def test_the_map_covers_what_the_network_sees_at_any_resolution():
    coarse = truth().reshape(14, 2, 21, 2).mean((1, 3))
    assert outcome(ax.trust(model_of(), photo_of(), values=coarse, full=False), "faithfulness") == "passed"


def test_an_explainer_is_asked_again_for_other_photos_classes_and_variations():
    asked = []

    def explainer(model, image, target):
        asked.append((image.shape, str(target)))
        return truth() * target.indices[0] + image[..., target.indices[0]]

    verdict = ax.trust(model_of(), photo_of(), explainer=explainer)
    assert outcome(verdict, "class sensitivity") != "not possible"
    assert verdict.check("stability").value is not None
    assert outcome(verdict, "randomisation") == "not possible"
    assert "asked as a function" in verdict.check("randomisation").reason
    assert {shape for shape, _ in asked} == {(*SIZE, 3)}
    assert {name for _, name in asked} == {"red", "green", "blue"}


def test_other_photos_lend_their_maps_drawings_fill_up_what_is_missing_and_dear_maps_are_moved():
    others = [photo_of(seed) for seed in range(2, 8)]
    dear = ax.trust(model_of(), photo_of(), method="occlusion", settings={"window": 14, "stride": 7})
    assert "19 copies of the map itself" in dear.check("faithfulness").reason  # more than 64 images each
    beside = ax.trust(model_of(), photo_of(), explainer=reds, others=others, full=False)
    assert "maps of 6 other photos and 13 drawings of the built-in world" in beside.check("faithfulness").reason
    copies = ax.trust(model_of(), photo_of(), explainer=reds, others=[photo_of()], full=False)
    assert "19 drawings" in copies.check("faithfulness").reason  # a copy of the photo itself is none


def test_randomisation_is_asked_once_for_a_model_and_method_and_told_in_the_usual_account_after():
    model = network()
    usual = partial(ax.trust, model, method="saliency", full=False)
    assert usual(photo_of(1)).check("randomisation").reason == NOT_ASKED
    first = ax.trust(model, photo_of(1), method="saliency")
    second = ax.trust(model, photo_of(2), method="saliency")
    assert outcome(first, "randomisation") != "not possible"
    assert first.check("randomisation") == second.check("randomisation")
    assert first.cost.forward - second.cost.forward > 60  # ten photos, the intact network and six shuffled ones
    assert usual(photo_of(2)).check("randomisation") == first.check("randomisation")
    for other in (partial(usual, seed=1), partial(usual, method="inputxgradient"), partial(ax.trust, network())):
        assert other(photo_of(2), full=False).check("randomisation").reason == NOT_ASKED


def test_of_an_explainer_of_ones_own_nothing_is_kept_since_nothing_tells_it_from_another():
    found = ax.trust(network(), photo_of(), explainer=reds)
    assert outcome(found, "randomisation") != "not possible"
    assert not known.folder().exists()


def test_the_same_seed_gives_the_same_verdict_and_another_seed_other_noise():
    first, second = (ax.trust(model_of(), photo_of(), values=truth(), seed=3, full=False) for _ in range(2))
    assert first.checks == second.checks
    other = ax.trust(model_of(), photo_of(), values=truth(), seed=4, full=False)
    assert other.check("faithfulness").value != first.check("faithfulness").value


def test_what_is_asked_is_counted_and_is_what_was_announced():
    told = []
    verdict = ax.trust(model_of(), photo_of(), values=truth(), full=False, progress=told.append)
    assert verdict.cost.forward == judged.judged_images(None, USUAL, 1)
    assert sum(told) == verdict.cost.forward + 1  # and the photo itself


@pytest.mark.parametrize(
    ("values", "reason"),
    [(np.zeros(SIZE), "0 everywhere"), (np.full(SIZE, np.nan), "100 % of its places hold no number")],
)
def test_a_constant_map_or_one_of_no_numbers_fails_with_the_reason_and_asks_nothing(values, reason):
    verdict = ax.trust(model_of(), photo_of(), values=values)
    assert verdict.failed
    assert reason in verdict.check("values").reason
    assert verdict.cost.forward == 0
    assert verdict.sentences == (f"{OPENING}: it shows nothing; do not read it.",)


def test_what_is_no_map_or_no_mask_is_refused():
    model, photo = model_of(), photo_of()
    for values, said in ((np.zeros((28, 42, 3)), "Sum the colour channels"), ("map", "a map of numbers")):
        with pytest.raises(InputError, match=said):
            ax.trust(model, photo, values=values)
    with pytest.raises(InputError, match="mask"):
        ax.trust(model, photo, values=truth(), mask=np.zeros((3, 3), bool))
    with pytest.raises(InputError, match="more than one"):
        ax.trust(model, photo, values=truth(), method="lime")
    with pytest.raises(InputError, match="at least 19"):
        ax.trust(model, photo, values=truth(), swapped=elsewhere()[:5])


def test_a_mask_of_nothing_is_not_possible_and_one_of_the_corner_is_found():
    nothing = ax.trust(model_of(), photo_of(), values=truth(), mask=np.zeros(SIZE, bool), full=False)
    assert outcome(nothing, "localisation") == "not possible"
    found = ax.trust(model_of(), photo_of(), values=truth(), mask=truth() > 0, swapped=elsewhere(), full=False)
    assert outcome(found, "localisation") == "passed"


def test_a_verdict_comes_back_from_disk_as_it_was():
    verdict = ax.trust(model_of(), photo_of(), values=truth(), full=False)
    again = decode(*encode(verdict))
    assert again.checks == verdict.checks
    assert again.sentences == verdict.sentences


@pytest.mark.parametrize("method", ["edgemap", "centreblob", "noise", "blurrednoise"])
def test_a_method_that_never_looks_at_the_model_is_not_credited_even_where_it_happens_to_be_right(method):
    verdict = ax.trust(model_of(), photo_of(), method=method, full=False)
    assert outcome(verdict, "randomisation") == "failed"
    assert not any("more than hiding" in one or "may be read" in one for one in verdict.sentences)


def test_an_explainer_that_ignores_the_model_fails_the_full_account_and_is_credited_with_nothing():
    verdict = ax.trust(network(), photo_of(), explainer=edges)
    assert outcome(verdict, "randomisation") == outcome(verdict, "class sensitivity") == "failed"
    assert not any("more than hiding" in one or "may be read" in one for one in verdict.sentences)
