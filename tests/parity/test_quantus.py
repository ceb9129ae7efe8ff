"""Deletion, imputation, pointing and likeness beside Quantus' stored numbers on the same inputs."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from opinion_inputs import SHAPE, SHARE, inputs, network

from axolens.maths.curves import hidden, order
from axolens.maths.imputation import imputed
from axolens.maths.pointing import alike, mass_inside, points_inside, ranked_inside, told_apart

STORED = json.loads((Path(__file__).parent / "quantus.json").read_text(encoding="utf-8"))
IMAGES, VALUES, OTHERS, MASKS = inputs()
PHOTOS = range(len(IMAGES))
ROUNDING = 1e-6  # float32 sums on their side


@pytest.mark.parametrize("place", PHOTOS)
def test_deletion_gives_the_same_score_at_every_step(place):
    places = SHAPE[0] * SHAPE[1]
    shares = [SHARE * (step + 1) / places for step in range(places // SHARE)]
    masks = hidden(order(VALUES[place], np.random.default_rng(0)), shares, SHAPE)
    shown = np.where(masks[:, None], 0, IMAGES[place][None]).astype(np.float32)
    with torch.no_grad():
        scores = network()(torch.tensor(shown))[:, 0].numpy()
    assert scores == pytest.approx(STORED["deletion"][place], abs=ROUNDING)


@pytest.mark.parametrize("place", PHOTOS)
def test_imputation_without_noise_solves_the_same_system(place):
    found = imputed(np.moveaxis(IMAGES[place], 0, -1), MASKS[place])
    assert found.ravel() == pytest.approx(STORED["imputed"][place], abs=ROUNDING)


@pytest.mark.parametrize("figure", [points_inside, mass_inside, ranked_inside, told_apart])
def test_maps_point_at_masks_alike(figure):
    found = [figure(values, mask) for values, mask in zip(VALUES, MASKS, strict=True)]
    assert found == pytest.approx(STORED[figure.__name__], abs=ROUNDING)


def test_likeness_is_the_same_rank_correlation():
    found = [alike(one, other) for one, other in zip(VALUES, OTHERS, strict=True)]
    assert found == pytest.approx(STORED["alike"], abs=ROUNDING)
