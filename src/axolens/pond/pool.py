"""The same work on many items, by several processes that leave an interruption to the one that asked."""

import multiprocessing
import signal
import threading
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from functools import partial
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")
CHUNK = 8  # items a task: as much as an interruption waits for


def spread(work: Callable[[Item], Result], items: Sequence[Item], workers: int) -> Generator[Result, None, None]:
    """Yield the result of each item, in order.

    Parameters
    ----------
    work
        A function of a module, or a partial of one, as it travels to other processes.
    items
        What it is called with, one at a time.
    workers
        Number of processes; 1 works in this one.

    Examples
    --------
    >>> list(spread(abs, [-1, 2], workers=1))
    [1, 2]
    """
    if workers <= 1:
        yield from map(work, items)
        return
    chunks = [items[start : start + CHUNK] for start in range(0, len(items), CHUNK)]
    context = multiprocessing.get_context("spawn")  # a fork would copy the threads of PyTorch half
    with ProcessPoolExecutor(min(workers, len(chunks)), mp_context=context) as pool:
        with _deaf():
            tasks = [pool.submit(partial(_each, work), chunk) for chunk in chunks]
        try:
            for task in tasks:
                yield from task.result()
        finally:
            for task in tasks:
                task.cancel()


def _each(work: Callable[[Item], Result], chunk: Sequence[Item]) -> list[Result]:
    return [work(item) for item in chunk]


@contextmanager
def _deaf() -> Iterator[None]:
    """Start processes that do not hear Ctrl-C; only the main thread can say so."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
