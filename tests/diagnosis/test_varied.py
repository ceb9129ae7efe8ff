import numpy as np
import pytest

import axolens as ax
from axolens.diagnosis.variations import drawn
from axolens.diagnosis.varied import answers_to, varied
from axolens.errors import ModelError
from axolens.photos.resize import reduced, to_network
from axolens.records.photo import Photo
from axolens.records.preprocess import Preprocess


@pytest.mark.parametrize("size", [(40, 60), (200, 300)])
def test_a_photo_is_varied_before_the_networks_own_resize_by_pixels_of_the_network(size, rng):
    preprocess = Preprocess(size=(32, 32), short_side=36)
    photo = Photo(rng.random((*size, 3)).astype(np.float32), truth="newt", mask=np.ones(size, bool))
    small, unit = reduced(photo, preprocess)
    assert unit == pytest.approx(min(2, size[0] / 36))
    expected = [
        to_network(Photo(one.apply(small.pixels, unit)), preprocess) for one in drawn(3, np.random.default_rng(5))
    ]
    np.testing.assert_array_equal(varied(photo, preprocess, 3, np.random.default_rng(5)), expected)


def test_answers_come_to_the_host_and_refusals_are_said():
    def means(batch):
        if batch.max() > 1:
            raise ValueError("too bright")
        return batch.mean((1, 2))

    model = ax.load(means, labels=["r", "g", "b"], preprocess={"size": 2, "layout": "nhwc"}, output="logits")
    batch = np.array([[[[0.0, 0.25, 1.0]]], [[[0.5, 0.5, 0.0]]]], np.float32)
    assert answers_to(model, batch).tolist() == [[0.0, 0.25, 1.0], [0.5, 0.5, 0.0]]
    with pytest.raises(ModelError, match="too bright"):
        answers_to(model, 2 * batch)
