"""The choice of an engine for an order."""

import sys
from collections.abc import Sequence
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import Final

import click

from detector.dataset import feeds
from detector.parquet import MAGIC
from detector.stores.base import ApproximateStore
from harness.order import Order, OrderError, Run
from harness.releasing import refuse_left_behind
from harness.resuming import refuse_interrupted

ENGINES: Final = ("auto", "stream", "columnar")
_NEEDED: Final = ("duckdb", "numba", "pyarrow")
_INSTALL: Final = "pip install 'vaultdrill[columnar]'"
_WORTH_COLUMNS: Final = 256 << 20
"""From so many bytes of NDJSON on, columns repay the second or two that their libraries take to load."""
_BYTES_A_BYTE: Final = 50
"""A byte of Parquet counts as so many: it holds ten of JSON, and reading it row by row is five times as slow."""


def engine_for(asked: str, order: Order) -> Run:
    """The engine that was asked for; `auto` takes columns where they repay their start, or nothing else will do.

    Raises `OrderError` where the engine is not installed.
    """
    if order.journal is None:
        refuse_interrupted(order.interrupted())
    if not order.abandon:
        refuse_left_behind(order.posts)
    missing = ", ".join(name for name in _NEEDED if find_spec(name) is None)
    if asked == "columnar" and missing:
        raise OrderError(f"--engine: columnar needs {missing}: {_INSTALL}")
    streams = _only_streams(order)
    if asked == "columnar" and streams:
        raise OrderError(f"--engine: found columnar with {streams}; legal: stream")
    wanted = asked == "columnar" or (asked == "auto" and not streams and _is_worth_columns(order))
    if wanted and missing:
        click.echo(f"streaming; columns would be faster: {_INSTALL}", err=True)
    if wanted and not missing:
        from harness.columnar_run import ColumnarRun, is_compiled

        if sys.stderr is not None and sys.stderr.isatty() and not is_compiled():
            click.echo("compiling the columnar engine, which happens once and takes some seconds", err=True)
        return ColumnarRun(replace(order, journal=None))
    from harness.streaming_run import StreamingRun

    return StreamingRun(order)


def _only_streams(order: Order) -> str:
    """What of the order only the streaming engine can do, as an option; empty where there is no such thing."""
    asked = {
        "--shard": order.shard is not None,
        "--allowed-lateness": order.lateness is not None,
        "an approximate store": any(isinstance(post.store, ApproximateStore) for post in order.posts),
        "an interrupted run": order.interrupted() is not None,
    }
    return next((option for option, is_asked in asked.items() if is_asked), "")


def _is_worth_columns(order: Order) -> bool:
    """Whether there is much to be read, as often as there are rules; several can read a pipe in no other way."""
    rules = len(order.posts)
    return (rules > 1 and order.pipe is not None) or _weight(order.sources) * rules >= _WORTH_COLUMNS


def _weight(sources: Sequence[str]) -> int:
    """How much there is to be read as columns, in bytes of NDJSON; pipes and packed files are read line by line."""
    files = [file for name in sources for file in (feeds(Path(name)) if Path(name).is_dir() else [Path(name)])]
    return sum(map(_bytes, filter(Path.is_file, files)))


def _bytes(file: Path) -> int:
    with file.open("rb") as stream:
        head = stream.read(len(MAGIC))
    if head == MAGIC:
        return file.stat().st_size * _BYTES_A_BYTE
    return file.stat().st_size if head[:1] in (b"{", b"[", b" ", b"\n") else 0
