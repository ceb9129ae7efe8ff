"""Where a result comes from, stamped by the case and never by a method."""

import dataclasses
import importlib.metadata
import platform
from collections.abc import Sequence
from functools import cache
from types import MappingProxyType

from axolens.classifiers.protocols import Classifier
from axolens.methods.method import Method
from axolens.records.case import Provenance
from axolens.records.photo import Fact

PACKAGES = (
    "axolens",
    "numpy",
    "scipy",
    "pillow",
    "scikit-image",
    "torch",
    "keras",
    "timm",
    "transformers",
    "onnxruntime",
)


def provenance_of(model: Classifier, methods: Sequence[Method], seed: int, command: str) -> Provenance:
    """Return what is needed to make a result again."""
    return Provenance(
        model=model.name,
        model_digest=model.digest,
        preprocess=model.preprocess,
        seed=seed,
        settings={method.card.name: settings_of(method) for method in methods},
        versions=dict(versions()),
        command=command,
    )


def settings_of(method: Method) -> dict[str, Fact]:
    """Return a method's settings; what it left open is left out."""
    fields = dataclasses.fields(method)
    named = {field.name: getattr(method, field.name) for field in fields}
    return {name: value for name, value in named.items() if value is not None}


@cache
def versions() -> MappingProxyType[str, str]:
    """Return the installed versions of what results depend on."""
    found = {"python": platform.python_version()}
    for name in PACKAGES:
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    return MappingProxyType(found)
