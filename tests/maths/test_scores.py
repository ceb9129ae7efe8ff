import array_api_strict
import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from axolens.errors import CapabilityError, InputError
from axolens.maths.array import to_numpy
from axolens.maths.scores import probabilities, score, score_each
from axolens.records.labels import Labels
from axolens.records.target import Target

KINDS = {"numpy": np.asarray, "torch": torch.tensor, "strict": array_api_strict.asarray}
LABELS = Labels(tuple("abcde"))


def target(*args, **settings):
    return LABELS.resolve(Target(*args, **settings))


@pytest.fixture(params=KINDS)
def array(request):
    return lambda values: KINDS[request.param](np.asarray(values, np.float32))


def test_values_by_hand(array):
    # p = (0.1, 0.2, 0.3, 0.15, 0.25), plus a constant on all logits that must not matter.
    z = array(np.log([[0.1, 0.2, 0.3, 0.15, 0.25]]) + 7)
    for asked, value in [
        (target(0), np.log(0.1 / 0.9)),
        (target(2), np.log(0.3 / 0.7)),
        (target((0, 1)), np.log(0.3 / 0.7)),
        (target(1, against=3), np.log(0.2 / 0.15)),
        (target((0, 1), against=(2, 3)), np.log(0.3 / 0.45)),
        (target(4, score="probability"), 0.25),
        (target((0, 4), score="probability"), 0.35),
        (target(2, score="logit"), np.log(0.3) + 7),
    ]:
        assert float(to_numpy(score(z, asked, "logits"))[0]) == pytest.approx(value, abs=2e-6), asked


def test_independent_labels_have_each_their_own_odds(array):
    z = array([[0.5, -1.0, 2.0, 0.0, 0.0]])
    assert float(to_numpy(score(z, target(0), "independent-logits"))[0]) == pytest.approx(0.5)
    assert float(to_numpy(score(z, target(0, against=1), "independent-logits"))[0]) == pytest.approx(1.5)
    assert to_numpy(probabilities(z, "independent-logits"))[0, 2] == pytest.approx(1 / (1 + np.exp(-2)))
    with pytest.raises(CapabilityError, match="independent"):
        score(z, target((0, 1)), "independent-logits")


def test_each_image_has_its_own_questions(array):
    z = array(np.log([[0.5, 0.5, 1e-9, 1e-9, 1e-9], [0.1, 0.6, 0.1, 0.1, 0.1]]))
    found = to_numpy(score_each(z, [[target(0), target(1)], [target(1), target(0)]], "logits"))
    np.testing.assert_allclose(found, [[0, 0], [np.log(1.5), np.log(1 / 9)]], atol=1e-5)


def test_the_same_questions_of_all_images_are_those_of_each_alone(array):
    z = array(np.random.default_rng(0).normal(0, 3, (3, 5)))
    asked = [target(0), target(3, against=1), target((1, 2), score="probability")]
    alone = [[float(to_numpy(score(z[i : i + 1, :], one, "logits"))[0]) for one in asked] for i in range(3)]
    np.testing.assert_allclose(to_numpy(score_each(z, [asked] * 3, "logits")), alone, rtol=1e-6)
    np.testing.assert_allclose(to_numpy(score_each(z, [asked, asked[::-1], asked], "logits")[1, :]), alone[1][::-1])


@given(st.lists(st.floats(-30, 30), min_size=5, max_size=5), st.floats(-50, 50))
def test_a_constant_on_all_logits_changes_nothing(logits, constant):
    z = np.array([logits])
    for asked in (target(0), target(3, against=1), target((1, 2))):
        moved = score(z + constant, asked, "logits")
        np.testing.assert_allclose(moved, score(z, asked, "logits"), atol=1e-9)


def test_extreme_logits_stay_finite(array):
    z = array([[1000.0, 0.0, -1000.0, 0.0, 0.0]])
    for index in range(3):
        assert np.isfinite(to_numpy(score(z, target(index), "logits"))).all()
    assert float(to_numpy(score(z, target(0), "logits"))[0]) == pytest.approx(1000 - np.log(3), rel=1e-5)


def test_the_gradient_of_the_log_odds_by_hand():
    # d/dz_A of z_A − LSE(others) is 1; of another class j it is −p_j/(1 − p_A).
    z = torch.log(torch.tensor([[0.1, 0.2, 0.3, 0.15, 0.25]])).requires_grad_()
    score(z, target(2), "logits").sum().backward()
    np.testing.assert_allclose(z.grad[0], [-0.1 / 0.7, -0.2 / 0.7, 1, -0.15 / 0.7, -0.25 / 0.7], atol=1e-6)


def test_a_logit_is_refused_where_there_is_none():
    with pytest.raises(CapabilityError, match="log-odds"):
        score(np.zeros((1, 5), np.float32), target(0, score="logit"), "log-probabilities")


def test_a_target_must_be_resolved_first():
    with pytest.raises(InputError, match="resolved"):
        score(np.zeros((1, 5), np.float32), Target(0), "logits")
