"""The goldfish: a deep body with scales, no legs, a fin on the back, paired fins, and a wide double tail."""

from itertools import pairwise

from axolens.pond.anatomy import Pose, backbone, eye, tube
from axolens.pond.figure import Figure
from axolens.pond.geometry import Frame, Spine, sine

BODY = (
    (0.0, 0.080, 0.100),
    (0.25, 0.110, 0.165),
    (0.50, 0.095, 0.150),
    (0.78, 0.045, 0.075),
    (1.0, 0.022, 0.045),
)
# Pitch of the rays of the tail, from the upper lobe to the lower one, and their length.
RAYS = ((0.78, 0.29), (0.48, 0.30), (0.18, 0.23), (-0.12, 0.22), (-0.42, 0.28), (-0.72, 0.27))


def goldfish(pose: Pose) -> Figure:
    """Build the goldfish in a pose: the gait's phase waves its fins."""
    figure = Figure()
    line = backbone(0.52, pose, body=0.9, tail=1.0, lift=0.0)
    wave = sine(6.283185 * pose.limbs)
    tube(figure, "body", line, BODY)
    _tail(figure, line.at(1.0), wave, pose.bend)
    _fins(figure, line, wave)
    neck = line.at(0.0).turned(yaw=0.35 * pose.head, pitch=0.08 * pose.head)
    figure.ball("head", neck.moved(0.02, 0.0, 0.0), (0.115, 0.080, 0.098), place=0.02)
    figure.ball("head", neck.moved(0.10, 0.0, -0.008), (0.052, 0.042, 0.046), place=0.10)
    eye(figure, neck, (0.070, 0.066, 0.026), 0.027)
    for side in (1.0, -1.0):
        start, end = neck.at(0.150, 0.0, -0.016), neck.at(0.122, side * 0.030, -0.028)
        figure.rod("head", start, end, (0.006, 0.004), paint="dark", lift=0.012)
        lid = [
            neck.at(-0.02, side * 0.094, 0.050),
            neck.at(-0.045, side * 0.100, 0.0),
            neck.at(-0.02, side * 0.094, -0.050),
        ]
        for first, second in pairwise(lid):
            figure.rod("head", first, second, (0.005, 0.005), paint="accent", lift=0.010)
    return figure


def _tail(figure: Figure, root: Frame, wave: float, bend: float) -> None:
    for side in (1.0, -1.0):
        for pitch, length in RAYS:
            ray = root.turned(yaw=side * (0.30 + 0.12 * wave * side) - 0.3 * bend, pitch=-pitch)
            leaf = ray.moved(-0.5 * length, 0.0, 0.0)
            figure.ball("tail", leaf, (0.56 * length, 0.008, 0.055), paint="accent2", place=-0.6)


def _fins(figure: Figure, line: Spine, wave: float) -> None:
    for step in range(6):
        place = 0.20 + 0.11 * step
        height = 0.115 - 0.012 * step
        root = line.at(place).moved(0.0, 0.0, 0.135 - 0.011 * step * step).turned(pitch=-0.65)
        figure.ball("fins", root.moved(0.0, 0.0, height * 0.5), (0.050, 0.008, height), paint="accent2", place=-0.2)
    for side in (1.0, -1.0):
        front = line.at(0.16).moved(0.0, side * 0.085, -0.070).turned(yaw=-side * (0.80 + 0.2 * wave), pitch=0.45)
        figure.ball("fins", front.moved(-0.075, 0.0, 0.0), (0.085, 0.036, 0.010), paint="accent2", place=-0.2)
        rear = line.at(0.50).moved(0.0, side * 0.045, -0.130).turned(yaw=-side * 0.45, pitch=0.85 + 0.1 * wave)
        figure.ball("fins", rear.moved(-0.06, 0.0, 0.0), (0.075, 0.010, 0.034), paint="accent2", place=-0.3)
    vent = line.at(0.80).moved(0.0, 0.0, -0.075).turned(pitch=0.75)
    figure.ball("fins", vent.moved(-0.05, 0.0, 0.0), (0.070, 0.008, 0.030), paint="accent2", place=-0.4)
