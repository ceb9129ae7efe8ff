"""Photos prepared as transformers' own image processors prepare them."""

import json

import numpy as np
import pytest
import torch
from PIL import Image

import axolens as ax
from axolens.classifiers.hf_net import hf_preprocess
from axolens.classifiers.hf_processor import PROCESSORS, processor_preprocess
from axolens.classifiers.torch_module import normalised
from axolens.classifiers.torchvision_ops import import_torchvision
from axolens.errors import ModelError
from axolens.photos.resize import to_network

import_torchvision()
transformers = pytest.importorskip("transformers", minversion="5")

MEAN, STD = [0.485, 0.456, 0.406], [0.229, 0.224, 0.225]
PLAIN = {"image_mean": MEAN, "image_std": STD, "do_normalize": True, "do_resize": True}
CROP = {"do_center_crop": True, "crop_size": 224}
STORED = {
    "vit": {**PLAIN, "image_processor_type": "ViTImageProcessor", "size": {"height": 224, "width": 192}},
    "vit, legacy": {**PLAIN, "feature_extractor_type": "ViTFeatureExtractor", "size": 224, "resample": 2},
    "vit, fast": {**PLAIN, "image_processor_type": "ViTImageProcessorFast", "size": [160, 224], "resample": 0},
    "vit, no rescale": {"image_processor_type": "ViTImageProcessor", "do_rescale": False, "do_normalize": False},
    "beit": {**PLAIN, "feature_extractor_type": "BeitFeatureExtractor", "size": 224, "crop_size": 224},
    "resnet-50": {**PLAIN, "feature_extractor_type": "ConvNextFeatureExtractor", "size": 224, "crop_pct": 0.875},
    "convnext-384": {**PLAIN, "image_processor_type": "ConvNextImageProcessor", "size": {"shortest_edge": 384}},
    "deit, no squash": {**PLAIN, **CROP, "image_processor_type": "DeiTImageProcessor", "size": 224, "resample": 3},
    "clip": {**PLAIN, **CROP, "feature_extractor_type": "CLIPFeatureExtractor", "size": 224, "resample": 3},
    "dinov2": {**PLAIN, **CROP, "image_processor_type": "BitImageProcessor", "size": {"shortest_edge": 256}},
    "levit": {**PLAIN, "do_center_crop": True, "feature_extractor_type": "LevitFeatureExtractor", "size": 224},
    "poolformer": {**PLAIN, "feature_extractor_type": "PoolFormerFeatureExtractor", "size": 224, "crop_pct": 0.9},
    "poolformer, square": {"image_processor_type": "PoolFormerImageProcessor", "size": {"height": 224, "width": 224}},
    "mobilenet_v2": {**CROP, "image_processor_type": "MobileNetV2ImageProcessor", "size": {"shortest_edge": 256}},
    "mobilevit": {
        "do_center_crop": True, "do_flip_channel_order": True, "do_resize": True, "resample": 2, "size": 288,
        "crop_size": 256, "feature_extractor_type": "MobileViTFeatureExtractor",
    },
    "mobilevit, rgb": {
        **PLAIN, "do_flip_channel_order": False, "size": 288, "image_processor_type": "MobileViTImageProcessor",
    },
    "efficientnet": {  # 192: where a pixel's centre falls between two, as at 224, the backends' nearest ones differ
        **PLAIN, "image_processor_type": "EfficientNetImageProcessor", "include_top": True, "resample": 0,
        "size": {"height": 192, "width": 192}, "crop_size": {"height": 289, "width": 289},
    },
    "efficientnet, offset": {
        **PLAIN, "image_processor_type": "EfficientNetImageProcessor", "rescale_factor": 1 / 127.5,
        "rescale_offset": True, "include_top": False,
    },
    "efficientnet, std only": {
        **PLAIN, "image_processor_type": "EfficientNetImageProcessor", "do_normalize": False,
    },
}  # fmt: skip
STORED |= {
    f"{family}, nothing said": {"image_processor_type": f"{family}ImageProcessor"}
    for family in PROCESSORS
    if family not in ("DeiT", "MobileViT")  # their own defaults are refused: see below
}


@pytest.fixture(scope="module")
def pixels():
    return np.random.default_rng(7).integers(0, 256, (320, 480, 3), dtype=np.uint8)  # every crop leaves an even rest


def theirs(folder, stored, pixels, backend):
    (folder / "preprocessor_config.json").write_text(json.dumps(stored))
    processor = transformers.AutoImageProcessor.from_pretrained(folder, backend=backend)
    return processor(Image.fromarray(pixels), return_tensors="np")["pixel_values"][0]


def ours(preprocess, pixels):
    return normalised(torch.tensor(to_network(ax.read(pixels), preprocess)[None]), preprocess)[0].numpy()


@pytest.mark.parametrize("name", STORED)
def test_photos_are_prepared_as_the_processor_itself_does(tmp_path, pixels, name):
    stored = STORED[name]
    mine, pil = ours(processor_preprocess(stored), pixels), theirs(tmp_path, stored, pixels, "pil")
    assert mine.shape == pil.shape
    np.testing.assert_allclose(mine, pil, atol=1e-5 * max(1, np.abs(pil).max()))
    fast = theirs(tmp_path, stored, pixels, "torchvision")  # the same steps with another antialiasing
    assert np.abs(mine - fast).mean() < 2e-3


def test_an_odd_rest_is_cut_one_pixel_further_on(tmp_path):
    stored = {**STORED["mobilenet_v2"], "size": {"shortest_edge": 227}}
    square = np.random.default_rng(7).integers(0, 256, (227, 227, 3), dtype=np.uint8)
    mine, pil = ours(processor_preprocess(stored), square), theirs(tmp_path, stored, square, "pil")
    np.testing.assert_allclose(mine[:, :-1, :-1], pil[:, 1:, 1:], atol=1e-5)


@pytest.mark.parametrize(
    ("model_type", "size", "short_side"),
    [("vit", (224, 224), None), ("swin", (224, 224), None), ("resnet", (224, 224), 256), ("levit", (224, 224), 256)],
)
def test_a_file_that_names_no_processor_means_the_networks(model_type, size, short_side):
    found = processor_preprocess({"size": 224, "image_mean": MEAN, "image_std": STD}, model_type)
    assert (found.size, found.short_side, found.mean) == (size, short_side, tuple(MEAN))


def test_what_is_null_is_the_processors_own_default():
    found = processor_preprocess({"image_processor_type": "ViTImageProcessor", "size": None, "image_mean": None})
    assert (found.size, found.mean) == ((224, 224), (0.5, 0.5, 0.5))


@pytest.mark.parametrize(
    ("stored", "got"),
    [
        ({**PLAIN, **CROP, "feature_extractor_type": "DeiTFeatureExtractor", "size": 256}, "squashed to 256 × 256"),
        ({**PLAIN, "image_processor_type": "CLIPImageProcessor", "do_center_crop": False}, "keep their proportions"),
        ({"image_processor_type": "MobileViTImageProcessor"}, "shorter side of 224"),
        ({"image_processor_type": "PerceiverImageProcessor"}, "PerceiverImageProcessor.*steps of its own"),
        ({"image_processor_type": "TextNetImageProcessor"}, "steps of its own"),
        ({"image_processor_type": "LevitImageProcessor", "size": {"height": 256, "width": 256}}, "squashed"),
        ({"image_processor_type": "PoolFormerImageProcessor", "size": [90, 180]}, "squashed to 100 × 200"),
        ({"image_processor_type": "ConvNextImageProcessor", "size": {"height": 224, "width": 224}}, "shortest edge"),
        ({**CROP, "image_processor_type": "ConvNextImageProcessor", "size": 256}, "two crops"),
        ({**CROP, "image_processor_type": "ViTImageProcessor", "crop_size": {"shortest_edge": 2}}, "crop_size"),
        ({"image_processor_type": "ViTImageProcessor", "do_pad": True}, "do_pad"),
        ({"image_processor_type": "ViTImageProcessor", "do_resize": False}, "no resize"),
        ({"image_processor_type": "ViTImageProcessor", "size": {"longest_edge": 224}}, "longest_edge"),
        ({"image_processor_type": "ViTImageProcessor", "image_std": [0.5]}, "image_std"),
        ({"image_processor_type": "ViTImageProcessor", "resample": 9}, "resample 9"),
        ({"size": 32, "rescale_offset": True}, "rescale_offset and no image_processor_type"),
        ({"size": 32}, "no image_mean"),
        ({"image_mean": 0.5, "image_std": 0.5}, "no size"),
    ],
)
def test_what_a_preprocess_cannot_hold_is_refused(stored, got):
    with pytest.raises(ModelError, match=f"{got}.*--preprocess and a TOML file"):
        processor_preprocess(stored)


@pytest.fixture(scope="module")
def saved_vit(tmp_path_factory):
    torch.manual_seed(0)
    config = transformers.ViTConfig(
        hidden_size=16, num_hidden_layers=2, num_attention_heads=2, intermediate_size=32, image_size=32, patch_size=8,
        id2label={0: "newt", 1: "axolotl", 2: "frog"}, label2id={"newt": 0, "axolotl": 1, "frog": 2},
    )  # fmt: skip
    folder = tmp_path_factory.mktemp("vit")
    module = transformers.ViTForImageClassification(config).eval()
    module.save_pretrained(folder)
    processor = {
        "image_processor_type": "ViTImageProcessor", "do_resize": True, "size": {"height": 32, "width": 32},
        "resample": 3, "do_rescale": True, "rescale_factor": 1 / 255, "do_normalize": True,
        "image_mean": [0.5, 0.4, 0.3], "image_std": [0.2, 0.3, 0.4],
    }  # fmt: skip
    (folder / "preprocessor_config.json").write_text(json.dumps(processor))
    return module, folder


def test_hugging_face_from_a_folder(saved_vit, rng):
    _, folder = saved_vit
    model = ax.load(f"hf/{folder}")
    assert model.labels.names == ("newt", "axolotl", "frog")
    assert (model.preprocess.size, model.preprocess.filter, model.preprocess.scale) == ((32, 32), "bicubic", 1.0)
    photo = ax.read(rng.integers(0, 256, (50, 70, 3), dtype=np.uint8))
    case = ax.explain(model, photo, methods=["gradcam"])
    # Read out at the class token: the last block's patches have no gradient, its first norm's have.
    assert case.attributions[0].settings["layer"].endswith("layernorm_before")
    assert case.attributions[0].values.shape == (4, 4)


def test_hugging_face_scores_are_the_modules_own(saved_vit, rng):
    module, folder = saved_vit
    model = ax.load(f"hf/{folder}")
    photo = ax.read(rng.integers(0, 256, (50, 70, 3), dtype=np.uint8))
    pixels = (to_network(photo, model.preprocess) - np.array([0.5, 0.4, 0.3])) / np.array([0.2, 0.3, 0.4])
    with torch.no_grad():
        logits = module(torch.tensor(pixels.transpose(2, 0, 1)[None], dtype=torch.float32)).logits[0]
    np.testing.assert_allclose(ax.predict(model, photo).scores, logits, atol=1e-5)


@pytest.fixture(scope="module")
def tagger(tmp_path_factory):
    torch.manual_seed(0)
    names = dict(enumerate(("newt", "axolotl", "frog")))
    config = transformers.ViTConfig(
        hidden_size=16, num_hidden_layers=1, num_attention_heads=2, intermediate_size=32, image_size=32, patch_size=8,
        id2label=names, label2id={name: i for i, name in names.items()}, problem_type="multi_label_classification",
    )  # fmt: skip
    folder = tmp_path_factory.mktemp("tagger")
    transformers.ViTForImageClassification(config).save_pretrained(folder)
    stored = {"size": 32, "resample": 3, "image_mean": MEAN, "image_std": STD}
    (folder / "preprocessor_config.json").write_text(json.dumps(stored))
    return folder


def test_a_multi_label_network_asks_every_class_by_itself(tagger, pixels):
    model = ax.load(f"hf/{tagger}")
    assert model.kind == "independent-logits"
    said = ax.predict(model, ax.read(pixels))
    np.testing.assert_allclose(said.probabilities, 1 / (1 + np.exp(-said.scores)), atol=1e-6)
    assert ax.load(f"hf/{tagger}", output="logits").kind == "logits"


def test_a_saved_folder_says_how_photos_are_prepared(tagger):
    found = hf_preprocess(str(tagger))
    assert (found.size, found.short_side, found.filter) == ((32, 32), None, "bicubic")
