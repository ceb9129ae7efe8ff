"""Random maps to hold a map against."""

import numpy as np
from jaxtyping import Float, Float32


def same_smoothness(values: Float[np.ndarray, "h w"], rng: np.random.Generator) -> Float32[np.ndarray, "h w"]:
    """Return noise as smooth as a map: the map's power at each frequency, with the phases of white noise.

    Parameters
    ----------
    values
        (h, w) of numbers; what is not a number counts as 0.
    rng
        Draws the phases.

    Returns
    -------
    noise
        (h, w) with the map's power spectrum and mean, and its peaks elsewhere.

    Notes
    -----
    Theiler et al. (1992), surrogate data, doi:10.1016/0167-2789(92)90102-S.

    Examples
    --------
    >>> values = np.outer(np.hanning(7), np.hanning(9))
    >>> noise = same_smoothness(values, np.random.default_rng(0))
    >>> power = lambda x: np.abs(np.fft.fft2(x))
    >>> bool(np.allclose(power(noise), power(values), atol=1e-5))
    True
    """
    known = np.nan_to_num(values, nan=0.0, posinf=0.0, neginf=0.0)
    phases = np.angle(np.fft.fft2(rng.standard_normal(known.shape)))
    phases[0, 0] = 0 if known.sum() >= 0 else np.pi
    return np.fft.ifft2(np.abs(np.fft.fft2(known)) * np.exp(1j * phases)).real.astype(np.float32)
