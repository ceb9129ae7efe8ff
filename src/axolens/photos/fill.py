"""What stands in the place of a hidden region."""

import numpy as np
from jaxtyping import Float32
from PIL import Image, ImageColor, ImageFilter

from axolens.errors import InputError
from axolens.records.preprocess import Preprocess
from axolens.records.segments import Segments

FILLS = ("mean", "blur", "network-zero")


def fill_image(
    image: Float32[np.ndarray, "h w 3"], segments: Segments, fill: str, preprocess: Preprocess | None
) -> Float32[np.ndarray, "h w 3"]:
    """Return the image that is seen wherever a region is hidden.

    Parameters
    ----------
    image
        (h, w, 3) on the network grid, display space.
    segments
        The regions.
    fill
        "mean" paints each region in its own mean colour; "blur" shows the image blurred by an eighth of its shorter
        side; "network-zero" is the colour that becomes zero after preprocessing (what ``hide_color=0`` meant in the
        notebook: ImageNet's mean colour, for parity only); any colour by name or as "#rrggbb".
    preprocess
        Needed for "network-zero" only.

    Raises
    ------
    InputError
        If the fill is none of these.

    Examples
    --------
    >>> image = np.array([[[0.0] * 3, [1.0] * 3]], np.float32)
    >>> fill_image(image, Segments(np.zeros((1, 2), np.int32), "one"), "mean", None)[0, 0]
    array([0.5, 0.5, 0.5], dtype=float32)
    """
    if fill == "mean":
        return region_means(image, segments)
    if fill == "blur":
        return blurred(image, min(image.shape[:2]) / 8)
    colour = network_zero(preprocess) if fill == "network-zero" else _colour(fill)
    return np.broadcast_to(colour, image.shape).astype(np.float32)


def check_fill(fill: str) -> None:
    """Refuse a fill that is neither one of ``FILLS`` nor a colour.

    Raises
    ------
    InputError
        If it is none of these.
    """
    if fill not in FILLS:
        _colour(fill)


def region_means(image: Float32[np.ndarray, "h w 3"], segments: Segments) -> Float32[np.ndarray, "h w 3"]:
    """Return the image with each region painted in its mean colour."""
    flat = segments.labels.ravel()
    sums = np.stack([np.bincount(flat, weights=image[..., c].ravel()) for c in range(3)], axis=1)
    return (sums / np.bincount(flat)[:, None])[segments.labels].astype(np.float32)


def blurred(image: Float32[np.ndarray, "h w 3"], sigma: float) -> Float32[np.ndarray, "h w 3"]:
    """Return the image under a Gaussian of ``sigma`` pixels (Pillow's, on 8 bits)."""
    levels = Image.fromarray(np.round(image * 255).astype(np.uint8)).filter(ImageFilter.GaussianBlur(sigma))
    return (np.asarray(levels, np.float32) / 255).astype(np.float32)


def network_zero(preprocess: Preprocess | None) -> Float32[np.ndarray, "3"]:
    """Return the display-space colour that preprocessing turns into zeros: mean / scale, in red, green, blue."""
    if preprocess is None:
        raise InputError("fill", expected="a model with a preprocess for network-zero", got="preprocess=None")
    mean = preprocess.mean if preprocess.order == "rgb" else preprocess.mean[::-1]
    return np.array(mean, np.float32) / np.float32(preprocess.scale)


def _colour(name: str) -> Float32[np.ndarray, "3"]:
    try:
        return np.array(ImageColor.getrgb(name)[:3], np.float32) / 255
    except ValueError:
        expected = f"{', '.join(FILLS)}, a colour name or #rrggbb"
        raise InputError("fill", expected=expected, got=repr(name)) from None
