"""Item usages of many people as one flat Parquet file of any length, written row group by row group."""

from itertools import islice
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pyarrow import parquet

from benchmarks.codes import PART, CodedEvents, actions, parts
from benchmarks.workload import ACTIONS
from simulator.identifiers import LOWER, uuid_bytes
from simulator.schemas import SCHEMAS

COLUMNS: Final = ("uuid", "timestamp", "timestamp_ns", "vault_uuid", "item_uuid", "user.email", "action")
"""What of an item usage the shipped rule reads."""
SCHEMA: Final = pa.schema([SCHEMAS["itemusages"].field(name) for name in COLUMNS])
ROWS: Final = 1 << 20  # of a row group
_VAULTS: Final = 500
_ITEMS: Final = 10_007
_LETTERS: Final = 26
_ACTIONS: Final = pa.array(ACTIONS)


def write(path: Path, events: int, people: int, compression: str = "none") -> Path:
    """Write so many events in order of time; *compression* as pyarrow names it."""
    emails = pa.array([f"person.{person}@example.com" for person in range(people)])
    repeated = [name for name in COLUMNS if name not in ("uuid", "timestamp", "timestamp_ns")]
    tables = (_table(part, emails, PART * at) for at, part in enumerate(parts(events, people, actions)))
    with parquet.ParquetWriter(path, SCHEMA, compression=compression, use_dictionary=repeated) as file:
        while group := list(islice(tables, ROWS // PART)):
            file.write_table(pa.concat_tables(group), row_group_size=ROWS)
    return path


def _table(part: CodedEvents, emails: Any, at: int) -> Any:
    number = np.arange(at, at + len(part.t), dtype=np.uint64)
    none = np.zeros_like(number)
    columns = [
        _texts(uuid_bytes(_spread(number), number)),
        pa.array(part.t // 1000, pa.timestamp("us", "UTC")),
        pa.array(part.t),
        _texts(uuid_bytes(_spread(number % _VAULTS), none, LOWER)),
        _texts(uuid_bytes(_spread(number % _ITEMS), none, LOWER)),
        pa.DictionaryArray.from_arrays(part.group - 1, emails),
        pa.DictionaryArray.from_arrays(part.value - 1, _ACTIONS),
    ]
    return pa.table(columns, schema=SCHEMA)


def _spread(number: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Another number for each number, by Fibonacci hashing: letters that look drawn."""
    return number * np.uint64(0x9E3779B97F4A7C15)


def _texts(letters: NDArray[np.bytes_]) -> Any:
    """Arrow's texts over the same bytes."""
    ends = np.arange(0, _LETTERS * len(letters) + 1, _LETTERS, dtype=np.int32)
    return pa.StringArray.from_buffers(len(letters), pa.py_buffer(ends), pa.py_buffer(letters))
