"""How ordinary photos measure: the quantiles that stand in ``axolens.diagnosis.natural``.

    python benchmarks/natural.py [PHOTOS]

Each photo is reduced to a shorter side of twice a network's 224 pixels. About a minute for 117 photos.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from networks import ASSETS
from PIL import Image

from axolens.diagnosis.factors.factor import Picture
from axolens.diagnosis.natural import LEVELS, TABLE
from axolens.diagnosis.plan import KNOWN

SIDE = 224  # pixels, of the network
SUFFIXES = (".jpg", ".jpeg", ".png")


def ordinary(file: Path) -> Picture:
    """Return a photo at most twice as large as the network sees it."""
    image = Image.open(file).convert("RGB")
    share = 2 * SIDE / min(image.size)
    if share < 1:
        image = image.resize((round(image.width * share), round(image.height * share)), Image.Resampling.BICUBIC)
    return Picture(np.asarray(image).astype(np.float32) / np.float32(255), min(image.size) / SIDE)


def table(files: Sequence[Path]) -> dict[str, tuple[float, ...]]:
    """Return each factor's values at ``LEVELS``, to three digits."""
    pictures = [ordinary(file) for file in files]
    found = {}
    for name in TABLE:
        values = [KNOWN[name].measure(picture).value for picture in pictures]
        found[name] = tuple(float(f"{value:.3g}") for value in np.quantile(values, LEVELS))
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("photos", nargs="?", type=Path, default=ASSETS / "photos")
    chosen = parser.parse_args()
    files = sorted(file for file in chosen.photos.rglob("*") if file.suffix.lower() in SUFFIXES)
    found = table(files)
    print(f"{len(files)} photos")
    for name, values in found.items():
        print(f'    "{name}": {values},' + ("" if values == TABLE[name] else f"  # stands as {TABLE[name]}"))


if __name__ == "__main__":
    main()
