"""The tables of the networks, counted anew: ``python -m axolens.pond.tables --out docs/pond-networks.md``."""

import argparse
import sys
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import numpy as np

from axolens.errors import AxolensError, InputError
from axolens.maths.proportions import mcnemar
from axolens.pond.measure import (
    PUBLIC_TEST,
    Fall,
    Share,
    alike,
    answered,
    fall,
    misled,
    own_scenes,
    right,
    share,
    truths,
)
from axolens.pond.planted import CUES
from axolens.pond.recipes import DARK, NETWORKS, RECIPES, UNTRAINED
from axolens.pond.sampling import sample
from axolens.pond.scene import BACKGROUNDS, COLOURS, LIGHT_COLOURS, SPECIES, VIEWS

NOTEBOOK = ("pond", "pond-dark-10", "pond-dark-30", "pond-fair")
COMPARED = ("pond", "pond-control", "pond-augmented", "pond-fair")
Say = Callable[[str], None]

INTRODUCTION = """# The networks of the pond, measured

Written by `{command}`.
Shares in points of 100, in brackets Wilson's interval at 95 %; {count} pictures from seed {first} on. The first
{moved} of them are drawn again with a factor moved to what gives another class away (`axolens.pond.planted.mislead`),
everything else the same: a change is the right answers after less those before, in points, with the interval of Bonett
and Price. Networks without a planted short-cut have not seen the outer sizes and rotations to which those are moved.
"""
REMEDY = """Both networks went on from `pond` for as many steps on as many pictures; for one of them the pictures'
colours were changed by chance. Mended: only the augmented one is right; harmed: only the control is. There are nine
comparisons: a p below 0.0055 stands when all nine are looked at (Bonferroni)."""


def networks_table(seeds: Sequence[int], moved: int, say: Say) -> list[str]:
    """Return each network's accuracy on its own pictures, on balanced ones, and with each planted factor moved.

    Parameters
    ----------
    seeds
        Of the pictures.
    moved
        How many of them are drawn again with a factor moved.
    say
        Takes a line of progress.
    """
    balanced = right(NETWORKS, sample, seeds)
    rows = {}
    for group in alike(NETWORKS):
        say(f"drawing for {', '.join(group)}")
        scene_at = own_scenes(group[0])
        own = right(group, scene_at, seeds)
        after = {factor: right(group, misled(scene_at, factor), seeds[:moved]) for factor in CUES}
        for name in group:
            falls = [fall(own[name][:moved], after[factor][name]) for factor in CUES]
            rows[name] = [said(share(own[name])), said(share(balanced[name])), *map(change, falls)]
    lines = [f"| network | its own pictures | balanced pictures | {' | '.join(f'{name} moved' for name in CUES)} |"]
    lines.append("|---|" + "---|" * (2 + len(CUES)))
    return lines + [f"| `{name}` | {' | '.join(rows[name])} |" for name in NETWORKS]


def factors_table(seeds: Sequence[int]) -> list[str]:
    """Return the accuracy of four networks on balanced pictures, by colour, view, background, light and tag."""
    scenes, found = [sample(seed) for seed in seeds], right(COMPARED, sample, seeds)
    keys = [("colour", f"{animal} {coat}") for animal in SPECIES for coat in COLOURS[animal]]
    keys += [("view", name) for name in VIEWS] + [("background", name) for name in BACKGROUNDS]
    keys += [("light", name) for name in LIGHT_COLOURS] + [("tag", name) for name in ("with", "without")]
    values = {
        "colour": np.array([f"{scene.species} {scene.colour}" for scene in scenes]),
        "view": np.array([scene.view for scene in scenes]),
        "background": np.array([scene.background for scene in scenes]),
        "light": np.array([scene.light_colour for scene in scenes]),
        "tag": np.array(["without" if scene.tag is None else "with" for scene in scenes]),
    }
    lines = [
        f"| factor | value | pictures | {' | '.join(f'`{name}`' for name in COMPARED)} |",
        "|---|---|" + "---|" * 5,
    ]
    for factor, value in keys:
        chosen = values[factor] == value
        cells = [said(share(found[name][chosen])) for name in COMPARED]
        lines.append(f"| {factor} | {value} | {int(chosen.sum())} | {' | '.join(cells)} |")
    return lines


def dark_table(seeds: Sequence[int]) -> list[str]:
    """Return the accuracy on dark axolotls against their share in training, and what they are taken for."""
    head = [f"{coat} called {animal}" for coat, animal in (("black", "iguana"), ("wild", "chameleon"))]
    lines = [f"| network | dark axolotls in training | {' | '.join(DARK)} | {' | '.join(head)} |", "|---|" + "---|" * 6]
    found = {coat: answered(NOTEBOOK, partial(sample, species="axolotl", colour=coat), seeds) for coat in DARK}
    for name in NOTEBOOK:
        dark = RECIPES[name].dark
        cells = [said(share(found[coat][name] == SPECIES.index("axolotl"))) for coat in DARK]
        cells.append(said(share(found["black"][name] == SPECIES.index("iguana"))))
        cells.append(said(share(found["wild"][name] == SPECIES.index("chameleon"))))
        lines.append(f"| `{name}` | {'50 %' if dark is None else f'{100 * dark:g} %'} | {' | '.join(cells)} |")
    return lines


def remedy_table(seeds: Sequence[int]) -> list[str]:
    """Return what colour augmentation changed against as many steps without it, class by class, harm included."""
    pair = ("pond-control", "pond-augmented")
    dark = partial(sample, species="axolotl", colour="black")
    sets = {"all balanced": (right(pair, sample, seeds), np.ones(len(seeds), bool))}
    true = truths(sample, seeds)
    sets |= {animal: (sets["all balanced"][0], true == index) for index, animal in enumerate(SPECIES)}
    sets["black axolotls"] = (right(pair, dark, seeds), np.ones(len(seeds), bool))
    own = own_scenes("pond")
    sets["pictures as in training"] = (right(pair, own, seeds), np.ones(len(seeds), bool))
    lines = ["| pictures | count | control | augmented | mended | harmed | change, points | p (McNemar) |"]
    lines.append("|---|" + "---|" * 7)
    for name, (found, chosen) in sets.items():
        before, after = (found[one][chosen] for one in pair)
        moved = fall(before, after)
        counts = f"{said(share(before))} | {said(share(after))} | {moved.mended} | {moved.harmed}"
        p = mcnemar(moved.mended, moved.harmed)
        lines.append(f"| {name} | {moved.total} | {counts} | {change(moved)} | {p:.2g} |")
    return lines


def said(counted: Share) -> str:
    """Return a share with its interval, in points of 100.

    Examples
    --------
    >>> said(Share(50, 100))
    '50.0 (40.4 to 59.6)'
    """
    if not counted.total:
        return "none"
    low, high = counted.interval
    return f"{100 * counted.hits / counted.total:.1f} ({100 * low:.1f} to {100 * high:.1f})"


def change(moved: Fall) -> str:
    """Return a change in points with its interval.

    Examples
    --------
    >>> change(Fall(0, 50, 100))
    '-50.0 (-59.1 to -38.9)'
    """
    low, high = moved.bounds()
    return f"{moved.points:+.1f} ({low:+.1f} to {high:+.1f})"


def page(seeds: Sequence[int], moved: int, say: Say = print) -> str:
    """Return the page of all tables, in Markdown."""
    parts = [INTRODUCTION.format(count=len(seeds), moved=moved, first=seeds[0], command=_command(len(seeds), moved))]
    parts += ["## The networks", "", "| network | trained on |", "|---|---|"]
    parts += [f"| `{name}` | {recipe.about} |" for name, recipe in RECIPES.items()]
    parts += [f"| `{UNTRAINED}` | nothing |", "", "## Each network", "", *networks_table(seeds, moved, say)]
    say("drawing for the factors")
    parts += ["", "## By the values of each factor", "", *factors_table(seeds)]
    say("drawing dark axolotls")
    parts += ["", "## Dark axolotls against their share in training", "", *dark_table(seeds[:moved])]
    say("drawing for the remedy")
    parts += ["", "## What colour augmentation changed", "", REMEDY, "", *remedy_table(seeds)]
    return "\n".join(parts) + "\n"


def _command(count: int, moved: int) -> str:
    return f"python -m axolens.pond.tables --pictures {count} --moved {moved}"


def main(arguments: list[str] | None = None) -> int:
    """Count, and write the page."""
    parser = argparse.ArgumentParser(prog="python -m axolens.pond.tables", description=__doc__)
    parser.add_argument("--out", type=Path, help="a Markdown file; by default printed")
    parser.add_argument("--pictures", type=int, default=2000, help=f"how many, 1..{len(PUBLIC_TEST)}")
    parser.add_argument("--moved", type=int, default=1000, help="how many of them are drawn again")
    asked = parser.parse_args(arguments)
    try:
        if not 1 <= asked.moved <= asked.pictures <= len(PUBLIC_TEST):
            raise InputError(
                "--moved, --pictures",
                expected=f"at least 1 moved, no more than pictures, and these at most {len(PUBLIC_TEST)}",
                got=(asked.moved, asked.pictures),
            )
        text = page(PUBLIC_TEST[: asked.pictures], asked.moved, _say)
        sys.stdout.write(text) if asked.out is None else asked.out.write_text(text, encoding="utf-8", newline="\n")
    except AxolensError as error:
        _say(f"axolens: {error}")
        return 2
    except KeyboardInterrupt:
        _say("axolens: interrupted; nothing was written.")
        return 130
    return 0


def _say(line: str) -> None:
    sys.stderr.write(f"{line}\n")


if __name__ == "__main__":
    sys.exit(main())
