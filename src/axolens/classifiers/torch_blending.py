"""Blending behind the preprocessing, in the layout that the network takes."""

import torch
from jaxtyping import Bool, Float

from axolens.classifiers.grids import Axes

CACHED = 8 * 224 * 224  # pixels whose activations a processor's cache holds: more at once are slower


def blended(
    ends: Float[torch.Tensor, "2 _ _ _"],
    visible: Bool[torch.Tensor, "n h w"] | Float[torch.Tensor, "n h w"],
    axes: Axes,
) -> Float[torch.Tensor, "n _ _ _"]:
    """Return the first of two prepared pictures where it is visible and the second elsewhere, channels last in memory.

    One axis of channels costs each place a third of what three neighbours do.

    Examples
    --------
    >>> ends = torch.stack([torch.ones(3, 1, 2), torch.zeros(3, 1, 2)])
    >>> blended(ends, torch.tensor([[[True, False]]]), "channels first")[0, 0].tolist()
    [[1.0, 0.0]]
    """
    last = axes == "channels last"
    front, behind = ends.contiguous()
    share = visible[..., None] if last else visible[:, None]
    if share.dtype == torch.bool:
        seen = torch.where(share, front, behind)
    else:
        seen = torch.addcmul(behind, share.to(ends.dtype), front - behind)
    return seen if last else seen.contiguous(memory_format=torch.channels_last)


def portions(visible: torch.Tensor) -> tuple[torch.Tensor, ...]:
    """Split masks (n, h, w) into what goes through a network at once: all, but on a processor what its cache holds.

    Examples
    --------
    >>> [len(part) for part in portions(torch.zeros(20, 224, 224))]
    [8, 8, 4]
    """
    height, width = visible.shape[1:]
    return (visible,) if visible.device.type != "cpu" else torch.split(visible, max(1, CACHED // (height * width)))
