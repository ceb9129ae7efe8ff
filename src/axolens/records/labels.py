"""The classes of a model, and finding one by what a person calls it."""

import difflib
import operator
import re
from dataclasses import dataclass

from axolens.errors import LabelError
from axolens.records.target import Label, Target

SEVERAL = re.compile(r".+ \((?P<which>n\d{8}|\d+)\)")


@dataclass(frozen=True, slots=True, eq=False, repr=False)
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

    def __repr__(self) -> str:
        """Say how many classes there are, and the first of them."""
        return f"Labels({len(self)} classes: {', '.join(self.names[:3])}{', …' if len(self) > 3 else ''})"

    def __len__(self) -> int:
        """Return the number of classes."""
        return len(self.names)

    def name(self, index: int) -> str:
        """Return a class's name; one that fits several classes with its WordNet id or number, so that it is found.

        Examples
        --------
        >>> Labels(("newt", "crane", "crane"), ("n01630670", "n02012849", "n03126707")).name(2)
        'crane (n03126707)'
        """
        name = self.names[index]
        if self.names.count(name) == 1:
            return name
        return f"{name} ({index if self.wnids is None else self.wnids[index]})"

    def find(self, label: str | int) -> int:
        """Return the index of a class given by index, name (spaces and case forgiven) or WordNet id."""
        if not isinstance(label, str):
            return self._checked(operator.index(label))
        if self.names.count(label) == 1:
            return self.names.index(label)
        wanted = _plain(label)
        if self.wnids is not None and label in self.wnids:
            return self.wnids.index(label)
        exact = SEVERAL.fullmatch(label)
        if exact is not None and label not in self.names:
            return self.find(exact["which"])
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
        inside = tuple(dict.fromkeys(self.find(part) for part in _parts(target.label)))
        outside = () if target.against is None else tuple(dict.fromkeys(map(self.find, _parts(target.against))))
        if set(inside) & set(outside):
            raise LabelError("target", expected="two different classes", got=f"{target}")
        if not outside and len(set(inside)) == len(self):
            raise LabelError("target", expected="at least one class left to compare with", got=f"{target}")
        return Target(self._named(inside), self._named(outside) if outside else None, target.score, inside, outside)

    def _named(self, indices: tuple[int, ...]) -> Label:
        names = tuple(map(self.name, indices))
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
