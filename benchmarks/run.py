"""axolens beside bare passes and beside its peers: ratios of interleaved pairs in one run, since machines differ.

    python benchmarks/run.py [--pairs 21] [--only cams hiding memory start accuracy] [--json FILE]

Networks have random weights where only time and memory are measured. A round is one call of each, in turn; a ratio is
taken round by round, against the memory format of the bare pass that is faster by its median. Losses are shown with the
wins. ``python benchmarks/table.py FILE`` writes the table of the docs.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
from collections.abc import Callable, Iterator
from importlib.metadata import version
from pathlib import Path

import accuracy
import torch
from cams import grad_cam_rows
from hiding import hiding_rows
from memory import memory_rows
from networks import ASSETS
from table import said
from timing import Row, columns, interleave, ratios

PACKAGES = ("torch", "torchvision", "numpy", "scikit-image", "captum", "grad-cam", "torchcam", "lime")
STARTS = {"axolens --help": ["-m", "axolens", "--help"], "import axolens": ["-c", "import axolens"]}
SMALL = {"needed": (6, 2), "photos": (3, 1), "flips": 2000, "seeds": 4}


def start_rows(pairs: int) -> Iterator[Row]:
    """Compare starting the program with starting a bare interpreter."""
    quiet = {"stdout": subprocess.DEVNULL, "check": True}
    calls = [["-c", "pass"], *STARTS.values()]
    seconds = interleave([lambda call=call: subprocess.run([sys.executable, *call], **quiet) for call in calls], pairs)
    for i, name in enumerate(STARTS, 1):
        yield ratios(name, "a bare interpreter", columns(seconds, 0, i))


def accuracy_rows(_pairs: int) -> Iterator[Row]:
    """Measure LIME's accuracy on few photos; ``accuracy.py`` measures it on many."""
    if not ASSETS.is_dir():
        yield {"name": "LIME's accuracy", "skipped": "needs published weights and photos: accuracy.py --assets DIR"}
        return
    yield from accuracy.measured(ASSETS, "cpu", **SMALL)


SECTIONS: dict[str, Callable[[int], Iterator[Row]]] = {
    "cams": grad_cam_rows,
    "hiding": hiding_rows,
    "memory": lambda pairs: memory_rows(),
    "start": start_rows,
    "accuracy": accuracy_rows,
}


def machine() -> dict[str, object]:
    """Return what the figures depend on."""
    return {
        "python": platform.python_version(),
        "processor": platform.machine(),
        "cores": os.cpu_count(),
        "threads": torch.get_num_threads(),
        "versions": {name: version(name) for name in PACKAGES},
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pairs", type=int, default=21)
    parser.add_argument("--only", nargs="+", choices=SECTIONS, default=list(SECTIONS))
    parser.add_argument("--json", type=Path, default=Path("out/bench.json"))
    answers = parser.parse_args()
    answers.json.parent.mkdir(parents=True, exist_ok=True)
    rows: list[Row] = []
    for name in answers.only:
        for row in SECTIONS[name](answers.pairs):
            rows.append(row)
            print(said(row), flush=True)
            found = {"machine": machine(), "rows": rows}
            answers.json.write_text(json.dumps(found, indent=1), encoding="utf-8")
    print(f"Written to {answers.json}")


if __name__ == "__main__":
    main()
