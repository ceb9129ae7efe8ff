"""All methods by name: one literal table, and which of them run by default."""

import dataclasses
import difflib
from collections.abc import Mapping
from typing import Any

from axolens.errors import InputError
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
from axolens.methods.method import Method
from axolens.methods.nulls.blurrednoise import BlurredNoise
from axolens.methods.nulls.centreblob import CentreBlob
from axolens.methods.nulls.edgemap import EdgeMap
from axolens.methods.nulls.noise import Noise
from axolens.methods.perturbation.kernelshap import KernelShap
from axolens.methods.perturbation.lime import Lime
from axolens.methods.perturbation.occlusion import Occlusion
from axolens.methods.perturbation.rise import Rise

METHODS: dict[str, type[Method]] = {
    "gradcam": GradCam,
    "lime": Lime,
    "kernelshap": KernelShap,
    "rise": Rise,
    "occlusion": Occlusion,
    "saliency": Saliency,
    "inputxgradient": InputXGradient,
    "smoothgrad": SmoothGrad,
    "integratedgradients": IntegratedGradients,
    "expectedgradients": ExpectedGradients,
    "guidedbackprop": GuidedBackprop,
    "hirescam": HiResCam,
    "layercam": LayerCam,
    "gradcamplusplus": GradCamPlusPlus,
    "xgradcam": XGradCam,
    "eigencam": EigenCam,
    "scorecam": ScoreCam,
    "ablationcam": AblationCam,
    "rollout": Rollout,
    "gradientattention": GradientAttention,
    "noise": Noise,
    "blurrednoise": BlurredNoise,
    "centreblob": CentreBlob,
    "edgemap": EdgeMap,
}
# What runs where no method is named, as far as the model can serve it; LIME asks for predictions only.
DEFAULTS = ("gradcam", "lime")


def method_of(name: str, settings: Mapping[str, Any] | None = None) -> Method:
    """Return the method of this name with these settings.

    Parameters
    ----------
    name
        As in ``METHODS``; case, hyphens and underscores are forgiven.
    settings
        The dataclass fields; text is turned into the field's own type, as the command line needs.

    Raises
    ------
    InputError
        If there is no such method, no such setting, or the value is of another kind.

    Examples
    --------
    >>> method_of("LIME", {"samples": "500"}).samples
    500
    """
    plain = plain_name(name)
    if plain not in METHODS:
        raise InputError("method", expected=f"one of {', '.join(METHODS)}", got=repr(name))
    kind = METHODS[plain]
    defaults = {field.name: field.default for field in dataclasses.fields(kind)}
    given = {}
    for key, value in (settings or {}).items():
        if key not in defaults:
            near = difflib.get_close_matches(key, defaults, n=1)
            hint = f"Nearest: {plain}.{near[0]}." if near else ""
            raise InputError(
                f"{plain}.{key}", expected=f"one of {', '.join(defaults)}", got="no such setting", hint=hint
            )
        given[key] = _typed(f"{plain}.{key}", value, defaults[key])
    return kind(**given)


def plain_name(name: str) -> str:
    """Return a method's name without the hyphens, underscores and capitals that are forgiven."""
    return name.replace("-", "").replace("_", "").casefold()


def _typed(name: str, value: Any, default: Any) -> Any:
    if not isinstance(value, str) or default is None or isinstance(default, str):
        return value
    try:
        return type(default)(value)
    except ValueError:
        expected = "a whole number" if isinstance(default, int) else "a number"
        raise InputError(name, expected=expected, got=repr(value)) from None
