"""What tests share: one generator, hand-made networks, and the real networks and photos where they are at hand."""

from pathlib import Path

import numpy as np
import pytest

SHARED = Path(__file__).resolve().parents[2] / "shared"


@pytest.fixture
def rng():
    return np.random.default_rng(20261123)


@pytest.fixture(scope="session")
def assets():
    """The folder of real ImageNet networks and photos, which is not part of the project."""
    if not (SHARED / "assets").is_dir():
        pytest.skip("the real networks and photos are not at hand")
    return SHARED / "assets"


@pytest.fixture(autouse=True)
def quiet_home(tmp_path, monkeypatch):
    """Keep downloads and caches of every framework out of the tests."""
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "torch_home"))
    monkeypatch.setenv("AXOLENS_CACHE", str(tmp_path / "axolens_cache"))
