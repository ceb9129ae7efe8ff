"""Verdicts and comparisons of methods as lines of text."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from axolens.records.comparison import Comparison
    from axolens.records.verdict import Verdict

OVER = "over another photo's map"


def verdict_lines(found: "Verdict") -> list[str]:
    """Return a verdict as lines of text: what may be said, then each check."""
    lines = [f"{found.method} for {found.target}", *(f"  {sentence}" for sentence in found.sentences)]
    for one in found.checks:
        outcome = "described" if one.described else one.outcome
        lines.append(f"    {one.name + ':':<18} {outcome}. {one.reason}")
    return lines


def comparison_lines(found: "Comparison") -> list[str]:
    """Return a comparison as lines of text: a table, then what may be called better."""
    counted = "photos" if found.groups == found.photos else "groups"
    lines = [
        f"{shown_photos(found)}, {found.model}; hiding {'; '.join(found.readings)}",
        f"  {'method':<22} {'effect':>7} {OVER:>25} {'p':>7} {counted + ' ahead':>14}",
    ]
    for one in found.scores:
        ahead = f"{one.ahead} of {found.groups}"
        known = f"{one.over_swapped:>+25.2f} {one.p:>7.3f} {ahead:>14}" if one.p < 1 or one.over_swapped else ""
        lines.append(f"  {one.method:<22} {one.effect:>+7.2f} {known}".rstrip())
    ranked = [pair for pair in found.pairs if pair.ranked]
    for pair in ranked:
        lines.append(f"  {pair.first} before {pair.second}: by {pair.difference:.2f} on average, p {pair.p:.3f}.")
    open_ones = len(found.pairs) - len(ranked)
    if open_ones:
        lines.append(f"  {open_ones} of {len(found.pairs)} pairs are not told apart, or the orders and fills disagree.")
    return lines


def shown_photos(found: "Comparison") -> str:
    """Return how many photos were compared, and in how many groups where that differs."""
    groups = "" if found.groups == found.photos else f" in {found.groups} groups"
    return f"{found.photos} photos{groups}"
