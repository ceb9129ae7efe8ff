"""Where the places of a layer lie on a photo."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool

from axolens.diagnosis.part_layer import PartLayer
from axolens.photos.resize import frame_of
from axolens.records.frame import Frame
from axolens.records.photo import Photo
from axolens.records.preprocess import Preprocess

INSIDE = 0.25  # of a place's own cell must lie in the mask


@dataclass(frozen=True, slots=True)
class Places:
    """Where the places of a layer lie on a photo."""

    chosen: PartLayer
    preprocess: Preprocess

    def box(
        self, middle: tuple[float, float], photo: Photo, region: tuple[float, float]
    ) -> tuple[float, float, float, float]:
        """Return x0, y0, x1, y1 in photo pixels of a region around a point, cut off at the network grid's border."""
        frame, (rows, columns) = self._frame(photo), self.chosen.layer.grid
        (high, wide), (row, column) = region, middle
        left, right = max(0.0, column - wide / 2), min(float(columns), column + wide / 2)
        top, bottom = max(0.0, row - high / 2), min(float(rows), row + high / 2)
        down, across = frame.size[0] / rows, frame.size[1] / columns
        x0, y0 = frame.to_photo(left * across, top * down)
        x1, y1 = frame.to_photo(right * across, bottom * down)
        return x0, y0, x1, y1

    def inside(self, photo: Photo, mask: Bool[np.ndarray, "h w"]) -> Bool[np.ndarray, "p"]:
        """Return which places lie in a mask on the photo's grid."""
        rows, columns = self.chosen.layer.grid
        found = np.zeros(rows * columns, bool)
        for place in range(len(found)):
            row, column = divmod(place, columns)
            x0, y0, x1, y1 = self.box((row + 0.5, column + 0.5), photo, (1.0, 1.0))
            cell = mask[int(y0) : max(int(y0) + 1, round(y1)), int(x0) : max(int(x0) + 1, round(x1))]
            found[place] = cell.size > 0 and float(cell.mean()) >= INSIDE
        return found

    def _frame(self, photo: Photo) -> Frame:
        return frame_of(photo.size, self.preprocess)
