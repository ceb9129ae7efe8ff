"""Plant small faults in a copy of the source, one at a time, and say which of them the tests let live.

    python tools/faults.py [WORD]      only faults in files whose name holds WORD

A test that cannot fail is worse than none: each entry of tests/faults.toml must make the tests it names fail.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
QUIET = ["-q", "-x", "-p", "no:cacheprovider", "--no-header"]


def survives(fault: dict[str, str], copy: Path) -> bool:
    """Plant one fault in the copy, run its tests against it, and take it out again."""
    place = copy / "src" / "axolens" / fault["file"]
    sound = place.read_text(encoding="utf-8")
    if fault["was"] not in sound:
        raise SystemExit(f"{fault['file']} no longer holds {fault['was']!r}: mend tests/faults.toml")
    place.write_text(sound.replace(fault["was"], fault["becomes"], 1), encoding="utf-8")
    try:
        tests = fault["tests"].split()
        done = subprocess.run(
            [sys.executable, "-m", "pytest", *tests, *QUIET], cwd=copy, env=_environment(copy), capture_output=True
        )
    finally:
        place.write_text(sound, encoding="utf-8")
    return done.returncode == 0


def _environment(copy: Path) -> dict[str, str]:

    return {**os.environ, "PYTHONPATH": str(copy / "src"), "PYTHONDONTWRITEBYTECODE": "1"}


def main(word: str = "") -> int:
    """Plant every fault in turn and print what became of it."""
    faults = tomllib.loads((ROOT / "tests" / "faults.toml").read_text(encoding="utf-8"))["fault"]
    chosen = [fault for fault in faults if word in fault["file"]]
    alive = []
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder)
        for part in ("src", "tests", "examples", "docs"):
            shutil.copytree(ROOT / part, copy / part, ignore=shutil.ignore_patterns("__pycache__"))
        for name in ("pyproject.toml", "README.md"):
            shutil.copy(ROOT / name, copy / name)
        for number, fault in enumerate(chosen, start=1):
            lives = survives(fault, copy)
            alive += [fault] if lives else []
            print(
                f"{number}/{len(chosen)} {'ALIVE ' if lives else 'caught'} {fault['file']}: {fault['becomes']!r}",
                flush=True,
            )
    print(f"{len(chosen) - len(alive)} of {len(chosen)} faults caught")
    return 1 if alive else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:2]))
