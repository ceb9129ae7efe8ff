"""Weights of the pond's networks in a folder of a test's own, as they ship."""

import json

from axolens.pond import weights
from axolens.pond.network import fresh_network
from axolens.pond.weights import DIGESTS, digest_of, write_weights


def ship(monkeypatch, folder, **seeds):
    """Put untrained networks, one a name and seed, where the shipped ones are looked for; return the folder."""
    folder.mkdir(exist_ok=True)
    names = {name.replace("_", "-"): seed for name, seed in seeds.items()}
    found = {name: write_weights(fresh_network(seed), folder / f"{name}.safetensors") for name, seed in names.items()}
    (folder / DIGESTS).write_text(json.dumps({name: digest_of(path) for name, path in found.items()}))
    monkeypatch.setattr(weights, "FOLDER", folder)
    return folder
