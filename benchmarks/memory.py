"""Peak memory of one explanation in a process of its own, for a few and for many samples.

python benchmarks/memory.py METHOD SAMPLES      prints MiB beyond what the network and one bare pass take
"""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from timing import Row

SIZES = {"rise": (128, 1024), "integratedgradients": (16, 128), "lime": (400, 1600), "smoothgrad": (16, 128)}


def memory_rows() -> Iterator[Row]:
    for method, sizes in SIZES.items():
        few, many = (peak_of(method, size) for size in sizes)
        yield {"name": f"Peak memory, {method}, ResNet-18", "samples": sizes, "mib": (few, many)}


def peak_of(method: str, samples: int) -> float:
    """Return MiB, from a process of its own."""
    asked = [sys.executable, str(Path(__file__)), method, str(samples)]
    return float(subprocess.run(asked, capture_output=True, text=True, check=True).stdout.split()[-1])


def held() -> float:
    """Return the peak of this program; what ``resource`` tells of it begins with the program that started it."""
    lines = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
    return next(float(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 1024


def main() -> None:
    from hiding import explanation
    from networks import bare, both_formats

    from axolens.methods.catalogue import METHODS

    name, samples = sys.argv[1], int(sys.argv[2])
    settings = {"steps": samples} if name == "integratedgradients" else {"samples": samples}
    settings |= {"settle": 0.0} if name == "lime" else {}
    model, image, _, explained = explanation("resnet18", METHODS[name](**settings))
    bare(model, both_formats(model, image)[1])
    before = held()
    explained()
    print(f"{held() - before:.0f}")


if __name__ == "__main__":
    main()
