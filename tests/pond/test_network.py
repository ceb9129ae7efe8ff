"""PondNet and its weights: what the issue fixes, and files that are not what was shipped."""

import json

import numpy as np
import pytest
import torch

from axolens.errors import InputError, ModelError
from axolens.pond import photo, sample, weights
from axolens.pond.answers import answers
from axolens.pond.network import BLOCKS, PondNet, fresh_network, normalised
from axolens.pond.pictures import network_pixels
from axolens.pond.recipes import NETWORKS
from axolens.pond.weights import digest_of, load_network, weight_file, write_weights


@pytest.fixture
def shelf(tmp_path, monkeypatch):
    """A folder of weights with one network in it, in place of the shipped ones."""
    monkeypatch.setattr(weights, "FOLDER", tmp_path)
    path = write_weights(fresh_network(3), tmp_path / "pond.safetensors")
    (tmp_path / "digests.json").write_text(json.dumps({"pond": digest_of(path)}))
    return tmp_path


def test_the_network_is_a_vgg_of_less_than_800_000_parameters():
    net = PondNet()
    assert sum(one.numel() for one in net.parameters()) == 302_726 < 800_000
    kinds = [type(one).__name__ for one in net.features]
    convolutions = sum(len(block) for block in BLOCKS)
    assert (kinds.count("Conv2d"), kinds.count("MaxPool2d")) == (convolutions, len(BLOCKS))
    assert [type(one).__name__ for one in net.classifier] == ["Linear", "ReLU", "Dropout", "Linear"]


def test_half_precision_weights_come_back_as_they_were_rounded(shelf):
    kept, loaded = fresh_network(3).state_dict(), load_network("pond").state_dict()
    assert set(kept) == set(loaded)
    for name, value in kept.items():
        expected = value.half().float() if value.is_floating_point() else value
        assert torch.equal(loaded[name], expected), name


def test_a_flipped_bit_is_refused_by_the_digest(shelf):
    path = shelf / "pond.safetensors"
    content = bytearray(path.read_bytes())
    content[-100] ^= 1
    path.write_bytes(bytes(content))
    with pytest.raises(ModelError, match=r"model pond: expected weights with sha256 \w{12}… in .*got \w{12}….*install"):
        load_network("pond")


def test_a_missing_file_is_one_sentence(shelf):
    (shelf / "pond.safetensors").unlink()
    with pytest.raises(ModelError, match="got no such file"):
        load_network("pond")


def test_unknown_networks_are_answered_with_the_known():
    with pytest.raises(InputError, match=r"network: expected one of pond, .*pond-random, got 'lake'"):
        load_network("lake")


def test_loading_leaves_global_random_numbers_alone(shelf):
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    load_network("pond")
    load_network("pond-random")
    assert torch.equal(torch.rand(3), expected)


def test_the_untrained_network_is_a_seed():
    one, other = load_network("pond-random"), load_network("pond-random")
    for mine, theirs in zip(one.parameters(), other.parameters(), strict=True):
        assert torch.equal(mine, theirs)


def test_shipped_weights_are_small_and_each_has_its_digest():
    paths = {name: weight_file(name) for name in NETWORKS}
    files = {name: path for name, path in paths.items() if path is not None}
    assert {path.name for path in weights.FOLDER.glob("*.safetensors")} == {path.name for path in files.values()}
    assert sum(path.stat().st_size for path in files.values()) < 12_000_000
    known = json.loads((weights.FOLDER / weights.DIGESTS).read_text())
    assert {name: digest_of(path) for name, path in files.items()} == known


def test_pixels_are_those_a_classifier_sees():
    # Worked again with nothing but Pillow: 8-bit pixels, bilinear, half the width.
    from PIL import Image

    shot = photo(sample(4))
    levels = Image.fromarray(np.round(shot.pixels * 255).astype(np.uint8)).resize((64, 64), Image.Resampling.BILINEAR)
    (pixels,) = network_pixels(sample, [4], workers=1)
    np.testing.assert_array_equal(pixels[0], np.asarray(levels))


def test_processes_draw_what_one_process_draws_in_the_same_order():
    seeds = range(10, 10 + 130)
    alone = np.concatenate(list(network_pixels(sample, seeds, workers=1)))
    np.testing.assert_array_equal(np.concatenate(list(network_pixels(sample, seeds, workers=2))), alone)


def test_answers_are_those_of_one_picture_at_a_time():
    net = fresh_network(0).eval()
    together = answers({"pond-random": net}, sample, range(70), workers=1)["pond-random"]
    (last,) = network_pixels(sample, [69], workers=1)
    with torch.inference_mode():
        alone = net(normalised(torch.from_numpy(last))).numpy()
    np.testing.assert_allclose(together[69], alone[0], atol=1e-5)  # sums in another order
