"""A folded copy answers as the module does, follows its weights, and leaves it as found."""

import numpy as np
import pytest
import torch
from nets import FOUR, TALL, Small
from torch import nn

from axolens.classifiers.torch_folded import Folding
from axolens.classifiers.torch_fused import ClippedConvolution
from axolens.classifiers.torch_module import TorchClassifier


class Branching(nn.Module):
    """Looks at the values of its input, which no tracing can follow."""

    def __init__(self):
        super().__init__()
        self.inner = Small(4)

    def forward(self, x):
        return self.inner(x) if float(x.mean()) > -100 else x


class Shared(nn.Module):
    """One convolution under two batch norms; folding either would change the other."""

    def __init__(self):
        super().__init__()
        torch.manual_seed(1)
        self.conv, self.one, self.two = nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.BatchNorm2d(4)
        self.two.running_mean += 1

    def forward(self, x):
        return (self.one(self.conv(x)) - self.two(self.conv(x))).mean((2, 3))


class Skipping(Shared):
    """A convolution that is also read before its batch norm."""

    def forward(self, x):
        seen = self.conv(x)
        return (self.two(seen) + seen).mean((2, 3))


def ran_in(module):
    """Scrambled statistics, so that a batch norm does something."""
    torch.manual_seed(2)
    for part in module.modules():
        if isinstance(part, nn.BatchNorm2d):
            part.running_mean.normal_()
            part.running_var.uniform_(0.5, 2)
            part.weight.data.normal_()
    return module.eval()


def both(module, seed=0):
    """Scores of hidden pictures through the engine, and of the same pictures through the module itself."""
    model = TorchClassifier(module, FOUR, TALL, name="any")
    return model, *again(model, seed)


def again(model, seed=0):
    rng = np.random.default_rng(seed)
    image, filled = (model.asarray(rng.random((20, 12, 3), np.float32)) for _ in range(2))
    visible = model.asarray(rng.random((5, 20, 12)) < 0.5)
    plain = torch.where(visible[..., None], image, filled)
    return model.blended_scores(image, filled, visible), model.scores(plain)


def read(module, prepared):
    return module(prepared)


@pytest.mark.parametrize("build", [lambda: Small(4), Branching, Shared, Skipping])
def test_a_folded_copy_answers_as_the_module_does(build):
    _, found, sound = both(ran_in(build()))
    torch.testing.assert_close(found, sound, rtol=1e-5, atol=1e-5)


def test_batch_norms_are_folded_away():
    module = ran_in(Small(4))
    folded = Folding().of(module, torch.rand(1, 3, 20, 12), read)
    assert not any(isinstance(part, nn.BatchNorm2d) for part in folded.modules())
    assert any(isinstance(part, nn.BatchNorm2d) for part in module.modules())


class Clipping(nn.Module):
    """ReLUs in every spelling, and one whose convolution is also read before it."""

    def __init__(self):
        super().__init__()
        torch.manual_seed(3)
        self.one, self.two, self.three = nn.Conv2d(3, 4, 3), nn.Conv2d(4, 4, 3, groups=2), nn.Conv2d(4, 4, 1, stride=2)
        self.clip = nn.ReLU(inplace=True)

    def forward(self, x):
        x = self.clip(self.one(x))
        before = self.two(x)
        return (nn.functional.relu(self.three(torch.relu(before)), inplace=True).mean((2, 3))) + before.mean((2, 3))


def test_a_relu_is_put_into_its_convolution_only_where_nothing_else_reads_it():
    module = Clipping().eval()
    folded = Folding().of(module, torch.rand(1, 3, 20, 12), read)
    clipping = {name for name, part in folded.named_modules() if isinstance(part, ClippedConvolution)}
    assert clipping == {"one", "three"}
    _, found, sound = both(module)
    torch.testing.assert_close(found, sound, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("change", ["written", "replaced", "statistics"])
def test_changed_weights_are_followed(change):
    module = ran_in(Small(4))
    model, _, before = both(module)
    with torch.no_grad():
        if change == "written":
            module.head.weight.mul_(-2)
        elif change == "replaced":
            module.features[0] = nn.Conv2d(3, 6, 3, padding=1)
        else:
            module.features[1].running_mean.add_(1)
    found, sound = again(model)
    assert (sound - before).abs().max() > 1e-2
    torch.testing.assert_close(found, sound, rtol=1e-5, atol=1e-5)


def test_a_hook_that_comes_later_is_heard():
    module = ran_in(Small(4))
    model, _, before = both(module)
    module.features.register_forward_hook(lambda part, inputs, output: 3 * output)
    found, sound = again(model)
    assert (sound - before).abs().max() > 1e-2
    torch.testing.assert_close(found, sound, rtol=1e-5, atol=1e-5)


def test_the_module_is_left_as_found():
    module = ran_in(Small(4)).train()
    held = {name: (id(value), value.clone()) for name, value in (*module.named_parameters(), *module.named_buffers())}
    both(module)
    for name, value in (*module.named_parameters(), *module.named_buffers()):
        assert id(value) == held[name][0]
        assert torch.equal(value, held[name][1])
        assert value.is_contiguous()
    assert all(part.training and not part._forward_hooks for part in module.modules())


def test_a_copy_that_answers_otherwise_is_not_asked():
    class Forgetful(Small):
        def __deepcopy__(self, memo):
            return ran_in(Small(4, seed=5))

    module = ran_in(Forgetful(4))
    assert Folding().of(module, torch.rand(1, 3, 20, 12), read) is module


def test_what_comes_from_the_host_lies_in_the_order_of_its_axes():
    model = TorchClassifier(Small(4).eval(), FOUR, TALL, name="any")
    assert model.asarray(np.zeros((3, 20, 12), np.float32).transpose(1, 2, 0)).is_contiguous()
    assert model.asarray(np.array(2.0, np.float32)).shape == ()
