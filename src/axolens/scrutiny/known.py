"""What is known of a method on a model, kept on disk: it is told of every photo, and asked once."""

import hashlib
import json
import os
from importlib.metadata import version
from pathlib import Path

import platformdirs

from axolens.records.codec import decode, encode, write_file
from axolens.records.verdict import Check

FOLDER = "AXOLENS_CACHE"
"""Environment variable with the folder to keep things in; by default that of the system for caches."""


def folder() -> Path:
    """Return where checks of methods are kept."""
    return Path(os.environ.get(FOLDER) or platformdirs.user_cache_dir("axolens", appauthor=False)) / "methods"


def keep(key: object, check: Check) -> None:
    """Keep a check of a method on a model; nothing happens where the folder cannot be written.

    Parameters
    ----------
    key
        What the check belongs to, by its ``repr``: weights, preprocessing, method, settings, seed. The ten photos it
        was counted on are not part of it.
    check
        What was found.
    """
    path = _path(key)
    text = json.dumps(encode(check)[0], ensure_ascii=False).encode()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_file(path, lambda out: out.write(text))
    except OSError:
        return


def known(key: object) -> Check | None:
    """Return the check that was kept for a key; None where there is none, or none that can be read.

    Examples
    --------
    >>> known(("weights that nobody has", "saliency")) is None
    True
    """
    try:
        found = decode(json.loads(_path(key).read_text(encoding="utf-8")), {})
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return found if isinstance(found, Check) else None


def _path(key: object) -> Path:
    """Return the file of a key, which changes with the version of axolens that asked."""
    name = hashlib.sha256(repr((version("axolens"), key)).encode()).hexdigest()[:32]
    return folder() / f"{name}.json"
