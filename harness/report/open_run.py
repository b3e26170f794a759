"""A run over a store that has not ended: how far it has come, and what can be done about it."""

from detector.state import OpenRun
from harness.output import Row, counted


def open_run_row(run: OpenRun) -> Row:
    """What was asked for, by option, and how far its last commit is; events are null where no source is read again."""
    progress = run.progress
    asked = {name.removeprefix("--"): told for name, told in progress.order.items()}
    return {
        "shard": run.shard,
        "run": progress.run,
        **asked,
        "events": progress.events or None,
        "bytes_written": progress.length,
    }


def open_run_text(run: OpenRun) -> str:
    """The same in words.

    >>> from detector.progress import Progress
    >>> order = {"sources": "company", "--out": "/r.ndjson"}
    >>> open_run_text(OpenRun("1/2", Progress(run=1, order=order, events=9, length=80))).partition(";")[0]
    'shard 1/2: company into /r.ndjson: 9 events decided, 80 bytes written'
    """
    progress = run.progress
    who = "" if run.shard is None else f"shard {run.shard}: "
    what = f"{progress.order.get('sources', '?')} into {progress.order.get('--out', '?')}"
    so_far = f"{counted(progress.events, 'event')} decided, " if progress.events else ""
    return (
        f"{who}{what}: {so_far}{counted(progress.length, 'byte')} written; unless it still runs, the same `detect` goes"
        " on from there, and --abandon leaves it"
    )
