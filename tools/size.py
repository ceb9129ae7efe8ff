"""Hold the code to its size: files of at most 250 lines, function bodies of at most 40, everything typed.

    python tools/size.py

Prints the largest files and bodies and ends with 1 where one is over the budget.
"""

import ast
import statistics
import sys
from pathlib import Path

SOURCE = Path(__file__).resolve().parents[1] / "src" / "axolens"
MOST_LINES, MOST_BODY, SHOWN = 250, 40, 5


def body_lines(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Count the lines of a function's body without its docstring."""
    body = function.body[1:] if ast.get_docstring(function) is not None else function.body
    return 0 if not body else (body[-1].end_lineno or 0) - body[0].lineno + 1


def typed(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Tell whether every argument but self and the return are annotated."""
    arguments = [*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs]
    return function.returns is not None and all(a.annotation or a.arg in ("self", "cls") for a in arguments)


def measure() -> tuple[list[tuple[int, str]], list[tuple[int, str]], list[str]]:
    """Return lines a file, lines a body, and functions that are not typed."""
    files, bodies, loose = [], [], []
    for path in sorted(SOURCE.rglob("*.py")):
        text, name = path.read_text(encoding="utf-8"), path.relative_to(SOURCE).as_posix()
        files.append((len(text.splitlines()), name))
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                bodies.append((body_lines(node), f"{name}:{node.lineno} {node.name}"))
                loose += [] if typed(node) else [bodies[-1][1]]
    return files, bodies, loose


def main() -> int:
    """Print the table and say whether the budget holds."""
    files, bodies, loose = measure()
    over = [row for row in files if row[0] > MOST_LINES] + [row for row in bodies if row[0] > MOST_BODY]
    for title, rows in (("lines a file", files), ("lines a body", bodies)):
        counts = sorted(count for count, _ in rows)
        tenth = counts[int(0.9 * (len(counts) - 1))]
        print(f"{title}: {len(rows)} of them, median {statistics.median(counts):g}, p90 {tenth}, most {counts[-1]}")
        for count, name in sorted(rows, reverse=True)[:SHOWN]:
            print(f"  {count:4d}  {name}")
    for count, name in over:
        print(f"over the budget: {count} lines in {name}")
    for name in loose:
        print(f"not typed: {name}")
    return 1 if over or loose else 0


if __name__ == "__main__":
    sys.exit(main())
