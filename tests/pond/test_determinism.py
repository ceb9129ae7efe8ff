"""The same scene gives the same bytes: in another process, on a processor without wide instructions, and tomorrow."""

import hashlib
import json
import os
import subprocess
import sys

import numpy as np
import pytest

from axolens.pond.drawing import draw
from axolens.pond.sampling import sample
from axolens.pond.scene import BACKGROUNDS, SPECIES

SCRIPT = """
import hashlib, json
from axolens.pond.drawing import draw
from axolens.pond.sampling import sample
from axolens.pond.scene import BACKGROUNDS, SPECIES
scenes = [sample(n, species=SPECIES[n % 6], background=BACKGROUNDS[n % 7]) for n in range(14)]
print(json.dumps([hashlib.sha256(draw(scene).pixels.tobytes()).hexdigest() for scene in scenes]))
"""

# A change of the renderer that moves a single byte must change these on purpose.
STORED = {
    0: "c1df233f47a44a19316faa5d543afb2c3fe89de2873b54cfde97bbe07252f8ab",
    1: "ade932c27d175cc618e19f5bd1d526d3a5ea0df13404cca328ba615536002b6d",
    2: "b815c1ce0a6921dd2e8d65c842db2e114ea75320ae9e9a6cd00e014565193ecc",
    3: "42a9e367d2b51b3dc33498f02b5a60b444422b3a1bfb2f649c034094c1449516",
    4: "47a6a2901b0a93fd45ab0fc434eea0c292641a7e4b6a09faf1e724c763e2d3d8",
    5: "132116c79119211b5794e165cff072ddc9873ad13cf3bd6c358891c9e5492e12",
    13: "dcb485879ccdc8271a788d2e95f81a317748e114fe13758e8c35beaf8be19d94",
}


def digest(scene, size=128):
    return hashlib.sha256(draw(scene, size).pixels.tobytes()).hexdigest()


def scenes(count):
    return [sample(n, species=SPECIES[n % 6], background=BACKGROUNDS[n % 7]) for n in range(count)]


def elsewhere(**environment):
    run = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", SCRIPT],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(run.stdout)


def wide_features():
    """Instructions that this processor has and this NumPy can do without."""
    from numpy._core._multiarray_umath import __cpu_dispatch__, __cpu_features__

    return [name for name in __cpu_dispatch__ if __cpu_features__.get(name)]


def test_another_process_draws_the_same_bytes():
    assert elsewhere() == [digest(scene) for scene in scenes(14)]


def test_no_wide_instruction_changes_a_byte():
    wide = wide_features()
    if not wide:
        pytest.skip("this NumPy has no instructions to switch off here")
    assert elsewhere(NPY_DISABLE_CPU_FEATURES=" ".join(wide)) == [digest(scene) for scene in scenes(14)]


def test_the_features_are_really_switched_off():
    wide = wide_features()
    if not wide:
        pytest.skip("this NumPy has no instructions to switch off here")
    script = (
        "import json; from numpy._core._multiarray_umath import __cpu_features__ as has;"
        "print(json.dumps([name for name in has if has[name]]))"
    )
    run = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", script],
        env={**os.environ, "NPY_DISABLE_CPU_FEATURES": " ".join(wide)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert not set(wide) & set(json.loads(run.stdout))


@pytest.mark.parametrize("number", STORED)
def test_stored_digests(number):
    assert digest(scenes(number + 1)[number]) == STORED[number]


def test_drawing_leaves_no_trace():
    # Whatever was drawn before, a scene looks the same: no state between pictures.
    first = draw(sample(5)).pixels
    for number in range(3):
        draw(sample(100 + number), 48)
    np.testing.assert_array_equal(draw(sample(5)).pixels, first)


def test_pixels_are_frozen():
    drawing = draw(sample(1), 32)
    with pytest.raises(ValueError, match="read-only"):
        drawing.pixels[0, 0, 0] = 1
    with pytest.raises(ValueError, match="read-only"):
        drawing.parts["body"][0, 0] = True
