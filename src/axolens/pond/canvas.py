"""The animal's layers and how a shape is laid on them: soft at its outline, soft where two shapes cross in depth."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from axolens.pond.camera import Camera, ellipses, rods
from axolens.pond.figure import PAINTS, Ball, Figure, Rod

FAR = -1000.0  # pixels behind the animal
Plane = NDArray[np.float64]
Box = tuple[slice, slice]
WIDTHS = (6, 8, 10, 13, 17, 22, 29, 38, 50, 66, 88)  # of the squares that hold shapes, in pixels


class Layers(NamedTuple):
    """What is known at every pixel of one animal.

    ``paint`` (p, h, w) is the share of each paint, ``skin`` (3, h, w) the place along, across and up on the unbent
    animal, ``depth`` how near, in pixels, ``cover`` the share that the animal covers, ``part`` the index of its part.
    """

    planes: NDArray[np.float64]
    cover: Plane
    part: NDArray[np.int64]

    @property
    def paint(self) -> NDArray[np.float64]:
        """Share of each paint, (p, h, w)."""
        return self.planes[4:]

    @property
    def skin(self) -> NDArray[np.float64]:
        """Place along and across in animal lengths, and up from -1 (belly) to 1 (back), (3, h, w)."""
        return self.planes[1:4]

    @property
    def depth(self) -> Plane:
        """How near to the viewer, in pixels, (h, w)."""
        return self.planes[0]


def blank(size: int) -> Layers:
    """Return the layers of a frame without an animal, ``size`` pixels high and wide."""
    planes = np.zeros((4 + len(PAINTS), size, size))
    planes[0] = FAR
    return Layers(planes, np.zeros((size, size)), np.full((size, size), -1, np.int64))


def lay_out(figure: Figure, camera: Camera, size: int) -> Layers:
    """Lay every shape of a figure on the layers of a frame of ``size`` by ``size`` pixels.

    Notes
    -----
    Shapes of one part and one paint are joined first, the nearest at each pixel; what was joined is then blended in.
    """
    layers, names = blank(size), figure.parts()
    groups: dict[tuple[str, str], list[Patch]] = {}
    for shape, patch in _patched(figure, camera, size):
        groups.setdefault((shape.part, shape.paint), []).append(patch)
    joined, cover = np.zeros((5, size, size)), np.zeros((size, size))
    for part, paint in sorted(groups):
        box = _join(joined, cover, groups[part, paint])
        _lay(layers, box, cover[box], joined[:4, box[0], box[1]], PAINTS.index(paint), names.index(part))
    _close(layers.cover)
    return layers


class Patch(NamedTuple):
    """One shape: where its square is, its cover (w, w), and depth, place along, across and up, and rank (5, w, w)."""

    top: int
    left: int
    cover: Plane
    values: Plane

    @property
    def box(self) -> Box:
        """Rows and columns of the square."""
        width = len(self.cover)
        return slice(self.top, self.top + width), slice(self.left, self.left + width)


def _patched(figure: Figure, camera: Camera, size: int) -> Iterator[tuple[Ball | Rod, Patch]]:
    for square, cover, values in _ball_patches(figure, camera, size):
        yield from square.patches(figure.balls, cover, values)
    for square, cover, values in _rod_patches(figure, camera, size):
        yield from square.patches(figure.rods, cover, values)


def _join(joined: Plane, cover: Plane, patches: list[Patch]) -> Box:
    """Join shapes on a scratch area, the highest rank at each pixel; return the box that holds them."""
    boxes = [patch.box for patch in patches]
    rows = slice(min(box[0].start for box in boxes), max(box[0].stop for box in boxes))
    columns = slice(min(box[1].start for box in boxes), max(box[1].stop for box in boxes))
    cover[rows, columns] = 0.0
    joined[4, rows, columns] = FAR
    for patch, (down, across) in zip(patches, boxes, strict=True):
        area, covered = joined[:, down, across], cover[down, across]
        np.copyto(area, patch.values, where=patch.values[4] > area[4])
        np.maximum(covered, patch.cover, out=covered)
    return rows, columns


class Squares(NamedTuple):
    """Squares of one width for some shapes, with the distance of every pixel from the shape's first point."""

    which: NDArray[np.int64]
    left: NDArray[np.int64]
    top: NDArray[np.int64]
    across: Plane
    down: Plane

    def patches(self, shapes: Sequence[Ball | Rod], cover: Plane, values: Plane) -> Iterator[tuple[Ball | Rod, Patch]]:
        """Yield each shape with its patch. A covered pixel outranks any that is not, then the nearer one does."""
        cover = np.minimum(np.maximum(cover, 0.0), 1.0)
        values[4] = values[0] + np.minimum(cover, 0.5) * 1e5
        for row, (number, top, left) in enumerate(zip(self.which, self.top, self.left, strict=True)):
            yield shapes[number], Patch(int(top), int(left), cover[row], values[:, row])


def _squares(low: Plane, high: Plane, start: Plane, size: int) -> Iterator[Squares]:
    """Sort shapes by the square that holds them: many small ones are then computed at once."""
    first, last = np.floor(low - 1.0).astype(np.int64), np.floor(high + 2.0).astype(np.int64)
    need = (last - first).max(axis=1)
    seen = ((last > 0) & (first < size)).all(axis=1)
    below = 0
    for width in [*(w for w in WIDTHS if w < size), size]:
        fits = need > below if width == size else (need > below) & (need <= width)
        which = np.flatnonzero(seen & fits)
        below = width
        if len(which):
            corner = np.minimum(np.maximum(first[which], 0), size - width)
            steps = corner[:, :, None] + (np.arange(width) + 0.5) - start[which, :, None]
            yield Squares(which, corner[:, 0], corner[:, 1], steps[:, 0, None, :], steps[:, 1, :, None])


def _ball_patches(figure: Figure, camera: Camera, size: int) -> Iterator[tuple[Squares, Plane, Plane]]:
    shapes = ellipses(figure, camera)
    centre, near = shapes.centre[:, :2] + np.array(camera.centre), shapes.centre[:, 2]
    near = near + np.array([ball.lift * camera.scale for ball in figure.balls])
    places = np.array([ball.place for ball in figure.balls])
    for square in _squares(centre - shapes.reach, centre + shapes.reach, centre, size):
        which, across, down = square.which, square.across, square.down
        xx, xy, yy = _columns(shapes.inverse[which])
        tilt_x, tilt_y, dome = _columns(shapes.depth[which])
        gx, gy = xx * across + xy * down, xy * across + yy * down
        inside = 1.0 - (gx * across + gy * down)
        cover = 0.5 + 0.5 * inside / np.sqrt(np.maximum(gx * gx + gy * gy, 1e-12))
        rise = tilt_x * across + tilt_y * down + dome * np.sqrt(np.maximum(inside, 0.0))
        values = np.empty((5, *rise.shape))
        values[0] = rise + near[which, None, None]
        for axis in range(3):
            x, y, z = _columns(shapes.skin[which, :, axis])
            values[1 + axis] = x * across + y * down + z * rise
        values[1] += places[which, None, None]
        yield square, cover, values


def _rod_patches(figure: Figure, camera: Camera, size: int) -> Iterator[tuple[Squares, Plane, Plane]]:
    start, end, radii = rods(figure, camera)
    span, middle = end - start, np.array(camera.centre)
    near = start[:, 2] + np.array([rod.lift * camera.scale for rod in figure.rods])
    places = np.array([rod.place for rod in figure.rods])
    wide = radii.max(axis=1)[:, None]
    low, high = np.minimum(start, end)[:, :2] - wide + middle, np.maximum(start, end)[:, :2] + wide + middle
    length = np.maximum(span[:, 0] * span[:, 0] + span[:, 1] * span[:, 1], 1e-6)
    for square in _squares(low, high, start[:, :2] + middle, size):
        which, across, down = square.which, square.across, square.down
        x, y, z = _columns(span[which])
        r0, r1 = _columns(radii[which])
        share = (across * x + down * y) / length[which, None, None]
        share = np.minimum(np.maximum(share, 0.0), 1.0)
        dx, dy, radius = across - share * x, down - share * y, share * (r1 - r0) + r0
        away = np.sqrt(dx * dx + dy * dy)
        values = np.empty((5, *away.shape))
        values[0] = share * z + near[which, None, None] + np.sqrt(np.maximum((radius - away) * (radius + away), 0.0))
        values[1] = share * 0.08 + places[which, None, None]
        values[2], values[3] = away * (0.6 / camera.scale) + share * 0.05, 0.25
        yield square, 0.5 + radius - away, values


def _columns(rows: Plane) -> list[Plane]:
    """Return the columns of (n, k), each as (n, 1, 1)."""
    return [rows[:, column, None, None] for column in range(rows.shape[1])]


def _lay(layers: Layers, box: Box, cover: Plane, values: Plane, paint: int, part: int) -> None:
    """Blend a shape in: all of it where it is in front, and where what is in front leaves the pixel uncovered."""
    rows, columns = box
    surface, paints = layers.planes[:4, rows, columns], layers.planes[4:, rows, columns]
    before = layers.cover[box]
    step = values - surface
    ahead = np.minimum(np.maximum(step[0] + 0.5, 0.0), 1.0)
    share = cover * np.maximum(ahead, 1.0 - before)
    np.maximum(before, cover, out=before)
    share /= np.maximum(before, 1e-9)
    surface += step * share
    paints *= 1.0 - share
    paints[paint] += share
    np.copyto(layers.part[box], part, where=share > 0.5)


def _close(cover: Plane) -> None:
    """Make the mask the truth: inside its outline no ground shows, and beside its outline nothing of the animal."""
    mask = cover >= 0.5
    inner, outer = mask.copy(), mask.copy()
    for here, there in ((np.s_[1:], np.s_[:-1]), (np.s_[:, 1:], np.s_[:, :-1])):
        inner[here] &= mask[there]
        inner[there] &= mask[here]
        outer[here] |= mask[there]
        outer[there] |= mask[here]
    cover[inner] = 1.0
    cover[~outer] = 0.0
