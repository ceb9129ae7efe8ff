import numpy as np
import pytest

from axolens.errors import InputError
from axolens.methods.cam.gradcam import GradCam
from axolens.methods.catalogue import method_of
from axolens.methods.method import check_whole
from axolens.methods.perturbation.lime import Lime


def test_names_and_settings_are_forgiven_their_spelling():
    assert method_of("Grad-CAM") == GradCam()
    settings = {"samples": "250", "kernel_width": "0.5", "fill": "blur"}
    assert method_of("LIME", settings) == Lime(samples=250, kernel_width=0.5, fill="blur")
    assert method_of("gradcam", {"layer": "layer4"}) == GradCam(layer="layer4")


@pytest.mark.parametrize("value", [0, 3.0, "3", None])
def test_a_setting_that_counts_is_a_whole_number(value):
    check_whole("lime.samples", np.int64(1), 1)
    with pytest.raises(InputError, match="expected a whole number of at least 1, got"):
        check_whole("lime.samples", value, 1)


@pytest.mark.parametrize(
    ("name", "settings", "said"),
    [
        ("shap", {}, "gradcam, lime"),
        ("lime", {"sampels": 3}, r"Nearest: lime\.samples"),
        ("lime", {"samples": "many"}, "a whole number"),
        ("lime", {"kernel_width": "wide"}, "a number"),
        ("lime", {"samples": "1"}, "at least 2"),
    ],
)
def test_what_does_not_exist_is_refused(name, settings, said):
    with pytest.raises(InputError, match=said):
        method_of(name, settings)
