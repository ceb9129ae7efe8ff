"""Maps of captum, pytorch-grad-cam, torch-cam and lime for one image, called as their documentation shows."""

import warnings
from collections.abc import Callable

import numpy as np
import torch

from axolens.classifiers.torchvision_ops import import_torchvision

import_torchvision()  # pytorch-grad-cam imports it, which fails beside some builds of torch
with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from captum import attr
    from lime.lime_image import LimeImageExplainer
    from pytorch_grad_cam import GradCAM, ScoreCAM
    from pytorch_grad_cam.utils.model_targets import ClassifierOutputTarget
    from torchcam import methods as torchcam

Maker = Callable[[np.ndarray, int], np.ndarray]
WINDOW, STRIDE = 8, 4  # pixels of 64: of captum's Occlusion, which has no default


def peer_maps(module: torch.nn.Module, layer: torch.nn.Module, samples: int) -> dict[str, Maker]:
    """Return, by name, what makes a map (h, w) from an image (h, w, 3) in [0, 1] and the index of a class."""
    made = {f"captum {name}": _captum(module, name, one) for name, one in _captum_methods(module).items()}
    made["captum LayerGradCam"] = _captum(module, "LayerGradCam", attr.LayerGradCam(module, layer))
    made |= {f"pytorch-grad-cam {kind.__name__}": _jacob(module, layer, kind) for kind in (GradCAM, ScoreCAM)}
    for kind in (torchcam.GradCAM, torchcam.LayerCAM):
        made[f"torchcam {kind.__name__}"] = _torch_cam(module, layer, kind)
    made["lime"] = _lime(module, samples)
    return {name: _quiet(one) for name, one in made.items()}


def prepared(images: np.ndarray) -> torch.Tensor:
    """Return images (n, h, w, 3) in [0, 1] as networks of the pond take them."""
    return ((torch.from_numpy(images).permute(0, 3, 1, 2).float() - 0.5) / 0.25).contiguous()


def _captum_methods(module: torch.nn.Module) -> dict[str, object]:
    names = ("IntegratedGradients", "Saliency", "Occlusion", "GuidedBackprop")
    return {name: getattr(attr, name)(module) for name in names}


def _captum(module: torch.nn.Module, name: str, method: object) -> Maker:
    windows = {"sliding_window_shapes": (3, WINDOW, WINDOW), "strides": (3, STRIDE, STRIDE)}
    windows["perturbations_per_eval"] = 64

    def make(image: np.ndarray, index: int) -> np.ndarray:
        batch = prepared(image[None]).requires_grad_(name != "Occlusion")
        found = method.attribute(batch, target=index, **(windows if name == "Occlusion" else {}))
        return found[0].detach().sum(0).numpy()

    return make


def _jacob(module: torch.nn.Module, layer: torch.nn.Module, kind: type) -> Maker:
    extractor = kind(model=module, target_layers=[layer])
    return lambda image, index: extractor(prepared(image[None]), [ClassifierOutputTarget(index)])[0]


def _torch_cam(module: torch.nn.Module, layer: torch.nn.Module, kind: type) -> Maker:
    def make(image: np.ndarray, index: int) -> np.ndarray:
        with kind(module, layer) as extractor:
            return extractor(index, module(prepared(image[None])))[0][0].detach().numpy()

    return make


def _lime(module: torch.nn.Module, samples: int) -> Maker:
    def ask(images: np.ndarray) -> np.ndarray:
        with torch.inference_mode():
            return module(prepared(images)).softmax(1).numpy()

    def make(image: np.ndarray, index: int) -> np.ndarray:
        told = LimeImageExplainer(random_state=0).explain_instance(
            image.astype(np.float64), ask, labels=(index,), top_labels=None, num_samples=samples
        )
        weights = dict(told.local_exp[index])
        return np.vectorize(lambda segment: weights.get(segment, 0.0), otypes=[float])(told.segments)

    return make


def _quiet(make: Maker) -> Maker:
    def made(image: np.ndarray, index: int) -> np.ndarray:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return make(image, index)

    return made
