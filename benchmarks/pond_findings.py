"""What a diagnosis says of wrong answers whose causes are known by re-rendering: shown, ranked first, and truly so.

    python benchmarks/pond_findings.py [--errors 100] [--first 800000] [--only NETWORK ...] [--one-way] [--no-masks]
                                       [--json FILE]

Errors, references and truth are those of ``pond_diagnosis.py``; a whole diagnosis runs on each, with the animal's mask
and ten rightly answered references a class, nine factors and 39 shams a dose; or without any mask, as most users have
none. The sign is that of the best edit beside the best re-rendering; apart where more than half of the re-renderings,
one a reference, raise the true class, and where the cause is the single one. Bounds are one-sided, at 95 %.
"""

import argparse
import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from bounds import bounds
from pond_diagnosis import FLOOR, PLANTED, Error, errors

import axolens as ax
from axolens.diagnosis.grading import Broken


def row_of(model: object, error: Error, masks: bool = True) -> dict[str, object]:
    """Return what the diagnosis finds beside what is true."""
    photos = [error.photo, *(photo for photos in error.references.values() for photo in photos)]
    photo, *references = photos if masks else [replace(one, mask=None) for one in photos]
    found = ax.diagnose(model, photo, references).diagnosis
    return {
        "causes": list(error.causes),
        "truly": {name: max(changes, default=0.0) for name, changes in error.truly.items()},
        "raised": {name: float(np.mean(np.array(changes) > 0)) for name, changes in error.truly.items() if changes},
        "found": [[one.factor, one.grade, one.effect, one.p] for one in found.findings],
        "cost": found.cost.forward,
        "seconds": found.cost.seconds,
    }


def said(name: str, rows: Sequence[dict]) -> str:
    """Say the figures of one network, or of all."""
    shown = [(row, one[0]) for row in rows for one in row["found"] if one[1] == "shown"]
    single = [row for row in rows if len(row["causes"]) == 1]
    first = [row["found"][0][0] == row["causes"][0] for row in single]
    named = [any(one[0] == row["causes"][0] and one[1] == "shown" for one in row["found"]) for row in single]
    both = [row for row in rows if {"colour", "background"} <= set(row["causes"])]
    pair = [{"colour", "background"} <= {one[0] for one in row["found"] if one[1] == "shown"} for row in both]
    claimed = [{one[0] for one in row["found"] if one[1] in ("shown", "suggested")} for row in both]
    clear = [
        (one[2] > 0, row["raised"][one[0]] > 0.5, len(row["causes"]) == 1)
        for row in rows for one in row["found"]
        if one[2] is not None and one[0] in row["causes"] and row["truly"][one[0]] >= FLOOR
    ]  # fmt: skip
    mostly, alone = [sign for sign, most, _ in clear if most], [sign for sign, _, lone in clear if lone]
    parts = (
        ("shown that is true", [factor in row["causes"] for row, factor in shown]), ("single cause first", first),
        ("single cause shown", named), ("sign of true causes", [sign for sign, _, _ in clear]),
        ("… that most re-renderings raise", mostly), ("… that are the single one", alone), ("both causes shown", pair),
        ("… or suggested", [{"colour", "background"} <= names for names in claimed]),
    )  # fmt: skip
    return f"{name} ({len(rows)} errors): " + "; ".join(f"{words} {counted(held)}" for words, held in parts)


def counted(held: Sequence[bool]) -> str:
    """Say a share with n and its one-sided lower 95 % bound (Clopper and Pearson)."""
    right, n = sum(held), len(held)
    if not n:
        return "–"
    return f"{right}/{n} ({100 * right / n:.0f} %, at least {100 * bounds(right, n)[0]:.0f} %)"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--errors", type=int, default=100)
    parser.add_argument("--first", type=int, default=800_000)
    parser.add_argument("--only", nargs="+", choices=PLANTED, default=list(PLANTED))
    parser.add_argument("--json", type=Path)
    parser.add_argument("--no-masks", action="store_true", help="Hide the masks of the photo and of the references.")
    parser.add_argument("--one-way", action="store_true", help="Grade as if the way back did not count.")
    answers = parser.parse_args()
    if answers.one_way:
        Broken.failed = property(lambda broken: False)
    torch.set_num_threads(1)
    kept: dict[str, list[dict]] = {}
    for name in answers.only:
        model = ax.load(name)
        kept[name] = []
        for error in errors(name, answers.errors, answers.first):
            kept[name].append(row_of(model, error, not answers.no_masks))
            if answers.json:
                answers.json.write_text(json.dumps(kept), encoding="utf-8")
        print(said(name, kept[name]), flush=True)
    everything = [row for rows in kept.values() for row in rows]
    print(said("all", everything))
    print(
        f"images {np.mean([row['cost'] for row in everything]):.0f}, at most {max(row['cost'] for row in everything)}"
    )


if __name__ == "__main__":
    main()
