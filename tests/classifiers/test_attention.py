"""Attention weights: those that the frameworks give themselves, without a change to the network."""

import numpy as np
import pytest
import torch
from nets import TALL, tokens
from torch import nn
from zoo import NETS, network

from axolens.classifiers.protocols import AttentionDifferentiable, Attentive
from axolens.classifiers.torch_attending import fused_weights
from axolens.classifiers.torch_load import wrap_module
from axolens.classifiers.torchvision_ops import import_torchvision
from axolens.errors import CapabilityError
from axolens.records.preprocess import Preprocess
from axolens.records.target import Target

# The grid, the tokens before it, and those that are read: class, class and distillation, class and patches, patches.
READ = {
    "hf vit": (0,),
    "hf deit": (0,),
    "hf deit, teacher": (0, 1),
    "hf registers": (0, *range(5, 33)),
    "timm vit": (0,),
    "timm deit": (0, 1),
    "timm registers": (0,),
    "timm registers, pooled": tuple(range(4, 28)),
}


def images(name):
    return np.random.default_rng(2).random((2, *NETS[name].image, 3), np.float32)


def own_weights(name, module, batch):
    """The weights that the framework gives when its own setting asks for it, and its scores, from a second network."""
    if name.startswith("hf"):
        module.set_attn_implementation("eager")
        output = module(batch, output_attentions=True)
        return output.attentions, output.logits
    seen = []
    for block in module.blocks:
        block.attn.fused_attn = False
        block.attn.attn_drop.register_forward_hook(lambda part, given, output: seen.append(given[0]))
    scores = module(batch)
    return seen, scores


@pytest.mark.parametrize("name", READ)
def test_the_weights_are_those_that_the_framework_gives_itself(name):
    model, net = network(name), NETS[name]
    batch = model.asarray(images(name))
    before = model.scores(batch)
    found = model.attentions(batch)
    assert (found.grid, found.prefix) == ((net.image[0] // net.patch, net.image[1] // net.patch), net.prefix)
    assert found.read == READ[name]
    assert torch.equal(model.scores(batch), before)
    with torch.no_grad():
        expected, _ = own_weights(name, network(name).module, batch.permute(0, 3, 1, 2))
    assert len(found.weights) == len(expected) == 2
    for weights, own in zip(found.weights, expected, strict=True):
        assert weights.shape == (2, 2, net.prefix + found.grid[0] * found.grid[1], own.shape[-1])
        np.testing.assert_allclose(weights, own, atol=1e-5)


@pytest.mark.parametrize("name", READ)
def test_the_gradients_are_those_that_the_framework_gives_itself(name):
    model = network(name)
    batch = model.asarray(images(name))
    asked = [[model.labels.resolve(Target(k, score="logit")) for k in row] for row in ((1, 3), (0, 4))]
    found, slopes = model.attention_gradients(batch, asked)
    plain = model.attentions(batch)
    assert (found.grid, found.prefix, found.read) == (plain.grid, plain.prefix, plain.read)
    module, pixels = network(name).module, batch.permute(0, 3, 1, 2).contiguous().requires_grad_()
    expected, scores = own_weights(name, module, pixels)
    for j in range(2):
        total = scores[0, (1, 3)[j]] + scores[1, (0, 4)[j]]
        own = torch.autograd.grad(total, expected, retain_graph=True)
        for weights, same, slope, theirs in zip(found.weights, plain.weights, slopes, own, strict=True):
            assert torch.equal(weights, same)
            assert theirs.abs().max() > 0
            least = 1e-6 + 1e-5 * float(theirs.abs().max())  # float32 sums in another order
            np.testing.assert_allclose(slope[:, j], theirs, atol=least)


@pytest.mark.parametrize("name", ["hf vit", "timm deit"])
def test_gradients_do_not_depend_on_how_attention_is_written(name):
    model = network(name)
    asked = [[model.labels.resolve(Target(2))]] * 2
    _, fused = model.attention_gradients(model.asarray(images(name)), asked)
    if name.startswith("hf"):
        model.module.set_attn_implementation("eager")
    else:
        for block in model.module.blocks:
            block.attn.fused_attn = False
    _, written = model.attention_gradients(model.asarray(images(name)), asked)
    for one, other in zip(fused, written, strict=True):
        np.testing.assert_allclose(one, other, atol=1e-6)


@pytest.mark.parametrize("name", ["hf vit", "timm deit"])
def test_written_out_attention_is_seen_as_well_and_settings_stay(name):
    model = network(name)
    fused = model.attentions(model.asarray(images(name)))
    if name.startswith("hf"):
        assert model.module.config._attn_implementation == "sdpa"
        model.module.set_attn_implementation("eager")
    else:
        assert all(block.attn.fused_attn for block in model.module.blocks)
        for block in model.module.blocks:
            block.attn.fused_attn = False
    written = model.attentions(model.asarray(images(name)))
    assert written.read == fused.read
    for one, other in zip(fused.weights, written.weights, strict=True):
        np.testing.assert_allclose(one, other, atol=1e-6)
    if name.startswith("hf"):
        assert model.module.config._attn_implementation == "eager"
    else:
        assert not any(block.attn.fused_attn for block in model.module.blocks)


@pytest.mark.parametrize(
    ("name", "said"),
    [("hf swin", "within windows"), ("timm swin", "within windows"), ("timm convnext", "no attention was seen")],
)
def test_a_network_without_attention_over_the_whole_photo_says_so(name, said):
    model = network(name)
    with pytest.raises(CapabilityError, match=rf"such as a ViT or DeiT, got .*{said}.*Use method gradcam"):
        model.attentions(model.asarray(images(name)))
    with pytest.raises(CapabilityError, match=rf"got .*{said}"):
        model.attention_gradients(model.asarray(images(name)), [[model.labels.resolve(Target(0))]] * 2)


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"scale": 0.3},
        {"is_causal": True},
        {"attn_mask": torch.tensor([[True, False, True], [True, True, True], [False, True, True]])},
        {"attn_mask": torch.tensor([[0.0, -1.0, 2.0], [0.5, 0.0, 0.0], [1.0, 1.0, -3.0]])},
        {"enable_gqa": True},
    ],
    ids=lambda one: next(iter(one), "plain"),
)
def testfused_weights_are_what_fused_attention_does_to_the_identity(settings):
    torch.manual_seed(0)
    query, key = torch.randn(2, 4, 3, 5), torch.randn(2, 2 if "enable_gqa" in settings else 4, 3, 5)
    identity = torch.eye(3).expand(*key.shape[:2], 3, 3)
    fused = nn.functional.scaled_dot_product_attention(query, key, identity, **settings)
    np.testing.assert_allclose(fused_weights(query, key, identity, **settings), fused, atol=1e-6)


class ByModule(nn.Module):
    """Attention as torch's own module, whose last tokens are averaged."""

    def __init__(self, want: bool | None) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.patches, self.head = nn.Conv2d(3, 8, 4, stride=4), nn.Linear(8, 3)
        self.attend = nn.MultiheadAttention(8, 2, batch_first=True)
        self.want = want

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        seen = self.patches(x).flatten(2).transpose(1, 2)
        asked = {"need_weights": False} if self.want is None else {"average_attn_weights": self.want}
        output, weights = self.attend(seen, seen, seen, **asked)
        assert (weights is None) == (self.want is None)
        assert weights is None or weights.ndim == (3 if self.want else 4)
        return self.head((seen + output).mean(1))


@pytest.mark.parametrize("want", [None, True, False])
def test_torchs_own_module_is_seen_and_gives_what_it_was_asked(want, rng):
    model = wrap_module(ByModule(want), None, Preprocess(size=(12, 20)), name="own")
    batch = model.asarray(rng.random((2, 12, 20, 3), np.float32))
    found = model.attentions(batch)
    assert (found.grid, found.prefix, found.read) == ((3, 5), 0, tuple(range(15)))
    seen = model.module.patches(batch.permute(0, 3, 1, 2)).flatten(2).transpose(1, 2)
    _, by_hand = model.module.attend(seen, seen, seen, average_attn_weights=False)
    np.testing.assert_allclose(found.weights[0], by_hand.detach(), atol=1e-6)


@pytest.mark.parametrize("want", [None, True, False])
def test_gradients_through_torchs_own_module_are_those_of_attention_written_out(want, rng):
    model = wrap_module(ByModule(want), None, Preprocess(size=(12, 20)), name="own")
    batch = model.asarray(rng.random((2, 12, 20, 3), np.float32))
    _, (slopes,) = model.attention_gradients(batch, [[model.labels.resolve(Target(1, score="logit"))]] * 2)
    module = model.module
    seen = module.patches(batch.permute(0, 3, 1, 2)).flatten(2).transpose(1, 2)
    q, k, v = nn.functional.linear(seen, module.attend.in_proj_weight, module.attend.in_proj_bias).chunk(3, -1)
    q, k, v = (part.unflatten(-1, (2, 4)).transpose(1, 2) for part in (q, k, v))
    weights = (q @ k.transpose(-2, -1) / 2).softmax(-1)
    output = module.attend.out_proj((weights @ v).transpose(1, 2).flatten(2))
    (by_hand,) = torch.autograd.grad(module.head((seen + output).mean(1))[:, 1].sum(), weights)
    np.testing.assert_allclose(slopes[:, 0], by_hand, atol=1e-6)


def test_torchvisions_transformer_is_seen_too(rng):
    import_torchvision()
    models = pytest.importorskip("torchvision.models")
    torch.manual_seed(0)
    module = models.VisionTransformer(
        image_size=24, patch_size=8, num_layers=3, num_heads=2, hidden_dim=16, mlp_dim=32, num_classes=5
    )
    nn.init.normal_(module.heads.head.weight)  # torchvision starts it at zero, where nothing reaches the scores
    model = wrap_module(module, None, Preprocess(size=(24, 24)), name="torchvision")
    found = model.attentions(model.asarray(rng.random((2, 24, 24, 3), np.float32)))
    assert (found.grid, found.prefix, found.read) == ((3, 3), 1, (0,))
    assert [tuple(weights.shape) for weights in found.weights] == [(2, 2, 10, 10)] * 3


class Unread(nn.Module):
    """Attention whose outcome is thrown away."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.patches, self.head = nn.Conv2d(3, 8, 4, stride=4), nn.Linear(8, 3)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        seen = self.patches(x).flatten(2).transpose(1, 2)
        nn.functional.scaled_dot_product_attention(seen[:, None], seen[:, None], seen[:, None])
        return self.head(seen.mean(1))


def test_attention_that_the_scores_do_not_depend_on_is_refused(rng):
    model = wrap_module(Unread(), None, TALL, name="unread")
    batch = model.asarray(rng.random((1, 20, 12, 3), np.float32))
    with pytest.raises(CapabilityError, match="scores that do not depend on it"):
        model.attentions(batch)
    with pytest.raises(CapabilityError, match="scores that do not depend on it"):
        model.attention_gradients(batch, [[model.labels.resolve(Target(0))]])


def test_the_network_is_left_as_found(rng):
    model = tokens()
    model.module.train()
    batch = model.asarray(rng.random((1, 20, 12, 3), np.float32))
    model.attentions(batch)
    model.attention_gradients(batch, [[model.labels.resolve(Target(0))]])
    assert isinstance(model, Attentive)
    assert isinstance(model, AttentionDifferentiable)
    assert model.module.training
    assert not any(part._forward_hooks for part in model.module.modules())
    assert all(weight.grad is None and weight.requires_grad for weight in model.module.parameters())
    assert torch.is_grad_enabled()
