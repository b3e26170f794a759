"""Progress on stderr, for a person at a terminal; nobody else sees any."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def days_progress(title: str, days: int) -> Iterator[Callable[[int], object] | None]:
    """A bar over *days*; call what it gives with the days done so far. None where stderr is no terminal."""
    if not sys.stderr.isatty():
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
