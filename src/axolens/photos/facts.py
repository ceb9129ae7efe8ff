"""What a picture file says about itself."""

import io
from collections.abc import Mapping
from typing import Any

from PIL import ExifTags, Image, ImageCms

from axolens.records.photo import Fact

LONGEST_TEXT = 100  # characters
NAMED = {
    "camera_make": ExifTags.Base.Make,
    "camera_model": ExifTags.Base.Model,
    "taken": ExifTags.Base.DateTimeOriginal,
    "changed": ExifTags.Base.DateTime,
}


def facts_of(image: Image.Image) -> dict[str, Fact]:
    """Return what the header of a picture says, before its pixels are decoded.

    Parameters
    ----------
    image
        Opened, not yet loaded. A TIFF file that is stored rotated has its upright size here.

    Examples
    --------
    >>> facts_of(Image.new("L", (3, 2)))
    {'format': 'memory', 'mode': 'L', 'width': 3, 'height': 2}
    """
    facts: dict[str, Fact] = {
        "format": image.format or "memory",
        "mode": image.mode,
        "width": image.width,
        "height": image.height,
    }
    frames = _frames(image)
    if frames > 1:
        facts["frames"] = frames
    return facts | _exif_facts(image) | _icc_facts(image)


def orientation_of(image: Image.Image) -> int:
    """Return the EXIF orientation, 1 to 8; 1 where the file says nothing that can be read.

    Parameters
    ----------
    image
        A picture; its pixels are not touched.

    Examples
    --------
    >>> orientation_of(Image.new("L", (3, 2)))
    1
    """
    value = _exif(image).get(ExifTags.Base.Orientation, 1)
    return value if isinstance(value, int) and 1 <= value <= 8 else 1


def _exif_facts(image: Image.Image) -> dict[str, Fact]:
    tags = _exif(image)
    facts: dict[str, Fact] = {}
    if ExifTags.Base.Orientation in tags:
        facts["exif_orientation"] = orientation_of(image)
    texts = {name: clean(tags[tag]) for name, tag in NAMED.items() if tag in tags}
    return facts | {name: text for name, text in texts.items() if text}


def _exif(image: Image.Image) -> Mapping[int, Any]:
    try:
        tags = image.getexif()
        return dict(tags) | dict(tags.get_ifd(ExifTags.IFD.Exif))
    except Exception:  # a broken EXIF block raises anything, and says nothing about the pixels
        return {}


def _icc_facts(image: Image.Image) -> dict[str, Fact]:
    if not image.info.get("icc_profile"):
        return {}
    profile = icc_profile(image)
    if profile is None:
        return {"icc": "unreadable, ignored"}
    return {"icc": clean(ImageCms.getProfileDescription(profile)) or "without a name"}


def icc_profile(image: Image.Image) -> ImageCms.ImageCmsProfile | None:
    """Return the colour profile embedded in a picture, or None if there is none that can be read.

    Parameters
    ----------
    image
        A picture; its pixels are not touched.

    Examples
    --------
    >>> icc_profile(Image.new("L", (3, 2))) is None
    True
    """
    embedded = image.info.get("icc_profile")
    if not embedded:
        return None
    try:
        profile = ImageCms.ImageCmsProfile(io.BytesIO(embedded))
        ImageCms.getProfileDescription(profile)
    except Exception:  # Pillow raises OSError, TypeError or PyCMSError, depending on what is broken
        return None
    return profile


def _frames(image: Image.Image) -> int:
    try:
        count = int(getattr(image, "n_frames", 1))
        if count > 1:
            image.seek(0)
    except Exception:  # a damaged later frame does not spoil the first
        image.seek(0)
        return 1
    return count


def clean(value: object) -> str:
    r"""Return a value from a file as one short line without control characters.

    Parameters
    ----------
    value
        Text, or bytes that are meant as text.

    Examples
    --------
    >>> clean(b"Canon\x00")
    'Canon'
    >>> clean("a\x1b[31mb\n")
    'a[31mb'
    """
    text = value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
    return "".join(letter for letter in text if letter.isprintable())[:LONGEST_TEXT].strip()
