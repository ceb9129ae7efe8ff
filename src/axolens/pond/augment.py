"""Pictures varied by chance while a network is trained."""

import torch
from jaxtyping import Float32
from torch import Tensor

REACH = 4  # pixels of the networks' grid
TO_YIQ = ((0.299, 0.587, 0.114), (0.5959, -0.2746, -0.3213), (0.2115, -0.5227, 0.3112))
"""Luminance and two axes of colour of the NTSC standard of 1953 (Smith, in Fink's Television Engineering Handbook)."""


def shifted(images: Float32[Tensor, "n c h w"], chance: torch.Generator) -> Float32[Tensor, "n c h w"]:
    """Return the batch moved by up to four pixels down and across; the border is repeated.

    Examples
    --------
    >>> shifted(torch.ones(1, 3, 8, 8), torch.Generator()).sum().item()
    192.0
    """
    height, width = images.shape[2:]
    padded = torch.nn.functional.pad(images, (REACH, REACH, REACH, REACH), mode="replicate")
    down, across = (int(torch.randint(2 * REACH + 1, (1,), generator=chance)) for _ in range(2))
    return padded[:, :, down : down + height, across : across + width]


def colours_changed(images: Float32[Tensor, "n 3 h w"], chance: torch.Generator) -> Float32[Tensor, "n 3 h w"]:
    """Return the batch with each picture's hue turned, its saturation scaled by 0..1.5 and its light by 0.25..1.25.

    Parameters
    ----------
    images
        As a network of the pond takes them, -2..2.
    chance
        Draws one change a picture; every second picture stays as it is.

    Examples
    --------
    >>> colours_changed(torch.zeros(2, 3, 4, 4), torch.Generator().manual_seed(0)).shape
    torch.Size([2, 3, 4, 4])
    """
    draws = torch.rand(4, len(images), generator=chance)
    turn, saturation, light = 2 * torch.pi * draws[0], 1.5 * draws[1], 0.25 + draws[2]
    matrix = light[:, None, None] * _colour_matrix(turn, saturation)
    display = images * 0.25 + 0.5
    moved = torch.einsum("nab,nbhw->nahw", matrix, display).clamp(0.0, 1.0)
    same = (draws[3] < 0.5)[:, None, None, None]
    return torch.where(same, images, (moved - 0.5) / 0.25)


def _colour_matrix(turn: Float32[Tensor, "n"], saturation: Float32[Tensor, "n"]) -> Float32[Tensor, "n 3 3"]:
    """Return the matrices on RGB that turn hues by radians and scale saturations, and leave every grey."""
    to_yiq = torch.tensor(TO_YIQ)
    cosine, sine, nothing = saturation * turn.cos(), saturation * turn.sin(), torch.zeros_like(turn)
    rows = (torch.stack((nothing + 1, nothing, nothing)), torch.stack((nothing, cosine, -sine)))
    turned = torch.stack((*rows, torch.stack((nothing, sine, cosine)))).permute(2, 0, 1)
    return torch.linalg.inv(to_yiq) @ turned @ to_yiq
