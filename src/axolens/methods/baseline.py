"""What a photo is compared with."""

import numpy as np
from array_api_compat import array_namespace
from jaxtyping import Float32

from axolens.classifiers.counted import Counted
from axolens.errors import InputError
from axolens.maths.array import Array, to_numpy
from axolens.photos.fill import fill_image
from axolens.records.segments import Segments

IN_WORDS = {
    "mean": "a picture of the photo's own mean colour",
    "blur": "the photo blurred",
    "network-zero": "the colour that preprocessing turns into zeros",
}


def baseline_image(model: Counted, image: Float32[Array, "*image"], name: str) -> Float32[Array, "*image"]:
    """Return the picture that an image is compared with, on the model's device.

    Parameters
    ----------
    model
        Its preprocess says what "network-zero" is.
    image
        (h, w, 3) in display space, or what a model without a preprocess takes.
    name
        A fill of ``axolens.photos.fill``, with the whole image as its one region.

    Raises
    ------
    InputError
        If the model has no preprocess and the baseline is a picture: what its numbers show is not known.
    """
    if model.preprocess is not None:
        whole = Segments(np.zeros((image.shape[0], image.shape[1]), np.int32), "the whole image")
        return model.asarray(fill_image(to_numpy(image).astype(np.float32), whole, name, model.preprocess))
    if name != "network-zero":
        raise InputError("baseline", expected='"network-zero" for a model without a preprocess', got=repr(name))
    return array_namespace(image).zeros_like(image)


def in_words(name: str) -> str:
    """Return a baseline in words.

    Examples
    --------
    >>> in_words("black"), in_words("blur")
    ('a picture of black', 'the photo blurred')
    """
    return IN_WORDS.get(name, f"a picture of {name}")
