"""What several animals share: the bent spine, tubes along it, eyes, limbs with toes."""

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from axolens.pond.figure import Figure
from axolens.pond.geometry import Frame, Spine, Vector, cosine, spine

Profile = Sequence[tuple[float, float, float]]


class Pose(NamedTuple):
    """How the animal holds itself: bend -1..1, phase of the gait 0..1, direction of the head -1..1."""

    bend: float = 0.0
    limbs: float = 0.25
    head: float = 0.0


def backbone(length: float, pose: Pose, *, body: float = 0.9, tail: float = 1.6, lift: float = 0.25) -> Spine:
    """Return a spine that is bent to one side, the tail more than the body and a little upwards.

    Parameters
    ----------
    length
        From the neck to the tip of the tail, in animal lengths.
    pose
        Its ``bend`` is used.
    body, tail, lift
        Radians of turn over the body, of more turn over the tail, and of rise of the tail, at bend 1.
    """

    def yaw(place: float) -> float:
        behind = max(0.0, place - 0.4)
        return -pose.bend * (body * (place - 0.2) + tail * behind * behind * 2.0)

    def pitch(place: float) -> float:
        return -pose.bend * lift * max(0.0, place - 0.35) * 2.0

    return spine(length, yaw, pitch, pin=0.25)


def profile_at(profile: Profile, place: float) -> tuple[float, float]:
    """Return half the width and half the height at a place, between the entries (place, half width, half height)."""
    for (a, w0, h0), (b, w1, h1) in pairwise(profile):
        if place <= b:
            share = min(max((place - a) / (b - a), 0.0), 1.0)
            share = share * share * (3.0 - 2.0 * share)
            return w0 + (w1 - w0) * share, h0 + (h1 - h0) * share
    return profile[-1][1], profile[-1][2]


def tube(figure: Figure, part: str, line: Spine, profile: Profile, *, rise: float = 0.0, paint: str = "skin") -> None:
    """Lay ellipsoids along a spine, near enough to each other to look like one smooth body.

    Parameters
    ----------
    figure, part, paint
        Where the shapes are added, the part that they form, and one of ``PAINTS``.
    line
        The spine.
    profile
        Entries (place 0..1, half width, half height), by rising place; lengths in animal lengths.
    rise
        How far above the spine, as a share of the half height.
    """
    place, end = profile[0][0], profile[-1][0]
    while place <= end:
        width, height = profile_at(profile, place)
        reach = max(0.75 * min(max(width, height), 0.09), 0.016)
        frame = line.at(place).moved(0.0, 0.0, rise * height)
        figure.ball(part, frame, (reach * 2.2, width, height), paint=paint, place=-place * line.length)
        place += reach / line.length


def eye(figure: Figure, frame: Frame, where: Vector, radius: float, *, iris: str = "eye", pupil: float = 0.55) -> None:
    """Add both eyes: a ball at ``where`` (and mirrored), its pupil looking outwards, and a glint."""
    x, y, z = where
    for side in (1.0, -1.0):
        ball = frame.moved(x, y * side, z).turned(yaw=side * 1.05)
        figure.ball("eyes", ball, (radius, radius, radius), paint=iris, lift=0.01)
        small = radius * pupil
        look = ball.moved(radius * 0.62, 0.0, radius * 0.25)
        figure.ball("eyes", look, (small, small, small), paint="dark", lift=0.03)
        shine = ball.moved(radius * 0.8, 0.0, radius * 0.65)
        figure.ball("eyes", shine, (radius * 0.28,) * 3, paint="glint", lift=0.05)


class Limb(NamedTuple):
    """Measures of one limb, in animal lengths; angles in radians.

    ``splay`` is how far the upper limb points sideways (1) rather than down (0); ``lean`` turns it forwards.
    """

    upper: float
    lower: float
    radius: float
    splay: float = 0.8
    lean: float = 0.0
    toes: int = 4
    toe: float = 0.04
    fan: float = 1.0
    pad: float = 0.0
    thin: float = 0.45


def limb(figure: Figure, root: Frame, side: float, swing: float, limb: Limb, *, place: float) -> None:
    """Add one limb at the frame ``root``; ``side`` is 1 for left and -1 for right, ``swing`` from -1 to 1."""
    turn = limb.lean + 0.42 * swing
    hip = root.turned(yaw=side * (math.pi / 2 - turn))
    knee = hip.at(limb.upper * limb.splay, 0.0, -limb.upper * (1.0 - limb.splay * 0.75))
    figure.rod("limbs", root.origin, knee, (limb.radius * 1.25, limb.radius), place=place)
    shin = root._replace(origin=knee).turned(yaw=side * (math.pi / 2 - 1.2 * turn - 0.3))
    ankle = shin.at(limb.lower * 0.70, 0.0, -limb.lower * 0.66)
    figure.rod("limbs", knee, ankle, (limb.radius, limb.radius * 0.75), place=place)
    foot = root._replace(origin=ankle).turned(yaw=side * (0.75 - 0.5 * turn))
    figure.ball("limbs", foot, (limb.radius * 1.2, limb.radius * 1.1, limb.radius * 0.6), place=place)
    _toes(figure, foot, limb, place)


def _toes(figure: Figure, foot: Frame, limb: Limb, place: float) -> None:
    for index in range(limb.toes):
        angle = limb.fan * (index - (limb.toes - 1) / 2)
        ray = foot.turned(yaw=angle)
        tip = ray.at(limb.toe, 0.0, -limb.radius * 0.3)
        figure.rod("limbs", foot.origin, tip, (limb.radius * limb.thin, limb.radius * limb.thin * 0.7), place=place)
        if limb.pad:
            figure.ball("limbs", ray._replace(origin=tip), (limb.pad, limb.pad, limb.pad * 0.5), place=place)


def four_limbs(
    figure: Figure, line: Spine, pose: Pose, fore: Limb, hind: Limb, *, shoulder: float, hip: float, out: Vector
) -> None:
    """Add two pairs of limbs in a walking gait: a fore limb swings with the hind limb of the other side.

    Parameters
    ----------
    figure, line, pose
        Where the limbs are added, the spine that carries them, and the pose whose gait they show.
    fore, hind
        Measures of the front pair and of the rear pair.
    shoulder, hip
        Places along the spine, 0..1.
    out
        Half the body's width at the shoulder and at the hip, and how far below the spine both pairs sit.
    """
    swing = cosine(2.0 * math.pi * pose.limbs)
    for side in (1.0, -1.0):
        front = line.at(shoulder).moved(0.0, side * out[0], -out[2])
        limb(figure, front, side, side * swing, fore, place=-shoulder * line.length)
        rear = line.at(hip).moved(0.0, side * out[1], -out[2])
        limb(figure, rear, side, -side * swing, hind, place=-hip * line.length)
