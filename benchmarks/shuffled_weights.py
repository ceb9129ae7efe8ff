"""Which methods' maps survive shuffled weights: the randomisation check on real networks and on the pond.

    python benchmarks/shuffled_weights.py [--assets DIR] [--photos 10] [--seeds 3]

About 3 minutes on two cores.
"""

import argparse
from pathlib import Path

import numpy as np
from networks import ASSETS, photos_of, real_network

import axolens as ax
from axolens.classifiers.counted import Counted
from axolens.maths.array import to_numpy
from axolens.methods.catalogue import method_of
from axolens.photos.resize import to_network
from axolens.pond import photo, sample
from axolens.scrutiny.randomisation import randomisation, shuffled

METHODS = ("gradcam", "hirescam", "saliency", "inputxgradient", "integratedgradients", "guidedbackprop", "edgemap")


def networks(assets: Path, count: int) -> list[tuple[str, object, np.ndarray]]:
    """Return name, network and images of each."""
    pond = ax.load("pond")
    drawn = np.stack([to_network(photo(sample(6_000_000 + i), 128), pond.preprocess) for i in range(count)])
    found = [("pond", pond, drawn)]
    for name in ("squeezenet1_1", "resnet18"):
        model = real_network(name, assets)
        found.append((name, model, np.concatenate([to_numpy(one) for _, one in photos_of(model, assets, count)])))
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--assets", type=Path, default=ASSETS)
    parser.add_argument("--photos", type=int, default=10)
    parser.add_argument("--seeds", type=int, default=3)
    given = parser.parse_args()
    print("| Network | Method | Outcome | Alike, all shuffled | Upper half shuffled | Different photos | Constant |")
    print("|---|---|---|---|---|---|---|")
    for network, model, images in networks(given.assets, given.photos):
        for name in METHODS:
            found = shuffled(Counted(model), method_of(name), images, given.seeds, np.random.default_rng(0))
            check = randomisation(found)
            span = "" if check.interval is None else f" ({check.interval[0]:.2f} to {check.interval[1]:.2f})"
            upper, everything = np.nanmean(found.likeness, axis=(1, 2))
            lost = 100 * np.isnan(found.likeness).mean()
            print(
                f"| {network} | `{name}` | {check.outcome} | {everything:.2f}{span} | {upper:.2f} "
                f"| {np.nanmean(found.between):.2f} | {lost:.0f} % |",
                flush=True,
            )


if __name__ == "__main__":
    main()
