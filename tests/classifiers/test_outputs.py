import numpy as np
import pytest

import axolens as ax
from axolens.classifiers.outputs import allows, checked_output, declared, recognised
from axolens.errors import ModelError
from axolens.records.preprocess import Preprocess

CHOICES = "auto, logits, probabilities, independent-logits or independent-probabilities"


@pytest.mark.parametrize("output", ["probabilites", "", None, 3])
def test_a_declaration_that_is_no_choice_names_the_choices(output):
    with pytest.raises(ModelError, match=rf"output: expected {CHOICES}, got {output!r}\."):
        checked_output(output)


@pytest.mark.parametrize(
    ("output", "count", "found"),
    [
        ("auto", 3, None),
        ("logits", 3, ("logits", "as is", False)),
        ("probabilities", 3, ("log-probabilities", "log p", False)),
        ("independent-logits", 3, ("independent-logits", "as is", False)),
        ("independent-probabilities", 3, ("independent-logits", "log p/(1-p)", False)),
        ("logits", 1, ("logits", "as is", True)),
        ("probabilities", 1, ("logits", "log p/(1-p)", True)),
        ("independent-probabilities", 1, ("logits", "log p/(1-p)", True)),
    ],
)
def test_what_is_declared(output, count, found):
    assert declared(output, count) == found


def test_values_alone_decide_only_where_they_allow_one_reading():
    assert recognised(np.array([[0.2, 0.8], [0.5, 0.5]], np.float32)).kind == "log-probabilities"
    assert recognised(np.array([[0.2, 1.8], [0.5, 0.5]], np.float32)).kind == "logits"
    assert recognised(np.array([[0.5], [-0.1]], np.float32)) == ("logits", "as is", True)
    for values in ([[0.5], [0.6]], [[0.9, 0.8], [0.1, 0.2]], [[0.0, 0.0]]):
        with pytest.raises(ModelError, match=r"in \[0, 1\]"):
            recognised(np.array(values, np.float32))


@pytest.mark.parametrize(
    ("output", "ending", "count", "found"),
    [
        ("auto", "", 3, False), ("auto", "sigmoid", 3, True), ("logits", "softmax", 3, False),
        ("probabilities", "softmax", 3, True), ("probabilities", "sigmoid", 3, False),
        ("probabilities", "sigmoid", 1, True), ("independent-probabilities", "sigmoid", 3, True),
        ("independent-probabilities", "softmax", 3, False), ("independent-logits", "sigmoid", 3, False),
    ],
)  # fmt: skip
def test_an_ending_is_looked_behind_unless_something_else_is_declared(output, ending, count, found):
    assert allows(output, ending, count) is found


def test_a_classifier_takes_no_answers():
    labels, preprocess = ["light", "dark"], Preprocess(size=(8, 8))
    model = ax.load(lambda batch: np.zeros((len(batch), 2)), labels=labels, preprocess=preprocess, output="logits")
    assert ax.load(model) is model
    for answers in ({"labels": labels}, {"preprocess": preprocess}, {"output": "logits"}, {"device": "cpu"}):
        with pytest.raises(ModelError, match=r"the classifier <lambda>\. It has its answers already"):
            ax.load(model, **answers)
