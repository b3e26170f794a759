"""Parquet files of tables, tuned for what is in them: what repeats as dictionaries, times as differences.

Importing this module needs pyarrow, which the extra ``columnar`` installs.
"""

from contextlib import suppress
from typing import Any, Final

import numpy as np
import pyarrow as pa
from pyarrow import parquet as pq

from simulator.schemas import SCHEMAS

ROWS_A_GROUP: Final = 2**18
"""Rows of a row group: some 50 MB before they are written."""

_ALSO_REPEATED = ("vault_uuid", "used_version", "location.latitude", "location.longitude")


def options(name: str) -> dict[str, Any]:
    """Return what `pyarrow.parquet.ParquetWriter` is told for the file *name*.

    What is different in each row, an identifier, is not first tried in a dictionary; times are kept as differences;
    statistics are of the one column that readers skip row groups by.
    """
    schema = SCHEMAS[name]
    repeated = [field.name for field in schema if pa.types.is_dictionary(field.type) or field.name in _ALSO_REPEATED]
    return {
        "compression": "zstd",
        "compression_level": 1,
        "use_dictionary": repeated,
        "column_encoding": {
            field.name: "PLAIN" if pa.types.is_string(field.type) else "DELTA_BINARY_PACKED"
            for field in schema
            if field.name not in repeated
        },
        "write_statistics": ["timestamp"],
    }


class TableFile:
    """Writes tables of the file *name* to *sink*, an open file, one after another, in row groups of `ROWS_A_GROUP`.

    The bytes depend on the rows alone, not on how they were split into tables. Raise OSError as *sink* does.
    """

    def __init__(self, name: str, sink: Any) -> None:
        self._writer = pq.ParquetWriter(sink, SCHEMAS[name], **options(name))
        self._held = SCHEMAS[name].empty_table()

    def append(self, table: Any) -> None:
        """Append *table*, a ``pyarrow.Table`` of the file's schema."""
        self._held = pa.concat_tables([self._held, table])
        while self._held.num_rows >= ROWS_A_GROUP:
            self._write(self._held.slice(0, ROWS_A_GROUP))
            self._held = self._held.slice(ROWS_A_GROUP)

    def close(self) -> None:
        """Write what is left and the end of the file; *sink* stays open."""
        if self._held.num_rows:
            self._write(self._held)
        self._writer.close()

    def abandon(self) -> None:
        """Let go of the file, finished or not: no later attempt is made to finish it."""
        with suppress(OSError):
            self._writer.close()

    def _write(self, rows: Any) -> None:
        self._writer.write_table(canonical(rows), row_group_size=ROWS_A_GROUP)


def canonical(table: Any) -> Any:
    """Return *table* in one chunk, its dictionaries without what it does not use, in order of first use."""
    whole = table.unify_dictionaries().combine_chunks()
    columns = [_compact(column) if pa.types.is_dictionary(column.type) else column for column in whole.columns]
    return pa.Table.from_arrays(columns, schema=table.schema)


def _compact(column: Any) -> Any:
    found = column.chunk(0)
    absent = found.indices.is_null().to_numpy(zero_copy_only=False) if found.null_count else None
    codes = found.indices.fill_null(0).to_numpy()
    backwards = np.arange(len(codes) - 1, -1, -1) if absent is None else np.flatnonzero(~absent)[::-1]
    first = np.full(len(found.dictionary), len(codes))
    first[codes[backwards]] = backwards  # the last to be written stays, which is the first use
    used = np.argsort(first, kind="stable")[: np.count_nonzero(first < len(codes))]
    place = np.zeros(len(first) + 1, dtype=np.int32)  # one more, for a column that is null throughout
    place[used] = np.arange(len(used))
    return pa.DictionaryArray.from_arrays(pa.array(place[codes], mask=absent), found.dictionary.take(pa.array(used)))
