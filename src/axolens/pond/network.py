"""PondNet: blocks of convolutions, pooling and two dense layers, as VGG has them, small enough to ship."""

import torch
from jaxtyping import Float32
from torch import Tensor, nn

from axolens.pond.scene import SPECIES

BLOCKS = ((16, 24), (48,), (80,), (112,))
HIDDEN = 96


class PondNet(nn.Module):
    """A network of the kind of VGG with 303,014 parameters.

    Takes (n, 3, 64, 64) float32, ``(sRGB - 0.5) / 0.25``, and gives (n, 6) logits of ``SPECIES``. Every convolution is
    3 × 3 and followed by batch normalisation and a ReLU; each block ends with a pooling that halves the grid.

    Simonyan and Zisserman 2015, https://arxiv.org/abs/1409.1556; normalisation: Ioffe and Szegedy 2015,
    https://arxiv.org/abs/1502.03167.

    Examples
    --------
    >>> net = PondNet().eval()
    >>> net(torch.zeros(2, 3, 64, 64)).shape
    torch.Size([2, 6])
    """

    def __init__(self, classes: int = len(SPECIES)) -> None:
        super().__init__()
        self.features = nn.Sequential()
        channels = 3
        for number, widths in enumerate(BLOCKS, start=1):
            for place, width in enumerate(widths, start=1):
                name = f"block{number}_conv{place}"
                self.features.add_module(name, nn.Conv2d(channels, width, 3, padding=1, bias=False))
                self.features.add_module(f"{name}_norm", nn.BatchNorm2d(width))
                self.features.add_module(f"{name}_relu", nn.ReLU())
                channels = width
            self.features.add_module(f"block{number}_pool", nn.MaxPool2d(2))
        self.classifier = nn.Sequential()
        self.classifier.add_module("dense1", nn.Linear(channels * 16, HIDDEN))
        self.classifier.add_module("dense1_relu", nn.ReLU())
        self.classifier.add_module("dropout", nn.Dropout(0.3))
        self.classifier.add_module("dense2", nn.Linear(HIDDEN, classes))

    def forward(self, images: Float32[Tensor, "n 3 64 64"]) -> Float32[Tensor, "n k"]:
        """Return the logits of a batch."""
        return self.classifier(self.features(images).flatten(1))


def fresh_network(seed: int) -> PondNet:
    """Return an untrained network; the same seed gives the same weights, and global random numbers stay as they are.

    Examples
    --------
    >>> bool((fresh_network(0).classifier.dense2.weight == fresh_network(0).classifier.dense2.weight).all())
    True
    """
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return PondNet()


def normalised(pixels: Tensor) -> Float32[Tensor, "n 3 h w"]:
    """Return 8-bit pixels (n, h, w, 3) as the network takes them.

    Examples
    --------
    >>> normalised(torch.full((1, 2, 2, 3), 255, dtype=torch.uint8)).max().item()
    2.0
    """
    return ((pixels.permute(0, 3, 1, 2).to(torch.float32) / 255 - 0.5) / 0.25).contiguous()
