"""The newt: slender, a small round-nosed head, thin limbs, a long tail with low fins, a bright spotted belly."""

from axolens.pond.anatomy import Limb, Pose, backbone, eye, four_limbs, tube
from axolens.pond.figure import Figure

BODY = (
    (0.0, 0.044, 0.040),
    (0.10, 0.054, 0.052),
    (0.28, 0.062, 0.062),
    (0.42, 0.044, 0.048),
    (0.55, 0.022, 0.042),
    (0.80, 0.014, 0.040),
    (1.0, 0.004, 0.006),
)
FORE = Limb(upper=0.080, lower=0.080, radius=0.015, lean=0.30, toes=4, toe=0.042, fan=0.45)
HIND = Limb(upper=0.082, lower=0.082, radius=0.016, lean=-0.30, toes=5, toe=0.044, fan=0.38)


def newt(pose: Pose) -> Figure:
    """Build the newt in a pose."""
    figure = Figure()
    line = backbone(0.80, pose, body=1.1, tail=2.0)
    tube(figure, "body", line, BODY[:4])
    tube(figure, "tail", line, BODY[3:])
    four_limbs(figure, line, pose, FORE, HIND, shoulder=0.07, hip=0.40, out=(0.034, 0.028, 0.012))
    neck = line.at(0.0).turned(yaw=0.7 * pose.head, pitch=0.12 * pose.head)
    figure.ball("head", neck.moved(0.040, 0.0, 0.004), (0.070, 0.058, 0.044), place=0.04)
    figure.ball("head", neck.moved(0.085, 0.0, -0.002), (0.050, 0.041, 0.032), place=0.08)
    eye(figure, neck, (0.070, 0.042, 0.030), 0.016, pupil=0.65)
    return figure
