"""Other ways in which a photo may have to be prepared, asked through the model as it is."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from jaxtyping import Float32

from axolens.records.preprocess import Preprocess

Images = Float32[np.ndarray, "n h w 3"]

RANGES: Mapping[str, Mapping[str, Any]] = {
    "values from 0 to 1": {"scale": 1.0, "mean": (0.0,) * 3, "std": (1.0,) * 3, "order": "rgb"},
    "values from 0 to 255": {"scale": 255.0, "mean": (0.0,) * 3, "std": (1.0,) * 3, "order": "rgb"},
    "values from −1 to 1": {"scale": 1.0, "mean": (0.5,) * 3, "std": (0.5,) * 3, "order": "rgb"},
    "ImageNet's mean and spread": {
        "scale": 1.0, "mean": (0.485, 0.456, 0.406), "std": (0.229, 0.224, 0.225), "order": "rgb",
    },
    "ImageNet's mean taken from values up to 255, blue first": {
        "scale": 255.0, "mean": (103.939, 116.779, 123.68), "std": (1.0,) * 3, "order": "bgr",
    },
}  # fmt: skip
ALIKE = 0.1  # of the range of the pixels: red and blue exchanged in the means makes 0.08


def exchanged(given: Preprocess) -> Preprocess:
    """Return the same preparation with red and blue exchanged; means and spreads stay with their places."""
    return replace(given, order="rgb" if given.order == "bgr" else "bgr")


def other_ranges(given: Preprocess) -> dict[str, Preprocess]:
    """Return the usual preparations that are not the given one, by name; an exchange of red and blue is none.

    Examples
    --------
    >>> list(other_ranges(Preprocess(size=(8, 8), scale=255.0)))[:2]
    ['values from 0 to 1', 'values from −1 to 1']
    """
    ends = np.array([[[[0.0] * 3, [1.0] * 3]]], np.float32)
    found = {}
    for name, values in RANGES.items():
        other = replace(given, **values)
        apart = np.abs(as_if(ends, given, other) - ends)
        if apart.max() > ALIKE:
            found[name] = other
    return found


def as_if(batch: Images, given: Preprocess, other: Preprocess) -> Images:
    """Return pixels which, prepared as given, reach the network as the batch would if it were prepared otherwise.

    Parameters
    ----------
    batch
        (n, h', w', 3) on the network grid, sRGB in [0, 1].
    given, other
        The model's preparation and another one; only scale, mean, std and order are looked at.

    Returns
    -------
    batch
        (n, h', w', 3); not in [0, 1] as a rule: it is for the model, not for the eye.

    Examples
    --------
    >>> plain = Preprocess(size=(1, 1))
    >>> as_if(np.full((1, 1, 1, 3), 0.2, np.float32), plain, replace(plain, scale=255.0)).ravel()
    array([51., 51., 51.], dtype=float32)
    """
    turned = batch[..., ::-1] if other.order == "bgr" else batch
    reaching = (turned * other.scale - np.array(other.mean)) / np.array(other.std)
    back = (reaching * np.array(given.std) + np.array(given.mean)) / given.scale
    return np.ascontiguousarray(back[..., ::-1] if given.order == "bgr" else back).astype(np.float32)
