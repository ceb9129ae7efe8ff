"""Real ImageNet networks and photos, where they are at hand: what each framework's own transforms give."""

import json

import numpy as np
import pytest

import axolens as ax

FILES = {
    "torchvision/resnet18": "resnet18_pq_small.fp16.safetensors",
    "torchvision/squeezenet1_1": "squeezenet1_1.safetensors",
    "torchvision/squeezenet1_0": "squeezenet1_0_dc.rgb.fp16.safetensors",
    "timm/vit_tiny_patch16_224": "vit_tiny_patch16_224.safetensors",
}
CROPPED = "torchvision/squeezenet1_0 crop 227"
RECIPE = """
model = "torchvision/squeezenet1_0"
weights = "{weights}"
labels = "imagenet"

[preprocess]
size = [227, 227]
short_side = 256
mean = [0.485, 0.456, 0.406]
std = [0.229, 0.224, 0.225]
"""


def model_of(name, assets, tmp_path):
    if name == CROPPED:
        recipe = tmp_path / "cropped.toml"
        recipe.write_text(RECIPE.format(weights=assets / "weights" / FILES["torchvision/squeezenet1_0"]))
        return ax.load(recipe)
    return ax.load(name, weights=assets / "weights" / FILES[name])


@pytest.mark.parametrize("name", [*FILES, CROPPED])
def test_predictions_agree_with_the_frameworks_own_transforms(name, assets, tmp_path):
    model = model_of(name, assets, tmp_path)
    listed = json.loads((assets / "annotations" / "predictions.json").read_text())
    photos = list(listed)[:: 1 if name == "torchvision/squeezenet1_1" else 4]
    worst = 0.0
    for photo in photos:
        prediction = ax.predict(model, assets / "photos" / photo)
        for index, label, probability in listed[photo]["top5"][name]:
            answer = prediction.answer(index)
            assert answer.label == label
            worst = max(worst, abs(answer.probability - probability))
    assert worst < 0.002, worst


@pytest.mark.parametrize(
    ("name", "answers"),
    [
        ("torchvision/resnet18", [("common_iguana", 0.28), ("axolotl", 0.27)]),
        (CROPPED, [("green_lizard", 0.47), ("African_chameleon", 0.26)]),
    ],
)
def test_the_notebooks_axolotl_is_taken_for_a_lizard(name, answers, assets, tmp_path):
    model = model_of(name, assets, tmp_path)
    top = ax.predict(model, assets / "photos" / "axolotl" / "Axolotl_ganz.jpg").top(2)
    assert [(one.label, round(one.probability, 2)) for one in top] == answers


@pytest.mark.parametrize(
    ("name", "layer"),
    [
        ("torchvision/resnet18", "layer4"),
        ("torchvision/squeezenet1_1", "features"),
        ("timm/vit_tiny_patch16_224", "blocks.11.norm1"),
    ],
)
def test_the_layer_before_the_read_out_is_chosen(name, layer, assets, tmp_path):
    model = model_of(name, assets, tmp_path)
    case = ax.explain(model, assets / "photos" / "axolotl" / "gslc-01.jpg", methods=["gradcam"])
    assert case.attributions[0].settings["layer"] == layer
    assert np.isfinite(case.attributions[0].values).all()
