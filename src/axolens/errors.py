"""The errors of axolens.

AxolensError
├── InputError        a value from the caller cannot be used (also a ValueError)
│   ├── PhotoError    a file is not a photo that can be read
│   ├── LabelError    a name is not a class of this model, or fits several
│   └── LayerError    a layer does not exist or cannot be read as a grid
├── ModelError        a classifier cannot be loaded
│   ├── WeightsError  a weight file does not fit the network
│   └── ExtraError    a package that this model needs is not installed
└── CapabilityError   a method asks for what this classifier cannot give
"""


class AxolensError(Exception):
    """Anything axolens refuses, in one sentence that says what to do."""


class InputError(AxolensError, ValueError):
    """A value from the caller cannot be used; says what was expected, what came, what to do."""

    def __init__(self, name: str, *, expected: str, got: object, hint: str = "") -> None:
        self.name, self.expected, self.got, self.hint = name, expected, got, hint
        super().__init__(f"{name}: expected {expected}, got {got}." + (f" {hint}" if hint else ""))


class PhotoError(InputError):
    """A file is not a photo that can be read."""


class LabelError(InputError):
    """A name is not a class of this model, or fits several of its classes."""


class LayerError(InputError):
    """A layer does not exist in this network, or its output is no grid of places."""


class ModelError(InputError):
    """A classifier cannot be loaded from what was given."""


class WeightsError(ModelError):
    """A weight file does not fit the network it was given for."""


class ExtraError(ModelError):
    """A package that this kind of model needs is not installed."""


class CapabilityError(InputError):
    """A method asks for what this classifier cannot give."""
