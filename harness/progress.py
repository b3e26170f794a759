"""Progress on stderr, for a person at a terminal; nobody else sees any."""

import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TextIO

from harness.detection import Decided, Detection


@contextmanager
def days_progress(title: str, days: int) -> Iterator[Callable[[int], object] | None]:
    """A bar over *days*; call what it gives with the days done so far. None where stderr is no terminal."""
    if not _is_terminal(sys.stderr):
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("days"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(title, total=days)
        yield lambda done: bar.update(task, completed=done)


@contextmanager
def events_progress(detection: Detection) -> Iterator[Callable[[Iterable[Decided]], Iterable[Decided]]]:
    """A running count of the events read; pass the decisions through what it gives."""
    if not _is_terminal(sys.stderr) or _is_terminal(sys.stdout):
        yield lambda decided: decided
        return
    from rich.console import Console
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("reading", total=None)

        def watched(decided: Iterable[Decided]) -> Iterator[Decided]:
            for batch in decided:
                read, seconds = detection.selector.read, bar.tasks[task].elapsed or 1
                bar.update(task, description=f"{read:,} events, {read / seconds:,.0f} a second")
                yield batch

        yield watched


def _is_terminal(stream: TextIO | None) -> bool:
    """Whether somebody watches; a stream that was closed before the start is None."""
    return stream is not None and stream.isatty()
