"""A study on disk: one record a photo, written when it is finished, and a summary that says what belongs together."""

import json
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar, overload
from zipfile import BadZipFile

from axolens.cases.compare import pair_of, questions
from axolens.errors import InputError
from axolens.records.case import Case, Pair
from axolens.records.codec import READABLE, SCHEMA, decode, encode, read_record, write_file, write_record
from axolens.records.study import ClassFinding, Confusion, Failure, Study
from axolens.records.target import Target

T = TypeVar("T")
SUMMARY = "study.json"
COMPARISON = "comparison.json"
CASES = "cases"
FIGURES = "figures"
INTERRUPTED = "Interrupted: {done} of {all} photos were explained; the others are missing here."


class Stored(Sequence[T]):
    """A sequence whose items are read from disk when they are asked for, so that a folder's arrays never pile up."""

    def __init__(self, reads: Sequence[Callable[[], T]]) -> None:
        self._reads = tuple(reads)

    def __len__(self) -> int:
        """Return how many items there are."""
        return len(self._reads)

    @overload
    def __getitem__(self, place: int) -> T: ...
    @overload
    def __getitem__(self, place: slice) -> "Stored[T]": ...
    def __getitem__(self, place: int | slice) -> "T | Stored[T]":
        """Read one item; a slice stays on disk."""
        return Stored(self._reads[place]) if isinstance(place, slice) else self._reads[place]()


def writable_folder(folder: Path, within: str = CASES) -> Path:
    """Return a folder that can be written to, made if it is not there, with the one that holds its records.

    Raises
    ------
    InputError
        If it cannot be made or written, or holds the other of a study and a comparison of methods: there is one page.
    """
    kind, other = ("study", COMPARISON) if within == CASES else ("comparison", SUMMARY)
    if (folder / other).exists():
        raise InputError(
            "out", expected=f"a folder for a {kind}", got=f"{folder}, whose page shows its {other}",
            hint="Name another folder.",
        )  # fmt: skip
    try:
        (folder / within).mkdir(parents=True, exist_ok=True)
        write_file(folder / within / ".probe", lambda out: out.write(b""))
        (folder / within / ".probe").unlink()
    except OSError as error:
        reason = error.strerror or "it cannot be written"
        raise InputError("out", expected="a folder that can be written", got=f"{folder}: {reason}") from None
    return folder


def case_stem(place: int, name: str) -> str:
    """Return a file name for a photo's record: its place and what of its name is safe anywhere.

    Examples
    --------
    >>> case_stem(3, "axolotl/my photo <1>.jpg")
    '003-axolotl-my-photo-1-.jpg'
    """
    return f"{place:03d}-{re.sub(r'[^A-Za-z0-9._]+', '-', name)[-80:]}"


def write_case(folder: Path, stem: str, case: Case) -> Path:
    """Write one photo's record and return the place of its arrays."""
    write_record(case, folder / CASES / stem)
    return folder / CASES / f"{stem}.npz"


def write_summary(folder: Path, summary: dict[str, Any]) -> None:
    """Write what belongs together; the records are named by their stems."""
    text = json.dumps({"schema": SCHEMA, **summary}, ensure_ascii=False, indent=1)
    write_file(folder / SUMMARY, lambda out: out.write(text.encode("utf-8", "backslashreplace")))


def findings_tree(findings: Sequence[ClassFinding]) -> list[Any]:
    """Return findings about classes as the summary holds them."""
    tree: list[Any] = encode(tuple(findings))[0]["content"]
    return tree


def clear_run(folder: Path, keep: Collection[str] = ()) -> None:
    """Remove the summary of an earlier run and its records and pictures, but for the stems in ``keep``.

    Only what a summary names is removed, so that other files in the folder stay.
    """
    try:
        earlier = _summary(folder)
    except InputError:
        return
    (folder / SUMMARY).unlink()
    for row in (*earlier["photos"], *earlier["references"]):
        if row["case"] not in keep:
            for path in (folder / CASES / f"{row['case']}.json", folder / CASES / f"{row['case']}.npz"):
                path.unlink(missing_ok=True)
            (folder / FIGURES / f"{row['case']}.png").unlink(missing_ok=True)


def read_case(folder: Path, stem: str) -> Case | None:
    """Return a photo's record, or None where it is not there or cannot be read."""
    try:
        found = read_record(folder / CASES / stem)
    except (OSError, ValueError, KeyError, TypeError, BadZipFile):
        return None
    return found if isinstance(found, Case) else None


def read_study(folder: Path) -> Study:
    """Return the study that was written to a folder, as far as it got.

    Raises
    ------
    InputError
        If the folder holds no study.
    """
    summary = _summary(folder)
    rows = [row for row in summary["photos"] if _written(folder, row["case"])]
    pairs = [row for row in summary["pairs"] if _written(folder, row["case"]) and _written(folder, row["reference"])]
    notes = list(summary["notes"])
    if not summary["finished"]:
        notes.append(INTERRUPTED.format(done=len(rows), all=len(summary["photos"])))
    return Study(
        cases=Stored([lambda row=row: own_case(folder, row) for row in rows]),  # type: ignore[misc]
        pairs=Stored([lambda row=row: stored_pair(folder, row) for row in pairs]),  # type: ignore[misc]
        confusions=tuple(Confusion(**row) for row in summary["confusions"]),
        failures=tuple(Failure(**row) for row in summary["failures"]),
        notes=tuple(notes),
        findings=decode({"schema": SCHEMA, "content": summary.get("findings", [])}, {}),
    )


def own_case(folder: Path, row: Mapping[str, Any]) -> Case:
    """Return a photo's record without the maps that were made for its use as a reference."""
    case: Case = read_record(folder / CASES / row["case"])
    return with_targets(case, questions_of(case)[: row["own"]])


def questions_of(case: Case) -> list[Target]:
    """Return what a case was asked, in order: the questions of the method that answered most of them."""
    answered: dict[str, list[Target]] = {}
    for one in case.attributions:
        answered.setdefault(one.method, []).append(one.target)
    return max(answered.values(), key=len, default=[])


def with_targets(case: Case, targets: Sequence[Target]) -> Case:
    """Return a case with the maps of these targets only, and their verdicts."""
    kept = [place for place, one in enumerate(case.attributions) if one.target in targets]
    maps = tuple(case.attributions[place] for place in kept)
    return replace(case, attributions=maps, verdicts=tuple(case.verdicts[place] for place in kept if case.verdicts))


def stored_pair(folder: Path, row: Mapping[str, Any]) -> Pair:
    """Return a photo and its reference with the maps of their common questions."""
    case: Case = read_record(folder / CASES / row["case"])
    reference: Case = read_record(folder / CASES / row["reference"])
    targets = questions(case.prediction.labels, row["answered"], row["truth"])
    return pair_of(with_targets(case, targets), with_targets(reference, targets), targets)


def _summary(folder: Path) -> dict[str, Any]:
    try:
        found: dict[str, Any] = json.loads((folder / SUMMARY).read_text(encoding="utf-8"))
        schema = found["schema"]
    except (OSError, ValueError, KeyError, TypeError):
        raise InputError("study", expected=f"a folder with a {SUMMARY}", got=f"{folder}") from None
    if schema not in READABLE:
        raise InputError("study", expected=f"schema {SCHEMA}", got=schema, hint="Use a newer axolens.")
    return found


def _written(folder: Path, stem: str) -> bool:
    return (folder / CASES / f"{stem}.json").is_file()
