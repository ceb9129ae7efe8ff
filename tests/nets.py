"""Networks whose every number is known on paper, built anew for each test."""

from dataclasses import dataclass
from typing import ClassVar

import array_api_strict
import numpy as np
import torch
from array_api_compat import array_namespace
from torch import nn

from axolens.classifiers.torch_module import TorchClassifier
from axolens.methods.method import Card, Raw
from axolens.records.labels import Labels
from axolens.records.preprocess import Preprocess
from axolens.records.target import Target


@dataclass(frozen=True, kw_only=True)
class Blind:
    """A method that sees nothing and offers no contrast."""

    card: ClassVar[Card] = Card(
        name="blind", title="Blind", family="none", needs="predictions", unit="relative", contrast="not offered",
        source="by hand",
    )  # fmt: skip
    images: ClassVar[int] = 0

    def attribute(self, model, batch, targets, rngs):
        return Raw(maps=model.asarray(np.ones((len(targets), len(targets[0]), 2, 3), np.float32)))


FOUR = Labels(("a", "b", "c", "d"))


class NetA(nn.Module):
    """One convolution of ones with biases −50 and −75, ReLU, and a read-out of ±1: see ``tests/truth``."""

    def __init__(self, *, inplace: bool = False, rows: tuple[tuple[int, ...], ...] | None = None) -> None:
        super().__init__()
        self.image = nn.Identity()
        self.conv = nn.Conv2d(1, 2, 3)
        self.relu = nn.ReLU(inplace=inplace)
        self.head = nn.Linear(8, 4)
        rows = rows or ((1, 1, 1, 1, 1, -1, -1, -1),) * 4
        with torch.no_grad():
            self.conv.weight.fill_(1.0)
            self.conv.bias.copy_(torch.tensor([-50.0, -75.0]))
            self.head.weight.copy_(torch.tensor(rows, dtype=torch.float32))
            self.head.bias.zero_()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return torch.relu(self.head(self.relu(self.conv(self.image(x))).flatten(1)))


def rectified(rectify, shift: float = 0.0) -> TorchClassifier:
    """Net A with another way to cut off at zero, called with the image plus a constant."""

    class Other(NetA):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return rectify(self.head(rectify(self.conv(x + shift)).flatten(1)))

    return TorchClassifier(Other(), FOUR, None, name="net A")


def net_a(**settings: object) -> TorchClassifier:
    return TorchClassifier(NetA(**settings), FOUR, None, name="net A")


def reading_order(model: TorchClassifier) -> torch.Tensor:
    """The numbers 0 to 15 as one image of 4 × 4."""
    return model.asarray(np.arange(16, dtype=np.float32).reshape(1, 1, 4, 4))


def logit(index: int) -> Target:
    return FOUR.resolve(Target(index, score="logit"))


class Small(nn.Module):
    """A small convolutional network for pictures of any size, with a batch norm and an in-place activation."""

    def __init__(self, classes: int = 5, seed: int = 0, *, smooth: bool = False) -> None:
        super().__init__()
        torch.manual_seed(seed)
        act = nn.Tanh() if smooth else nn.ReLU(inplace=True)
        self.features = nn.Sequential(
            nn.Conv2d(3, 6, 3, padding=1),
            nn.BatchNorm2d(6),
            act,
            nn.MaxPool2d(2) if not smooth else nn.AvgPool2d(2),
            nn.Conv2d(6, 8, 3, padding=1),
            nn.Tanh() if smooth else nn.ReLU(inplace=True),
        )
        self.pool = nn.AdaptiveAvgPool2d((2, 3))
        self.head = nn.Linear(48, classes)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.head(self.pool(self.features(x)).flatten(1))


class Tokens(nn.Module):
    """Patches and a class token through two blocks of fused attention, read at the class token."""

    def __init__(self, classes: int = 5, seed: int = 0) -> None:
        super().__init__()
        torch.manual_seed(seed)
        self.patches = nn.Conv2d(3, 8, 4, stride=4)
        self.mix = nn.ModuleList(nn.Linear(8, 24) for _ in range(2))
        self.head = nn.Linear(8, classes)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        tokens = self.patches(x).flatten(2).transpose(1, 2)
        tokens = torch.cat([torch.ones_like(tokens[:, :1]), tokens], 1)
        for mix in self.mix:
            q, k, v = mix(tokens).unflatten(-1, (3, 2, 4)).permute(2, 0, 3, 1, 4)
            seen = nn.functional.scaled_dot_product_attention(q, k, v)
            tokens = tokens + seen.transpose(1, 2).flatten(2)
        return self.head(tokens[:, 0])


TALL = Preprocess(size=(20, 12), mean=(0.4, 0.5, 0.6), std=(0.2, 0.25, 0.3), scale=1.0)


def small(classes: int = 5, *, preprocess: Preprocess = TALL, smooth: bool = False, seed: int = 0) -> TorchClassifier:
    labels = Labels(tuple(f"class {i}" for i in range(classes)))
    return TorchClassifier(Small(classes, seed, smooth=smooth).eval(), labels, preprocess, name="small")


def tokens(classes: int = 5, *, seed: int = 0) -> TorchClassifier:
    labels = Labels(tuple(f"class {i}" for i in range(classes)))
    return TorchClassifier(Tokens(classes, seed).eval(), labels, TALL, name="tokens")


KINDS = {"numpy": np.asarray, "torch": torch.tensor, "strict": array_api_strict.asarray}


class Formula:
    """A score and its slope written down for pictures of any size, on one kind of array; the other class has 0."""

    name, digest, kind, channel_axis = "formula", "", "logits", -1
    labels = Labels(("it", "other"))

    def __init__(self, value, slope, size, arrays="numpy") -> None:
        self.value, self.slope, self.preprocess, self.asarray = value, slope, Preprocess(size=size), KINDS[arrays]

    def scores(self, batch):
        xp = array_namespace(batch)
        return xp.stack([self.value(batch), xp.zeros_like(batch[:, 0, 0, 0])], axis=1)

    def gradient(self, batch, targets):
        xp = array_namespace(batch)
        return xp.stack([self.slope(batch)] * len(targets[0]), axis=1)


def power(weights, exponent, arrays):
    """f = Σ w·xᵖ, whose slope is w·p·xᵖ⁻¹."""
    w = KINDS[arrays](np.asarray(weights, np.float32))

    def value(batch):
        return array_namespace(batch).sum(w[None, ...] * batch**exponent, axis=(1, 2, 3))

    return Formula(value, lambda x: exponent * w[None, ...] * x ** (exponent - 1), w.shape[:2], arrays)


def reading(function) -> TorchClassifier:
    """A classifier that gives ``function`` of an unprepared (n, 3, h, w) batch as its first of two scores."""

    class Net(nn.Module):
        def forward(self, x):
            value = function(x)
            return torch.stack([value, torch.zeros_like(value)], 1)

    return TorchClassifier(Net(), Labels(("it", "other")), Preprocess(size=(1, 3)), name="function", digest="none")


IT = Formula.labels.resolve(Target("it", score="logit"))
