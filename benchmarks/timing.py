"""Seconds of calls that take turns, and the ratios of what was measured in the same round."""

import statistics
import time
from collections.abc import Callable, Sequence

Call = Callable[[], object]
Row = dict[str, object]


def timed(call: Call) -> float:
    started = time.perf_counter()
    call()
    return time.perf_counter() - started


def interleave(calls: Sequence[Call], rounds: int, warm: int = 3) -> list[tuple[float, ...]]:
    """Return seconds of all calls, in turn, after a few rounds of warming up."""
    for _ in range(warm):
        for call in calls:
            call()
    return [tuple(timed(call) for call in calls) for _ in range(rounds)]


def faster(seconds: list[tuple[float, ...]], forms: int = 2) -> int:
    """Return which of the first columns is faster by its median."""
    medians = [statistics.median(column) for column in zip(*seconds, strict=True)][:forms]
    return medians.index(min(medians))


def ratios(name: str, against: str, pairs: Sequence[tuple[float, float]], **more: object) -> Row:
    """Return medians and quartiles of second over first, pair by pair."""
    found = sorted(second / first for first, second in pairs)
    low, middle, high = statistics.quantiles(found, n=4)
    return {
        "name": name,
        "against": against,
        "pairs": len(pairs),
        "ratio": middle,
        "quartiles": [low, high],
        "seconds_against": statistics.median(first for first, _ in pairs),
        "seconds": statistics.median(second for _, second in pairs),
        **more,
    }


def columns(seconds: list[tuple[float, ...]], first: int, second: int) -> list[tuple[float, float]]:
    return [(row[first], row[second]) for row in seconds]
