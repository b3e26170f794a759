"""Parquet files of flat columns (`user.email`, `client.ip_address` ...) as the lines that they stand for.

A column `X_ns`, int64 nanoseconds since the epoch, beside a column `X` is what `X` is to the last digit.
"""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import msgspec

from detector.instant import instant_text

MAGIC: Final = b"PAR1"
"""The first bytes of every Parquet file."""

ROWS_OF_LINES: Final = 8_192
"""How many rows are made lines at once."""

_NS: Final = "_ns"


class ParquetError(ValueError):
    """A Parquet file cannot be read; the text says why, not where."""


def read_lines(name: str) -> Iterator[list[bytes]]:
    """The records of a Parquet file, some thousands at a time; what is null is left out.

    Raises `ParquetError`, also where pyarrow is not installed.
    """
    with readable():
        from pyarrow import parquet

        with parquet.ParquetFile(name) as file:
            check_columns(file.schema_arrow)
            for batch in file.iter_batches(ROWS_OF_LINES):
                yield lines_of(batch)


@contextmanager
def readable() -> Iterator[None]:
    """What pyarrow cannot read, or Python cannot hold, is a `ParquetError` of one line; so is a missing pyarrow."""
    try:
        from pyarrow import ArrowException
    except ModuleNotFoundError:
        raise ParquetError("Parquet needs pyarrow: pip install 'vaultdrill[columnar]'") from None
    try:
        yield
    except (ArrowException, OSError, UnicodeDecodeError, OverflowError) as error:
        reason = next(iter(str(error).splitlines()), type(error).__name__)
        raise ParquetError(f"not readable as Parquet ({reason})") from None


def lines_of(batch: Any) -> list[bytes]:
    """The rows of a `pyarrow.RecordBatch` as lines of JSON."""
    try:
        return [msgspec.json.encode(record) for record in _records(batch)]
    except TypeError as error:
        raise ParquetError(f"found a value that JSON has no form for ({error})") from None


def exact_columns(names: list[str]) -> dict[str, str]:
    """The column of nanoseconds of each column that has one beside it."""
    return {name.removesuffix(_NS): name for name in names if name.endswith(_NS) and name.removesuffix(_NS) in names}


def check_columns(schema: Any) -> None:
    """Raises `ParquetError` where a name stands for two columns, or a column of nanoseconds is of another type."""
    twice = [name for name, times in Counter(schema.names).items() if times > 1]
    if twice:
        raise ParquetError(f"{twice[0]}: found {schema.names.count(twice[0])} columns; legal: 1")
    for name in exact_columns(schema.names).values():
        found = schema.field(name).type
        if str(found) != "int64":
            raise ParquetError(f"{name}: found {found}; legal: int64, nanoseconds since the epoch")


def _records(batch: Any) -> Iterator[dict[str, Any]]:
    names = batch.schema.names
    exact = exact_columns(names)
    kept = [name for name in names if name not in exact.values()]
    columns = [_instants(batch.column(exact[name])) if name in exact else _values(batch.column(name)) for name in kept]
    paths = [name.split(".") for name in kept]
    for row in zip(*columns, strict=True):
        record: dict[str, Any] = {}
        for path, value in zip(paths, row, strict=True):
            if value is not None:
                put(record, path, value)
        yield record


def _values(column: Any) -> list[Any]:
    """What a column holds; Python's own times end at microseconds."""
    held = str(column.type)
    if not held.startswith("timestamp[ns"):
        values: list[Any] = column.to_pylist()
        return values
    texts = _instants(column.cast("int64"))
    return texts if "tz=" in held else [text and text.removesuffix("Z") for text in texts]


def _instants(column: Any) -> list[str | None]:
    return [None if ns is None else instant_text(ns) for ns in column.to_pylist()]


def put(record: dict[str, Any], path: list[str], value: object) -> None:
    """Put a value at a path of a record. Raises `ParquetError` where that leads through a value."""
    *parents, last = path
    try:
        for parent in parents:
            record = record.setdefault(parent, {})
        record[last] = value
    except (AttributeError, TypeError):
        raise ParquetError(f"{'.'.join(path)}: found a value in what it is a part of; legal: an object") from None
