"""LIME, RISE, occlusion and integrated gradients beside their bare passes, and LIME beside the lime package."""

import warnings
from collections.abc import Iterator
from contextlib import redirect_stderr
from io import StringIO

import numpy as np
import skimage.data
import torch
from networks import bare, both_formats, random_network
from PIL import Image
from timing import Call, Row, columns, faster, interleave, ratios

from axolens.classifiers.counted import Counted
from axolens.classifiers.recipe import IMAGENET
from axolens.classifiers.torch_module import TorchClassifier, normalised
from axolens.maths.designs import block_order
from axolens.methods.gradient.integratedgradients import IntegratedGradients
from axolens.methods.method import Method
from axolens.methods.perturbation.lime import Lime
from axolens.methods.perturbation.occlusion import Occlusion
from axolens.methods.perturbation.rise import Rise
from axolens.records.target import Target
from axolens.segmenters import segment

FORWARD, BOTH = "the faster bare forward passes", "the faster bare forward and backward passes"
HIDING = (
    ("resnet18", Lime(samples=400, settle=0.0)),
    ("squeezenet1_1", Lime(samples=400, settle=0.0)),
    ("resnet18", Rise(samples=256)),
    ("resnet18", Occlusion()),
)
STEPS, SIZE = 32, 8  # images a bare pass: what goes through fastest on a processor
EQUAL = {"resnet18": 402, "squeezenet1_1": 258}
"""Images with the error of 1,000 coin flips: means of ``accuracy.py`` at the default segments."""


def hiding_rows(pairs: int) -> Iterator[Row]:
    """Yield a row a method; a third of the pairs, since each runs through hundreds of images."""
    for name, method in HIDING:
        yield against_forward(name, method, max(2, pairs // 3))
    yield gradients_against_bare("resnet18", max(2, pairs // 2))
    for name, images in EQUAL.items():
        yield against_lime(name, images, max(2, pairs // 4))


def photo() -> np.ndarray:
    """Return a photo of a rocket, 224 × 224, in levels; slic and quickshift cut it into about 40 regions."""
    return np.asarray(Image.fromarray(skimage.data.rocket()).resize((224, 224)))


def explanation(name: str, method: Method) -> tuple[TorchClassifier, torch.Tensor, Counted, Call]:
    """Return a network, one image, what counts the passes, and a call that explains the image."""
    model = random_network(name)
    image = model.asarray(photo()[None].astype(np.float32) / 255)
    asked, counted = [[model.labels.resolve(Target(0))]], Counted(model)
    return model, image, counted, lambda: method.attribute(counted, image, asked, [np.random.default_rng(0)])


def against_forward(name: str, method: Method, pairs: int) -> Row:
    """Compare a method that hides regions with the bare forward passes of as many images, in the faster format."""
    model, image, counted, explained = explanation(name, method)
    explained()
    images, size = counted.forward, SIZE
    plain, last = both_formats(model, image.repeat(size, 1, 1, 1))

    def passes(prepared: torch.Tensor) -> object:
        return [bare(model, prepared[: min(size, images - start)]) for start in range(0, images, size)]

    seconds = interleave((lambda: passes(plain), lambda: passes(last), explained), pairs, warm=1)
    title = f"{method.card.title}, {name}, {images} images"
    return ratios(title, FORWARD, columns(seconds, faster(seconds), 2), forward=images, backward=0)


def gradients_against_bare(name: str, pairs: int) -> Row:
    """Compare integrated gradients with the bare passes to the pixels of as many images."""
    method = IntegratedGradients(steps=STEPS)
    model, image, _, explained = explanation(name, method)
    model.module.requires_grad_(False)

    def passes(form: torch.memory_format) -> object:
        for start in range(0, STEPS, method.chunk):
            count = min(method.chunk, STEPS - start)
            pixels = normalised(image, IMAGENET).repeat(count, 1, 1, 1).contiguous(memory_format=form).requires_grad_()
            torch.autograd.grad(model.module(pixels)[:, 0].sum(), pixels)
        return bare(model, normalised(image, IMAGENET).repeat(2, 1, 1, 1))

    calls = (lambda: passes(torch.contiguous_format), lambda: passes(torch.channels_last), explained)
    seconds = interleave(calls, pairs, warm=1)
    title = f"{method.card.title}, {name}, {STEPS} steps"
    return ratios(title, BOTH, columns(seconds, faster(seconds), 2), forward=STEPS + 2, backward=STEPS)


def against_lime(name: str, images: int, pairs: int) -> Row:
    """Compare whole runs at equal accuracy: the lime package as it comes, and as many images of ours as that takes."""
    block = 2 * block_order(segment(photo().astype(np.float32) / 255, "slic", 0).count)
    whole = max(4, -(-images // block)) * block
    model, _, counted, explained = explanation(name, Lime(samples=whole, settle=0.0))
    theirs = lime_call(model)
    seconds = interleave((theirs, explained), pairs, warm=1)
    asked = counted.forward // (pairs + 1)
    return ratios(f"LIME, {name}, {asked} images for 1,000", "lime", columns(seconds, 0, 1), forward=asked, backward=0)


def lime_call(model: TorchClassifier) -> Call:
    """Return the package's own run on the same photo: 1,000 samples in tens, quickshift, one label."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from lime.lime_image import LimeImageExplainer

    def probabilities(levels: np.ndarray) -> np.ndarray:
        batch = normalised(torch.tensor(levels, dtype=torch.float32) / 255, IMAGENET)
        return bare(model, batch).softmax(1).numpy()

    def run() -> object:
        explainer = LimeImageExplainer(random_state=0)
        with redirect_stderr(StringIO()):
            return explainer.explain_instance(photo(), probabilities, top_labels=1, num_samples=1000)

    return run
