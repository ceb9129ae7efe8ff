"""Deletion, insertion, fidelity, average drop, Gini, entropy and likeness beside xplique's stored numbers."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from opinion_inputs import SHAPE, SHARE, inputs, network

from axolens.maths.complexity import entropy, gini
from axolens.maths.curves import area, hidden, order
from axolens.maths.fidelity import average_drop, fidelity
from axolens.maths.pointing import alike

STORED = json.loads((Path(__file__).parent / "xplique.json").read_text(encoding="utf-8"))
IMAGES, VALUES, OTHERS, _ = inputs()
PHOTOS = range(len(IMAGES))
PLACES = SHAPE[0] * SHAPE[1]
SHARES = np.linspace(0, 1, PLACES // SHARE + 1).tolist()
ROUNDING = 1e-6  # float32 sums on their side


def curve(place, *, least):
    masks = hidden(order(VALUES[place], np.random.default_rng(0)), SHARES, SHAPE, least=least)
    shown = np.where(masks[:, None], 0, IMAGES[place][None]).astype(np.float32)
    with torch.no_grad():
        return network()(torch.tensor(shown))[:, 0].double().numpy()


@pytest.mark.parametrize("place", PHOTOS)
def test_deletion_and_insertion_give_the_same_curves_and_areas(place):
    deleted, inserted = curve(place, least=False), curve(place, least=True)[::-1]
    assert deleted == pytest.approx(STORED["deletion"][place], abs=ROUNDING)
    assert inserted == pytest.approx(STORED["insertion"][place], abs=ROUNDING)
    assert area(SHARES, deleted) == pytest.approx(STORED["deletion_area"][place], abs=ROUNDING)
    assert area(SHARES, inserted) == pytest.approx(STORED["insertion_area"][place], abs=ROUNDING)


def test_fidelity_of_the_sum_is_1_with_the_picture_and_minus_1_with_its_negative():
    places, masks = IMAGES[0].ravel().astype(np.float64), np.random.default_rng(0).random((64, PLACES)) < 0.2
    scores = (places * ~masks).sum(axis=1)
    found = [fidelity(sign * places, masks, scores, float(places.sum())) for sign in (1, -1)]
    assert found == pytest.approx(STORED["fidelity"], abs=ROUNDING)


def test_average_drop_is_the_same_once_a_map_is_scaled_to_0_and_1():
    for place, (image, values) in enumerate(zip(IMAGES[:, 0].astype(np.float64), VALUES, strict=True)):
        scaled = (values - values.min()) / np.ptp(values)
        drop, _ = average_drop(np.array([image.sum()]), np.array([(image * scaled).sum()]))
        assert drop == pytest.approx(STORED["average_drop"][place], abs=ROUNDING)


def test_entropy_gini_and_likeness_are_the_same():
    assert [entropy(one) for one in VALUES] == pytest.approx(STORED["entropy"], abs=5e-6)  # theirs adds 1e-8 to each
    assert [gini(one) for one in VALUES] == pytest.approx(STORED["gini"], abs=ROUNDING)
    found = [alike(one, other) for one, other in zip(VALUES, OTHERS, strict=True)]
    assert found == pytest.approx(STORED["alike"], abs=ROUNDING)
