"""Sorting: the rows of several rules by time and uuid, on disk where memory is short.

DuckDB sorts what the verdict needs. The texts of the records stand in a file beside it, in their order of arrival, and
are read again for the few rows that are asked for.
"""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory, gettempdir
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import duckdb
import pyarrow as pa

from detector.bulk.sorted_run import Order, Run
from detector.bulk.text_file import TextFile
from detector.columnar.rows import Rows
from detector.source import SourceError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

MEMORY: Final = 256
"""So many megabytes DuckDB may take for each rule, whatever the number of rows."""


class Records(NamedTuple):
    """Records that arrived together."""

    uuids: Any
    """A binary array, in UTF-8: it sorts as the text does."""
    texts: Any
    """A binary array, each one for `detector.bulk.record_texts.whole`."""
    seen: Sequence[tuple[Rows, "NDArray[np.int64]"]]
    """For each rule, the rows that it sees, and each one's place among the records."""


@contextmanager
def sorter(orders: Sequence[Order], memory: int = MEMORY) -> Iterator["Sorter"]:
    """A sorter with room on disk, in a directory of its own, and so many megabytes a rule in memory.

    Raises `SourceError` where there is no room.
    """
    with ExitStack() as stack:
        with room():
            folder = stack.enter_context(TemporaryDirectory(prefix="vaultdrill-"))
            texts = stack.enter_context(TextFile(Path(folder) / "texts"))
            database = stack.enter_context(duckdb.connect(config=_settings(folder, memory * len(orders))))
            runs = []
            for number, order in enumerate(orders):
                cursor = stack.enter_context(database.cursor())
                runs.append(Run(order, cursor, f"rule_{number}"))
        yield Sorter(texts, runs)


class Sorter:
    """Takes records, then gives each rule's rows by (timestamp, uuid), equal ones in their order of arrival.

    Raises `SourceError` where there is no room left.
    """

    def __init__(self, texts: TextFile, runs: Sequence[Run]) -> None:
        self._texts = texts
        self._runs = runs

    def begin(self, source: int) -> None:
        """What is taken from now on is a stream of its own; several of one source arrive merged by time."""
        for run in self._runs:
            run.begin(source)

    def take(self, records: Records) -> None:
        """Take more of the stream."""
        with room():
            starts = self._texts.append(records.texts)
            for run, (rows, places) in zip(self._runs, records.seen, strict=True):
                run.take(rows, records.uuids.take(pa.array(places)), starts[places], starts[places + 1])

    def batches(self) -> Iterator[list[Rows]]:
        """All rows, for each rule its own; events can be asked for as long as the sorter has its room."""
        runs = [(run, run.batches(self._texts)) for run in self._runs]
        while True:
            with room():
                batch = [next(batches, run.nothing) for run, batches in runs]
            if not any(len(rows.t) for rows in batch):
                return
            yield batch


def _settings(folder: str, megabytes: int) -> dict[str, str | bool | int | float | list[str]]:
    """One thread: each further one would want memory of its own."""
    return {
        "memory_limit": f"{megabytes}MB",
        "temp_directory": folder,
        "threads": 1,
        "preserve_insertion_order": False,
    }


@contextmanager
def room() -> Iterator[None]:
    """Tell in one line that there is no room to sort in."""
    try:
        yield
    except (OSError, duckdb.Error, pa.ArrowException) as error:
        reason = str(error.strerror if isinstance(error, OSError) and error.strerror else error).splitlines()[0]
        raise SourceError(f"{gettempdir()}: no room to sort in ({reason}); legal: a TMPDIR that has it") from None
