"""Explain image classifiers: predictions, Grad-CAM and LIME for a photo or a folder of photos.

The public names are imported on first use, so that ``import axolens`` loads no framework.
"""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from axolens.cases.compare import compare
    from axolens.cases.diagnose import diagnose
    from axolens.cases.explain import explain
    from axolens.cases.predict import predict
    from axolens.cases.trust import trust
    from axolens.classifiers.registry import load
    from axolens.errors import AxolensError
    from axolens.methods.attention.gradientattention import GradientAttention
    from axolens.methods.attention.rollout import Rollout
    from axolens.methods.cam.ablationcam import AblationCam
    from axolens.methods.cam.eigencam import EigenCam
    from axolens.methods.cam.gradcam import GradCam
    from axolens.methods.cam.gradcamplusplus import GradCamPlusPlus
    from axolens.methods.cam.hirescam import HiResCam
    from axolens.methods.cam.layercam import LayerCam
    from axolens.methods.cam.scorecam import ScoreCam
    from axolens.methods.cam.xgradcam import XGradCam
    from axolens.methods.gradient.expectedgradients import ExpectedGradients
    from axolens.methods.gradient.guidedbackprop import GuidedBackprop
    from axolens.methods.gradient.inputxgradient import InputXGradient
    from axolens.methods.gradient.integratedgradients import IntegratedGradients
    from axolens.methods.gradient.saliency import Saliency
    from axolens.methods.gradient.smoothgrad import SmoothGrad
    from axolens.methods.nulls.blurrednoise import BlurredNoise
    from axolens.methods.nulls.centreblob import CentreBlob
    from axolens.methods.nulls.edgemap import EdgeMap
    from axolens.methods.nulls.matched import noise_as_smooth_as
    from axolens.methods.nulls.noise import Noise
    from axolens.methods.perturbation.kernelshap import KernelShap
    from axolens.methods.perturbation.lime import Lime
    from axolens.methods.perturbation.occlusion import Occlusion
    from axolens.methods.perturbation.rise import Rise
    from axolens.photos.folder import read_folder
    from axolens.photos.read import read
    from axolens.records.attribution import Attribution
    from axolens.records.case import Case, Pair
    from axolens.records.diagnosis import Diagnosis
    from axolens.records.labels import Labels
    from axolens.records.photo import Photo
    from axolens.records.prediction import Prediction
    from axolens.records.preprocess import Preprocess
    from axolens.records.study import Study
    from axolens.records.target import Target
    from axolens.records.verdict import Verdict
    from axolens.report.page import write_report
    from axolens.report.picture import save_picture
    from axolens.study.run import run_study

__version__ = "0.1.0"

_HOMES = {
    "AblationCam": "methods.cam.ablationcam",
    "Attribution": "records.attribution",
    "AxolensError": "errors",
    "BlurredNoise": "methods.nulls.blurrednoise",
    "Case": "records.case",
    "CentreBlob": "methods.nulls.centreblob",
    "Diagnosis": "records.diagnosis",
    "EdgeMap": "methods.nulls.edgemap",
    "EigenCam": "methods.cam.eigencam",
    "ExpectedGradients": "methods.gradient.expectedgradients",
    "GradCam": "methods.cam.gradcam",
    "GradCamPlusPlus": "methods.cam.gradcamplusplus",
    "GradientAttention": "methods.attention.gradientattention",
    "GuidedBackprop": "methods.gradient.guidedbackprop",
    "HiResCam": "methods.cam.hirescam",
    "InputXGradient": "methods.gradient.inputxgradient",
    "IntegratedGradients": "methods.gradient.integratedgradients",
    "KernelShap": "methods.perturbation.kernelshap",
    "Labels": "records.labels",
    "LayerCam": "methods.cam.layercam",
    "Lime": "methods.perturbation.lime",
    "Noise": "methods.nulls.noise",
    "Occlusion": "methods.perturbation.occlusion",
    "Pair": "records.case",
    "Photo": "records.photo",
    "Prediction": "records.prediction",
    "Preprocess": "records.preprocess",
    "Rise": "methods.perturbation.rise",
    "Rollout": "methods.attention.rollout",
    "Saliency": "methods.gradient.saliency",
    "ScoreCam": "methods.cam.scorecam",
    "SmoothGrad": "methods.gradient.smoothgrad",
    "Study": "records.study",
    "Target": "records.target",
    "Verdict": "records.verdict",
    "XGradCam": "methods.cam.xgradcam",
    "compare": "cases.compare",
    "diagnose": "cases.diagnose",
    "explain": "cases.explain",
    "load": "classifiers.registry",
    "noise_as_smooth_as": "methods.nulls.matched",
    "predict": "cases.predict",
    "read": "photos.read",
    "read_folder": "photos.folder",
    "run_study": "study.run",
    "save_picture": "report.picture",
    "trust": "cases.trust",
    "write_report": "report.page",
}

__all__ = [
    "AblationCam",
    "Attribution",
    "AxolensError",
    "BlurredNoise",
    "Case",
    "CentreBlob",
    "Diagnosis",
    "EdgeMap",
    "EigenCam",
    "ExpectedGradients",
    "GradCam",
    "GradCamPlusPlus",
    "GradientAttention",
    "GuidedBackprop",
    "HiResCam",
    "InputXGradient",
    "IntegratedGradients",
    "KernelShap",
    "Labels",
    "LayerCam",
    "Lime",
    "Noise",
    "Occlusion",
    "Pair",
    "Photo",
    "Prediction",
    "Preprocess",
    "Rise",
    "Rollout",
    "Saliency",
    "ScoreCam",
    "SmoothGrad",
    "Study",
    "Target",
    "Verdict",
    "XGradCam",
    "__version__",
    "compare",
    "diagnose",
    "explain",
    "load",
    "noise_as_smooth_as",
    "predict",
    "read",
    "read_folder",
    "run_study",
    "save_picture",
    "trust",
    "write_report",
]


def __getattr__(name: str) -> Any:
    """Import a public name from its home, once; records learn to show themselves in a notebook."""
    if name not in _HOMES:
        raise AttributeError(f"module 'axolens' has no attribute {name!r}")
    if name != "AxolensError":
        importlib.import_module("axolens.report.notebook").register()
    value = getattr(importlib.import_module(f"axolens.{_HOMES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__
