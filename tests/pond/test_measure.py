"""Counting: shares and falls by hand, on networks whose answers are known."""

import re
from pathlib import Path

import numpy as np
import pytest
import torch

from axolens.maths.proportions import wilson
from axolens.pond import measure, sample, tables
from axolens.pond.measure import PUBLIC_TEST, Fall, Share, alike, fall, misled, own_scenes, right, share
from axolens.pond.planted import CUES, wide
from axolens.pond.recipes import NETWORKS
from axolens.pond.scene import SPECIES


class Constant(torch.nn.Module):
    """Names the same species for every picture."""

    def __init__(self, species):
        super().__init__()
        self.place = SPECIES.index(species)

    def forward(self, images):
        return torch.nn.functional.one_hot(torch.full((len(images),), self.place), 6).float()


@pytest.fixture
def constant(monkeypatch):
    """Every network calls everything an iguana."""
    monkeypatch.setattr(measure, "_network", lambda name: Constant("iguana"))


def test_a_constant_network_is_right_on_its_own_class_only(constant):
    seeds = range(130)
    found = right(["pond"], sample, seeds)["pond"]
    np.testing.assert_array_equal(found, [sample(seed).species == "iguana" for seed in seeds])


def test_a_share_has_wilson_s_interval():
    counted = share(np.array([True] * 8 + [False] * 2))
    assert counted == Share(8, 10)
    assert counted.interval == wilson(8, 10)


def test_a_fall_counts_pairs_and_not_shares():
    before = np.array([True, True, True, False, False])
    after = np.array([False, False, True, True, False])
    moved = fall(before, after)
    assert moved == Fall(mended=1, harmed=2, total=5)
    assert moved.points == pytest.approx(-20.0)
    low, high = moved.bounds()
    assert low < -20.0 < high
    assert moved.bounds(0.9)[1] < high


def test_networks_of_one_distribution_share_their_pictures():
    groups = alike(NETWORKS)
    assert sorted(name for group in groups for name in group) == sorted(NETWORKS)
    for group in groups:
        drawn = [[own_scenes(name)(seed) for seed in range(5)] for name in group]
        assert all(scenes == drawn[0] for scenes in drawn)
    assert ["pond", "pond-augmented", "pond-control"] in groups


@pytest.mark.parametrize("factor", CUES)
def test_misled_scenes_differ_in_the_factor_only(factor):
    for seed in range(20):
        one, other = wide(seed), misled(wide, factor)(seed)
        assert getattr(one, factor) != getattr(other, factor) or factor in {"tag", "background", "colour"}
        assert one.noise_seed == other.noise_seed
        assert one.species == other.species


def test_the_tables_of_a_constant_network_say_what_it_is(constant, monkeypatch):
    names = ("pond", "pond-fair", "pond-random")
    monkeypatch.setattr(tables, "NETWORKS", names)
    text = tables.page(range(1_000_000, 1_000_024), 12, lambda line: None)
    hits = sum(sample(seed).species == "iguana" for seed in range(1_000_000, 1_000_024))
    assert f"| `pond-fair` | {100 * hits / 24:.1f} (" in text
    assert text.count("| 100.0 (75.8 to 100.0) |") == 4  # black axolotls called iguana, all 12, four networks
    assert "| iguana | " in text
    assert text.count("+0.0 (") >= 5 * len(names)  # whatever is moved, the answer stays
    for name in NETWORKS:
        assert f"| `{name}` | " in text  # in the list of what each was trained on


def test_the_command_refuses_counts_that_do_not_fit(capsys):
    assert tables.main(["--pictures", "10", "--moved", "20"]) == 2
    assert "at least 1 moved, no more than pictures" in capsys.readouterr().err


def test_the_page_in_the_docs_is_one_that_the_command_writes():
    page = (Path(__file__).resolve().parents[2] / "docs" / "pond-networks.md").read_text(encoding="utf-8")
    command = re.search(r"`python -m axolens.pond.tables --pictures (\d+) --moved (\d+)`", page)
    head = tables.INTRODUCTION.format(
        command=command[0].strip("`"), count=command[1], moved=command[2], first=PUBLIC_TEST.start
    )
    assert page.startswith(head)
    assert page.count("\n| `pond-fair` |") == 3
    assert tables.REMEDY in page
