"""The look-alikes' bar, by the benchmark's own measure."""

import importlib.util
from pathlib import Path

import numpy as np
import pytest

import axolens as ax

FILE = Path(__file__).parents[2] / "benchmarks" / "lookalikes.py"


@pytest.mark.slow
@pytest.mark.parametrize("masked", [False, True])
def test_the_crest_that_made_the_answer_is_the_first_match(masked):
    spec = importlib.util.spec_from_file_location("lookalikes_benchmark", FILE)
    benchmark = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(benchmark)
    model = ax.load(benchmark.NETWORK)
    hits = benchmark.rates(model, benchmark.SEEDS, benchmark.references(model), masked)
    found = {name: float(np.mean(values)) for name, values in hits.items()}
    # What was measured is in docs/lookalikes.md; these are its one-sided bounds at 95 %.
    assert len(hits["with the crest"]) == 50
    assert found["with the crest"] >= 0.54
    assert found["a random place of the photo"] <= 0.11
    assert found["a random other part"] <= 0.22
    # The crest itself, and not the place where crests are.
    assert found["with the crest"] - found["without the crest"] >= 0.30
