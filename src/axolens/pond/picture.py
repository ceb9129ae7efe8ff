"""A scene as a photo record, the masks of its parts, and the same scene with a factor moved."""

import hashlib

import numpy as np
from jaxtyping import Bool

from axolens.errors import InputError
from axolens.pond.drawing import Drawing, draw
from axolens.pond.scene import COLOURS, FACTORS, Scene, scene_from
from axolens.records.photo import Fact, Photo

Factor = str | int | float | None
WIDTH = 128


def photo(scene: Scene, size: int = WIDTH, *, name: str | None = None) -> Photo:
    """Draw a scene as a photo that carries its truth.

    Parameters
    ----------
    scene
        Every factor of the picture.
    size
        Height and width in pixels, 16..1024.
    name
        The photo's name; by default species, colour and the last six digits of the texture's seed.

    Returns
    -------
    photo
        Its truth is the species, its mask the animal, its digest the sha256 of the 8-bit pixels row by row, its group
        the individual (species, colour and skin), and its facts are every factor and ``pixels``, the picture's width.

    Raises
    ------
    InputError
        If the size is outside its range.

    Examples
    --------
    >>> shot = photo(Scene(species="axolotl", colour="black", texture_seed=123), size=32)
    >>> shot.name, shot.truth, shot.facts["view"]
    ('axolotl-black-000123.png', 'axolotl', 'above')
    """
    return _photo(scene, draw(scene, size), {**scene.facts(), "pixels": size}, name or f"{_individual(scene)}.png")


def crested(
    scene: Scene, colour: str | None = None, size: int = WIDTH
) -> tuple[Photo, dict[str, Bool[np.ndarray, "h w"]]]:
    """Draw a scene whose animal wears an iguana's crest, everything else the same: a known look-alike.

    Parameters
    ----------
    scene
        Of any animal but an iguana.
    colour
        Of the iguana whose crest it is; by default the animal's own colour where iguanas have it, otherwise brown.
    size
        Height and width in pixels, 16..1024.

    Returns
    -------
    photo, parts
        Its truth is the species as it was. It cannot be drawn again from its facts, which hold the crest's colour only.
        The masks of all parts, with "crest" among them.

    Raises
    ------
    InputError
        If the animal is an iguana, there is no iguana of this colour, or the size is outside its range.

    Examples
    --------
    >>> shot, parts = crested(Scene(species="newt", colour="olive", view="side"), size=64)
    >>> shot.truth, shot.facts["crest"], bool(parts["crest"].any())
    ('newt', 'brown', True)
    """
    worn = colour or (scene.colour if scene.colour in COLOURS["iguana"] else "brown")
    drawing = draw(scene, size, crest=worn)
    name = f"{_individual(scene)}-crested.png"
    return _photo(scene, drawing, {"crest": worn, "pixels": size}, name), drawing.parts


def _photo(scene: Scene, drawing: Drawing, facts: dict[str, Fact], name: str) -> Photo:
    return Photo(
        drawing.pixels.astype(np.float32) / np.float32(255.0),
        name=name,
        digest=hashlib.sha256(drawing.pixels.tobytes()).hexdigest(),
        facts=facts,
        truth=scene.species,
        mask=drawing.mask,
        group=_individual(scene),
    )


def _individual(scene: Scene) -> str:
    return f"{scene.species}-{scene.colour}-{scene.texture_seed % 1_000_000:06d}"


def scene_of(source: Photo | Scene) -> Scene:
    """Return the scene of a photo, read from its facts; a scene is its own.

    Raises
    ------
    InputError
        If the photo was not drawn here.

    Examples
    --------
    >>> scene = Scene(species="newt", colour="olive")
    >>> scene_of(photo(scene, size=16)) == scene
    True
    """
    return source if isinstance(source, Scene) else scene_from(source.facts)


def parts(source: Photo | Scene, size: int | None = None) -> dict[str, Bool[np.ndarray, "h w"]]:
    """Return the mask of each part of the animal: they do not overlap, and together they are its mask.

    Parameters
    ----------
    source
        A photo of the pond, or a scene.
    size
        Height and width in pixels; by default the photo's, and 128 for a scene.

    Raises
    ------
    InputError
        If the photo was not drawn here.

    Examples
    --------
    >>> sorted(parts(Scene(species="chameleon", colour="green"), size=32))
    ['body', 'casque', 'eyes', 'head', 'limbs', 'tail']
    """
    return draw(scene_of(source), size or _width(source)).parts


def rerender(source: Photo | Scene, **moved: Factor) -> Photo:
    """Draw the same scene with some factors moved and everything else, down to the noise, the same.

    Parameters
    ----------
    source
        A photo of the pond, or a scene.
    moved
        Factors of :class:`Scene` and their new values. A colour that the new species does not have must be moved too.

    Returns
    -------
    photo
        As wide as the photo it comes from.

    Raises
    ------
    InputError
        If a factor is unknown or outside its range, or the photo was not drawn here.

    Examples
    --------
    >>> shot = photo(Scene(species="axolotl", colour="black"), size=32)
    >>> golden = rerender(shot, colour="golden")
    >>> bool((golden.mask == shot.mask).all()), golden.facts["colour"]
    (True, 'golden')
    """
    unknown = [name for name in moved if name not in FACTORS]
    if unknown:
        raise InputError("factor", expected=f"one of {', '.join(FACTORS)}", got=", ".join(unknown))
    old = scene_of(source)
    factors = {name: getattr(old, name) for name in FACTORS}
    return photo(Scene(**{**factors, **moved}), _width(source))


def _width(source: Photo | Scene) -> int:
    return WIDTH if isinstance(source, Scene) else source.size[0]
