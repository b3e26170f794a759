"""Spans: some row groups of a Parquet file, read column by column, each one only if it is asked for."""

from collections.abc import Iterator
from typing import Any, Final

import pyarrow as pa
from pyarrow import compute, parquet

from detector.bulk.parquet_layout import MARKS, Place

BATCH: Final = 1 << 17
"""Rows of a batch: at half as many a read costs a tenth more, and at twice as many, which leave the cache, a fifth."""
_BUFFER: Final = 1 << 20
"""Bytes that are read of a column at once; without it pyarrow holds all of a row group's column."""
_TEXT_BYTES: Final = 8
"""A column that takes more bytes a row has few repetitions, and making a dictionary of it is dear: 250 ns a row."""


class Span:
    """Rows of consecutive row groups; a row is counted from the first of the span.

    A column is decoded forwards once; going back to an earlier row begins anew.
    """

    def __init__(self, file: Any, groups: range) -> None:
        self._file = file
        self._groups = groups
        self._metadata = [file.metadata.row_group(group) for group in groups]
        self.rows: int = sum(group.num_rows for group in self._metadata)
        self._cursors: dict[str | None, _Cursor] = {}
        self._absent = {path: self._told_absent(at) for path, at in _marks(file).items()}

    def column(self, path: str, place: Place, start: int, count: int) -> Any:
        """The Arrow array of so many rows of what stands at *path*. Raises pyarrow's errors."""
        parts = [_inner(batch.column(place.column), place.steps) for batch in self._batches(path, start, count)]
        return parts[0] if len(parts) == 1 else pa.concat_arrays(parts)

    def whole(self, start: int, count: int) -> list[Any]:
        """So many rows of all columns, as record batches."""
        return self._batches(None, start, count)

    def presence(self, path: str, start: int, count: int) -> bool | None:
        """Whether a top-level column is present in all these rows (true), in none (false), or in some (None)."""
        absent = self._absent.get(path)
        if absent in (0, self.rows):
            return absent == 0
        absent = self.column(path, Place(path, ()), start, count).null_count
        return {0: True, count: False}.get(absent)

    def _told_absent(self, at: int) -> int | None:
        """How many rows have no value in a column, if the file's statistics tell."""
        statistics = [group.column(at).statistics for group in self._metadata]
        if not all(each is not None and each.has_null_count for each in statistics):
            return None
        return sum(int(each.null_count) for each in statistics)

    def _batches(self, path: str | None, start: int, count: int) -> list[Any]:
        cursor = self._cursors.get(path)
        if cursor is None or start < cursor.row:
            paths = None if path is None else [path]
            batches = self._file.iter_batches(BATCH, row_groups=self._groups, columns=paths, use_threads=False)
            cursor = self._cursors[path] = _Cursor(batches)
        return cursor.take(start, count)


class _Cursor:
    """Batches of pyarrow's cutting, from which rows are taken in ours."""

    def __init__(self, batches: Iterator[Any]) -> None:
        self._batches = batches
        self._batch = self._next()
        self.row = 0
        """The row with which the batch at hand begins."""

    def take(self, start: int, count: int) -> list[Any]:
        parts = []
        while count:
            while start >= self.row + len(self._batch):
                self.row += len(self._batch)
                self._batch = self._next()
            part = self._batch.slice(start - self.row, count)
            parts.append(part)
            start, count = start + len(part), count - len(part)
        return parts

    def _next(self) -> Any:
        batch = next(self._batches, None)
        if batch is None:
            raise pa.ArrowInvalid("fewer rows than its footer tells")
        return batch


def opened(name: str, paths: set[str]) -> Any:
    """A file, those of the *paths* read as dictionaries that are well kept as such."""
    metadata = parquet.read_metadata(name)
    groups = [metadata.row_group(group) for group in range(metadata.num_row_groups)]
    columns = {metadata.schema.column(at).path: at for at in range(metadata.num_columns)}
    repeating = [path for path, at in columns.items() if path in paths and all(_repeats(g.column(at)) for g in groups)]
    return parquet.ParquetFile(
        name, metadata=metadata, read_dictionary=repeating, pre_buffer=False, buffer_size=_BUFFER
    )


def spans(file: Any) -> Iterator[Span]:
    """The rows of a file, some row groups at a time: as few as make a batch."""
    first = rows = 0
    for group in range(file.metadata.num_row_groups):
        rows += file.metadata.row_group(group).num_rows
        if rows >= BATCH or group + 1 == file.metadata.num_row_groups:
            yield Span(file, range(first, group + 1))
            first, rows = group + 1, 0


def _repeats(chunk: Any) -> bool:
    return bool(chunk.has_dictionary_page and chunk.total_uncompressed_size <= _TEXT_BYTES * chunk.num_values)


def _marks(file: Any) -> dict[str, int]:
    """Which of the file's columns tell a record's kind; a list of them is none, for its nulls are counted otherwise."""
    columns = ((file.schema.column(at), at) for at in range(file.metadata.num_columns))
    return {column.path: at for column, at in columns if column.path in MARKS and column.max_repetition_level == 0}


def _inner(array: Any, steps: tuple[str, ...]) -> Any:
    return compute.struct_field(array, list(steps)) if steps else array
