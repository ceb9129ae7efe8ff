"""How often a verdict credits the maps of explainers that never look at the model, on the pond.

    python benchmarks/credit.py [--photos 100]

Edges, a centre blob and one noise for all photos are handed in as explainers of one's own, whose card nobody knows. A
map is credited where its verdict holds one of the sentences that rest on passed checks.
"""

import argparse

import numpy as np
from bounds import bounds
from scipy.ndimage import gaussian_filter, sobel

import axolens as ax
from axolens.maths.blob import centre_blob
from axolens.pond import photo
from axolens.pond.recipes import scene_for
from axolens.records.verdict import OPENING, Verdict
from axolens.scrutiny.sentences import CREDITS

SIZE, FIRST = 64, 9_500_000  # seeds that no training, no public test set and no other count uses
CREDIT = tuple(f"{OPENING}: {text.split('{')[0]}" for _, text in CREDITS)
Image = np.ndarray


def edges(model: object, image: Image, target: object) -> Image:
    return np.hypot(*(sobel(image.mean(-1), axis=axis) for axis in (0, 1)))


def centre(model: object, image: Image, target: object) -> Image:
    return centre_blob(image.shape[:2])


def noise(model: object, image: Image, target: object) -> Image:
    return gaussian_filter(np.random.default_rng(5).normal(size=image.shape[:2]), 6)


def credited(verdict: Verdict) -> bool:
    """Return whether some sentence of a verdict credits the map."""
    return any(one.startswith(CREDIT) for one in verdict.sentences)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--photos", type=int, default=100)
    given = parser.parse_args()
    model = ax.load("pond")
    photos = [photo(scene_for("pond", FIRST + place), SIZE) for place in range(given.photos)]
    print("| Map | Credited | One-sided 95 % bounds | A check failed |\n|---|---|---|---|")
    for explainer in (edges, centre, noise):
        found = [ax.trust(model, shot, explainer=explainer) for shot in photos]
        hits, failed = sum(map(credited, found)), sum(one.failed for one in found)
        low, high = (f"{100 * bound:.1f}" for bound in bounds(hits, len(found)))
        print(f"| {explainer.__name__} | {hits} of {len(found)} | {low} to {high} % | {failed} |", flush=True)


if __name__ == "__main__":
    main()
