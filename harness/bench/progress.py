"""How far the benchmark is, on stderr, for a person at a terminal.

A line that is written before each measurement: a bar that moves by itself would take processor time from what is
measured.
"""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count

from harness.bench.measurement import Setting

_CLEARED = "\r\x1b[K"


@contextmanager
def bench_progress(measurements: int) -> Iterator[Callable[[str, Setting], object]]:
    """What to call with store and setting before each of so many measurements; silent where stderr is no terminal."""
    if sys.stderr is None or not sys.stderr.isatty():
        yield lambda _store, _setting: None
        return
    numbers = count(1)

    def told(store: str, setting: Setting) -> None:
        offered = "" if setting.target is None else f", {setting.target:,.0f} events/s offered"
        _write(f"{next(numbers)} of {measurements}: {store}, batches of {setting.batch:,}{offered}")

    try:
        yield told
    finally:
        _write("")


def _write(line: str) -> None:
    sys.stderr.write(f"{_CLEARED}{line[:99]}")
    sys.stderr.flush()
