"""What is said beforehand, and a bar while the model is asked."""

import sys
import time
from types import TracebackType

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

PATIENCE = 1.0


class Bar:
    """A progress bar on stderr that appears after a second, and not at all where stderr is no terminal.

    Parameters
    ----------
    total
        How many in all, or None where that is not known.
    what
        What is counted.
    """

    def __init__(self, total: int | None, what: str = "images") -> None:
        self._started = time.monotonic()
        self._shown = sys.stderr.isatty()
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        self._progress = Progress(*columns, console=Console(stderr=True), transient=True)
        self._task = self._progress.add_task(what, total=total)
        self._running = False

    def __enter__(self) -> "Bar":
        """Begin to count."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Take the bar away."""
        if self._running:
            self._progress.stop()

    def __call__(self, images: int) -> None:
        """Count images."""
        self._progress.advance(self._task, images)
        if self._shown and not self._running and time.monotonic() - self._started > PATIENCE:
            self._running = True
            self._progress.start()


def say(message: str) -> None:
    """Write a message to stderr."""
    typer.echo(message, err=True)


def announce(photos: int, images: int, seconds_each: float, model: str, *, most: bool = False) -> None:
    """Say how many images the model will be asked, and about how long that takes.

    With diagnoses (``most``) it is a bound on the images, and the edits take time beside the model.
    """
    asked, shown = counted(images, "image"), counted(photos, "photo")
    time = f"about {duration(images * seconds_each)}"
    if most:
        say(f"{model}: at most {asked} for {shown}, {time} of the model's time; making the edits comes on top.")
    else:
        say(f"{model}: {asked} for {shown}, {time}.")


def duration(seconds: float) -> str:
    """Return a length of time in words.

    Examples
    --------
    >>> duration(0.4), duration(95.0), duration(5400.0)
    ('1 second', '2 minutes', '1.5 hours')
    """
    if seconds < 90:
        return counted(max(1, round(seconds)), "second")
    return f"{round(seconds / 60)} minutes" if seconds < 5400 else f"{seconds / 3600:.1f} hours"


def counted(count: int, what: str) -> str:
    """Return a number of things in words.

    Examples
    --------
    >>> counted(1, "photo"), counted(3, "photo")
    ('1 photo', '3 photos')
    """
    return f"{count} {what}" if count == 1 else f"{count} {what}s"
