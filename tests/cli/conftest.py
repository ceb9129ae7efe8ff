"""A small world on disk: a network's weights, its labels, and a folder of photos by class."""

import sys

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import save_file

from axolens.classifiers.torchvision_ops import import_torchvision
from axolens.cli import main

CLASSES = ("axolotl", "common_iguana", "crane")


@pytest.fixture(scope="session")
def world(tmp_path_factory):
    home = tmp_path_factory.mktemp("world")
    torch.manual_seed(5)
    net = import_torchvision().models.squeezenet1_1(weights=None, num_classes=3)
    save_file(net.state_dict(), home / "net.safetensors")
    (home / "labels.txt").write_text("\n".join(CLASSES) + "\n")
    rng = np.random.default_rng(11)
    for place, (folder, count) in enumerate({"Axolotl": 3, "common iguana": 2}.items()):
        (home / "photos" / folder).mkdir(parents=True)
        for i in range(count):
            base = rng.integers(30, 220, (6, 8, 3)) * ([1, 0.3, 0.6] if place else [0.4, 1, 1])
            pixels = np.kron(base, np.ones((12, 12, 1))).astype(np.uint8)
            Image.fromarray(pixels).save(home / "photos" / folder / f"{i} photo.png")
    (home / "model.toml").write_text(
        'model = "torchvision/squeezenet1_1"\nweights = "net.safetensors"\nlabels = "labels.txt"\n'
        "[preprocess]\nsize = [64, 64]\nshort_side = 64\n"
    )
    return home


@pytest.fixture
def run(capsys, monkeypatch):
    """Run the program and return its exit code, stdout and stderr; maps are judged only where ``--trust`` is said."""

    def call(*arguments):
        if arguments and arguments[0] in ("explain", "study", "demo") and "--trust" not in arguments:
            arguments = (*arguments, "--no-trust")
        monkeypatch.setattr(sys, "argv", ["axolens", *map(str, arguments)])
        code = 0
        try:
            main()
        except SystemExit as end:
            code = end.code or 0
        out, err = capsys.readouterr()
        assert "Traceback" not in out + err
        return code, out, err

    return call


@pytest.fixture
def photo(world):
    return world / "photos" / "Axolotl" / "0 photo.png"
