"""Promises that every method keeps, and for each promise a saboteur that breaks it."""

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import pytest
import torch
from nets import small, tokens

from axolens.classifiers.counted import Counted
from axolens.maths.array import to_numpy
from axolens.methods.catalogue import METHODS
from axolens.methods.method import Card, Method, Raw
from axolens.methods.perturbation.lime import Lime
from axolens.records.target import Target

QUICK: dict[str, dict[str, Any]] = {
    "lime": {"samples": 60, "segmenter": "slic"},
    "kernelshap": {"samples": 120},
    "rise": {"samples": 20, "cells": 3},
    "occlusion": {"window": 6, "stride": 4},
    "gradcam": {"layer": "features.3"},
    "smoothgrad": {"samples": 6, "chunk": 4},
    "integratedgradients": {"steps": 5, "chunk": 2},
    "expectedgradients": {"draws": 3, "steps": 3, "chunk": 2},
    "hirescam": {"layer": "features.3"},
    "layercam": {"layer": "features.3"},
    "gradcamplusplus": {"layer": "features.3"},
    "xgradcam": {"layer": "features.3"},
    "eigencam": {"layer": "features.3"},
    "ablationcam": {"layer": "features.3", "chunk": 4},
    "scorecam": {"layer": "features.3", "chunk": 4},
}
UNLIKE_THE_SCORE = {
    "gradcamplusplus": "the paper's weights mix squares and cubes of the gradient",
    "scorecam": "the paper's weights are a softmax of scores",
    "gradientattention": "the paper multiplies what each block's gradient says",
}
MODELS = {False: small(), True: tokens()}
MODEL = MODELS[False]
IMAGES = np.random.default_rng(7).random((3, 20, 12, 3), np.float32)
TARGETS = [[MODEL.labels.resolve(Target(i)), MODEL.labels.resolve(Target(i + 1))] for i in range(3)]


def maps(
    method: Method,
    rows: tuple[int, ...] = (0, 1, 2),
    targets: Any = None,
    seed: int = 1,
    model: Any = None,
    same: bool = False,
):
    """Maps of these images, each with its own targets and generator."""
    model = model or MODELS[method.card.needs.startswith("attention")]
    asked = targets or [TARGETS[i] for i in rows]
    rngs = [np.random.default_rng([seed, 0 if same else i]) for i in rows]
    raw = method.attribute(Counted(model), model.asarray(IMAGES[list(rows)]), asked, rngs)
    return to_numpy(raw.maps)


def fresh(method: Method, seed: int = 0):
    """A model of one's own that this method can be asked of."""
    return tokens(seed=seed) if method.card.needs.startswith("attention") else small(seed=seed)


def images_do_not_influence_each_other(method):
    together = maps(method)
    for i in range(3):
        np.testing.assert_allclose(maps(method, (i,))[0], together[i], atol=1e-4)


def the_same_seed_gives_the_same_map(method):
    np.testing.assert_array_equal(maps(method), maps(method))


def targets_do_not_influence_each_other(method):
    both = maps(method, (0,))
    one = maps(method, (0,), [[TARGETS[0][1]]])
    np.testing.assert_allclose(one[0, 0], both[0, 1], atol=1e-4)


def a_contrast_is_the_difference_of_its_classes(method):
    if method.card.contrast != "exact":
        pytest.skip("the card offers no contrast")
    resolve = MODEL.labels.resolve
    asked = [resolve(Target(0, score="logit")), resolve(Target(3, score="logit")), resolve(Target(0, against=3))]
    a, b, contrast = maps(method, (0,), [asked])[0]
    scale = np.abs(a).max() + np.abs(b).max()
    np.testing.assert_allclose(contrast, a - b, atol=1e-4 * scale)
    turned = maps(method, (0,), [[resolve(Target(3, against=0))]])[0, 0]
    np.testing.assert_allclose(turned, -contrast, atol=1e-4 * scale)


def a_constant_on_all_logits_changes_nothing(method):
    shifted = fresh(method)
    plain = maps(method, (0,), model=shifted)
    with torch.no_grad():
        shifted.module.head.bias.add_(3.0)
    np.testing.assert_allclose(maps(method, (0,), model=shifted), plain, atol=1e-4 * np.abs(plain).max())


def maps_are_signed_and_on_the_scale_of_the_score(method):
    if method.card.about != "class":
        pytest.skip("the card says that a map knows of no score")
    if method.card.name in UNLIKE_THE_SCORE:
        pytest.skip(UNLIKE_THE_SCORE[method.card.name])
    doubled = fresh(method)
    resolve = doubled.labels.resolve
    asked = [[resolve(Target(0, against=3))]]
    plain = maps(method, (0,), asked, model=doubled)
    with torch.no_grad():
        doubled.module.head.weight.mul_(2)
        doubled.module.head.bias.mul_(2)
    twice = maps(method, (0,), asked, model=doubled)
    np.testing.assert_allclose(twice, 2 * plain, atol=1e-4 * np.abs(plain).max())


def the_model_is_left_as_found(method):
    model = fresh(method)
    model.module.train()
    before = {name: value.clone() for name, value in model.module.state_dict().items()}
    maps(method, model=model)
    assert all(part.training for part in model.module.modules())
    assert all(torch.equal(value, before[name]) for name, value in model.module.state_dict().items())
    assert all(parameter.grad is None for parameter in model.module.parameters())
    assert not any(part._forward_hooks for part in model.module.modules())


def a_map_knows_what_its_card_says(method):
    own = maps(method, (0,))
    others = {
        "class": own[:, ::-1],
        "model": maps(method, (0,), model=fresh(method, seed=1)),
        "photo": maps(method, (1,), [TARGETS[0]], same=True),
    }
    known = {"class": ["class", "model", "photo"], "model": ["model", "photo"], "photo": ["photo"], "nothing": []}
    changed = [name for name, values in others.items() if np.abs(values - own).max() > 1e-6 * np.abs(own).max()]
    assert changed == known[method.card.about]


PROMISES = [
    a_map_knows_what_its_card_says,
    images_do_not_influence_each_other,
    the_same_seed_gives_the_same_map,
    targets_do_not_influence_each_other,
    a_contrast_is_the_difference_of_its_classes,
    a_constant_on_all_logits_changes_nothing,
    maps_are_signed_and_on_the_scale_of_the_score,
    the_model_is_left_as_found,
]


@pytest.mark.parametrize("promise", PROMISES, ids=lambda one: one.__name__)
@pytest.mark.parametrize("name", METHODS)
def test_method_keeps_promise(name, promise):
    promise(METHODS[name](**QUICK.get(name, {})))


@dataclass(frozen=True, kw_only=True)
class Saboteur:
    """LIME, spoilt in one way."""

    spoil: Any
    card: ClassVar[Card] = Lime.card
    images: ClassVar[int] = 60

    def attribute(self, model, batch, targets, rngs):
        raw = Lime(**QUICK["lime"]).attribute(model, batch, targets, rngs)
        return Raw(maps=self.spoil(model, raw.maps))


CALLS = np.random.default_rng(0)


def leave_in_training_off(model, values):
    model.model.module.eval()
    return values


SABOTAGE = {
    a_map_knows_what_its_card_says: lambda model, values: values.mean(1)[:, None].expand(values.shape),
    images_do_not_influence_each_other: lambda model, values: values - values.mean(0),
    the_same_seed_gives_the_same_map: lambda model, values: values + CALLS.random(),
    targets_do_not_influence_each_other: lambda model, values: values - values.mean(1)[:, None],
    a_contrast_is_the_difference_of_its_classes: lambda model, values: values.clip(0),
    a_constant_on_all_logits_changes_nothing: lambda model, values: values + model.model.module.head.bias.sum().item(),
    maps_are_signed_and_on_the_scale_of_the_score: lambda model, values: values / abs(values).max(),
    the_model_is_left_as_found: leave_in_training_off,
}


@pytest.mark.parametrize("promise", PROMISES, ids=lambda one: one.__name__)
def test_promise_bites(promise):
    with pytest.raises(AssertionError):
        promise(Saboteur(spoil=SABOTAGE[promise]))


def test_every_method_has_a_card_and_is_under_its_name():
    for name, kind in METHODS.items():
        assert kind.card.name == name
        assert isinstance(kind(), Method)
