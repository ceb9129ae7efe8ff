"""What Quantus and our own arithmetic are both asked: made from a seed, so that nothing needs to be stored."""

import numpy as np
import torch
from torch import nn

SHAPE = (9, 12)
SHARE = 12  # places a step: a ninth of them


class Net(nn.Module):
    """Two scores of a small picture, every weight known."""

    def __init__(self) -> None:
        super().__init__()
        self.last = nn.Linear(SHAPE[0] * SHAPE[1], 2)
        weights = np.random.default_rng(7).normal(size=(2, SHAPE[0] * SHAPE[1]))
        with torch.no_grad():
            self.last.weight.copy_(torch.tensor(weights))
            self.last.bias.zero_()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return torch.tanh(self.last(x.flatten(1)))


def inputs() -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return images (n, 1, h, w), two positive maps of each, and masks, all without ties."""
    rng = np.random.default_rng(3)
    images = rng.uniform(0.05, 1, (5, 1, *SHAPE)).astype(np.float32)
    values, others = (rng.uniform(0.1, 1, (5, *SHAPE)).astype(np.float32) for _ in range(2))
    masks = np.zeros((5, *SHAPE), bool)
    for place, mask in enumerate(masks):
        mask[1 + place % 3 : 5 + place % 3, 2 + place : 7 + place] = True
    return images, values, others, masks
