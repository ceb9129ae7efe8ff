"""A folder of results: records at once, the page at the end, whatever happens in between."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from axolens.cli.progress import say
from axolens.records.case import Case, Pair
from axolens.report.compared import write_comparison
from axolens.report.page import write_report
from axolens.report.picture import save_picture
from axolens.study.kept import read_comparison
from axolens.study.store import FIGURES, case_stem, clear_run, read_study, writable_folder, write_case, write_summary

PAGE = "index.html"


class Output:
    """The folder of one ``explain`` or ``diagnose``: a record and a picture of its maps a photo, a page at the end."""

    def __init__(self, folder: Path) -> None:
        self.folder = writable_folder(folder)
        clear_run(self.folder)
        self._rows: list[dict[str, Any]] = []

    def add(self, place: int, case: Case) -> Path:
        """Write one case and return where its arrays are."""
        stem = case_stem(place, case.photo.name)
        arrays = write_case(self.folder, stem, case)
        if case.attributions or case.diagnosis is None:
            write_figure(self.folder, case, stem)
        self._rows.append(summary_row(case, stem))
        self._summary([], finished=False)
        return arrays

    def close(self, failures: list[dict[str, str]], notes: Sequence[str] = ()) -> Path:
        """Write the page and return its place."""
        self._summary(failures, notes, finished=True)
        return write_page(self.folder)

    def _summary(self, failures: list[dict[str, str]], notes: Sequence[str] = (), *, finished: bool) -> None:
        empty: dict[str, Any] = {"references": [], "pairs": [], "confusions": [], "notes": list(notes)}
        write_summary(self.folder, {"photos": self._rows, "failures": failures, **empty, "finished": finished})


def write_pair(folder: Path, pair: Pair) -> tuple[Path, Path]:
    """Write a comparison's records, picture and page, and return where the arrays of both photos are."""
    clear_run(folder)
    cases = {"photo": pair.case, "reference": pair.reference}
    arrays = tuple(write_case(folder, stem, case) for stem, case in cases.items())
    (folder / FIGURES).mkdir(exist_ok=True)
    save_picture(pair, folder / FIGURES / "pair.png")
    rows = [summary_row(case, stem) for stem, case in cases.items()]
    find = pair.case.prediction.labels.find
    pairs = [{"case": "photo", "reference": "reference", "answered": find(pair.answered), "truth": find(pair.truth)}]
    parts: dict[str, Any] = {"photos": rows[:1], "references": rows[1:], "pairs": pairs}
    write_summary(folder, {**parts, "confusions": [], "failures": [], "notes": [], "finished": True})
    say(f"Written: {write_page(folder)}")
    return arrays[0], arrays[1]


def summary_row(case: Case, stem: str) -> dict[str, Any]:
    """Return a photo's row in the summary; all its maps are its own."""
    asked = {one.target for one in case.attributions}
    return {"photo": case.photo.name, "case": stem, "own": len(asked)}


def write_figure(folder: Path, case: Case, stem: str) -> None:
    """Write the picture of one case, as the notebook draws it."""
    (folder / FIGURES).mkdir(exist_ok=True)
    save_picture(case, folder / FIGURES / f"{stem}.png")


def write_page(folder: Path, title: str | None = None) -> Path:
    """Write the page of what a folder holds and return its place."""
    study = read_study(folder)
    if title is None and len(study.cases):
        first = study.cases[0]
        asked = "says, and why" if first.diagnosis is None else "responds to"
        title = f"What {first.provenance.model} {asked}"
    settings = {} if title is None else {"title": title}
    write_report(study, folder / PAGE, **settings)
    return folder / PAGE


def write_comparison_page(folder: Path, title: str | None = None) -> Path:
    """Write the page of the methods that were compared into a folder and return its place."""
    write_comparison(read_comparison(folder), folder / PAGE, title=title)
    return folder / PAGE
