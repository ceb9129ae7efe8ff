"""A network with its weights shuffled, for checks of what a map owes to them."""

import copy

import numpy as np
import torch

from axolens.errors import CapabilityError


def randomised(module: torch.nn.Module, seed: int, share: float) -> torch.nn.Module:
    """Return a copy of a network whose weights are permuted within each tensor, from the scores down.

    Parameters
    ----------
    module
        Left as found.
    seed
        Of the permutations.
    share
        Of the weight tensors, above 0 and at most 1, counted from the last one that the module holds. Biases and the
        weights of normalisations count as tensors; statistics of batches stay.

    Raises
    ------
    CapabilityError
        If the module cannot be copied or holds no weights.

    Examples
    --------
    >>> linear = torch.nn.Linear(50, 1, bias=False)
    >>> other = randomised(linear, 0, 1.0)
    >>> torch.equal(other.weight, linear.weight), torch.equal(*(one.weight.sort().values for one in (other, linear)))
    (False, True)
    """
    try:
        other = copy.deepcopy(module)
    except Exception as error:
        raise CapabilityError(
            "model", expected="a network that can be copied, to shuffle its weights", got=f"{type(error).__name__}"
        ) from error
    weights = [one for one in other.parameters() if one.is_floating_point()]
    if not weights:
        raise CapabilityError("model", expected="weights to shuffle", got="none")
    rng = np.random.default_rng(seed)
    with torch.no_grad():
        for tensor in weights[len(weights) - max(1, round(share * len(weights))) :]:
            places = torch.from_numpy(rng.permutation(tensor.numel())).to(tensor.device)
            tensor.copy_(tensor.reshape(-1)[places].reshape(tensor.shape))
    return other
