"""The chameleon: a casque on the head, turret eyes, a tall narrow body, gripping feet, a curled tail."""

from axolens.pond.anatomy import Limb, Pose, four_limbs, profile_at, tube
from axolens.pond.figure import Figure
from axolens.pond.geometry import Frame, Spine, spine

BODY = (
    (0.0, 0.050, 0.070),
    (0.10, 0.058, 0.110),
    (0.20, 0.062, 0.125),
    (0.30, 0.054, 0.105),
    (0.40, 0.034, 0.055),
)
TAIL = ((0.0, 0.034, 0.052), (0.25, 0.026, 0.032), (1.0, 0.009, 0.011))
FORE = Limb(upper=0.105, lower=0.105, radius=0.019, splay=0.45, lean=0.35, toes=2, toe=0.052, fan=0.95, thin=0.75)
HIND = Limb(upper=0.105, lower=0.110, radius=0.020, splay=0.45, lean=-0.25, toes=2, toe=0.052, fan=0.95, thin=0.75)


def chameleon(pose: Pose) -> Figure:
    """Build the chameleon in a pose."""
    figure = Figure()

    line = spine(1.12, lambda place: -pose.bend * 1.1 * (place - 0.15), lambda place: 0.10, pin=0.18)
    tube(figure, "body", line, BODY)
    tube(figure, "tail", _coil(line.at(0.40).turned(roll=-0.75), 0.68, 1.0 + 0.12 * pose.bend), TAIL)
    four_limbs(figure, line, pose, FORE, HIND, shoulder=0.07, hip=0.33, out=(0.034, 0.028, 0.050))
    for place in (0.025 * step for step in range(15)):
        root = line.at(place).moved(0.0, 0.0, profile_at(BODY, place)[1] * 0.95)
        figure.rod("body", root.origin, root.at(-0.006, 0.0, 0.022), (0.009, 0.004), paint="accent", place=0.0)
    _head(figure, line.at(0.0).turned(yaw=0.5 * pose.head, pitch=-0.05 + 0.12 * pose.head))
    return figure


def _coil(root: Frame, length: float, tightness: float) -> Spine:
    """Wind the tail up, tighter towards its tip, in a plane that leans over so that the curl shows from above too."""
    steps = 48
    frames = [root]
    for step in range(steps):
        turn = (1.6 + 11.0 * step / steps) * tightness / steps
        frames.append(frames[-1].moved(-length / steps, 0.0, 0.0).turned(pitch=turn))
    return Spine(tuple(frames), length)


def _head(figure: Figure, neck: Frame) -> None:
    figure.ball("head", neck.moved(0.045, 0.0, 0.012), (0.082, 0.056, 0.068), place=0.04)
    figure.ball("head", neck.moved(0.105, 0.0, -0.010), (0.062, 0.040, 0.040), place=0.10)
    helmet = neck.moved(0.010, 0.0, 0.072).turned(pitch=-0.72)
    figure.ball("casque", helmet, (0.098, 0.026, 0.046), paint="accent2", place=0.0)
    for side in (1.0, -1.0):
        figure.rod(
            "casque",
            neck.at(0.125, side * 0.030, 0.030),
            neck.at(-0.045, side * 0.016, 0.120),
            (0.008, 0.007),
            paint="accent",
            lift=0.004,
        )
        turret = neck.moved(0.072, side * 0.046, 0.022).turned(yaw=side * 1.25)
        figure.ball("eyes", turret, (0.034, 0.034, 0.034), paint="eye", lift=0.004)
        figure.ball("eyes", turret.moved(0.022, 0.0, 0.0), (0.019, 0.018, 0.018), paint="accent2", lift=0.006)
        figure.ball("eyes", turret.moved(0.036, 0.0, 0.003), (0.009, 0.010, 0.010), paint="dark", lift=0.02)
        start, end = neck.at(0.045, side * 0.058, -0.026), neck.at(0.158, side * 0.018, -0.018)
        figure.rod("head", start, end, (0.004, 0.003), paint="dark", lift=0.012)
