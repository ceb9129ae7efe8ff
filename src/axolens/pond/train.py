"""Train a network of the pond: ``python -m axolens.pond.train NAME --seed S``, a few minutes on two cores."""

import argparse
import math
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import torch
from jaxtyping import Float32, UInt8
from torch import Tensor, nn

from axolens.errors import AxolensError, InputError
from axolens.pond.augment import colours_changed, shifted
from axolens.pond.network import PondNet, fresh_network, normalised
from axolens.pond.pictures import network_pixels
from axolens.pond.recipes import RECIPES, Recipe, recipe_of, scene_for
from axolens.pond.scene import SPECIES
from axolens.pond.weights import load_network, write_weights

BATCH = 64
LARGEST_SEED = 39  # so that no picture of a training is one of the public test set, which begins at 1,000,000
SEEDS_EACH = 25_000

Say = Callable[[str], None]


def training_seeds(seed: int, count: int) -> range:
    """Return the seeds of the pictures of one training.

    Raises
    ------
    InputError
        If the seed is not in 0..39: further on lies the public test set.

    Examples
    --------
    >>> training_seeds(1, 3)
    range(25000, 25003)
    """
    if not 0 <= seed <= LARGEST_SEED:
        raise InputError("seed", expected=f"a whole number from 0 to {LARGEST_SEED}", got=seed)
    return range(seed * SEEDS_EACH, seed * SEEDS_EACH + count)


def train(
    name: str, seed: int = 0, *, pictures: int | None = None, epochs: int | None = None, say: Say = print
) -> PondNet:
    """Draw the pictures of a network's recipe and train it on them.

    Parameters
    ----------
    name
        A name from ``RECIPES``.
    seed
        0..39: which pictures, which first weights, which order.
    pictures, epochs
        In place of the recipe's, for a trial.
    say
        Takes a line of progress.

    Returns
    -------
    network
        In evaluation. Two machines, or two numbers of threads, give networks that differ in the last digits of their
        sums and so, after training, in their weights; their accuracies agree.

    Raises
    ------
    InputError
        If there is no such network, or the seed is outside its range.
    """
    recipe = recipe_of(name)
    count = pictures or recipe.pictures
    seeds = training_seeds(seed, count)
    chunks: list[UInt8[np.ndarray, "n h w 3"]] = []
    for chunk in network_pixels(partial(scene_for, name), seeds):
        chunks.append(chunk)
        if len(chunks) % 25 == 0:
            say(f"{name}: drew {sum(map(len, chunks))} of {count} pictures")
    truths = torch.tensor([SPECIES.index(scene_for(name, each).species) for each in seeds])
    network = fresh_network(seed) if recipe.after is None else load_network(recipe.after)
    fit(network, torch.from_numpy(np.concatenate(chunks)), truths, recipe, seed, epochs or recipe.epochs, say=say)
    return network


def fit(
    network: PondNet,
    pixels: Tensor,
    truths: Tensor,
    recipe: Recipe,
    seed: int,
    epochs: int,
    *,
    say: Say = print,
) -> None:
    """Train a network on pixels (n, 64, 64, 3) uint8 and truths (n,), in place."""
    batches = math.ceil(len(pixels) / BATCH)
    optimiser = torch.optim.AdamW(network.parameters(), lr=1e-3, weight_decay=0.02)
    rate = 4e-3 if recipe.after is None else 1e-3
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, max_lr=rate, total_steps=epochs * batches)
    loss_of = nn.CrossEntropyLoss(label_smoothing=0.05)
    network.train().requires_grad_(True).to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    chance = torch.Generator().manual_seed(seed)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)  # dropout has no generator of its own
        for epoch in range(epochs):
            total = 0.0
            for chosen in torch.split(torch.randperm(len(pixels), generator=chance), BATCH):
                loss = loss_of(network(_varied(pixels[chosen], recipe, chance)), truths[chosen])
                optimiser.zero_grad()
                loss.backward()
                optimiser.step()
                schedule.step()
                total += float(loss.detach()) * len(chosen)
            say(f"epoch {epoch + 1} of {epochs}: loss {total / len(pixels):.3f}")
    network.eval().requires_grad_(False).to(memory_format=torch.contiguous_format)  # type: ignore[call-overload]


def _varied(pixels: Tensor, recipe: Recipe, chance: torch.Generator) -> Float32[Tensor, "n 3 h w"]:
    """Return a batch as the network takes it: mirrored, shifted and recoloured by chance."""
    images = normalised(pixels)
    if recipe.augmented:
        images = colours_changed(images, chance)
    if recipe.mirrored:
        flipped = torch.rand(len(images), 1, 1, 1, generator=chance) < 0.5
        images = torch.where(flipped, images.flip(3), images)
    return shifted(images, chance).contiguous(memory_format=torch.channels_last)


def main(arguments: list[str] | None = None) -> int:
    """Train the network that the command line names, and write its weights."""
    parser = argparse.ArgumentParser(prog="python -m axolens.pond.train", description=__doc__)
    parser.add_argument("name", metavar="NAME", help=f"one of {', '.join(RECIPES)}")
    parser.add_argument("--seed", type=int, default=0, help=f"0..{LARGEST_SEED}; the shipped networks have 0")
    parser.add_argument("--out", type=Path, help="a .safetensors file; by default NAME.safetensors")
    parser.add_argument("--pictures", type=int, help="fewer or more than the recipe's, for a trial")
    parser.add_argument("--epochs", type=int, help="fewer or more than the recipe's, for a trial")
    asked = parser.parse_args(arguments)
    started = time.perf_counter()
    try:
        network = train(asked.name, asked.seed, pictures=asked.pictures, epochs=asked.epochs, say=_say)
        path = write_weights(network, asked.out or Path(f"{asked.name}.safetensors"))
    except AxolensError as error:
        _say(f"axolens: {error}")
        return 2
    except KeyboardInterrupt:
        _say("axolens: interrupted; nothing was written.")
        return 130
    _say(f"Written: {path}, after {time.perf_counter() - started:.0f} s")
    return 0


def _say(line: str) -> None:
    sys.stderr.write(f"{line}\n")


if __name__ == "__main__":
    sys.exit(main())
