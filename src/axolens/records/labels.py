"""The classes of a model, and finding one by what a person calls it."""

import difflib
import re
from dataclasses import dataclass

from axolens.errors import LabelError
from axolens.records.target import Label, Target


@dataclass(frozen=True, slots=True, eq=False)
class Labels:
    """Names of a model's classes by index, with WordNet ids where they are known.

    Parameters
    ----------
    names
        One name a class, in the order of the model's output.
    wnids
        WordNet ids in the same order, or None.

    Raises
    ------
    LabelError
        From ``find`` and ``resolve``: unknown names (the nearest are named), names that fit several classes.

    Examples
    --------
    >>> labels = Labels(("axolotl", "common_iguana", "crane", "crane"))
    >>> labels.find("Common Iguana")
    1
    >>> labels.find("crane")
    Traceback (most recent call last):
    axolens.errors.LabelError: label: expected a name of one class, got 'crane', which fits 2 (crane), 3 (crane). \
Give the number instead.
    """

    names: tuple[str, ...]
    wnids: tuple[str, ...] | None = None

    def __post_init__(self) -> None:
        """Refuse two lists of different length."""
        if self.wnids is not None and len(self.wnids) != len(self.names):
            raise LabelError("wnids", expected=f"{len(self.names)}, one a name", got=len(self.wnids))

    def __len__(self) -> int:
        """Return the number of classes."""
        return len(self.names)

    def find(self, label: str | int) -> int:
        """Return the index of a class given by index, name (spaces and case forgiven) or WordNet id."""
        if isinstance(label, int):
            return self._checked(label)
        wanted = _plain(label)
        if self.wnids is not None and label in self.wnids:
            return self.wnids.index(label)
        hits = [i for i, name in enumerate(self.names) if _plain(name) == wanted]
        if not hits:
            hits = [i for i, name in enumerate(self.names) if wanted in map(_plain, name.split(","))]
        if len(hits) == 1:
            return hits[0]
        if not hits and label.strip().isdecimal():
            return self._checked(int(label))
        raise self._unknown(label) if not hits else self._ambiguous(label, hits)

    def resolve(self, target: Target) -> Target:
        """Return the target with the model's own names and the classes' places in its output."""
        inside = tuple(self.find(part) for part in _parts(target.label))
        outside = () if target.against is None else tuple(self.find(part) for part in _parts(target.against))
        if set(inside) & set(outside):
            raise LabelError("target", expected="two different classes", got=f"{target}")
        if not outside and len(set(inside)) == len(self):
            raise LabelError("target", expected="at least one class left to compare with", got=f"{target}")
        return Target(self._named(inside), self._named(outside) if outside else None, target.score, inside, outside)

    def _named(self, indices: tuple[int, ...]) -> Label:
        names = tuple(self.names[i] for i in indices)
        return names[0] if len(names) == 1 else names

    def _checked(self, index: int) -> int:
        if not 0 <= index < len(self):
            raise LabelError("label", expected=f"an index from 0 to {len(self) - 1}", got=index)
        return index

    def _unknown(self, label: str) -> LabelError:
        by_plain = {_plain(name): name for name in self.names}
        near = difflib.get_close_matches(_plain(label), by_plain, n=4, cutoff=0.4)
        if not near:
            near = [plain for plain in by_plain if set(_plain(label).split()) & set(plain.split())][:4]
        hint = f"Nearest: {', '.join(by_plain[plain] for plain in near)}." if near else "No name is near."
        return LabelError("label", expected=f"one of the model's {len(self)} classes", got=repr(label), hint=hint)

    def _ambiguous(self, label: str, hits: list[int]) -> LabelError:
        fits = ", ".join(f"{i} ({self.names[i]}{', ' + self.wnids[i] if self.wnids else ''})" for i in hits)
        hint = "Give the number instead." if self.wnids is None else "Give the number or the WordNet id instead."
        return LabelError("label", expected="a name of one class", got=f"{label!r}, which fits {fits}", hint=hint)


def _parts(label: Label) -> tuple[str | int, ...]:
    return label if isinstance(label, tuple) else (label,)


def _plain(name: str) -> str:
    return re.sub(r"[\s_\-]+", " ", name).strip().casefold()
