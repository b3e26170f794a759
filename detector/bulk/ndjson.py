"""Bulk NDJSON: plain files of records, read by DuckDB as far as it reads them as the scalar reader does."""

from collections.abc import Iterator
from contextlib import closing, suppress
from typing import Final

import msgspec

from detector.bulk.doubt import Doubt
from detector.bulk.json_columns import MARKS, columns_of
from detector.bulk.json_query import read_texts
from detector.bulk.strict_lines import StrictLines
from detector.columnar.columns import Asked, Columns
from detector.onepassword import Kind, Projection
from detector.source import Chunk, read_chunks

_LONGEST_FIRST: Final = 1 << 20
"""Bytes of the first line of a file that is worth reading in bulk."""
_ESCAPED_LETTERS: Final = (rb"\u005", rb"\u006", rb"\u007")
_SPEAK_AGAINST: Final = {
    Kind.ITEM_USAGE: (),
    Kind.AUDIT_EVENT: (b"item_uuid", *_ESCAPED_LETTERS),
    Kind.SIGN_IN: (b"item_uuid", b"object_type", *_ESCAPED_LETTERS),
}
"""Texts that a file of the kind seldom holds: the name of a field that may make a record one of a kind that comes
first, although it is null, which DuckDB does not tell from absent."""


def read_ndjson(name: str, asked: Asked) -> Iterator[Columns | Chunk]:
    """The records of the plain file *name* in order: columns while all is ordinary, then chunks of all other lines.

    Columns have the raw paths that *asked* gives for their kind; chunks are those of `read_chunks`. Raises
    `SourceError` as that does.
    """
    records = 0
    with suppress(Doubt):
        for columns in _vouched_for(name, asked):
            yield columns
            records += len(columns.t)
        return
    yield from _after(records, read_chunks(name))


def _vouched_for(name: str, asked: Asked) -> Iterator[Columns]:
    kind = _first_kind(name)
    paths = sorted({"uuid", "timestamp", *MARKS[kind], *asked(kind)})
    records = 0
    with closing(StrictLines(name, _SPEAK_AGAINST[kind])) as lines, closing(read_texts(name, paths)) as batches:
        for batch in batches:
            records += len(batch)
            lines.vouch(records)
            yield columns_of(kind, dict(zip(paths, batch.columns, strict=True)))
        lines.vouch_for_all(records)


def _first_kind(name: str) -> Kind:
    """What the first line is. Raises `Doubt` where it is no record, or one of a kind that is not read in bulk."""
    projection = Projection([])
    try:
        with open(name, "rb") as file:  # noqa: PTH123 - a name from the command line
            kind = projection.kind(projection.decode(file.readline(_LONGEST_FIRST)))
    except (OSError, msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        raise Doubt from error
    if kind is None or kind not in MARKS:
        raise Doubt
    return kind


def _after(records: int, chunks: Iterator[Chunk]) -> Iterator[Chunk]:
    """The lines that follow so many that hold a record."""
    for chunk in chunks:
        passed = 0
        while records and passed < len(chunk.lines):
            records -= bool(chunk.lines[passed].strip())
            passed += 1
        if passed < len(chunk.lines):
            yield Chunk(chunk.number + passed, chunk.lines[passed:])
