"""Grad-CAM of transformers and their like by default, against torch's own backward pass on the tokens."""

import numpy as np
import pytest
import torch
from zoo import NETS, network

import axolens as ax
from axolens.classifiers.torch_layers import first_tensor, layer_tensor

# The last block's first norm where only class and distillation tokens are read; otherwise the last grid of all.
LAYERS = {
    "hf vit": "vit.layers.1.layernorm_before",
    "hf deit": "deit.layers.1.layernorm_before",
    "hf deit, teacher": "deit.layers.1.layernorm_before",
    "hf registers": "dinov2_with_registers.layernorm",
    "hf swin": "swin.layernorm",
    "hf convnext": "convnext.encoder.stages.1",
    "timm vit": "blocks.1.norm1",
    "timm deit": "blocks.1.norm1",
    "timm registers": "blocks.1.norm1",
    "timm registers, pooled": "blocks",
    "timm swin": "norm",
    "timm convnext": "stages",
}


def by_backward(name, layer, pixels, index):
    """Grad-CAM of log p/(1 − p) from a hook and a full backward pass, tokens cut and folded as the zoo says."""
    module, kept = network(name).module, []

    def keep(part, given, output):
        tensor = layer_tensor(output)
        tensor.retain_grad()
        kept.append(tensor)

    module.get_submodule(layer).register_forward_hook(keep)
    logits = first_tensor(module(torch.from_numpy(pixels).permute(0, 3, 1, 2)))[0]
    others = torch.cat([logits[:index], logits[index + 1 :]])
    (logits[index] - torch.logsumexp(others, 0)).backward()
    values, slopes = kept[-1].detach()[0], kept[-1].grad[0]
    if values.ndim == 3 and name.startswith("timm swin"):
        values, slopes = values.permute(2, 0, 1), slopes.permute(2, 0, 1)
    if values.ndim == 2:
        values, slopes = values[NETS[name].prefix :].T, slopes[NETS[name].prefix :].T
        height = round((values.shape[1] * NETS[name].image[0] / NETS[name].image[1]) ** 0.5)
        values, slopes = (one.unflatten(1, (height, -1)) for one in (values, slopes))
    return sum(slopes[c].mean() * values[c] for c in range(len(values)))


@pytest.mark.parametrize("name", NETS)
def test_by_default_and_against_a_full_backward_pass(name):
    model, (height, width) = network(name), NETS[name].image
    photo = ax.read(np.random.default_rng(4).integers(0, 256, (height, width, 3), dtype=np.uint8))
    (found,) = ax.explain(model, photo, target=3, methods=["gradcam"]).attributions
    assert found.settings["layer"] == LAYERS[name]
    expected = by_backward(name, LAYERS[name], photo.pixels[None].copy(), 3).numpy()
    assert found.values.shape == expected.shape
    np.testing.assert_allclose(found.values, expected, atol=1e-4 * np.abs(expected).max())
