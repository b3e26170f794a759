"""Bulk reading of Parquet: batches of columns where the rows are ordinary, lines where they are not.

What a row is, `detector.parquet.read_lines` says: the JSON of its values. This module reads the same from the columns
themselves, of which it decodes those that a rule decides on; what is told of a match is read once there is a match.
Columns that nobody asks for are not looked at.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeAlias

import msgspec
import pyarrow as pa

from detector.bulk.arrow_values import Tokens, are_uuids, instants, nanoseconds, told
from detector.bulk.parquet_layout import Layout, Place
from detector.bulk.parquet_span import BATCH, Span, opened, spans
from detector.columnar.columns import Asked, Column, Columns
from detector.instant import instant_text
from detector.onepassword import Kind
from detector.parquet import ROWS_OF_LINES, ParquetError, check_columns, lines_of, readable
from detector.source import Chunk, SourceError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Reader: TypeAlias = tuple[list[str], str, Callable[[int], Any]]
"""The parents of a field, its name in them, and what reads its value in a row."""

_MARKED: Final[Mapping[Kind, tuple[str, ...]]] = {
    Kind.ITEM_USAGE: ("item_uuid", "vault_uuid"),
    Kind.AUDIT_EVENT: ("object_type",),
    Kind.SIGN_IN: ("category", "session_uuid"),
}
"""The marks of the kinds that have columns, the first to be looked at first."""


def read_parquet(name: str, asked: Asked) -> Iterator[Columns | Chunk]:
    """The rows of a Parquet file in order, with the raw paths that are *asked* for of each kind of record.

    A batch is `Columns` where all its rows are of one kind and well-formed, with values of ordinary types in what is
    asked for; else its rows come as lines, numbered from 1. A column is decoded when it is first looked up, which
    raises `SourceError` where it cannot be read. The file stays open as long as a batch of it is held.
    """
    with _blamed(name):
        paths = {path for kind in _MARKED for path in asked(kind)}
        file = opened(name, paths)
        check_columns(file.schema_arrow)
        bulk = _File(name, Layout(file.schema_arrow), asked)
        number = 1
        for span in spans(file):
            for start in range(0, span.rows, BATCH):
                rows = _Rows(span, start, min(BATCH, span.rows - start))
                columns = bulk.columns(rows)
                yield from rows.chunks(number) if columns is None else (columns,)
                number += rows.size


@contextmanager
def _blamed(name: str) -> Iterator[None]:
    """What makes the file unreadable is a `SourceError` with its name."""
    try:
        with readable():
            yield
    except ParquetError as error:
        raise SourceError(f"{name}: {error}") from None


class _Rows(NamedTuple):
    """The rows of a batch."""

    span: Span
    start: int
    size: int

    def column(self, path: str, place: Place) -> Any:
        """The Arrow array of what stands there."""
        return self.span.column(path, place, self.start, self.size)

    def presence(self, path: str) -> bool | None:
        return self.span.presence(path, self.start, self.size)

    def chunks(self, number: int) -> Iterator[Chunk]:
        """The rows as lines, the first of them with that number."""
        for at in range(0, self.size, ROWS_OF_LINES):
            batches = self.span.whole(self.start + at, min(ROWS_OF_LINES, self.size - at))
            yield Chunk(number + at, [line for batch in batches for line in lines_of(batch)])


class _File:
    """Makes columns of the rows of one file."""

    def __init__(self, name: str, layout: Layout, asked: Asked) -> None:
        self.name = name
        self._layout = layout
        self._places = {kind: layout.places(asked(kind)) for kind in _MARKED}
        self._tokens: dict[str, Tokens] = {}

    def columns(self, rows: _Rows) -> Columns | None:
        """The columns of a batch; None where it had better be told in lines."""
        if not self._layout.is_flat or not {"uuid", "timestamp"} <= self._layout.types.keys():
            return None
        try:
            return self._columns(rows)
        except (pa.ArrowException, OSError):  # lines will tell what is wrong
            return None

    def column(self, path: str, array: Any) -> Column:
        """The column of a batch's array."""
        return self._tokens.setdefault(path, Tokens()).column(array)

    def _columns(self, rows: _Rows) -> Columns | None:
        kind = self._kind(rows)
        places = None if kind is None else self._places[kind]
        if kind is None or places is None:
            return None
        uuids, t = rows.column("uuid", Place("uuid", ())), self._times(rows)
        if t is None or not are_uuids(uuids):
            return None
        fields = _Fields(self, rows, places)
        return Columns(kind, t, fields, _Told(kind, uuids, t, fields).line)

    def _times(self, rows: _Rows) -> "NDArray[np.int64] | None":
        exact = self._layout.exact.get("timestamp")
        if exact is None:
            return instants(rows.column("timestamp", Place("timestamp", ())))
        return nanoseconds(rows.column(exact, Place(exact, ())))

    def _kind(self, rows: _Rows) -> Kind | None:
        """The kind of all the rows, if that is plain."""
        item, vault, changed, category, session = (
            path in self._layout.types and rows.presence(path)
            for kind in (Kind.ITEM_USAGE, Kind.AUDIT_EVENT, Kind.SIGN_IN)
            for path in _MARKED[kind]
        )
        if item and vault:
            return Kind.ITEM_USAGE
        if item is not False and vault is not False:
            return None
        if changed is not False:
            return Kind.AUDIT_EVENT if changed else None
        return Kind.SIGN_IN if category and session else None


class _Fields(Mapping[str, Column]):
    """The fields of a batch, each decoded when it is asked for."""

    def __init__(self, file: _File, rows: _Rows, places: Mapping[str, Place]) -> None:
        self._file = file
        self._rows = rows
        self._places = places
        self._arrays: dict[str, Any] = {}

    def __getitem__(self, path: str) -> Column:
        array = self._array(path)
        with _blamed(self._file.name):
            return self._file.column(path, array)

    def __iter__(self) -> Iterator[str]:
        return iter(self._places)

    def __len__(self) -> int:
        return len(self._places)

    def readers(self) -> list[Reader]:
        """A reader for each field."""
        return list(map(self._reader, self))

    def refusal(self, error: Exception) -> SourceError:
        """What to say of values that are no text."""
        return SourceError(f"{self._file.name}: not readable as Parquet ({error})")

    def _reader(self, path: str) -> Reader:
        *parents, name = path.split(".")
        with _blamed(self._file.name):
            return parents, name, told(self._array(path), partial(self._file.column, path))

    def _array(self, path: str) -> Any:
        if path not in self._arrays:
            place = self._places[path]
            with _blamed(self._file.name):
                self._arrays[path] = self._rows.column(path, place)
        return self._arrays[path]


class _Told:
    """The records of a batch as lines, for the few that are asked for."""

    def __init__(self, kind: Kind, uuids: Any, t: "NDArray[np.int64]", fields: _Fields) -> None:
        self._marks = _MARKED[kind]
        self._uuids = uuids
        self._t = t
        self._fields = fields

    def line(self, row: int) -> bytes:
        """See `Columns.line`; a mark that nobody asks for is an empty text."""
        record: dict[str, Any] = dict.fromkeys(self._marks, "")
        record["uuid"], record["timestamp"] = self._uuids[row].as_py(), instant_text(int(self._t[row]))
        try:
            for parents, name, value_of in self._readers:
                if (value := value_of(row)) is not None:
                    branch = record
                    for parent in parents:
                        branch = branch.setdefault(parent, {})
                    branch[name] = value
        except UnicodeDecodeError as error:
            raise self._fields.refusal(error) from None
        return msgspec.json.encode(record)

    @cached_property
    def _readers(self) -> list[Reader]:
        return self._fields.readers()
