"""The iguana: a crest of spikes from nape to tail, a dewlap under the chin, a long banded tail, long toes."""

from collections.abc import Sequence

from axolens.pond.anatomy import Limb, Pose, backbone, eye, four_limbs, profile_at, tube
from axolens.pond.figure import Figure
from axolens.pond.geometry import Frame, Spine

BODY = (
    (0.0, 0.054, 0.064),
    (0.10, 0.066, 0.080),
    (0.24, 0.084, 0.094),
    (0.38, 0.054, 0.064),
    (0.52, 0.030, 0.034),
    (1.0, 0.005, 0.005),
)
FORE = Limb(upper=0.085, lower=0.085, radius=0.021, lean=0.25, toes=5, toe=0.062, fan=0.34, thin=0.38)
HIND = Limb(upper=0.100, lower=0.100, radius=0.025, lean=-0.20, toes=5, toe=0.078, fan=0.30, thin=0.36)


def iguana(pose: Pose) -> Figure:
    """Build the iguana in a pose."""
    figure = Figure()
    line = backbone(0.80, pose, body=0.8, tail=2.2, lift=0.4)
    tube(figure, "body", line, BODY[:4])
    tube(figure, "tail", line, BODY[3:])
    four_limbs(figure, line, pose, FORE, HIND, shoulder=0.09, hip=0.36, out=(0.042, 0.036, 0.020))
    neck = line.at(0.0).turned(yaw=0.6 * pose.head, pitch=0.10 + 0.15 * pose.head)
    _head(figure, neck)
    _crest(figure, line, neck)
    return figure


def _head(figure: Figure, neck: Frame) -> None:
    figure.ball("head", neck.moved(0.030, 0.0, 0.012), (0.070, 0.062, 0.064), place=0.03)
    figure.ball("head", neck.moved(0.090, 0.0, 0.010), (0.068, 0.046, 0.046), place=0.09)
    eye(figure, neck, (0.076, 0.042, 0.038), 0.018)
    for side in (1.0, -1.0):
        figure.ball("head", neck.moved(0.026, side * 0.050, -0.012), (0.024, 0.016, 0.024), paint="belly", lift=0.004)
        start, end = neck.at(0.060, side * 0.050, -0.010), neck.at(0.152, side * 0.018, -0.006)
        figure.rod("head", start, end, (0.004, 0.003), paint="dark", lift=0.012)
    flap = neck.moved(0.046, 0.0, -0.072).turned(pitch=0.30)
    figure.ball("dewlap", flap, (0.070, 0.012, 0.062), paint="accent2", lift=0.0)


def _crest(figure: Figure, line: Spine, neck: Frame) -> None:
    roots = [neck.moved(0.035, 0.0, 0.058), neck.moved(0.005, 0.0, 0.060)]
    roots += [line.at(p).moved(0.0, 0.0, profile_at(BODY, p)[1] * 0.85) for p in (0.052 * i for i in range(1, 14))]
    spikes(figure, roots)


def spikes(figure: Figure, roots: Sequence[Frame]) -> None:
    """Add the spikes of a crest, leaning back, the first the largest.

    Parameters
    ----------
    figure
        Where they are added, as the part "crest".
    roots
        Where each one stands, from the nape backwards.
    """
    for index, root in enumerate(roots):
        height = 0.105 * (1.0 - 0.050 * index)
        lean = 0.22 if index % 2 else -0.22  # from above a crest without width would be a line
        base = 0.019 * (1.0 - 0.045 * index)
        figure.rod(
            "crest",
            root.origin,
            root.at(-0.55 * height, lean * height, height),
            (base, 0.002),
            paint="accent",
            lift=0.004,
        )
