"""Nulls made for one given map: noise as smooth as it, and the same method's map of another photo."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from jaxtyping import Float, Float32

from axolens.classifiers.counted import Counted
from axolens.classifiers.protocols import Targets
from axolens.errors import InputError
from axolens.maths.array import Array, to_numpy
from axolens.maths.noise import blur_width, blurred_noise
from axolens.methods.method import Method, Raw

ELSEWHERE = "This is the map of another photo: it knows the model and the class, but nothing of this photo."


def noise_as_smooth_as(values: Float[np.ndarray, "h w"], rng: np.random.Generator) -> Float32[np.ndarray, "h w"]:
    """Return a null for one map: blurred noise as smooth as it, of its mean and spread.

    It knows nothing of photo, model or class. Smoothness alone changes what hiding by a map does (arXiv:2304.13836), so
    two maps are compared at equal smoothness only.

    Parameters
    ----------
    values
        (h, w), the map.
    rng
        Draws the noise.

    Returns
    -------
    noise
        (h, w), of which each place is as like its neighbours as in the map on average.

    Raises
    ------
    InputError
        If the map is the same everywhere.

    Examples
    --------
    >>> given = np.outer(np.hanning(30), np.hanning(40))
    >>> made = noise_as_smooth_as(given, np.random.default_rng(0))
    >>> made.shape, bool(abs(made.mean() - given.mean()) < 1e-5), bool(abs(made.std() - given.std()) < 1e-5)
    ((30, 40), True, True)
    """
    height, width = values.shape
    known = np.nan_to_num(values, nan=0.0, posinf=0.0, neginf=0.0)
    noise = blurred_noise((height, width), blur_width(known), rng)
    return (known.mean() + known.std() * noise).astype(np.float32)


def map_of_another(
    method: Method,
    model: Counted,
    batch: Array,
    others: Array,
    targets: Targets,
    rngs: Sequence[np.random.Generator],
) -> Raw:
    """Return the hardest null: the same method's maps of other photos, asked the same questions.

    It knows the model and the class, but nothing of the photo: what it shares with the photo's own map is the method's
    and the model's habit, such as pointing at the middle.

    Parameters
    ----------
    method, model
        As they made the photo's own map.
    batch, others
        The n images themselves, and for each the one whose map stands in.
    targets, rngs
        The n images' targets, m each, and generators.

    Returns
    -------
    raw
        Maps (n, m, h, w) of the other photos. Regions and what the method said of them are left out.

    Raises
    ------
    InputError
        If there are not as many others, or one of them is the photo itself.

    Examples
    --------
    >>> import axolens as ax
    >>> from axolens.methods.nulls.edgemap import EdgeMap
    >>> shares = lambda batch: batch.mean((1, 2))
    >>> model = ax.load(shares, labels=["red", "green", "blue"], preprocess={"size": 8}, output="logits")
    >>> one, other = np.random.default_rng(0).random((2, 1, 8, 8, 3), np.float32)
    >>> asked, rngs = [[model.labels.resolve(ax.Target("red"))]], [np.random.default_rng(0)]
    >>> map_of_another(EdgeMap(), Counted(model), one, other, asked, rngs).maps.shape
    (1, 1, 8, 8)
    """
    here, there = to_numpy(batch), to_numpy(others)
    if here.shape != there.shape:
        raise InputError("others", expected=f"images of shape {here.shape}", got=f"images of shape {there.shape}")
    same = [i for i in range(len(here)) if np.array_equal(here[i], there[i])]
    if same:
        raise InputError("others", expected="other photos", got=f"the photo itself as image {same[0]}")
    raw = method.attribute(model, others, targets, rngs)
    return replace(raw, regions=(), notes=tuple(((ELSEWHERE,),) * len(row) for row in targets))
