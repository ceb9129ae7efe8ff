"""axolens methods and axolens models."""

from typing import Annotated

import typer

from axolens.cli.rows import print_json
from axolens.errors import InputError

KNOWN = {"model": "the model and the photo", "photo": "the photo alone", "nothing": "nothing"}
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object a line.")]


def methods(
    family: Annotated[str | None, typer.Option("--family", help="Only this family.")] = None,
    as_json: AsJson = False,
) -> None:
    """List the methods: what each needs, what its values mean, and where it comes from.

    Example: axolens methods --family cam --json
    """
    import dataclasses

    from axolens.methods.catalogue import METHODS

    cards = [kind.card for kind in METHODS.values() if family in (None, kind.card.family)]
    if not cards:
        known = ", ".join(sorted({kind.card.family for kind in METHODS.values()}))
        raise InputError("--family", expected=f"one of {known}", got=repr(family))
    for card in cards:
        if as_json:
            print_json(dataclasses.asdict(card))
            continue
        fields = dataclasses.fields(METHODS[card.name])
        typer.echo(f"{card.name}: {card.title}, needs {card.needs}, unit {card.unit}, contrast {card.contrast}")
        if card.about != "class":
            typer.echo(f"  the same map for every class: it knows of {KNOWN[card.about]}")
        settings = ", ".join(f"{card.name}.{f.name}={f.default}" for f in fields)
        typer.echo(f"  {card.source}; settings {settings or 'none'}")


def models(as_json: AsJson = False) -> None:
    """List the kinds of models: how each is named, what it is, and what of it can be read.

    Example: axolens models
    """
    from axolens.classifiers.registry import SPECS

    for spec in SPECS:
        if as_json:
            print_json(spec._asdict())
            continue
        needs = f"; pip install 'axolens[{spec.extra}]'" if spec.extra else ""
        typer.echo(f"{spec.pattern:<24}{spec.loads}: {spec.gives}{needs}")
