"""Parquet files of tables, tuned for what is in them: what repeats as dictionaries, times as differences.

Importing this module needs pyarrow, which the extra ``columnar`` installs.
"""

from contextlib import suppress
from typing import Any

import pyarrow as pa
from pyarrow import parquet as pq

from simulator.schemas import SCHEMAS

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
    """Writes tables of the file *name* to *sink*, an open file, each as one row group. Raise OSError as *sink* does."""

    def __init__(self, name: str, sink: Any) -> None:
        self._writer = pq.ParquetWriter(sink, SCHEMAS[name], **options(name))

    def append(self, table: Any) -> None:
        """Append *table*, a ``pyarrow.Table`` of the file's schema with rows, see `simulator.row_groups`."""
        self._writer.write_table(table, row_group_size=len(table))

    def close(self) -> None:
        """Write the end of the file; *sink* stays open."""
        self._writer.close()

    def abandon(self) -> None:
        """Let go of the file, finished or not: no later attempt is made to finish it."""
        with suppress(OSError):
            self._writer.close()
