"""What explanations cost beside the bare forward pass: ratios of interleaved pairs in one run, since machines differ.

    python benchmarks/run.py [--pairs 21] [--json FILE]

Networks have random weights: time does not depend on their values. A round is one bare forward pass without gradients
in each memory format and one explanation of the same images, in turn; the ratio is taken round by round against the
format that is faster by its median. Losses would be shown like wins.
"""

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence

import numpy as np
import torch

from axolens.classifiers.counted import Counted
from axolens.classifiers.labels import imagenet_labels
from axolens.classifiers.recipe import IMAGENET
from axolens.classifiers.torch_load import as_classifier
from axolens.classifiers.torch_module import TorchClassifier, normalised
from axolens.classifiers.torchvision_ops import import_torchvision
from axolens.methods.cam.gradcam import GradCam
from axolens.methods.gradient.integratedgradients import IntegratedGradients
from axolens.methods.method import Method
from axolens.methods.passes import pass_size
from axolens.methods.perturbation.lime import Lime
from axolens.methods.perturbation.occlusion import Occlusion
from axolens.methods.perturbation.rise import Rise
from axolens.records.target import Target

ROWS = (("vgg19", 1, "features.35", 1), ("vgg19", 1, "features.35", 2), ("resnet18", 8, "layer4", 1))
PERTURBATIONS = (
    ("resnet18", Lime(samples=400, settle=0.0)),
    ("squeezenet1_1", Lime(samples=400, settle=0.0)),
    ("resnet18", Rise(samples=256)),
    ("resnet18", Occlusion()),
)
STARTS = {"axolens --help": ["-m", "axolens", "--help"], "import axolens": ["-c", "import axolens"]}


def network(name: str) -> TorchClassifier:
    """Return a torchvision network with random weights."""
    torch.manual_seed(0)
    module = import_torchvision().models.get_model(name, weights=None)
    return as_classifier(module, imagenet_labels(), IMAGENET, name=name)


def timed(call: Callable[[], object]) -> float:
    started = time.perf_counter()
    call()
    return time.perf_counter() - started


def interleave(calls: Sequence[Callable[[], object]], rounds: int, warm: int = 3) -> list[tuple[float, ...]]:
    """Return seconds of all calls, in turn, after a few rounds of warming up."""
    for _ in range(warm):
        for call in calls:
            call()
    return [tuple(timed(call) for call in calls) for _ in range(rounds)]


def against_faster(seconds: list[tuple[float, ...]]) -> list[tuple[float, float]]:
    """Return pairs of the last call and that of the others which is faster by its median."""
    medians = [statistics.median(column) for column in zip(*seconds, strict=True)]
    faster = medians.index(min(medians[:-1]))
    return [(row[faster], row[-1]) for row in seconds]


def grad_cam_row(name: str, size: int, layer: str, targets: int, pairs: int) -> dict[str, object]:
    """Compare Grad-CAM with the bare forward pass of the same module on the same prepared batch."""
    model = network(name)
    batch = model.asarray(np.random.default_rng(0).random((size, 224, 224, 3), np.float32))
    plain = normalised(batch, IMAGENET).contiguous()
    channels_last = plain.to(memory_format=torch.channels_last)
    asked = [[model.labels.resolve(Target(i)) for i in range(targets)]] * size
    method, counted = GradCam(layer=layer), Counted(model)

    def bare(prepared: torch.Tensor) -> object:
        with torch.no_grad():
            return model.module(prepared)

    def explained() -> object:
        return method.attribute(counted, batch, asked, [np.random.default_rng(0)] * size)

    seconds = interleave((lambda: bare(plain), lambda: bare(channels_last), explained), pairs)
    row = ratios(f"Grad-CAM {name}, batch {size}, {targets} target{'s' * (targets > 1)}", against_faster(seconds))
    calls = pairs + 3
    return {**row, "forward": counted.forward / calls, "backward": counted.backward / calls}


def explanation(name: str, method: Method) -> tuple[TorchClassifier, torch.Tensor, Counted, Callable[[], object]]:
    """Return a network, one image, what counts the passes, and a call that explains the image."""
    model = network(name)
    image = model.asarray(np.random.default_rng(0).random((1, 224, 224, 3), np.float32))
    asked, counted = [[model.labels.resolve(Target(0))]], Counted(model)
    return model, image, counted, lambda: method.attribute(counted, image, asked, [np.random.default_rng(0)])


def perturbation_row(name: str, method: Method, pairs: int) -> dict[str, object]:
    """Compare a method that hides regions with the bare forward passes of as many images, in the faster format."""
    model, image, counted, explained = explanation(name, method)
    explained()
    images, backward, size = counted.forward, counted.backward, pass_size(image[0])
    plain = normalised(image, IMAGENET).repeat(size, 1, 1, 1).contiguous()
    channels_last = plain.to(memory_format=torch.channels_last)

    def bare(prepared: torch.Tensor) -> object:
        with torch.no_grad():
            return [model.module(prepared[: min(size, images - start)]) for start in range(0, images, size)]

    seconds = interleave((lambda: bare(plain), lambda: bare(channels_last), explained), pairs, warm=1)
    row = ratios(f"{method.card.title} {name}, {images} images", against_faster(seconds))
    return {**row, "forward": images, "backward": backward}


def gradient_row(name: str, steps: int, pairs: int) -> dict[str, object]:
    """Compare integrated gradients with the bare forward and backward passes to the pixels of as many images."""
    method = IntegratedGradients(steps=steps)
    model, image, _, explained = explanation(name, method)
    for weight in model.module.parameters():
        weight.requires_grad_(False)

    def bare(form: torch.memory_format) -> object:
        for start in range(0, steps, method.chunk):
            count = min(method.chunk, steps - start)
            pixels = normalised(image, IMAGENET).repeat(count, 1, 1, 1).contiguous(memory_format=form).requires_grad_()
            torch.autograd.grad(model.module(pixels)[:, 0].sum(), pixels)
        with torch.no_grad():
            return model.module(normalised(image, IMAGENET).repeat(2, 1, 1, 1))

    calls = (lambda: bare(torch.contiguous_format), lambda: bare(torch.channels_last), explained)
    row = ratios(f"Integrated gradients {name}, {steps} steps", against_faster(interleave(calls, pairs, warm=1)))
    return {**row, "forward": steps + 2, "backward": steps}


def start_row(name: str, arguments: list[str], pairs: int) -> dict[str, object]:
    """Compare starting the program with starting a bare interpreter; seconds beyond it."""
    quiet = {"stdout": subprocess.DEVNULL, "check": True}

    def bare() -> object:
        return subprocess.run([sys.executable, "-c", "pass"], **quiet)

    def program() -> object:
        return subprocess.run([sys.executable, *arguments], **quiet)

    return ratios(name, interleave((bare, program), pairs))


def ratios(name: str, seconds: Sequence[tuple[float, ...]]) -> dict[str, object]:
    """Return medians and quartiles of the paired ratios."""
    found = sorted(second / first for first, second in seconds)
    low, middle, high = statistics.quantiles(found, n=4)
    return {
        "name": name,
        "pairs": len(seconds),
        "bare_seconds": statistics.median(first for first, _ in seconds),
        "seconds": statistics.median(second for _, second in seconds),
        "seconds_beyond": statistics.median(second - first for first, second in seconds),
        "ratio": middle,
        "quartiles": [low, high],
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pairs", type=int, default=21)
    parser.add_argument("--json", help="also write the rows there")
    answers = parser.parse_args()
    machine = {
        "python": platform.python_version(), "torch": torch.__version__, "cores": os.cpu_count(),
        "threads": torch.get_num_threads(), "processor": platform.machine(),
    }  # fmt: skip
    print(json.dumps(machine))
    rows = [grad_cam_row(*row, answers.pairs) for row in ROWS]
    few = max(2, answers.pairs // 4)
    for name, method in PERTURBATIONS:
        rows.append(perturbation_row(name, method, few))
    rows.append(gradient_row("resnet18", 32, few))
    rows += [start_row(name, arguments, answers.pairs) for name, arguments in STARTS.items()]
    for row in rows:
        low, high = row["quartiles"]
        passes = f", {row['forward']:g} forward, {row['backward']:g} backward" if "forward" in row else ""
        print(
            f"{row['name']}: {row['ratio']:.3f} times bare (quartiles {low:.3f} to {high:.3f}), "
            f"{row['seconds_beyond']:+.3f} s{passes}"
        )
    if answers.json:
        with open(answers.json, "w", encoding="utf-8") as out:
            json.dump({"machine": machine, "rows": rows}, out, indent=1)


if __name__ == "__main__":
    main()
