"""torchvision beside a torch build that lacks its compiled operators."""

import importlib
import sys
from typing import Any

OPERATORS = (
    "nms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
    "qnms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
)
_alive: list[Any] = []


def import_torchvision() -> Any:
    """Return torchvision, declaring the operators that its import looks up where the torch build has none.

    timm and transformers import torchvision too, so their adapters call this first.

    Raises
    ------
    ImportError
        If torchvision is not installed.
    """
    try:
        return importlib.import_module("torchvision")
    except RuntimeError as error:
        if "operator torchvision::" not in str(error):
            raise
    for name in [name for name in sys.modules if name.split(".")[0] == "torchvision"]:
        del sys.modules[name]
    torch = importlib.import_module("torch")
    library = torch.library.Library("torchvision", "DEF")
    for signature in OPERATORS:
        library.define(signature)
    _alive.append(library)
    return importlib.import_module("torchvision")
