import numpy as np
import pytest
import torch
from nets import FOUR, TALL, Blind, Small, small

import axolens as ax
from axolens.cases.compare import contrast
from axolens.cases.explain import chosen_methods
from axolens.errors import CapabilityError, InputError, LabelError, ModelError
from axolens.methods.perturbation.lime import Lime
from axolens.records.prediction import Prediction

QUICK = Lime(samples=40, segmenter="slic")


@pytest.fixture
def photo(rng):
    return ax.read(rng.integers(0, 256, (50, 40, 3), dtype=np.uint8), name="a.png")


def with_truth(photo, truth):
    import dataclasses

    return dataclasses.replace(photo, truth=truth)


def test_the_default_questions_of_a_wrong_answer(photo):
    model = small()
    answered = ax.predict(model, photo).top(1)[0].label
    truth = next(name for name in model.labels.names if name != answered)
    case = ax.explain(model, with_truth(photo, truth), methods=["gradcam", QUICK])
    assert [str(one.target) for one in case.attributions] == [answered, truth, f"{answered} rather than {truth}"] * 2
    assert case.correct is False
    assert case.answered == answered


def test_the_default_question_of_a_right_answer(photo):
    model = small()
    answered = ax.predict(model, photo).top(1)[0].label
    case = ax.explain(model, with_truth(photo, answered), methods=["gradcam"])
    assert [str(one.target) for one in case.attributions] == [answered]
    assert case.correct is True
    assert ax.explain(model, photo, methods=["gradcam"]).correct is None


def test_targets_in_all_spellings(photo):
    model = small()
    for target, names in [
        ("class 2", ["class 2"]),
        (2, ["class 2"]),
        (("class 1", 2), ["class 1 or class 2"]),
        (ax.Target(1, against="class 3"), ["class 1 rather than class 3"]),
        ([ax.Target(1), ax.Target(0)], ["class 1", "class 0"]),
    ]:
        case = ax.explain(model, photo, target=target, methods=["gradcam"])
        assert [str(one.target) for one in case.attributions] == names


def test_the_margin_of_a_contrast_is_that_of_the_prediction(photo):
    # Grad-CAM is linear in the target: a contrast's map is the difference of the logits' maps.
    model = small()
    a, b, contrast = ax.explain(
        model, photo, methods=["gradcam"],
        target=[ax.Target(0, score="logit"), ax.Target(1, score="logit"), ax.Target(0, against=1)],
    ).attributions  # fmt: skip
    np.testing.assert_allclose(contrast.values, a.values - b.values, atol=1e-6)


def test_a_cropped_photo_says_so(photo, rng):
    model = small()  # 20 × 12 of 50 × 40: whole width resized, no crop
    assert ax.explain(model, photo, methods=["gradcam"]).notes == ()
    cropping = small(preprocess=ax.Preprocess(size=(20, 12), short_side=24))
    case = ax.explain(cropping, photo, methods=["gradcam"])
    # 50 × 40 becomes 30 × 24; 20 × 12 of it is one third of the area.
    assert case.notes == ("The network saw 33 % of this photo: the rest was cut off before it.",)
    assert case.attributions[0].frame.share == pytest.approx(1 / 3)


def test_provenance_is_enough_to_make_it_again(photo):
    model = small()
    case = ax.explain(model, photo, methods=["gradcam", QUICK], seed=4, command="test")
    origin = case.provenance
    assert (origin.model, origin.model_digest, origin.preprocess, origin.seed) == ("small", model.digest, TALL, 4)
    assert origin.settings["lime"]["samples"] == 40
    assert {"axolens", "numpy", "torch", "python"} <= set(origin.versions)
    again = ax.explain(model, photo, methods=["gradcam", QUICK], seed=4)
    for one, two in zip(case.attributions, again.attributions, strict=True):
        np.testing.assert_allclose(one.values, two.values, atol=1e-5)


def test_a_black_box_is_explained_by_what_it_can_serve(photo):
    model = ax.load(
        lambda batch: np.stack([batch.mean((1, 2, 3)), 1 - batch.mean((1, 2, 3))], 1), labels=["light", "dark"],
        preprocess={"size": [20, 12]},
    )  # fmt: skip
    case = ax.explain(model, photo, settings={"lime": {"samples": 30, "segmenter": "slic"}})
    assert {one.method for one in case.attributions} == {"lime"}
    with pytest.raises(CapabilityError, match="method lime"):
        ax.explain(model, photo, methods=["gradcam"])


def test_by_default_only_grad_cam_and_lime_run_however_many_methods_there_are(photo):
    assert [one.card.name for one in chosen_methods(small(), None)] == ["gradcam", "lime"]
    with pytest.raises(InputError, match="settings of gradcam, lime, got settings of saliency"):
        chosen_methods(small(), None, {"saliency": {}})


class Predicts:
    """A classifier of one's own with predictions only, and with what else is put on it."""

    name, labels, preprocess, digest, kind = "mine", FOUR, TALL, "", "logits"

    def asarray(self, values):
        return values

    def scores(self, batch):
        return np.zeros((len(batch), 4), np.float32)


class Slopes(Predicts):
    channel_axis = -1

    def gradient(self, batch, targets):
        return np.zeros((len(batch), len(targets[0]), *batch.shape[1:]), np.float32)


@pytest.mark.parametrize(
    ("model", "method", "said"),
    [
        (Predicts(), "gradcam", "with layers, got mine, which gives predictions only. LIME asks"),
        (Predicts(), "saliency", "with gradients, got mine, which gives predictions only. LIME asks"),
        (Predicts(), "guidedbackprop", "with guided gradients, got mine, which gives predictions only. LIME asks"),
        (Slopes(), "guidedbackprop", "with guided gradients, got mine, which gives predictions and gradients only."),
        (Slopes(), "gradcam", "use method lime, or one of kernelshap, rise, occlusion, saliency, "),
    ],
)
def test_what_a_model_cannot_serve_is_said_with_what_works_instead(model, method, said):
    with pytest.raises(CapabilityError, match=said):
        chosen_methods(model, [method])
    assert [one.card.name for one in chosen_methods(model, None)] == ["lime"]


def test_a_contrast_is_left_out_where_a_method_offers_none(photo):
    model = small()
    asked = [ax.Target(0), ax.Target(0, against=1)]
    case = ax.explain(model, photo, target=asked, methods=[Blind(), "gradcam"])
    assert [(one.method, str(one.target)) for one in case.attributions] == [
        ("blind", "class 0"), ("gradcam", "class 0"), ("gradcam", "class 0 rather than class 1"),
    ]  # fmt: skip
    assert case.notes == ("Blind gives no map of one class against another: it is not linear in the score.",)
    with pytest.raises(
        CapabilityError, match=r"got the contrast class 0 rather than class 1\..* Use one of gradcam, lime"
    ):
        ax.explain(model, photo, target=asked[1], methods=["gradcam", Blind()])


def test_settings_are_never_dropped_silently(photo):
    model = small()
    for methods, settings in [
        (["LIME"], {"lime": {"samples": 7}}),
        (None, {"LIME": {"samples": 7}}),
        ("lime", {"Lime": {"samples": 7}}),
    ]:
        chosen = chosen_methods(model, methods, settings)
        assert [one.samples for one in chosen if one.card.name == "lime"] == [7]
    assert chosen_methods(model, ["grad-cam"], {"gradcam": {"layer": "features.3"}})[0].layer == "features.3"
    with pytest.raises(InputError, match="settings of gradcam"):
        chosen_methods(model, ["lime"], {"gradcam": {"layer": "features.3"}})
    with pytest.raises(InputError, match="each method once"):
        chosen_methods(model, [QUICK, "lime"])


def test_by_default_a_method_that_cannot_serve_is_left_out_and_said(photo):
    module = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(720, 3))
    model = ax.load(module, preprocess=TALL)
    case = ax.explain(model, photo, settings={"lime": {"samples": 30, "segmenter": "slic"}})
    assert {one.method for one in case.attributions} == {"lime"}
    assert any("Without Grad-CAM" in note for note in case.notes)
    with pytest.raises(CapabilityError):
        ax.explain(model, photo, methods=["gradcam"])


def test_a_model_that_refuses_the_image_is_told_in_a_sentence(photo):
    def picky(batch):
        if len(batch) == 1:
            raise RuntimeError("my own bug")
        return np.zeros((len(batch), 2))

    model = ax.load(picky, labels=["a", "b"], preprocess={"size": [8, 8]}, output="logits")
    with pytest.raises(ModelError, match=r"size \(8, 8, 3\), got RuntimeError: my own bug"):
        ax.predict(model, photo)


def test_an_answer_whose_name_fits_two_classes(photo, rng):
    model = ax.load(Small(), labels=["newt", "crane", "crane", "crane", "crane"], preprocess=TALL)
    case = ax.explain(model, photo, methods=["gradcam"])
    assert case.attributions[0].target.indices == (case.prediction.top(1)[0].index,)
    pair = ax.compare(model, with_truth(photo, "newt"), photo, methods=["gradcam"])
    assert case.prediction.labels.find(pair.answered) == pair.case.attributions[0].target.indices[0]


def test_targets_from_numpy_and_none_at_all(photo):
    model = small()
    case = ax.explain(model, photo, target=int(np.argmax([0, 3, 1])), methods="gradcam")
    assert case.attributions[0].target.indices == (1,)
    with pytest.raises(InputError, match="at least one"):
        ax.explain(model, photo, target=[], methods="gradcam")


def test_records_say_briefly_what_they_are(photo, rng):
    case = ax.explain(small(), photo, methods=[QUICK])
    for one in (
        photo,
        case,
        case.prediction,
        case.attributions[0],
        case.attributions[0].regions,
        case.prediction.labels,
    ):
        assert len(repr(one)) < 160, repr(one)


def test_scores_that_are_no_numbers_are_refused(photo):
    model = ax.load(
        lambda batch: np.full((len(batch), 2), np.nan), labels=["a", "b"], preprocess={"size": [8, 8]}, output="logits"
    )
    with pytest.raises(ModelError, match="2 of 2 that are no numbers"):
        ax.predict(model, photo)


def test_a_truth_that_the_model_does_not_know_is_refused(photo):
    with pytest.raises(LabelError, match=r"truth of a\.png"):
        ax.explain(small(), with_truth(photo, "axolotl"))


def test_progress_counts_every_image_and_may_stop(photo):
    seen = []
    case = ax.explain(small(), photo, methods=["gradcam", QUICK], progress=seen.append)
    assert sum(seen) == sum({one.method: one.cost.forward for one in case.attributions}.values())

    def stop(_):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        ax.explain(small(), photo, methods=[QUICK], progress=stop)


def test_compare_asks_both_the_same(photo, rng):
    model = small()
    answered = ax.predict(model, photo).top(1)[0].label
    truth = next(name for name in model.labels.names if name != answered)
    reference = ax.read(rng.integers(0, 256, (30, 60, 3), dtype=np.uint8), name="b.png", truth=answered)
    pair = ax.compare(model, photo, reference, truth=truth, methods=["gradcam"])
    asked = [str(one.target) for one in pair.case.attributions]
    assert asked == [answered, truth, f"{answered} rather than {truth}"]
    assert asked == [str(one.target) for one in pair.reference.attributions]
    for case, margin in ((pair.case, pair.margin), (pair.reference, pair.reference_margin)):
        chances = {name: case.prediction.answer(name).probability for name in (answered, truth)}
        assert margin == pytest.approx(np.log(chances[answered] / chances[truth]), abs=1e-4)


def said(*scores):
    values = np.array(scores, np.float32)
    return Prediction(values, "logits", values, small(len(scores)).labels)


def test_the_second_class_of_a_rightly_answered_photo():
    assert [str(one) for one in contrast(said(1, 5, 3), 0)] == ["class 1", "class 0", "class 1 rather than class 0"]
    assert str(contrast(said(1, 5, 3), 1)[2]) == "class 2 rather than class 1"  # the runner-up
    assert str(contrast(said(1, 5, 3), 1, 0)[2]) == "class 0 rather than class 1"  # what the reference names


def test_a_wrongly_answered_reference_is_said(photo, rng):
    model = small()
    answered = ax.predict(model, photo).top(1)[0].label
    reference = ax.read(rng.integers(0, 256, (30, 60, 3), dtype=np.uint8), name="b.png")
    called = ax.predict(model, reference).top(1)[0].label
    others = [name for name in model.labels.names if name not in (answered, called)]
    reference = with_truth(reference, others[1])
    pair = ax.compare(model, photo, reference, truth=others[0], methods=["gradcam"])
    assert any(f"a {others[1]}, called {called}" in note for note in pair.notes)
    assert any(f"The reference is a {others[1]}, not a {answered}" in note for note in pair.notes)
    unknown = ax.compare(model, photo, ax.read(np.zeros((9, 9, 3), np.uint8)), truth=others[0], methods=["gradcam"])
    assert any("is not known" in note for note in unknown.notes)


def test_compare_needs_the_truth(photo):
    with pytest.raises(LabelError, match="--truth LABEL"):
        ax.compare(small(), photo, photo, methods=["gradcam"])
