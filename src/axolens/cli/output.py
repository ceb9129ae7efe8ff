"""A folder of results: records at once, the page at the end, whatever happens in between."""

from pathlib import Path
from typing import Any

from axolens.records.case import Case
from axolens.records.target import Target
from axolens.report.page import write_report
from axolens.report.picture import save_picture
from axolens.study.store import case_stem, read_study, writable_folder, write_case, write_summary

PAGE = "index.html"
FIGURES = "figures"


class Output:
    """The folder of one ``explain``: a record and a picture a photo, a summary after each, a page at the end."""

    def __init__(self, folder: Path) -> None:
        self.folder = writable_folder(folder)
        self._rows: list[dict[str, Any]] = []

    def add(self, place: int, case: Case) -> Path:
        """Write one case and return where its arrays are."""
        stem = case_stem(place, case.photo.name)
        arrays = write_case(self.folder, stem, case)
        write_figure(self.folder, case, stem)
        targets: dict[Target, None] = dict.fromkeys(one.target for one in case.attributions)
        self._rows.append({"photo": case.photo.name, "case": stem, "own": len(targets)})
        self._summary([])
        return arrays

    def close(self, failures: list[dict[str, str]]) -> Path:
        """Write the page and return its place."""
        self._summary(failures)
        return write_page(self.folder)

    def _summary(self, failures: list[dict[str, str]]) -> None:
        empty: dict[str, Any] = {"references": [], "pairs": [], "confusions": [], "notes": []}
        write_summary(self.folder, {"photos": self._rows, "failures": failures, **empty})


def write_figure(folder: Path, case: Case, stem: str) -> None:
    """Write the picture of one case, as the notebook draws it."""
    (folder / FIGURES).mkdir(exist_ok=True)
    save_picture(case, folder / FIGURES / f"{stem}.png")


def write_page(folder: Path, title: str | None = None) -> Path:
    """Write the page of what a folder holds and return its place."""
    settings = {} if title is None else {"title": title}
    write_report(read_study(folder), folder / PAGE, **settings)
    return folder / PAGE
