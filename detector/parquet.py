"""Parquet files of flat columns (`user.email`, `client.ip_address` ...) as the lines that they stand for.

A column `X_ns`, int64 nanoseconds since the epoch, beside a column `X` is what `X` is to the last digit.
"""

from collections.abc import Iterator
from typing import Any, Final

import msgspec

from detector.instant import instant_text

MAGIC: Final = b"PAR1"
"""The first bytes of every Parquet file."""

_ROWS: Final = 8_192
_NS: Final = "_ns"


class ParquetError(ValueError):
    """A Parquet file cannot be read; the text says why, not where."""


def read_lines(name: str) -> Iterator[list[bytes]]:
    """The records of a Parquet file, some thousands at a time; what is null is left out.

    Raises `ParquetError`, also where pyarrow is not installed.
    """
    try:
        import pyarrow as pa
        from pyarrow import parquet
    except ModuleNotFoundError:
        raise ParquetError("Parquet needs pyarrow: pip install 'vaultdrill[columnar]'") from None
    try:
        with parquet.ParquetFile(name) as file:
            _check(file.schema_arrow)
            for batch in file.iter_batches(_ROWS):
                yield [msgspec.json.encode(record) for record in _records(batch)]
    except pa.ArrowException as error:
        raise ParquetError(f"not readable as Parquet ({str(error).splitlines()[0]})") from None


def _exact(names: list[str]) -> dict[str, str]:
    """The column of nanoseconds of each column that has one beside it."""
    return {name.removesuffix(_NS): name for name in names if name.endswith(_NS) and name.removesuffix(_NS) in names}


def _check(schema: Any) -> None:
    for name in _exact(schema.names).values():
        found = schema.field(name).type
        if str(found) != "int64":
            raise ParquetError(f"{name}: found {found}; legal: int64, nanoseconds since the epoch")


def _records(batch: Any) -> Iterator[dict[str, Any]]:
    names = batch.schema.names
    exact = _exact(names)
    kept = [name for name in names if name not in exact.values()]
    columns = [
        [None if ns is None else instant_text(ns) for ns in batch.column(exact[name]).to_pylist()]
        if name in exact
        else batch.column(name).to_pylist()
        for name in kept
    ]
    paths = [name.split(".") for name in kept]
    for row in zip(*columns, strict=True):
        record: dict[str, Any] = {}
        for path, value in zip(paths, row, strict=True):
            if value is not None:
                _put(record, path, value)
        yield record


def _put(record: dict[str, Any], path: list[str], value: object) -> None:
    *parents, last = path
    for parent in parents:
        record = record.setdefault(parent, {})
    record[last] = value
