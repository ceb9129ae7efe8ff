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
    assert len(hits["with the crest: overlaps"]) == 50
    assert found["with the crest: overlaps"] >= 0.80
    assert found["a random place of the photo: overlaps"] <= 0.20
    assert found["a random other part: centred"] <= 0.20
    # The crest itself, and not the place where crests are.
    assert found["with the crest: overlaps"] - found["without the crest: overlaps"] >= 0.20
    assert found["with the crest: centred"] - found["without the crest: centred"] >= 0.25
