"""A method as it was when it made a map: what it chose for itself is not chosen anew."""

import dataclasses
from collections.abc import Mapping

from axolens.methods.method import Method
from axolens.records.photo import Fact


def as_made(method: Method, settings: Mapping[str, Fact]) -> Method:
    """Return the method with the settings that it left open set to those that a map was made with.

    Another photo, or a network with shuffled weights, must be read at the layer at which the map was read.

    Parameters
    ----------
    method
        Any dataclass of settings; a setting of None is open.
    settings
        Of the map.

    Examples
    --------
    >>> from axolens.methods.cam.gradcam import GradCam
    >>> as_made(GradCam(), {"layer": "layer4"}).layer, as_made(GradCam(layer="layer3"), {"layer": "layer4"}).layer
    ('layer4', 'layer3')
    """
    fields = [field.name for field in dataclasses.fields(method) if field.init]
    open_ones = {name: settings[name] for name in fields if getattr(method, name) is None and name in settings}
    return dataclasses.replace(method, **open_ones) if open_ones else method
