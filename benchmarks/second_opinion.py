"""What Quantus finds on inputs that our tests make again: deletion, imputation, pointing, mass, rank, AUC, likeness.

    pip install --target elsewhere --no-deps quantus pandas opencv-python-headless cachetools tabulate tqdm \
        python-dateutil pytz tzdata six
    PYTHONPATH=elsewhere python benchmarks/second_opinion.py > tests/parity/quantus.json

Quantus is no dependency: it asks for other versions than ours, so its numbers are stored. Its word "black" for a fill
is the picture's least value, so the fill is given as 0.
"""

import json
import sys
from contextlib import redirect_stdout
from pathlib import Path

import numpy as np
import quantus
import torch
from quantus.functions.perturb_func import noisy_linear_imputation
from quantus.functions.similarity_func import correlation_spearman

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
from opinion_inputs import SHARE, inputs, network


def localised(metric: type, values: np.ndarray, masks: np.ndarray, images: np.ndarray) -> list[float]:
    made = metric(abs=False, normalise=False, disable_warnings=True)
    found = made(
        model=network(), x_batch=images, y_batch=np.zeros(len(images), int), a_batch=values[:, None],
        s_batch=masks[:, None], channel_first=True, device="cpu",
    )  # fmt: skip
    return [float(one) for one in found]


def found() -> dict[str, object]:
    images, values, others, masks = inputs()
    flipping = quantus.PixelFlipping(
        features_in_step=SHARE, abs=False, normalise=False, perturb_baseline=0.0, disable_warnings=True
    )
    deletion = flipping(
        model=network(), x_batch=images, y_batch=np.zeros(len(images), int), a_batch=values[:, None], softmax=False,
        channel_first=True, device="cpu",
    )  # fmt: skip
    hidden = [np.flatnonzero(one) for one in masks]
    imputed = [
        noisy_linear_imputation(arr=image.copy(), indices=place, noise=0.0)
        for image, place in zip(images, hidden, strict=True)
    ]
    return {
        "command": "PYTHONPATH=elsewhere python benchmarks/second_opinion.py > tests/parity/quantus.json",
        "versions": {"quantus": quantus.__version__, "numpy": np.__version__, "torch": torch.__version__},
        "deletion": [[float(one) for one in curve] for curve in deletion],
        "imputed": [one.reshape(-1).tolist() for one in imputed],
        "points_inside": localised(quantus.PointingGame, values, masks, images),
        "mass_inside": localised(quantus.AttributionLocalisation, values, masks, images),
        "ranked_inside": localised(quantus.RelevanceRankAccuracy, values, masks, images),
        "told_apart": localised(quantus.AUC, values, masks, images),
        "alike": [float(correlation_spearman(a.ravel(), b.ravel())) for a, b in zip(values, others, strict=True)],
    }


def main() -> None:
    with redirect_stdout(sys.stderr):  # where Quantus' own remarks go
        numbers = found()
    print(json.dumps(numbers, indent=1))


if __name__ == "__main__":
    main()
