"""Pictures of any mode to sRGB without transparency."""

import numpy as np
from jaxtyping import Float
from PIL import Image, ImageCms

from axolens.errors import PhotoError
from axolens.photos.facts import icc_profile

Floats = Float[np.ndarray, "..."]

DEEP = ("I", "F", "I;16", "I;16B", "I;16L", "I;16N")
SPACES = {"RGB": ("RGB",), "GRAY": ("L", "1"), "CMYK": ("CMYK",)}
PHOTOMETRIC = 262  # TIFF tag; 0 means that the lowest value is white
WHITE = (255, 255, 255, 255)


def to_srgb(image: Image.Image, name: str) -> tuple[Image.Image, bool]:
    """Return a picture in sRGB over white, and whether its own colour profile was applied.

    Parameters
    ----------
    image
        Any mode Pillow decodes to.
    name
        What the errors call the picture.

    Returns
    -------
    tuple
        An image of mode RGB (8 bits) or F (grey in [0, 1], from 16 bits or more); True if converted.

    Raises
    ------
    PhotoError
        If values of a float or 32-bit picture fit no known scale.

    Examples
    --------
    >>> to_srgb(Image.new("LA", (1, 1), (0, 51)), "dot")[0].getpixel((0, 0))
    (204, 204, 204)
    """
    if image.mode in DEEP:
        return Image.fromarray(_deep(image, name)), False
    if not image.has_transparency_data:
        return _coloured(image)
    with_alpha = image.convert("RGBA")
    # A grey profile cannot read the RGB that Pillow makes of grey with alpha.
    opaque = image.convert("L") if image.mode in ("LA", "L", "1") else with_alpha.convert("RGB")
    opaque.info["icc_profile"] = image.info.get("icc_profile")
    rgb, applied = _coloured(opaque)
    rgb.putalpha(with_alpha.getchannel("A"))
    return Image.alpha_composite(Image.new("RGBA", rgb.size, WHITE), rgb).convert("RGB"), applied


def _coloured(image: Image.Image) -> tuple[Image.Image, bool]:
    profile = icc_profile(image)
    source = image.convert("RGB") if image.mode == "P" else image
    if profile is None or source.mode not in SPACES.get(profile.profile.xcolor_space.strip(), ()):
        return source.convert("RGB"), False
    source = source.convert("L") if source.mode == "1" else source
    try:
        transform = ImageCms.buildTransform(profile, ImageCms.createProfile("sRGB"), source.mode, "RGB")
        if source.mode == "RGB" and _changes_nothing(transform):
            return source.convert("RGB"), False
        converted = ImageCms.applyTransform(source, transform)
    except ImageCms.PyCMSError:
        return source.convert("RGB"), False
    return (source.convert("RGB"), False) if converted is None else (converted, True)


def _changes_nothing(transform: ImageCms.ImageCmsTransform) -> bool:
    # Profiles that say sRGB shift bytes by one in rounding; the bytes of the file are the better answer.
    levels = np.linspace(0, 255, 9).round().astype(np.uint8)
    cube = np.stack(np.meshgrid(levels, levels, levels), axis=-1).reshape(27, 27, 3)
    after = ImageCms.applyTransform(Image.fromarray(cube), transform)
    return after is not None and int(np.abs(np.asarray(after).astype(int) - cube).max()) <= 1


def _deep(image: Image.Image, name: str) -> Floats:
    values = np.asarray(image).astype(np.float64)
    grey = values / _scale(image.mode, values, name)
    if getattr(image, "tag_v2", {}).get(PHOTOMETRIC) == 0:
        grey = 1.0 - grey
    if "transparency" in image.info:
        grey[values == image.info["transparency"]] = 1.0
    return grey.astype(np.float32)


def _scale(mode: str, values: Floats, name: str) -> float:
    low, high = float(values.min()), float(values.max())
    tops = (1.0, 255.0) if mode == "F" else (65535.0,)
    fitting = [top for top in tops if low >= 0.0 and high <= top]
    if not fitting:
        known = " or ".join(f"[0, {top:g}]" for top in tops)
        raise PhotoError(
            name,
            expected=f"values in {known} in a picture of mode {mode}",
            got=f"values from {low:g} to {high:g}",
            hint="Scale the picture to 8 or 16 bits and save it again.",
        )
    return fitting[0]
