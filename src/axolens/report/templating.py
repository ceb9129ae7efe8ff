"""The page's templates: every string from outside is made visible and escaped."""

import functools

from jinja2 import Environment, PackageLoader, StrictUndefined, Template
from markupsafe import Markup

from axolens.report.words import label, visible


def template(name: str) -> Template:
    """Return a template of this package by its file name."""
    return _environment().get_template(name)


@functools.cache
def _environment() -> Environment:
    made = Environment(
        loader=PackageLoader("axolens.report", "templates"),
        autoescape=True,
        finalize=_visible,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters["readable"] = label
    return made


def _visible(value: object) -> object:
    return visible(value) if isinstance(value, str) and not isinstance(value, Markup) else value
