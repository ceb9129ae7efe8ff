import pytest

from axolens.classifiers.labels import imagenet_labels
from axolens.errors import InputError, LabelError
from axolens.records.labels import Labels
from axolens.records.target import Target

LABELS = Labels(("axolotl", "common_iguana", "crane", "crane", "maillot, tank suit"), ("n1", "n2", "n3", "n4", "n5"))


@pytest.mark.parametrize(
    ("label", "index"),
    [
        ("axolotl", 0), ("AXOLOTL", 0), ("common iguana", 1), ("Common-Iguana", 1), (" common_iguana ", 1), ("n4", 3),
        (2, 2), ("3", 3), ("tank suit", 4),
    ],
)  # fmt: skip
def test_a_class_is_found_by_what_people_call_it(label, index):
    assert LABELS.find(label) == index


def test_a_name_that_fits_two_classes_is_refused_with_the_candidates():
    with pytest.raises(LabelError, match=r"'crane', which fits 2 \(crane, n3\), 3 \(crane, n4\)"):
        LABELS.find("crane")


def test_imagenet_has_two_cranes_and_two_maillots():
    for name in ("crane", "maillot"):
        with pytest.raises(LabelError, match="which fits"):
            imagenet_labels().find(name)
    assert imagenet_labels().names[imagenet_labels().find("n02012849")] == "crane"


@pytest.mark.parametrize("labels", [imagenet_labels(), Labels(("newt", "crane", "crane"))], ids=["wnids", "numbers"])
def test_every_class_is_found_by_the_name_it_is_given(labels):
    assert [labels.find(labels.name(index)) for index in range(len(labels))] == list(range(len(labels)))
    assert len({labels.name(index) for index in range(len(labels))}) == len(labels)


def test_a_class_is_counted_once_in_a_group():
    assert LABELS.resolve(Target(("axolotl", "AXOLOTL", 0))).indices == (0,)


def test_an_unknown_name_is_refused_with_the_nearest():
    with pytest.raises(LabelError, match="Nearest: axolotl"):
        LABELS.find("axolotel")
    with pytest.raises(LabelError, match=r"Nearest: .*common_iguana"):
        LABELS.find("iguana")


@pytest.mark.parametrize("index", [-1, 5])
def test_an_index_outside_the_classes_is_refused(index):
    with pytest.raises(LabelError, match="from 0 to 4"):
        LABELS.find(index)


def test_a_target_is_resolved_with_the_models_own_names():
    target = LABELS.resolve(Target("Common Iguana", against="AXOLOTL"))
    assert (target.indices, target.against_indices) == ((1,), (0,))
    assert str(target) == "common_iguana rather than axolotl"
    group = LABELS.resolve(Target((2, 3), against="axolotl"))
    assert (group.indices, str(group)) == ((2, 3), "crane (n3) or crane (n4) rather than axolotl")


def test_a_target_against_itself_or_against_nothing_is_refused():
    with pytest.raises(LabelError, match="two different classes"):
        LABELS.resolve(Target(1, against="common iguana"))
    with pytest.raises(LabelError, match="at least one class left"):
        LABELS.resolve(Target((0, 1, 2, 3, 4)))


def test_a_contrast_has_one_scale():
    with pytest.raises(InputError, match="log-odds"):
        Target(0, against=1, score="probability")
