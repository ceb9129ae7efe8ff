"""The gecko: very large eyes, a wide triangular head, a fat tail with a waist before it, round pads on the toes."""

from axolens.pond.anatomy import Limb, Pose, backbone, eye, four_limbs, tube
from axolens.pond.figure import Figure
from axolens.pond.geometry import Frame

BODY = (
    (0.0, 0.046, 0.042),
    (0.12, 0.066, 0.056),
    (0.30, 0.078, 0.062),
    (0.46, 0.050, 0.044),
    (0.54, 0.030, 0.030),
    (0.68, 0.078, 0.068),
    (0.80, 0.066, 0.058),
    (1.0, 0.006, 0.006),
)
FORE = Limb(upper=0.078, lower=0.076, radius=0.020, splay=0.95, lean=0.30, toes=5, toe=0.050, fan=0.52, pad=0.0155)
HIND = Limb(upper=0.084, lower=0.082, radius=0.023, splay=0.95, lean=-0.25, toes=5, toe=0.052, fan=0.52, pad=0.0165)


def gecko(pose: Pose) -> Figure:
    """Build the gecko in a pose."""
    figure = Figure()
    line = backbone(0.78, pose, body=1.0, tail=1.5, lift=0.3)
    tube(figure, "body", line, BODY[:5])
    tube(figure, "tail", line, BODY[4:])
    four_limbs(figure, line, pose, FORE, HIND, shoulder=0.10, hip=0.44, out=(0.048, 0.040, 0.020))
    _head(figure, line.at(0.0).turned(yaw=0.65 * pose.head, pitch=0.14 * pose.head))
    return figure


def _head(figure: Figure, neck: Frame) -> None:
    figure.ball("head", neck.moved(0.055, 0.0, 0.006), (0.072, 0.086, 0.056), place=0.05)
    figure.ball("head", neck.moved(0.115, 0.0, 0.002), (0.070, 0.060, 0.044), place=0.11)
    figure.ball("head", neck.moved(0.160, 0.0, -0.002), (0.040, 0.036, 0.032), place=0.15)
    eye(figure, neck, (0.098, 0.062, 0.034), 0.036, pupil=0.5)
    for side in (1.0, -1.0):
        start, end = neck.at(0.085, side * 0.076, -0.020), neck.at(0.190, side * 0.020, -0.014)
        figure.rod("head", start, end, (0.004, 0.004), paint="dark", lift=0.012)
