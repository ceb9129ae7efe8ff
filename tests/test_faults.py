"""The list of planted faults stays about the source as it is; ``make faults`` plants them."""

import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FAULTS = tomllib.loads((ROOT / "tests" / "faults.toml").read_text(encoding="utf-8"))["fault"]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: f"{fault['file']}: {fault['was'][:30]}")
def test_a_fault_can_be_planted(fault):
    source = (ROOT / "src" / "axolens" / fault["file"]).read_text(encoding="utf-8")
    assert fault["was"] in source
    assert fault["was"] != fault["becomes"]
    assert (ROOT / fault["tests"].split()[0]).exists()
