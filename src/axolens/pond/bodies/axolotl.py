"""The axolotl: a wide flat head, small wide-set eyes, three pairs of feathery gills, a fin along back and tail."""

from itertools import pairwise

from axolens.pond.anatomy import Limb, Pose, backbone, eye, four_limbs, tube
from axolens.pond.figure import Figure
from axolens.pond.geometry import Frame

BODY = (
    (0.0, 0.080, 0.066),
    (0.12, 0.088, 0.076),
    (0.30, 0.100, 0.092),
    (0.46, 0.070, 0.070),
    (0.60, 0.038, 0.052),
    (1.0, 0.005, 0.010),
)
FIN = ((0.26, 0.006, 0.060), (0.50, 0.012, 0.115), (0.70, 0.012, 0.125), (0.88, 0.010, 0.085), (1.0, 0.006, 0.02))
FORE = Limb(upper=0.075, lower=0.075, radius=0.024, lean=0.25, toes=4, toe=0.040, fan=0.5)
HIND = Limb(upper=0.078, lower=0.078, radius=0.026, lean=-0.25, toes=5, toe=0.042, fan=0.42)
# Yaw and pitch of the three stalks of one side, and their length.
STALKS = ((1.10, 0.50, 0.165), (1.65, 0.70, 0.195), (2.25, 0.30, 0.185))


def axolotl(pose: Pose) -> Figure:
    """Build the axolotl in a pose."""
    figure = Figure()
    line = backbone(0.78, pose)
    tube(figure, "body", line, BODY[:4])
    tube(figure, "tail", line, BODY[3:])
    tube(figure, "fin", line, FIN, paint="accent2", rise=0.12)
    four_limbs(figure, line, pose, FORE, HIND, shoulder=0.11, hip=0.45, out=(0.055, 0.045, 0.028))
    neck = line.at(0.0).turned(yaw=0.65 * pose.head, pitch=0.12 * pose.head)
    _head(figure, neck)
    for side in (1.0, -1.0):
        for yaw, pitch, length in STALKS:
            root = neck.moved(0.005 + 0.04 * (1.6 - yaw), side * 0.095, 0.026)
            _gill(figure, root.turned(yaw=side * yaw).turned(pitch=pitch), side, length)
    return figure


def _head(figure: Figure, neck: Frame) -> None:
    figure.ball("head", neck.moved(0.075, 0.0, 0.004), (0.110, 0.132, 0.070), place=0.07)
    figure.ball("head", neck.moved(0.135, 0.0, -0.006), (0.085, 0.110, 0.054), place=0.13)
    eye(figure, neck, (0.145, 0.088, 0.046), 0.018, pupil=0.7)
    smile = [(0.100, 0.120), (0.165, 0.096), (0.208, 0.046), (0.2145, 0.0)]
    for (x0, y0), (x1, y1) in pairwise(smile):
        for side in (1.0, -1.0):
            start, end = neck.at(x0, side * y0, -0.016), neck.at(x1, side * y1, -0.016)
            figure.rod("head", start, end, (0.0045, 0.0045), paint="dark", lift=0.016)


def _gill(figure: Figure, root: Frame, side: float, length: float) -> None:
    """Add one stalk, curving backwards, with filaments on both sides of it."""
    pieces = 3
    here = root
    for piece in range(pieces):
        thick = 0.019 * (1.0 - 0.20 * piece)
        tip = here.at(length / pieces, 0.0, 0.0)
        figure.rod("gills", here.origin, tip, (thick, thick * 0.8), paint="accent", place=0.0)
        for fan in (1.0, -1.0):
            hair = here.way(0.55, 0.0, fan * 0.85) if piece % 2 else here.way(0.55, fan * 0.85, 0.25)
            reach = 0.064 - 0.010 * piece
            end = (tip[0] + hair[0] * reach, tip[1] + hair[1] * reach, tip[2] + hair[2] * reach)
            figure.rod("gills", tip, end, (0.0085, 0.0035), paint="accent", place=0.0)
            middle = here.at(length / pieces * 0.5, 0.0, 0.0)
            end = (middle[0] + hair[0] * reach, middle[1] + hair[1] * reach, middle[2] + hair[2] * reach)
            figure.rod("gills", middle, end, (0.0085, 0.0035), paint="accent", place=0.0)
        here = here._replace(origin=tip).turned(yaw=side * 0.18)
