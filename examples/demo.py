"""A network that learned colours, and what axolens shows about its wrong answers. Downloads nothing.

    make demo                           or: python examples/demo.py [FOLDER]

A small network learns to tell four of scikit-image's own pictures apart: a cat, a cup of coffee, a rocket and an
astronaut. It is then asked about squares it was not trained on, and about the same cat in grey, dark and pale, which
it never saw. The answers, the maps and the pairs go to FOLDER (out/demo by default); open index.html there.
"""

import sys
import time
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from skimage import data

import axolens as ax

CLASSES = ("cat", "coffee", "rocket", "astronaut")
SIZE = 96
PREPARED = {"size": SIZE, "mean": [0.5, 0.5, 0.5], "std": [0.25, 0.25, 0.25]}
SETTINGS = {"lime": {"samples": 300, "segmenter": "slic"}}
HOME = Path(__file__).resolve().parents[1] / "out" / "demo"


def pictures():
    """Return one picture a class, uint8 (h, w, 3); all four ship inside scikit-image."""
    return dict(zip(CLASSES, (data.chelsea(), data.coffee(), data.rocket(), data.astronaut()), strict=True))


def variants():
    """Return ways to change a picture that the network is never trained on."""
    return {
        "grey": lambda pixels: np.repeat(pixels @ np.array([0.299, 0.587, 0.114]), 3).reshape(pixels.shape),
        "dark": lambda pixels: 0.4 * pixels,
        "pale": lambda pixels: 255 - 0.45 * (255 - pixels.astype(float)),
    }


def crop(picture, rng):
    """Return a random square, half to nine tenths of the shorter side, mirrored or not, at the network's size."""
    height, width = picture.shape[:2]
    side = int(rng.uniform(0.5, 0.9) * min(height, width))
    top, left = rng.integers(0, height - side + 1), rng.integers(0, width - side + 1)
    square = picture[top : top + side, left : left + side]
    image = Image.fromarray(square[:, ::-1] if rng.random() < 0.5 else square)
    return np.asarray(image.resize((SIZE, SIZE), Image.Resampling.BILINEAR), np.float32) / 255


def middle(picture):
    """Return the square in the middle, larger than any that the network is trained on."""
    height, width = picture.shape[:2]
    side = min(height, width)
    top, left = (height - side) // 2, (width - side) // 2
    return picture[top : top + side, left : left + side]


def network():
    """Return the network: two convolutions, 3628 parameters."""
    return torch.nn.Sequential(
        torch.nn.Conv2d(3, 12, 5, stride=2, padding=2), torch.nn.ReLU(), torch.nn.MaxPool2d(2),
        torch.nn.Conv2d(12, 24, 3, padding=1), torch.nn.ReLU(), torch.nn.MaxPool2d(2),
        torch.nn.AdaptiveAvgPool2d(1), torch.nn.Flatten(), torch.nn.Linear(24, len(CLASSES)),
    )  # fmt: skip


def train(steps=120, crops=64, seed=0):
    """Return the trained network, in evaluation."""
    rng = np.random.default_rng(seed)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        module = network()
    pixels = np.stack([crop(picture, rng) for picture in pictures().values() for _ in range(crops)])
    images = torch.tensor((pixels - 0.5) / 0.25).permute(0, 3, 1, 2)
    truths = torch.arange(len(CLASSES)).repeat_interleave(crops)
    optimiser = torch.optim.Adam(module.parameters(), lr=0.01)
    for _ in range(steps):
        chosen = torch.tensor(rng.integers(0, len(truths), 64))
        loss = torch.nn.functional.cross_entropy(module(images[chosen]), truths[chosen], label_smoothing=0.05)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    return module.eval()


def write_photos(folder):
    """Write the photos of the study, one subfolder a class, and return the folder."""
    squares = {(name, name): middle(picture) for name, picture in pictures().items()}
    for variant, change in variants().items():
        squares["cat", f"{variant}-cat"] = change(squares["cat", "cat"])
    for (truth, name), pixels in squares.items():
        (folder / truth).mkdir(parents=True, exist_ok=True)
        Image.fromarray(np.round(pixels).astype(np.uint8)).save(folder / truth / f"{name}.png")
    return folder


def main(out=HOME, steps=120, settings=SETTINGS):
    """Train, study, write, and say what came out."""
    started = time.perf_counter()
    model = ax.load(train(steps), labels=CLASSES, preprocess=PREPARED)
    trained = time.perf_counter() - started

    photos = write_photos(out / "photos")
    study = ax.run_study(model, photos, out, settings=settings, command="examples/demo.py")
    ax.write_report(study, out / "index.html")

    print(f"Trained in {trained:.0f} s, then explained {len(study.cases)} photos.\n")
    for case in study.cases:
        said = case.prediction.top(1)[0]
        verdict = "right" if case.correct else f"wrong, it is a {case.photo.truth}"
        print(f"  {case.photo.name:<24} {said.label:<10} {said.probability:.3f}  {verdict}")
    for pair in study.pairs:
        print(f"\n{pair.case.photo.name} was taken for {pair.answered}; beside it: {pair.reference.photo.name}.")

    dark = ax.read(photos / "cat" / "dark-cat.png", truth="cat")
    answered = ax.predict(model, dark).top(1)[0].label
    case = ax.explain(model, dark, target=ax.Target(answered), settings=settings)
    ax.save_picture(case, out / "why.webp")
    print("\nThe network was trained on one cat, in its own colours. Grey, dark and pale are changes it never saw.")
    print(f"Page:    {out / 'index.html'}\nPicture: {out / 'why.webp'}")
    return study


if __name__ == "__main__":
    main(*(Path(folder) for folder in sys.argv[1:2]))
