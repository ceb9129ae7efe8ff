"""Memory that does not hold a pass makes the passes smaller and changes nothing else."""

import numpy as np
import pytest
from nets import small

from axolens.classifiers.counted import Counted
from axolens.maths.array import to_numpy
from axolens.methods.catalogue import METHODS
from axolens.methods.passes import in_passes
from axolens.records.target import Target

SETTINGS = {
    "lime": {"samples": 24, "fill": "black", "segmenter": "felzenszwalb"},
    "rise": {"samples": 24},
    "occlusion": {"window": 6, "stride": 4},
    "smoothgrad": {"samples": 9},
    "integratedgradients": {"steps": 9},
}


def narrow(model, most):
    """The model on a card whose memory holds ``most`` images; the sizes that were tried."""
    tried = []

    def limited(ask, count):
        def asked(*arguments):
            tried.append(count(arguments))
            if tried[-1] > most:
                raise RuntimeError("CUDA out of memory. Tried to allocate 20.00 MiB.")
            return ask(*arguments)

        return asked

    model.gradient = limited(model.gradient, lambda given: len(given[0]))
    model.blended_scores = limited(model.blended_scores, lambda given: len(given[2]))
    return tried


@pytest.mark.parametrize("name", SETTINGS)
def test_smaller_passes_give_the_same_map(rng, name):
    method = METHODS[name](**SETTINGS[name])
    batch = rng.random((1, 20, 12, 3), np.float32)
    maps, tried = [], []
    for most in (1000, 3):
        model = small(seed=3)
        tried = narrow(model, most)
        asked = [[model.labels.resolve(Target(k)) for k in (0, 2)]]
        raw = method.attribute(Counted(model), model.asarray(batch), asked, [np.random.default_rng(4)])
        maps.append(to_numpy(raw.maps))
    assert max(tried) > 3 >= min(tried)
    np.testing.assert_allclose(maps[1], maps[0], atol=1e-5)  # float32 scores of about 1, summed in other parts


def test_another_error_is_not_taken_for_memory():
    def ask(start, stop):
        raise RuntimeError("no such layer")

    with pytest.raises(RuntimeError, match="no such layer"):
        list(in_passes(4, 2, ask))


def test_one_image_that_memory_does_not_hold_is_an_error():
    def ask(start, stop):
        raise MemoryError

    with pytest.raises(MemoryError):
        list(in_passes(4, 2, ask))
