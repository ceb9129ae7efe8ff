"""Benchmarks in words and as the tables of the docs.

python benchmarks/table.py out/bench.json [accuracy.json] >> docs/benchmarks.md
"""

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np

Row = dict[str, object]


def said(row: Row) -> str:
    """Say one row on a line."""
    if "mib" in row:
        return "{}: {:.0f} MiB for {} samples, {:.0f} for {}".format(
            row["name"], row["mib"][0], row["samples"][0], row["mib"][1], row["samples"][1]
        )
    if "ratio" not in row:
        return json.dumps(row)
    low, high = row["quartiles"]
    passes = f", {row['forward']:g} forward, {row['backward']:g} backward" if "forward" in row else ""
    return f"{row['name']}: {row['ratio']:.3f} times {row['against']} (quartiles {low:.3f} to {high:.3f}){passes}"


def time_table(rows: list[Row]) -> Iterator[str]:
    yield "| What | Beside | Ratio of seconds | Quartiles | Pairs | Forward | Backward |"
    yield "|---|---|---|---|---|---|---|"
    for row in rows:
        if "ratio" in row:
            low, high = row["quartiles"]
            passes = f"{row.get('forward', '')} | {row.get('backward', '')}"
            yield (
                f"| {row['name']} | {row['against']} | {row['ratio']:.3f} | {low:.3f} to {high:.3f} | {row['pairs']} "
                f"| {passes} |"
            )


def memory_table(rows: list[Row]) -> Iterator[str]:
    yield "| What | Samples | MiB | Samples | MiB |"
    yield "|---|---|---|---|---|"
    for row in rows:
        if "mib" in row:
            (few, many), (low, high) = row["samples"], row["mib"]
            yield f"| {row['name']} | {few} | {low:.0f} | {many} | {high:.0f} |"


def accuracy_lines(rows: list[Row]) -> Iterator[str]:
    """Say the means over photos, for each network."""
    needed = [row for row in rows if row.get("of") == "needed"]
    if needed:
        images, slopes = ([row[key] for row in needed] for key in ("images", "slope"))
        yield (
            f"- Images that LIME needs for the error of 1,000 coin flips: mean {np.mean(images):.0f} over "
            f"{len(images)} photos with 40 to 70 regions ({min(images):.0f} to {max(images):.0f}); slope on the "
            f"reference {min(slopes):.3f} to {max(slopes):.3f}."
        )
    for name in sorted({row["network"] for row in rows if row.get("of") == "stable"}):
        yield stable_line(name, [row for row in rows if row.get("of") == "stable" and row["network"] == name])


def stable_line(name: str, rows: list[Row]) -> str:
    """Say how the default LIME does from run to run."""
    agree = [row["agree"] for row in rows if row["agree"] is not None]
    means = {key: np.mean([row[key] for row in rows]) for key in ("images", "needed", "settled", "cover")}
    return (
        f"- The default LIME on {name}, {len(rows)} photos: {means['images']:.0f} images asked on average "
        f"({means['needed']:.0f} have the error of 1,000 flips); unsettled in {100 * (1 - means['settled']):.1f} % of "
        f"the runs; of two settled seeds {100 * np.mean(agree):.1f} % agree on 4 of the 5 strongest regions; the 95 % "
        f"intervals cover the reference {100 * means['cover']:.1f} % of the time, at a median width of "
        f"{np.median([row['width'] for row in rows]):.2f} times the ideal."
    )


def main() -> None:
    rows = [row for name in sys.argv[1:] for row in json.loads(Path(name).read_text(encoding="utf-8"))["rows"]]
    print("\n".join([*time_table(rows), "", *memory_table(rows), "", *accuracy_lines(rows)]))


if __name__ == "__main__":
    main()
