"""Random maps to hold a map against."""

import math

import numpy as np
from jaxtyping import Float, Float32

from axolens.errors import InputError


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


def blurred_noise(size: tuple[int, int], width: float, rng: np.random.Generator) -> Float32[np.ndarray, "h w"]:
    """Return white noise behind a Gaussian blur, with mean 0 and standard deviation 1 over the map.

    Parameters
    ----------
    size
        Height and width, in places.
    width
        Standard deviation of the blur, in places; 0 is white noise. The blur goes round the edges, so that no place is
        smoother than another, and is made among frequencies, so that a width below one place is kept too.
    rng
        Draws the noise.

    Examples
    --------
    >>> noise = blurred_noise((40, 60), 2.0, np.random.default_rng(0))
    >>> noise.shape, round(float(noise.std()), 3)
    ((40, 60), 1.0)
    """
    passed = np.outer(*(np.exp(-2 * (np.pi * width * np.fft.fftfreq(side)) ** 2) for side in size))
    noise = np.fft.ifft2(passed * np.fft.fft2(rng.standard_normal(size))).real
    noise -= noise.mean()
    spread = float(noise.std())
    return (noise / (spread or 1.0)).astype(np.float32)


def blur_width(values: Float[np.ndarray, "h w"]) -> float:
    """Return how wide white noise must be blurred to be as smooth as a map: alike from place to neighbouring place.

    Parameters
    ----------
    values
        (h, w) of numbers; what is not a number counts as 0.

    Returns
    -------
    width
        Standard deviation of a Gaussian blur, in places of the map; 0 where neighbours are no more alike than in white
        noise.

    Raises
    ------
    InputError
        If all values are the same, so that every noise is rougher, or there is but one place.

    Notes
    -----
    White noise behind a Gaussian blur of width s has the autocorrelation exp(−d²/4s²) at distance d. With ρ that of
    neighbours, half the mean squared step between them being 1 − ρ of the variance, s = 1/√(−4 ln ρ). On a grid of few
    places it comes out too narrow, as the map's own mean is taken out of so few.

    Examples
    --------
    >>> round(blur_width(blurred_noise((200, 300), 3.0, np.random.default_rng(0))), 1)
    3.0
    """
    known = np.nan_to_num(np.asarray(values, np.float64), nan=0.0, posinf=0.0, neginf=0.0)
    variance = float(known.var())
    if variance == 0:
        raise InputError(
            "values", expected="a map that is not the same everywhere", got=f"{known.flat[0]:g} everywhere"
        )
    steps = np.concatenate([np.diff(known, axis=0).ravel(), np.diff(known, axis=1).ravel()])
    alike = 1 - float((steps**2).mean()) / (2 * variance)
    return 0.0 if alike <= 0 else 1 / math.sqrt(-4 * math.log(alike))
