"""What `axolens diagnose` asks of each photo: the same question, prepared once."""

import difflib
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from axolens.cli.progress import counted, say
from axolens.errors import AxolensError, InputError

if TYPE_CHECKING:
    from axolens.classifiers.protocols import Classifier
    from axolens.diagnosis.references import References
    from axolens.records.case import Case
    from axolens.records.labels import Labels
    from axolens.records.photo import Photo

Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True, eq=False)
class Inquiry:
    """One question for every photo of a call.

    Parameters
    ----------
    model, truth
        The classifier and the true class of the photos.
    references
        Other photos with their true class, each asked about once.
    mask, box
        Where the object is: a mask's file, or x0, y0, x1, y1 in pixels of the photo's file, or neither.
    factors
        Those to test, or None for all.
    budget, seed, pixel_limit, command
        Most images a photo, the seed, most pixels of a photo, and the command for the provenance.
    """

    model: "Classifier"
    truth: str
    references: "References"
    mask: Path | None
    box: Box | None
    factors: tuple[str, ...] | None
    budget: int
    seed: int
    pixel_limit: int
    command: str

    def planned(self, path: Path) -> int:
        """Return how many images a photo still takes; 0 if it cannot be asked, of which ``diagnose`` says why."""
        from axolens.cases.diagnose import planned_images

        try:
            photo = self._read(path)
            return int(planned_images(self.model, photo, self.references, **self._asked(photo), seed=self.seed))
        except AxolensError:
            return 0

    def diagnose(self, path: Path, progress: Callable[[int], None]) -> "Case":
        """Return a photo's case with its diagnosis."""
        from axolens.cases.diagnose import diagnose

        photo = self._read(path)
        asked = self._asked(photo)
        return diagnose(
            self.model, photo, self.references, **asked, seed=self.seed, progress=progress, command=self.command
        )

    def seconds_each(self) -> float:
        """Return about how long the model takes for one image."""
        import numpy as np

        from axolens.cli.explain import seconds_each
        from axolens.photos.read import read

        return seconds_each(self.model, read(np.full((64, 64, 3), 128, np.uint8)))

    def _read(self, path: Path) -> "Photo":
        from axolens.photos.read import read

        return read(path, truth=self.truth, mask=self.mask, pixel_limit=self.pixel_limit)

    def _asked(self, photo: "Photo") -> dict[str, Any]:
        box = None if self.box is None else box_on(self.box, photo)
        return {"mask": photo.mask, "box": box, "factors": self.factors, "budget": self.budget}


def known_factors(names: Sequence[str] | None) -> tuple[str, ...] | None:
    """Return the factors of ``--factor``, each once, in their declared order; None where none is named.

    Raises
    ------
    InputError
        If a name is no declared factor.

    Examples
    --------
    >>> known_factors(["light", "colour", "Light"])
    ('colour', 'light')
    """
    from axolens.records.diagnosis import FACTORS

    if not names:
        return None
    plain = [name.strip().casefold() for name in names]
    for name, given in zip(plain, names, strict=True):
        if name not in FACTORS:
            near = difflib.get_close_matches(name, FACTORS, n=1)
            raise InputError(
                "--factor",
                expected=f"one of {', '.join(FACTORS)}",
                got=repr(given),
                hint=f"Did you mean {near[0]}?" if near else "",
            )
    return tuple(factor for factor in FACTORS if factor in plain)


def parsed_box(text: str | None, mask: Path | None, photos: int) -> Box | None:
    """Return the corners of ``--box x0,y0,x1,y1``; refuse a box or a mask that cannot be meant.

    Raises
    ------
    InputError
        If the text is not four numbers in order, or there are a box and a mask, or either for several photos.

    Examples
    --------
    >>> parsed_box("40, 60, 380, 300.5", None, 1)
    (40.0, 60.0, 380.0, 300.5)
    """
    given = "--mask" if text is None else "--box"
    if text is not None and mask is not None:
        raise InputError("--box", expected="either a box or a mask", got="both")
    if photos > 1 and (text is not None or mask is not None):
        raise InputError(
            given, expected=f"one photo with {given}", got=f"{photos}", hint="Ask for one after the other."
        )
    if text is None:
        return None
    try:
        x0, y0, x1, y1 = (float(part) for part in text.split(","))
    except ValueError:
        x0 = y0 = x1 = y1 = math.nan
    if not (0 <= x0 < x1 < math.inf and 0 <= y0 < y1 < math.inf):
        expected = "x0,y0,x1,y1 in pixels, left before right and top before bottom, such as 40,60,380,300"
        raise InputError("--box", expected=expected, got=repr(text))
    return x0, y0, x1, y1


def box_on(box: Box, photo: "Photo") -> Box:
    """Return a box given in the file's pixels in those of the photo, which a large file is reduced to on reading.

    Raises
    ------
    InputError
        If the box reaches beyond the photo.

    Examples
    --------
    >>> import numpy as np
    >>> from axolens.photos.read import read
    >>> large = read(np.zeros((100, 4096, 3), np.uint8))
    >>> large.size, box_on((2048.0, 0.0, 4096.0, 100.0), large)
    ((50, 2048), (1024.0, 0.0, 2048.0, 50.0))
    """
    height, width = photo.size
    sides = [side for name in ("width", "height") if isinstance(side := photo.facts.get(name), int)]
    shrink = max(height, width) / max(sides, default=max(height, width))
    x0, y0, x1, y1 = (edge * shrink for edge in box)
    if x1 > width + shrink or y1 > height + shrink:
        size = f"{round(width / shrink)} by {round(height / shrink)} pixels"
        corners = ",".join(f"{edge:g}" for edge in box)
        raise InputError("--box", expected=f"a box inside {photo.name}, {size}", got=corners)
    return x0, y0, min(x1, float(width)), min(y1, float(height))


def reference_photos(labels: "Labels", folder: Path | None, pixel_limit: int) -> "References":
    """Return the photos of ``--references`` that have a class; say what is left out.

    Raises
    ------
    LabelError
        If a subfolder's name is no class of the model.
    InputError
        If no photo lies in a subfolder.
    """
    from axolens.diagnosis.references import References

    if folder is None:
        return References()
    from axolens.photos.folder import list_photos, read_folder
    from axolens.study.plan import known_truths

    classes = {truth for _, truth in list_photos(folder) if truth is not None}
    if not classes:
        raise InputError("--references", expected="one subfolder a class", got=f"{folder} with photos only")
    known_truths(labels, classes, folder)
    found = read_folder(folder, pixel_limit=pixel_limit)
    for failure in found.failures:
        say(f"Left out of the references: {failure.error}")
    photos = References(photo for photo in found if photo.truth is not None)
    if len(photos) < len(found):
        say(f"Left out of the references: {counted(len(found) - len(photos), 'photo')} in no subfolder of a class.")
    return photos
