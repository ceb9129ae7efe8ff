"""What networks of the pond answer to many scenes: logits, without a file or a record in between."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import torch
from jaxtyping import Float32

from axolens.pond.network import normalised
from axolens.pond.pictures import network_pixels
from axolens.pond.scene import Scene


def answers(
    networks: Mapping[str, torch.nn.Module],
    scene_at: Callable[[int], Scene],
    seeds: Sequence[int],
    *,
    workers: int | None = None,
) -> dict[str, Float32[np.ndarray, "n k"]]:
    """Return the logits of several networks for the same pictures, each drawn once.

    Parameters
    ----------
    networks
        By name; in evaluation.
    scene_at, seeds, workers
        As :func:`network_pixels` takes them.

    Returns
    -------
    logits
        For each network (n, 6), in the order of the seeds and of ``SPECIES``.

    Examples
    --------
    >>> from axolens.pond import sample
    >>> from axolens.pond.network import fresh_network
    >>> answers({"pond-random": fresh_network(0).eval()}, sample, range(2), workers=1)["pond-random"].shape
    (2, 6)
    """
    found: dict[str, list[Float32[np.ndarray, "n k"]]] = {name: [] for name in networks}
    for pixels in network_pixels(scene_at, seeds, workers=workers):
        images = normalised(torch.from_numpy(pixels))
        with torch.inference_mode():
            for name, network in networks.items():
                found[name].append(network(images).numpy())
    return {name: np.concatenate(chunks) for name, chunks in found.items()}
