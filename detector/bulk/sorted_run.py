"""A sorted run: the rows of one rule in a table of DuckDB's, given back by time and uuid."""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import duckdb
import numpy as np
import pyarrow as pa

from detector.bulk.merging import FIRST, peaks
from detector.bulk.record_texts import whole
from detector.bulk.text_file import TextFile
from detector.columnar.rows import Rows
from detector.event import Event

if TYPE_CHECKING:
    from numpy.typing import NDArray

BATCH: Final = 131_072
"""How many rows come at once."""
_SPOOLED: Final = 100_000
"""How many rows are handed to DuckDB at once."""
_ORDER: Final = "t, uuid, source, peak, start"
"""The last three are the order of arrival, as `detector.bulk.merging` has it."""


class Order(NamedTuple):
    """What is sorted for a rule: *nothing*, a batch without rows, shows its values' shape; *event* reads a record."""

    nothing: Rows
    event: Callable[[bytes], Event]


class Run:
    """The rows of one rule; *table* is its name in the database."""

    def __init__(self, order: Order, database: duckdb.DuckDBPyConnection, table: str) -> None:
        self.nothing = order.nothing
        self._event = order.event
        self._database = database
        self._table = table
        self._source = 0
        self._greatest = FIRST
        self._waiting: list[Any] = []
        self._columns = [f"value_{number}" for number in range(_width(order.nothing))]
        kinds = "t BIGINT, uuid BLOB, source INTEGER, peak BIGINT, start BIGINT, stop BIGINT, member INTEGER"
        database.execute(f"CREATE TABLE {table} ({', '.join([kinds, *(f'{name} INTEGER' for name in self._columns)])})")

    def begin(self, source: int) -> None:
        """What is taken from now on is a stream of its own."""
        self._source, self._greatest = source, FIRST

    def take(self, rows: Rows, uuids: Any, starts: "NDArray[np.int64]", stops: "NDArray[np.int64]") -> None:
        """Take rows of the stream, with their uuids as a binary array and their texts' places."""
        if not len(rows.t):
            return
        peak = peaks(rows.t, self._greatest)
        self._greatest = int(peak[-1])
        values = rows.values.reshape(len(rows.t), -1).T
        source = np.full(len(rows.t), self._source, np.int32)
        columns = [rows.t, uuids, source, peak, starts, stops, rows.group, *map(np.ascontiguousarray, values)]
        names = ["t", "uuid", "source", "peak", "start", "stop", "member", *self._columns]
        self._waiting.append(pa.table(dict(zip(names, columns, strict=True))))
        if sum(map(len, self._waiting)) >= _SPOOLED:
            self._spool()

    def batches(self, texts: TextFile) -> Iterator[Rows]:
        """All rows in order."""
        self._spool()
        columns = ", ".join(["t", "start", "stop", "member", *self._columns])
        query = f"SELECT {columns} FROM {self._table} ORDER BY {_ORDER}"  # noqa: S608 - nobody's words but ours
        for batch in self._database.sql(query).to_arrow_reader(BATCH):
            yield self._rows(texts, *(column.to_numpy() for column in batch.columns))

    def _rows(self, texts: TextFile, *columns: "NDArray[Any]") -> Rows:
        t, starts, stops, group, *values = columns
        shape = (len(t), *self.nothing.values.shape[1:])

        def event(row: int) -> Event:
            return self._event(whole(texts.read(int(starts[row]), int(stops[row])), int(t[row])))

        return Rows(t, group, np.stack(values, axis=1).reshape(shape), event)

    def _spool(self) -> None:
        if self._waiting:
            self._database.register("waiting", pa.concat_tables(self._waiting))
            self._database.execute(f"INSERT INTO {self._table} SELECT * FROM waiting")  # noqa: S608 - likewise
            self._database.unregister("waiting")
            self._waiting.clear()


def _width(rows: Rows) -> int:
    """How many columns the values have."""
    return rows.values.shape[1] if rows.values.ndim > 1 else 1
