"""A comparison of methods on disk: maps and effects of each photo as they are found, the comparison at the end."""

import json
import re
from collections.abc import Collection
from pathlib import Path
from zipfile import BadZipFile

from axolens.errors import InputError
from axolens.records.case import Provenance
from axolens.records.codec import decode, encode, read_record, write_file, write_record
from axolens.records.comparison import Comparison, PhotoEffects
from axolens.study.store import COMPARISON, writable_folder

EFFECTS = "effects"
FACTS = ("model_digest", "preprocess", "seed", "settings", "versions")


class Kept:
    """The effects that are kept in a folder, one record a photo, by the digest of its bytes.

    Parameters
    ----------
    folder
        Made if need be; None keeps nothing.
    origin
        What the effects depend on beside the photo: records of another model, other settings, another seed or other
        versions are none.

    Raises
    ------
    InputError
        If the folder cannot be written, or holds a study, whose page would be replaced.
    """

    def __init__(self, folder: Path | None, origin: Provenance) -> None:
        self._folder, self._origin = folder, origin
        if folder is None:
            return
        writable_folder(folder, EFFECTS)

    def find(self, digest: str) -> PhotoEffects | None:
        """Return what an earlier run found for a photo, if everything it depends on is the same."""
        if self._folder is None or not self._origin.model_digest:
            return None
        try:
            found = read_record(self._folder / EFFECTS / digest)
        except (OSError, ValueError, KeyError, TypeError, BadZipFile):
            return None
        fits = isinstance(found, PhotoEffects) and found.digest == digest and self._same(found.provenance)
        return found if fits else None

    def add(self, found: PhotoEffects) -> None:
        """Write what was found for a photo."""
        if self._folder is None:
            return
        # A stop between its two files must not leave new arrays under an old record.
        (self._folder / EFFECTS / f"{found.digest}.json").unlink(missing_ok=True)
        write_record(found, self._folder / EFFECTS / found.digest)

    def begin(self, digests: Collection[str]) -> None:
        """Take away an earlier comparison, and the records of photos that are no longer in the folder."""
        if self._folder is None:
            return
        (self._folder / COMPARISON).unlink(missing_ok=True)
        for path in (self._folder / EFFECTS).iterdir():
            if re.fullmatch(r"[0-9a-f]{64}\.(json|npz)", path.name) and path.stem not in digests:
                path.unlink()

    def close(self, found: Comparison) -> None:
        """Write the comparison."""
        if self._folder is not None:
            text = json.dumps(encode(found)[0], ensure_ascii=False, allow_nan=False, indent=1)
            write_file(self._folder / COMPARISON, lambda out: out.write(text.encode("utf-8", "backslashreplace")))

    def _same(self, other: Provenance) -> bool:
        # Maps are held by place, so the order of the methods counts too.
        ordered = list(other.settings) == list(self._origin.settings)
        return ordered and all(getattr(other, fact) == getattr(self._origin, fact) for fact in FACTS)


def read_comparison(folder: Path) -> Comparison:
    """Return the comparison that was written to a folder.

    Raises
    ------
    InputError
        If the folder holds no finished comparison.
    """
    try:
        found = decode(json.loads((folder / COMPARISON).read_text(encoding="utf-8")), {})
    except (OSError, ValueError, KeyError, TypeError) as error:
        if isinstance(error, InputError):
            raise
        found = None
    if not isinstance(found, Comparison):
        raise InputError("comparison", expected=f"a folder with a finished {COMPARISON}", got=f"{folder}")
    return found
