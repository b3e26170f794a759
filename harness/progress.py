"""Progress on stderr, for a person at a terminal; nobody else sees any."""

import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TextIO, TypeVar

from harness.order import Run

T = TypeVar("T")


@contextmanager
def records_progress(title: str, days: int) -> Iterator[Callable[[float, int], object] | None]:
    """A bar over *days* with rate and time left; call what it gives with the days and records so far.

    None where stderr is no terminal.
    """
    if not _is_terminal(sys.stderr):
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn(title),
        BarColumn(),
        TaskProgressColumn(),
        TextColumn("{task.description}"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=days)

        def told(done: float, records: int) -> None:
            rate = records / (bar.tasks[task].elapsed or 1)
            shown = f"{done:,.0f} of {days:,} days, {records:,} records, {rate:,.0f} a second"
            bar.update(task, completed=done, description=shown)

        yield told


@contextmanager
def events_progress(run: Run) -> Iterator[Callable[[Iterable[T]], Iterable[T]]]:
    """A running count of the events that *run* has read; pass its decisions through what this gives."""
    if not _is_terminal(sys.stderr) or _is_terminal(sys.stdout):
        yield lambda decided: decided
        return
    from rich.console import Console
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("reading", total=None)

        def watched(decided: Iterable[T]) -> Iterator[T]:
            for batch in decided:
                read, seconds = run.read, bar.tasks[task].elapsed or 1
                bar.update(task, description=f"{read:,} events, {read / seconds:,.0f} a second")
                yield batch

        yield watched


def _is_terminal(stream: TextIO | None) -> bool:
    """Whether somebody watches; a stream that was closed before the start is None."""
    return stream is not None and stream.isatty()
